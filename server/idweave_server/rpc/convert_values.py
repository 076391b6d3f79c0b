"""Domain values into protobuf messages: times, identifiers, issues, sources, traits; small enough to be called for every answer."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from google.protobuf.timestamp_pb2 import Timestamp
from idweave.v1.identifier_pb2 import Identifier, IdentifierFlag, SharedReason
from idweave.v1.issue_pb2 import Issue as IssueMessage
from idweave.v1.issue_pb2 import RefusalReason
from idweave.v1.observation_pb2 import Party, Source, Trait
from idweave.v1.verdict_pb2 import Assertion
from idweave.v1.verdict_pb2 import Verdict as VerdictValue

from idweave_server import model
from idweave_server.operations.explain import SaidVerdict
from idweave_server.resolution.policy import Policy

if TYPE_CHECKING:
    from idweave_server.engine.identifier_store import Known


def numbers(enumeration: Any, prefix: str, members: type[IntEnum]) -> list[Any]:
    """What each member is called in the protocol, by its number; the one numbered 0 and called NONE is UNSPECIFIED there. A list: it takes
    Python a microsecond to hash a member."""
    found = [0] * (max(members) + 1)
    for member in members:
        found[member] = enumeration.Value(prefix + ("UNSPECIFIED" if member.name == "NONE" else member.name))
    return found


_BITS = [(flag, getattr(IdentifierFlag, f"IDENTIFIER_FLAG_{flag.name}")) for flag in model.Flag if flag]
FLAGS = [[value for flag, value in _BITS if flag & flags] for flags in range(1 << len(_BITS))]  # by model.Flag, ascending
SHARED = numbers(SharedReason, "SHARED_REASON_", model.Shared)
REFUSALS = numbers(RefusalReason, "REFUSAL_REASON_", model.Refusal)
PARTIES = numbers(Party, "PARTY_", model.Party)
VERDICTS = numbers(VerdictValue, "VERDICT_", model.Verdict)


def put_time(message: Timestamp, seconds: int) -> None:
    message.seconds = seconds


def put_identifier(message: Identifier, known: Known, observed: str = "", shared: int = 0) -> None:
    message.namespace, message.issuer, message.value = known.namespace, known.issuer, known.value
    if observed != known.value:
        message.observed_value = observed
    if known.flags:
        message.flags.extend(FLAGS[known.flags])
    if shared:
        message.shared_reason = SHARED[shared]


def put_issue(message: IssueMessage, issue: model.Issue) -> None:
    message.field, message.reason, message.value, message.message = issue.field, REFUSALS[issue.reason], issue.value, issue.message


def put_source(message: Source, name: str, policy: Policy) -> None:
    declared = policy.source(name)
    message.name, message.party, message.kind, message.trust = name, PARTIES[declared.party], declared.kind, declared.trust / 1000


def put_trait(message: Trait, name: str, value: str | int | float | bool) -> None:
    message.name = name
    if isinstance(value, bool):
        message.boolean = value
    elif isinstance(value, str):
        message.text = value
    elif isinstance(value, int):
        message.integer = value
    else:
        message.number = value


def put_verdict(message: Assertion, said: SaidVerdict) -> None:
    message.verdict, message.source = VERDICTS[said.verdict], said.source
    put_identifier(message.left, said.left)
    if said.right is not None:
        put_identifier(message.right, said.right)
    put_time(message.time, said.time)
