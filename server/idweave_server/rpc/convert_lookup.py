"""Answers of lookups into protobuf messages, field by field into the reply itself: this is done thousands of times a second."""

from __future__ import annotations

from idweave.v1 import lookup_pb2

from idweave_server.operations.lookup import LookupAnswer, LookupOutcome
from idweave_server.rpc.convert_values import FLAGS, SHARED, numbers, put_issue

OUTCOMES = numbers(lookup_pb2.LookupOutcome, "LOOKUP_OUTCOME_", LookupOutcome)


def put_lookup(message: lookup_pb2.LookupResult, answer: LookupAnswer) -> None:
    message.outcome = OUTCOMES[answer.outcome]
    if answer.profile_id:
        message.profile_id = answer.profile_id
    if answer.valid_until is not None:
        message.valid_until.seconds = answer.valid_until
    matches = message.matches
    for found in answer.matches:
        match = matches.add()
        match.outcome = OUTCOMES[found.outcome]
        if found.profile_id:
            match.profile_id = found.profile_id
        identifier, read = match.identifier, found.identifier
        identifier.namespace, identifier.value = read.namespace, read.value
        if read.issuer:
            identifier.issuer = read.issuer
        if found.flags:
            identifier.flags.extend(FLAGS[found.flags])
        if found.shared:
            identifier.shared_reason = SHARED[found.shared]
            match.people = found.people
        if found.issue is not None:
            put_issue(match.issue, found.issue)
