"""Explanations into protobuf messages."""

from __future__ import annotations

from idweave.v1 import explanation_pb2, identity_service_pb2, verdict_pb2

from idweave_server.model import Apart
from idweave_server.operations.explain import Explanation, LinkEvidence, NobodysIdentifier, PathStep, Separated, Together, UnownedReason
from idweave_server.operations.strength import nats, probability
from idweave_server.resolution.policy import Policy
from idweave_server.rpc.convert_observation import put_observation
from idweave_server.rpc.convert_values import SHARED, numbers, put_identifier, put_time, put_verdict

APART = numbers(verdict_pb2.ApartReason, "APART_REASON_", Apart)
UNOWNED = numbers(explanation_pb2.UnownedReason, "UNOWNED_REASON_", UnownedReason)


def put_explanation(message: identity_service_pb2.ExplainResponse, answer: Explanation, policy: Policy) -> None:
    if isinstance(answer, Together):
        put_together(message.together, answer, policy)
    elif isinstance(answer, Separated):
        put_apart(message.apart, answer, policy)
    else:
        put_unowned(message.unowned, answer)


def put_together(message: explanation_pb2.Together, answer: Together, policy: Policy) -> None:
    message.profile_id = answer.profile_id
    for step in answer.path:
        put_step(message.path.add(), step, policy)
    if answer.weakest is not None:
        message.weakest = answer.weakest


def put_apart(message: explanation_pb2.Apart, answer: Separated, policy: Policy) -> None:
    message.left_profile_id, message.right_profile_id = answer.left_profile_id, answer.right_profile_id
    message.reason, message.grounds = APART[answer.rule], answer.grounds
    if answer.refused is not None:
        put_step(message.refused, answer.refused, policy)
    if answer.verdict is not None:
        put_verdict(message.assertion, answer.verdict)


def put_unowned(message: explanation_pb2.Unowned, answer: NobodysIdentifier) -> None:
    message.left, message.right = (UNOWNED[reason] for reason in answer.reason)
    message.left_shared_reason, message.right_shared_reason = (SHARED[shared] for shared in answer.shared)


def put_step(message: explanation_pb2.PathStep, step: PathStep, policy: Policy) -> None:
    put_identifier(getattr(message, "from"), step.left)
    put_identifier(message.to, step.right)
    if isinstance(step.hold, LinkEvidence):
        put_evidence(message.link, step.hold, policy)
    else:
        put_verdict(message.assertion, step.hold)


def put_evidence(message: explanation_pb2.LinkEvidence, link: LinkEvidence, policy: Policy) -> None:
    message.strength, message.probability = nats(link.strength), probability(link.strength)
    message.evidence, message.truncated = link.evidence, link.truncated
    put_time(message.first_seen, link.first)
    put_time(message.last_seen, link.last)
    for seen in link.observations:
        put_observation(message.observations.add(), seen, policy, whole=False)
