"""A server that answers what a test tells it to, behind the generated servicers; what it was asked can be looked at."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from idweave.v1 import (
    admin_service_pb2,
    admin_service_pb2_grpc,
    identity_service_pb2,
    identity_service_pb2_grpc,
    privacy_service_pb2,
    privacy_service_pb2_grpc,
    quality_service_pb2,
    quality_service_pb2_grpc,
    segment_service_pb2,
    segment_service_pb2_grpc,
)

SERVICES = {
    "AdminService": (admin_service_pb2, admin_service_pb2_grpc),
    "IdentityService": (identity_service_pb2, identity_service_pb2_grpc),
    "PrivacyService": (privacy_service_pb2, privacy_service_pb2_grpc),
    "QualityService": (quality_service_pb2, quality_service_pb2_grpc),
    "SegmentService": (segment_service_pb2, segment_service_pb2_grpc),
}
METHODS: list[MethodDescriptor] = [
    method for name, (module, _) in SERVICES.items() for method in module.DESCRIPTOR.services_by_name[name].methods
]


@dataclass(frozen=True)
class Failure:
    """A call that fails. details: bytes of a google.rpc.Status, or none."""

    code: grpc.StatusCode
    message: str = "it failed"
    details: bytes = b""
    request_id: str = ""


def failure(
    code: grpc.StatusCode,
    reason: str = "",
    *,
    fields: Mapping[str, str] | None = None,
    retry: float | None = None,
    metadata: Mapping[str, str] | None = None,
    domain: str = "idweave",
) -> Failure:
    """A failure with the details that google.rpc has for it."""
    info = ErrorInfo(reason=reason, domain=domain, metadata={"request_id": "r-1", **(metadata or {})})
    details: list[Message] = [info] if reason else []
    if fields:
        violations = [BadRequest.FieldViolation(field=name, description=text) for name, text in fields.items()]
        details.append(BadRequest(field_violations=violations))
    if retry is not None:
        delay = Duration()
        delay.FromMilliseconds(round(retry * 1_000))
        details.append(RetryInfo(retry_delay=delay))
    status = Status(code=code.value[0], message="it failed", details=map(packed, details))
    return Failure(code, "it failed", status.SerializeToString())


def packed(message: Message) -> Packed:
    into = Packed()
    into.Pack(message)
    return into


@dataclass
class Asked:
    """One call as it came in."""

    method: str
    request: Any
    metadata: dict[str, str | bytes]
    time_left: float


@dataclass
class FakeServer:
    """address: where it is; asked: all calls, in order; plans: what each method answers next, its default answer when there is no more."""

    address: str = ""
    asked: list[Asked] = field(default_factory=list)
    plans: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    cancelled: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def plan(self, method: str, *answers: Any) -> None:
        """The next answers of a method: a message, a Failure, "hang", or a function from the request to a message; of a stream also a list
        of messages that may end with a Failure or with "hang"."""
        self.plans[method] += answers

    def requests(self, method: str) -> list[Any]:
        return [asked.request for asked in self.asked if asked.method == method]

    def answer(self, method: MethodDescriptor, request: Any, context: Any) -> Any:
        context.add_callback(lambda: None if context.code() else self.cancelled.set())
        metadata = dict(context.invocation_metadata())
        self.asked.append(Asked(method.name, request, metadata, context.time_remaining()))
        planned = self.plans[method.name]
        answer = planned.pop(0) if planned else GetMessageClass(method.output_type)()
        self.act(answer, context)
        return answer(request) if callable(answer) else answer

    def act(self, answer: Any, context: Any) -> None:
        """Hang or fail where that is what was planned."""
        if answer == "hang":
            self.over.wait(30)
            context.abort(grpc.StatusCode.ABORTED, "the test is over")
        if isinstance(answer, Failure):
            details = (("grpc-status-details-bin", answer.details),) if answer.details else ()
            request_id = (("x-request-id", answer.request_id),) if answer.request_id else ()
            context.set_trailing_metadata((*details, *request_id))
            context.abort(answer.code, answer.message)


def serving(credentials: grpc.ServerCredentials | None = None) -> Iterator[FakeServer]:
    """A running server; stopped when the generator goes on."""
    fake = FakeServer()
    with ThreadPoolExecutor(8) as pool:
        server = grpc.server(pool, options=[("grpc.max_receive_message_length", 16 * 1024 * 1024)])
        for name, (module, code) in SERVICES.items():
            methods = {method.name: _handler(fake, method) for method in module.DESCRIPTOR.services_by_name[name].methods}
            servicer = type(name, (getattr(code, f"{name}Servicer"),), methods)
            getattr(code, f"add_{name}Servicer_to_server")(servicer(), server)
        port = server.add_insecure_port("127.0.0.1:0") if credentials is None else server.add_secure_port("127.0.0.1:0", credentials)
        fake.address = f"127.0.0.1:{port}"
        server.start()
        try:
            yield fake
        finally:
            fake.over.set()
            server.stop(grace=None).wait(10)


def _handler(fake: FakeServer, method: MethodDescriptor) -> Callable[[Any, Any, Any], Any]:
    if method.server_streaming:
        return lambda _, request, context: _pieces(fake, fake.answer(method, request, context), context)
    return lambda _, request, context: fake.answer(method, request, context)


def _pieces(fake: FakeServer, answer: Any, context: Any) -> Iterator[Any]:
    for piece in [answer] if isinstance(answer, Message) else answer:
        fake.act(piece, context)
        yield piece
