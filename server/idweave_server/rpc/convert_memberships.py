"""Answers about segments into protobuf messages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from idweave.v1 import change_pb2, segment_pb2, segment_service_pb2
from idweave.v1.error_pb2 import ErrorReason

from idweave_server.errors import NotFoundError, RequestError
from idweave_server.operations.check_membership import Checked, Membership
from idweave_server.operations.forecast_segment import Forecast
from idweave_server.operations.get_cut_points import CutPointsAnswer
from idweave_server.operations.get_segment import ShownSegment
from idweave_server.operations.list_members import MembersPage
from idweave_server.operations.memberships import Explanation, Problem, Truth
from idweave_server.operations.preview_segment import Preview
from idweave_server.operations.put_segment import PutReply
from idweave_server.rpc.convert_segment import NO_FIELDS, put_expression, put_money
from idweave_server.rpc.convert_values import numbers, put_identifier, put_time
from idweave_server.segments.constant_text import LAST_INSTANT
from idweave_server.segments.definition import Definition
from idweave_server.segments.definition_text import plain_text
from idweave_server.segments.expression import Money
from idweave_server.segments.fields import Fields
from idweave_server.segments.templates.parameter import Parameter
from idweave_server.segments.templates.template import Template

TRUTHS = numbers(segment_pb2.Truth, "TRUTH_", Truth)
ENTERED = change_pb2.MembershipChangeKind.MEMBERSHIP_CHANGE_KIND_ENTERED
LEFT = change_pb2.MembershipChangeKind.MEMBERSHIP_CHANGE_KIND_LEFT


def put_until(message: Timestamp, seconds: int) -> None:
    """Not set for what never comes, or not before the year 10000."""
    if seconds <= LAST_INSTANT:
        put_time(message, seconds)


def put_segment(message: segment_service_pb2.Segment, definition: Definition, members: int = 0, fields: Fields = NO_FIELDS) -> None:
    """fields: of the store."""
    message.name, message.version, message.members = definition.name, definition.version, members
    message.description, message.owner, message.deleted = definition.description, definition.owner, definition.deleted
    put_expression(message.expression, definition.expression, fields)
    message.text = plain_text(definition.expression)
    if definition.template:
        message.template.template = definition.template
        message.template.parameters.update(definition.parameters)
    put_time(message.put_at, definition.at)


def put_shown(message: segment_service_pb2.Segment, shown: ShownSegment, fields: Fields) -> None:
    put_segment(message, shown.definition, shown.members, fields)


def put_reply(message: segment_service_pb2.PutSegmentResponse, reply: PutReply, fields: Fields) -> None:
    message.changed, message.revision = reply.changed, reply.revision
    if reply.definition is not None:
        put_segment(message.segment, reply.definition, reply.members, fields)
    put_problems(message.problems, reply.problems)
    put_problems(message.warnings, reply.warnings)


def put_problems(messages: Any, problems: Iterable[Problem]) -> None:
    for problem in problems:
        messages.add(position=problem.position, message=problem.message, suggestion=problem.suggestion)


def put_membership(message: segment_service_pb2.Membership, membership: Membership) -> None:
    truth, until, since = membership.standing
    message.segment, message.definition_version = membership.definition.name, membership.definition.version
    message.truth = TRUTHS[truth]
    put_until(message.valid_until, until)
    if since and truth == Truth.TRUE:
        put_time(message.since, since)


def put_result(message: segment_service_pb2.MembershipResult, checked: Checked) -> None:
    message.profile_id = checked.profile_id
    for membership in checked.memberships:
        put_membership(message.memberships.add(), membership)
    if checked.error is not None:
        message.error.message = str(checked.error)
        message.error.reason = REASONS[type(checked.error)]


REASONS: dict[type[NotFoundError | RequestError], Any] = {
    NotFoundError: ErrorReason.ERROR_REASON_NOT_FOUND,
    RequestError: ErrorReason.ERROR_REASON_INVALID_REQUEST,
}


def put_members(message: segment_service_pb2.ListMembersResponse, page: MembersPage) -> None:
    message.next_page_token, message.total, message.revision = page.token, page.total, page.revision
    message.definition_version = page.version
    put_time(message.time, page.time)
    for member in page.members:
        row = message.members.add(profile_id=member.profile_id, left=member.left)
        if member.identifier is not None:
            put_identifier(row.identifier, member.identifier, member.observed)
        if member.since:
            put_time(row.since, member.since)
        put_until(row.valid_until, member.until)


def put_condition(message: segment_service_pb2.ExplainedCondition, explained: Explanation) -> None:
    message.position, message.words, message.decides = explained.position, explained.text, explained.decides
    message.truth, message.found, message.missed_by = TRUTHS[explained.truth], explained.found, explained.missed
    put_until(message.valid_until, explained.until)
    for part in explained.parts:
        put_condition(message.parts.add(), part)


def put_preview(message: segment_service_pb2.PreviewSegmentResponse, preview: Preview, fields: Fields) -> None:
    message.size, message.population, message.unknown = preview.size, preview.population, preview.unknown
    for one in preview.coverage:
        message.coverage.add(namespace=one.namespace, profiles=one.profiles, identifiers=one.identifiers)
    for other in preview.overlaps:
        message.overlaps.add(segment=other.segment, size=other.size, both=other.both)
    message.sample.extend(preview.sample)
    message.too_narrow, message.revision = preview.too_narrow, preview.revision
    put_sizes(message.forecast, preview.forecast)
    put_expression(message.expression, preview.expression, fields)
    message.text = plain_text(preview.expression)
    put_problems(message.warnings, preview.warnings)
    put_time(message.time, preview.time)


def put_cut_points(message: segment_service_pb2.GetCutPointsResponse, found: CutPointsAnswer) -> None:
    if found.computed:
        put_time(message.computed_at, found.computed)
    if found.next:
        put_time(message.next_at, found.next)
    for score, time in found.recency:
        put_time(message.recency.add(score=score).value.time, time)
    for score, count in found.frequency:
        message.frequency.add(score=score).value.integer = count
    for score, micros in found.monetary:
        put_money(message.monetary.add(score=score).value.money, Money(found.currency, micros))


def put_forecast(message: segment_service_pb2.ForecastSegmentResponse, forecast: Forecast) -> None:
    message.size, message.revision, message.total_changes = forecast.size, forecast.revision, forecast.total
    put_sizes(message.sizes, forecast.sizes)
    for change in forecast.changes:
        row = message.changes.add(profile_id=change.profile_id, kind=ENTERED if change.entered else LEFT)
        put_time(row.time, change.time)
    message.truncated = forecast.total > len(forecast.changes)
    put_time(message.time, forecast.time)


def put_sizes(messages: Any, sizes: Iterable[tuple[int, int]]) -> None:
    for time, size in sizes:
        put_time(messages.add(size=size).time, time)


def put_template(message: segment_service_pb2.Template, template: Template) -> None:
    message.name, message.title, message.summary, message.family = template.name, template.title, template.summary, template.family
    for parameter in template.parameters:
        put_parameter(message.parameters.add(), parameter)


def put_parameter(message: segment_service_pb2.TemplateParameter, parameter: Parameter) -> None:
    message.name, message.type, message.meaning = parameter.name, parameter.type.value, parameter.meaning
    message.required = parameter.default is None
    if parameter.default is not None:
        message.default = _as_given(parameter.default)
    if parameter.example is not None:
        message.example = _as_given(parameter.example)
    message.choices.extend(parameter.choices)
    if parameter.least is not None:
        message.least = parameter.least
    if parameter.most is not None:
        message.most = parameter.most


def _as_given(value: str | int | float | bool) -> str:
    """A parameter's value as callers write it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
