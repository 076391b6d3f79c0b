"""What a mapping asks of the policy, checked before a row is read: do such namespaces, evidence kinds, countries and formats exist?"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from idweave_server.batch.mapping_model import Identifier, Mapping, Value
from idweave_server.errors import InputError, MappingError, PolicyError
from idweave_server.identifiers.dates import check_format
from idweave_server.identifiers.lists import Lists
from idweave_server.identifiers.reading import Options
from idweave_server.intake.evidence_kinds import known_kind
from idweave_server.resolution.policy import Policy


def check_mapping(mapping: Mapping, policy: Policy, lists: Lists) -> None:
    """Raise MappingError, with the key's name, for what no row could make good."""
    for identifier in _identifiers(mapping):
        if identifier.namespace:
            with _said_of(mapping, identifier.value):
                if policy.namespace(identifier.namespace).standing == "derived":
                    raise InputError(f"{identifier.namespace} is formed from traits; map those instead")
        if identifier.region and identifier.region.constant is not None:
            with _said_of(mapping, identifier.region):
                Options(lists, identifier.region.constant)
    evidence = mapping.evidence
    with _said_of(mapping, evidence.value):
        words = evidence.words or {}
        stated = [words.get(text, text) for text in (evidence.value.constant, evidence.value.default) if text is not None]
        for kind in (*words.values(), *stated):
            known_kind(policy, kind)
    for value, form in _formats(mapping):
        if form not in (None, "infer"):
            with _said_of(mapping, value):
                check_format(form)


def check_policy(policy: Policy, lists: Lists) -> None:
    """Raise PolicyError for a source's region that is no country."""
    for name, source in {"": policy.source_default, **policy.sources}.items():
        try:
            Options(lists, source.region)
        except InputError as error:
            raise PolicyError(f"the policy's {f'sources.{name}' if name else 'source_defaults'}.region: {error}") from None


def _identifiers(mapping: Mapping) -> Iterator[Identifier]:
    yield from mapping.identifiers
    for verdicts in mapping.verdicts:
        yield from (end for end in (verdicts.left, verdicts.right) if end is not None)
    for erasures in mapping.erasures:
        yield from erasures.identifiers


def _formats(mapping: Mapping) -> Iterator[tuple[Value, str | None]]:
    special = [verdicts.time for verdicts in mapping.verdicts] + [erasures.until for erasures in mapping.erasures]
    yield from ((time.value, time.format) for time in (mapping.time, *special) if time is not None)
    yield from ((trait.value, trait.format) for trait in mapping.traits)


@contextmanager
def _said_of(mapping: Mapping, value: Value) -> Iterator[None]:
    try:
        yield
    except InputError as error:
        raise MappingError(f"{mapping.name}: {value.key}: {error}") from None
