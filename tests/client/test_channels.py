"""Where a client may connect to and how: plaintext to this machine alone, TLS elsewhere, tokens that are never shown."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from idweave import Client, Tls, errors
from idweave.channels import Reach

from tests.client.fake_server import FakeServer, serving

SECRET = "s3cr3t"


@pytest.mark.parametrize(
    "address",
    ["localhost:1", "127.0.0.1:1", "127.8.8.8:1", "[::1]:1", "dns:localhost:1", "dns:///localhost:1", "ipv4:127.0.0.1:1,127.0.0.2:2",
     "ipv6:[::1]:1", "unix:/run/idweave.sock", "unix-abstract:idweave"],
)  # fmt: skip
def test_this_machine_is_reached_in_plain_text(address: str) -> None:
    assert Reach(None, False, False).endpoint(address).credentials is None


@pytest.mark.parametrize(
    "address", ["idweave.example.org:1", "10.0.0.1:1", "[fe80::1]:1", "ipv4:127.0.0.1:1,10.0.0.1:1", "0.0.0.0:1", "localhost.example.org:1"]
)
def test_another_machine_is_not(address: str) -> None:
    with pytest.raises(ValueError, match="plain text; give tls=True"):
        Client(address)
    assert Reach(None, False, True).endpoint(address).credentials is None
    assert Reach(None, True, False).endpoint(address).credentials is not None


@pytest.mark.parametrize("address", ["", "localhost", "::1:50051", "localhost:http", ":50051", "[::1]"])
def test_an_address_has_a_host_and_a_port(address: str) -> None:
    with pytest.raises(ValueError, match="write host:port"):
        Client(address)


def test_encrypted_and_not_exclude_each_other() -> None:
    with pytest.raises(ValueError, match="exclude"):
        Client("localhost:1", tls=True, insecure=True)


def test_a_token_goes_with_every_call(connect: Callable[..., Any], server: FakeServer) -> None:
    client = connect(server.address, token=SECRET)
    client.get_status()
    list(client.export_files())
    assert [asked.metadata["authorization"] for asked in server.asked] == [f"Bearer {SECRET}"] * 2


def test_secrets_are_not_shown() -> None:
    tls = Tls(key=SECRET.encode())
    where = Reach(SECRET, False, False).endpoint("localhost:1")
    with Client("localhost:1", token=SECRET) as client:
        shown = [repr(client), str(client), repr(tls), repr(where)]
    assert [text for text in shown if SECRET in text] == []


def test_the_options_bound_messages_and_repeat_what_may_be_repeated() -> None:
    options = dict(Reach(None, False, False).endpoint("localhost:1").options)
    assert options["grpc.max_send_message_length"] == options["grpc.max_receive_message_length"] == 16 * 1024 * 1024
    [policy] = json.loads(str(options["grpc.service_config"]))["methodConfig"]
    assert policy["retryPolicy"]["retryableStatusCodes"] == ["UNAVAILABLE"]
    repeated = {name["method"] for name in policy["name"]}
    assert {"Ingest", "Assert", "Lookup"} <= repeated
    assert repeated.isdisjoint({"Retract", "Erase"})


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A certificate of localhost and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl, which makes the certificate, is not installed")
    folder: Path = tmp_path_factory.mktemp("certificate")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext"
    files = ["subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", "key.pem", "-out", "certificate.pem"]
    subprocess.run([*command.split(), *files], cwd=folder, check=True, capture_output=True)
    return (folder / "certificate.pem").read_bytes(), (folder / "key.pem").read_bytes()


@pytest.fixture
def encrypted(certificate: tuple[bytes, bytes]) -> Iterator[FakeServer]:
    chain, key = certificate
    yield from serving(grpc.ssl_server_credentials([(key, chain)]))


def test_an_encrypted_server_is_reached_by_who_trusts_it(
    connect: Callable[..., Any], encrypted: FakeServer, certificate: tuple[bytes, bytes]
) -> None:
    connect(encrypted.address, tls=Tls(roots=certificate[0])).get_status()
    assert len(encrypted.asked) == 1
    for distrusting in (connect(encrypted.address, tls=True), connect(encrypted.address)):
        with pytest.raises(errors.UnavailableError, match="with TLS or without"):
            distrusting.retract("web", "o-1", timeout=5)
    assert len(encrypted.asked) == 1
