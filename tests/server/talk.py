"""Short ways to say what tests ask of a server, over the generated stubs alone."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import grpc
from idweave.identifiers import identifier
from idweave.v1.admin_service_pb2_grpc import AdminServiceStub
from idweave.v1.identity_service_pb2_grpc import IdentityServiceStub
from idweave.v1.observation_pb2 import Observation
from idweave.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from idweave.v1.quality_service_pb2_grpc import QualityServiceStub

LONG_AGO = 1_700_000_000  # seconds UTC


@dataclass(frozen=True, slots=True)
class Talk:
    """A stub of each service, on one channel."""

    identity: Any
    privacy: Any
    quality: Any
    admin: Any

    @classmethod
    def over(cls, channel: Any) -> Talk:
        stubs: tuple[Any, ...] = (IdentityServiceStub, PrivacyServiceStub, QualityServiceStub, AdminServiceStub)
        return cls(*(stub(channel) for stub in stubs))


@contextlib.contextmanager
def talk(address: str) -> Iterator[Talk]:
    """A synchronous conversation with a server."""
    with grpc.insecure_channel(address, options=[("grpc.max_receive_message_length", -1)]) as channel:
        yield Talk.over(channel)


def seen(name: str, *texts: str, kind: str = "LOGIN", source: str = "web", time: int = LONG_AGO, **traits: str) -> Observation:
    """An observation. texts: identifiers as text, such as email:jo@example.org."""
    observation = Observation(observation_id=name, evidence_kind=kind, identifiers=[identifier(text) for text in texts])
    observation.source.name = source
    observation.time.seconds = time
    for trait, text in traits.items():
        observation.traits.add(name=trait, text=text)
    return observation
