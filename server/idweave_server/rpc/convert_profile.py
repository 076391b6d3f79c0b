"""Profiles into protobuf messages."""

from __future__ import annotations

from idweave.v1 import identity_service_pb2, profile_pb2

from idweave_server.operations.get_profile import GoneReason, Profile, ProfileAnswer, ProfileOutcome, WeakestLink
from idweave_server.operations.memberships import Held
from idweave_server.operations.strength import nats, probability
from idweave_server.resolution.policy import Policy
from idweave_server.rpc.convert_memberships import put_until
from idweave_server.rpc.convert_segment import put_value
from idweave_server.rpc.convert_values import numbers, put_identifier, put_source, put_time, put_trait
from idweave_server.segments.fields import FieldType

OUTCOMES = numbers(identity_service_pb2.ProfileOutcome, "PROFILE_OUTCOME_", ProfileOutcome)
GONE = numbers(identity_service_pb2.GoneReason, "GONE_REASON_", GoneReason)


def put_profile(message: profile_pb2.Profile, profile: Profile, policy: Policy) -> None:
    message.profile_id, message.observations = profile.profile_id, profile.observations
    message.merged_from.extend(profile.merged_from)
    put_time(message.first_seen, profile.first_seen)
    put_time(message.last_seen, profile.last_seen)
    for held in profile.identifiers:
        identifier = message.identifiers.add()
        put_identifier(identifier.identifier, held.identifier, held.observed)
        if held.begin is not None:
            put_time(getattr(identifier, "from"), held.begin)
        if held.end is not None:
            put_time(identifier.until, held.end)
        put_time(identifier.first_seen, held.first_seen)
        put_time(identifier.last_seen, held.last_seen)
        identifier.observations = held.observations
    for shown in profile.traits:
        trait = message.traits.add()
        put_trait(trait.trait, shown.name, shown.value)
        put_source(trait.source, shown.source, policy)
        put_time(trait.time, shown.time)
    if profile.weakest_link is not None:
        put_weakest_link(message.weakest_link, profile.weakest_link)
    for attribute in sorted(profile.attributes, key=lambda one: one.name):
        for value in attribute.value if isinstance(attribute.value, tuple) else (attribute.value,):
            if value is not None:
                put_value(message.attributes.add(name=attribute.name).value, value, as_time=attribute.type is FieldType.TIME)
    message.tags.extend(profile.tags)
    for one in profile.segments:
        put_held(message.segments.add(), one)


def put_held(message: profile_pb2.ProfileSegment, held: Held) -> None:
    message.name, message.definition_version = held.segment, held.version
    if held.since:
        put_time(message.since, held.since)
    put_until(message.valid_until, held.until)


def put_weakest_link(message: profile_pb2.WeakestLink, link: WeakestLink) -> None:
    put_identifier(message.left, link.left)
    put_identifier(message.right, link.right)
    message.strength, message.probability = nats(link.strength), probability(link.strength)


def put_profile_answer(message: identity_service_pb2.GetProfileResponse, answer: ProfileAnswer, policy: Policy) -> None:
    message.outcome, message.former_company = OUTCOMES[answer.outcome], answer.former_company
    if answer.gone:
        message.gone_reason = GONE[answer.gone]
    if answer.profile is not None:
        put_profile(message.profile, answer.profile, policy)
