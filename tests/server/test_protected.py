"""A server that other machines may reach: TLS and tokens."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import grpc
import pytest
from idweave.v1.identity_service_pb2 import LookupRequest

from tests.rpc.served import failure
from tests.server.running import process
from tests.server.talk import Talk

TOKEN = "one-of-two-long-tokens"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed certificate for localhost, and its key."""
    if not shutil.which("openssl"):
        pytest.skip("NOT TESTED: TLS; it needs openssl on the PATH to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run([*command, *subject, *files], check=True, capture_output=True)
    return folder / "cert.pem", folder / "key.pem"


def test_with_tls_and_tokens_it_serves_those_who_have_one(certificate: tuple[Path, Path], tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"# whoever may call\nanother-long-token\n{TOKEN}\n")
    options = ("--tls-cert", str(certificate[0]), "--tls-key", str(certificate[1]), "--token-file", str(tokens))
    with process(tmp_path, *options, listen="0.0.0.0:0") as server:
        address = f"localhost:{server.address.rpartition(':')[2]}"
        credentials = grpc.ssl_channel_credentials(certificate[0].read_bytes())
        with grpc.secure_channel(address, credentials) as channel:
            stub = Talk.over(channel).identity
            for shown in ((), (("authorization", "Bearer guess"),)):
                with pytest.raises(grpc.RpcError) as caught:
                    stub.Lookup(LookupRequest(), timeout=20, metadata=shown)
                assert caught.value.code() is grpc.StatusCode.UNAUTHENTICATED
                assert failure(caught.value).reason == "ERROR_REASON_ACCESS_DENIED"
            with pytest.raises(grpc.RpcError) as caught:
                stub.Lookup(LookupRequest(), timeout=20, metadata=(("authorization", f"Bearer {TOKEN}"),))
            assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # let in, and asked for identifiers
        assert TOKEN not in server.log.read_text() + server.output.read_text()
