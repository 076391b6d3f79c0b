"""Where a server is and how to reach it: the address, encryption, the token, and gRPC's options; plaintext goes to this machine alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from types import ModuleType
from typing import Any

import grpc

from idweave.rpcs import service_config

MOST_BYTES = 16 * 1024 * 1024  # of one message, either way

_SCHEME = re.compile(r"(dns:(//[^/]*/)?|ipv4:|ipv6:)")
_UNIX = ("unix:", "unix-abstract:")
_LISTS = ("ipv4:", "ipv6:")


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates as PEM. roots: whom to trust, the system's where None; certificate and key: who we are, where the server asks."""

    roots: bytes | None = None
    certificate: bytes | None = None
    key: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """All that a channel is made from. metadata: goes with every call."""

    address: str
    credentials: grpc.ChannelCredentials | None = field(repr=False)
    options: tuple[tuple[str, str | int], ...] = field(repr=False)
    metadata: tuple[tuple[str, str], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reach:
    """How all servers of a client are reached."""

    token: str | None = field(default=None, repr=False)
    tls: bool | Tls = False
    insecure: bool = False

    def __post_init__(self) -> None:
        if self.tls and self.insecure:
            raise ValueError("tls and insecure exclude each other; give one of them")

    def endpoint(self, address: str, *, alone: bool = True) -> Endpoint:
        """The endpoint of a server. alone: there is no other one to ask where it does not answer, so gRPC itself tries again.

        Raises ValueError for an address without a port, and for plaintext to another machine.
        """
        local = all(_is_loopback(host) for host in _hosts(address))
        if not (self.tls or local or self.insecure):
            raise ValueError(f"{address} is another machine, reached in plain text; give tls=True, or insecure=True on a network you trust")
        certificates = self.tls if isinstance(self.tls, Tls) else Tls()
        credentials = grpc.ssl_channel_credentials(certificates.roots, certificates.key, certificates.certificate) if self.tls else None
        metadata = (("authorization", f"Bearer {self.token}"),) if self.token else ()
        return Endpoint(address, credentials, _options(local, alone), metadata)


def addresses_in(given: str | Sequence[str]) -> tuple[str, ...]:
    """The addresses of servers, as a sequence or as text with commas. Raises ValueError for none."""
    if not isinstance(given, str):
        found = tuple(given)
    elif given.startswith(_LISTS):  # gRPC's own way to name one server by several addresses
        found = (given,)
    else:
        found = tuple(part.strip() for part in given.split(","))
    if not found:
        raise ValueError("no address is given; write host:port, such as localhost:50051, or several with commas")
    return found


def open_channel(to: Endpoint, library: ModuleType) -> Any:
    """A channel of `grpc` or of `grpc.aio`; it connects when it is first used."""
    if to.credentials is None:
        return library.insecure_channel(to.address, to.options)
    return library.secure_channel(to.address, to.credentials, to.options)


def _hosts(address: str) -> list[str]:
    """The hosts that an address names; none for a socket of this machine."""
    if address.startswith(_UNIX):
        return []
    hosts = []
    for one in _SCHEME.sub("", address, count=1).split(","):
        host, _, port = one.rpartition(":")
        if not host or not port.isdigit() or (":" in host and not host.startswith("[")):
            raise ValueError(f"{address!r} is not an address; write host:port, such as localhost:50051 or [::1]:50051")
        hosts.append(host.strip("[]"))
    return hosts


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _options(local: bool, alone: bool) -> tuple[tuple[str, str | int], ...]:
    return (
        ("grpc.max_send_message_length", MOST_BYTES),
        ("grpc.max_receive_message_length", MOST_BYTES),
        ("grpc.service_config", service_config(retries=alone)),
        ("grpc.service_config_disable_resolution", 1),  # nobody's DNS says how often we retry
        ("grpc.per_rpc_retry_buffer_size", MOST_BYTES),  # a request beyond it is never retried; gRPC's own limit is 256 KiB
        ("grpc.keepalive_time_ms", 60_000),  # during calls; the server hangs up on who pings more often than every 10 s
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.initial_reconnect_backoff_ms", 100),  # a server that restarts is found again within the retries
        ("grpc.max_reconnect_backoff_ms", 5_000),
        ("grpc.enable_http_proxy", 0 if local else 1),
    )
