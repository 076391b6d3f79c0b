"""Where the server listens, and with what protection: loopback needs none; anything else needs TLS and a token, or `--insecure`."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import grpc

from idweave_server.errors import AccessError, IdweaveError, InputError

NO_TOKEN = "a token that this server knows is needed: send one as the metadata `authorization: Bearer TOKEN`"
OPEN_SERVICES = ("/grpc.health.v1.Health/",)  # asked by load balancers, which have no token; says nothing of the data


@dataclass(frozen=True, slots=True)
class Protection:
    """What protects the address. certificate, key: PEM; tokens: any of them lets a caller in; insecure: none of it is wanted."""

    certificate: bytes = b""
    key: bytes = field(default=b"", repr=False)
    tokens: tuple[str, ...] = field(default=(), repr=False)
    insecure: bool = False


def is_loopback(address: str) -> bool:
    """Whether nobody but this machine can reach HOST:PORT."""
    host = address.rpartition(":")[0].strip("[]")
    if address.startswith("unix:") or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def check(address: str, protection: Protection) -> None:
    """Raises InputError where the address would let strangers in."""
    if not address.startswith("unix:") and not _has_port(address):
        raise InputError(f"--listen {address!r} is no address; write HOST:PORT, such as 127.0.0.1:50051 (port 0 takes a free one)")
    if bool(protection.certificate) != bool(protection.key):
        raise InputError("--tls-cert and --tls-key belong together: give both, or neither")
    if is_loopback(address) or protection.insecure or (protection.certificate and protection.tokens):
        return
    raise InputError(
        f"{address} can be reached from other machines, and everything that is known would be open to them: "
        "give --tls-cert, --tls-key and --token-file, or --insecure where the network itself keeps strangers out"
    )


def _has_port(address: str) -> bool:
    host, _, port = address.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and int(port) < 65_536


def open_port(server: Any, address: str, protection: Protection) -> int:
    """Bind the address and return its port. Raises InputError where it is taken or is none of this machine's."""
    try:
        if protection.certificate:
            credentials = grpc.ssl_server_credentials([(protection.key, protection.certificate)])
            port: int = server.add_secure_port(address, credentials)
        else:
            port = server.add_insecure_port(address)
    except RuntimeError:
        port = 0
    if not port and not address.startswith("unix:"):
        raise InputError(f"{address} cannot be listened on: another process has it, or it is no address of this machine; try another port")
    return port


class TokenCheck(grpc.aio.ServerInterceptor):  # type: ignore[misc]
    """Lets in whoever shows one of the tokens as `authorization: Bearer …`. There only where tokens are given: it costs every call."""

    def __init__(self, tokens: tuple[str, ...], refusal: Callable[[str, IdweaveError], Any]) -> None:
        """refusal: (the method's name, the error) -> the handler that ends such a call."""
        self._tokens, self._refusal = [token.encode() for token in tokens], refusal

    async def intercept_service(self, continuation: Callable[[Any], Awaitable[Any]], details: Any) -> Any:
        if details.method.startswith(OPEN_SERVICES) or self._known(dict(details.invocation_metadata).get("authorization", "")):
            return await continuation(details)
        return self._refusal(details.method, AccessError(NO_TOKEN))

    def _known(self, shown: str | bytes) -> bool:
        text = shown if isinstance(shown, bytes) else shown.encode("utf-8", "replace")
        scheme, _, token = text.partition(b" ")
        return scheme.lower() == b"bearer" and any(hmac.compare_digest(token.strip(), one) for one in self._tokens)
