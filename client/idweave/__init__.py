"""Client of idweave: the messages that files and services share, and identifiers as text. Needs protobuf alone."""

from idweave.identifiers import identifier, identifier_text
from idweave.v1.identifier_pb2 import Identifier, IdentifierFlag, SharedReason
from idweave.v1.issue_pb2 import Issue, RefusalReason
from idweave.v1.observation_pb2 import Observation, Outcome, Party, Source, Trait
from idweave.v1.verdict_pb2 import ApartReason, Assertion, Verdict

__all__ = [
    "ApartReason",
    "Assertion",
    "Identifier",
    "IdentifierFlag",
    "Issue",
    "Observation",
    "Outcome",
    "Party",
    "RefusalReason",
    "SharedReason",
    "Source",
    "Trait",
    "Verdict",
    "identifier",
    "identifier_text",
]
