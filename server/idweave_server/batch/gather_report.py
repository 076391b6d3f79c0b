"""Gather the report of a run: counts, the largest and the most fragile profiles, what is shared, refused or in doubt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from idweave_server import __version__
from idweave_server.batch.fragility import WeakestLinks
from idweave_server.batch.output_tables import identifier_text, namespace_counts, observation_counts, probability, shared_reasons
from idweave_server.batch.report import End, FormatRead, FragileProfile, IssueReason, LargeProfile, Repeated, Report, SharedIdentifier
from idweave_server.batch.report_verdicts import verdict_lines
from idweave_server.batch.result import BatchResult
from idweave_server.model import Apart, Outcome, Shared
from idweave_server.resolution.policy import MICRO_NATS
from idweave_server.resolution.unite import Standing

SIZES = ((1, 1), (2, 2), (3, 3), (4, 4), (5, 9), (10, 19), (20, 49), (50, None))
LARGEST, MOST_SHARED, MOST_FRAGILE = 10, 10, 20
NAMES = (("full_name",), ("first_name", "last_name"))  # the traits that say who a profile is, best first


def make_report(result: BatchResult, weakest: WeakestLinks) -> Report:
    """Gather the report of a run."""
    resolution = result.resolution
    nodes = resolution.statuses.nodes
    counts = namespace_counts(result)
    epochs = np.diff(nodes.first)
    owners = np.bincount(nodes.identifier[resolution.profile >= 0], minlength=epochs.size)
    apart, shared = resolution.apart, shared_reasons(result)
    seen = np.bincount(result.identifiers.identifiers.namespace[epochs > 0], minlength=len(result.policy.namespaces))
    return Report(
        idweave=__version__,
        policy=result.policy.fingerprint,
        lists=result.lists,
        as_of=iso(result.as_of),
        files=result.rows.files,
        rows_read=result.lines,
        observations=int(result.rows.outcome.size),
        outcomes={outcome.name.lower(): int((result.rows.outcome == outcome).sum()) for outcome in Outcome},
        issues=result.issues.num_rows,
        issue_reasons=_issue_reasons(result.issues),
        identifiers={n.name: int(count) for n, count in zip(result.policy.namespaces, seen, strict=True)},
        changed_hands=int((owners > 1).sum()),
        shared={reason.name.lower(): int((shared == reason).sum()) for reason in Shared if reason},
        most_shared=_most_shared(result),
        links=int(apart.size),
        refused={rule.name.lower(): int((apart == rule).sum()) for rule in Apart if rule},
        profiles=resolution.profiles,
        sizes=_sizes(counts.sum(axis=0)),
        largest=_largest(result, counts),
        fragile=int((weakest.link >= 0).sum()),
        most_fragile=_most_fragile(result, counts.sum(axis=0), weakest),
        formats=tuple(FormatRead(i.file, i.field, i.source, i.format, dict(i.fits), i.decided_by, i.question) for i in result.inferences),
        duplicates_within=dict(sorted(result.duplicates.within.items())),
        duplicates_between=tuple(Repeated(pair, count) for pair, count in sorted(result.duplicates.between.items())),
        erasures=result.erasures,
        verdicts={standing.name.lower(): int((resolution.standing == standing).sum()) for standing in Standing},
        verdicts_not_holding=verdict_lines(result),
    )


def iso(second: int) -> str:
    """A time in seconds UTC as ISO 8601."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def size_label(least: int, most: int | None) -> str:
    return f"{least}+" if most is None else str(least) if least == most else f"{least}-{most}"


def _sizes(size: np.ndarray) -> dict[str, int]:
    return {size_label(*span): int(((size >= span[0]) & (size <= (span[1] or size.max(initial=0)))).sum()) for span in SIZES}


def _issue_reasons(issues: pa.Table) -> tuple[IssueReason, ...]:
    """The most frequent first."""
    reasons = issues["reason"].combine_chunks()
    counted = sorted(((c["values"], c["counts"]) for c in pc.value_counts(reasons).to_pylist()), key=lambda c: (-c[1], c[0]))
    rows = [pc.index(reasons, reason).as_py() for reason, _ in counted]
    first = issues.select(["file", "row", "field"]).take(pa.array(rows, pa.int64())).to_pylist()
    return tuple(IssueReason(reason, count, at["file"], at["row"], at["field"]) for (reason, count), at in zip(counted, first, strict=True))


def _most_shared(result: BatchResult) -> tuple[SharedIdentifier, ...]:
    """The shared identifiers with the most observations, ties by content."""
    nodes, shared = result.resolution.statuses.nodes, shared_reasons(result)
    seen = np.bincount(nodes.sighting[nodes.sighting >= 0], minlength=len(nodes))
    found = np.flatnonzero(shared)
    found = found[np.lexsort((nodes.content[found, 0], -seen[found]))[:MOST_SHARED]]
    texts = identifier_text(result, nodes.identifier[found])
    return tuple(SharedIdentifier(text, Shared(shared[n]).name.lower(), int(seen[n])) for n, text in zip(found, texts, strict=True))


def _largest(result: BatchResult, counts: np.ndarray) -> tuple[LargeProfile, ...]:
    """The profiles with the most identifiers, then observations, then by id."""
    size, observations = counts.sum(axis=0), observation_counts(result)
    enough = np.flatnonzero(size >= (np.partition(size, -LARGEST)[-LARGEST] if size.size > LARGEST else 0))
    ids = result.profile_id.take(pa.array(enough)).to_pylist()
    first = sorted(range(enough.size), key=lambda k: (-size[enough[k]], -observations[enough[k]], ids[k]))[:LARGEST]
    names = _names(result, enough[first])
    return tuple(
        LargeProfile(ids[k], name, int(size[p]), int(observations[p]), _by_namespace(result, counts[:, p]))
        for k, p, name in zip(first, enough[first], names, strict=True)
    )


def _by_namespace(result: BatchResult, counts: np.ndarray) -> dict[str, int]:
    """Those it has, in the policy's order: what lasts before what passes."""
    present = sorted((n.order, n.name, int(count)) for n, count in zip(result.policy.namespaces, counts, strict=True) if count)
    return {name: count for _, name, count in present}


def _names(result: BatchResult, profiles: np.ndarray) -> list[str]:
    """What each of a few profiles is called, blank where nobody says."""
    traits = {column.trait.name: column for column in result.traits if column.every is None}

    def shown(trait: str, profile: int) -> str:
        column = traits.get(trait)
        winner = -1 if column is None else int(column.winner[profile])
        return "" if column is None or winner < 0 else str(column.values[int(column.code[winner])].as_py())

    said = [[" ".join(filter(None, (shown(trait, p) for trait in way))) for way in NAMES] for p in profiles.tolist()]
    return [next(filter(None, ways), "") for ways in said]


def _most_fragile(result: BatchResult, size: np.ndarray, weakest: WeakestLinks) -> tuple[FragileProfile, ...]:
    """The profiles that hang by the weakest links, the larger first of equally weak ones."""
    links, nodes = result.resolution.links, result.resolution.statuses.nodes
    found = np.flatnonzero(weakest.link >= 0)
    bearer = nodes.content[result.resolution.bearers.node[found], 0]
    found = found[np.lexsort((bearer, -size[found], links.count[weakest.link[found]], weakest.strength[found]))[:MOST_FRAGILE]]
    link = weakest.link[found]
    ends = _ordered_ends(result, link)
    ids = result.profile_id.take(pa.array(found)).to_pylist()
    strength, sure = links.strength[link] / MICRO_NATS, probability(links.strength[link])
    return tuple(
        FragileProfile(
            profile_id=ids[k],
            size=int(size[found[k]]),
            left=ends[k][0],
            right=ends[k][1],
            strength=float(strength[k]),
            probability=float(sure[k]),
            evidence=int(links.count[link[k]]),
            first=iso(int(links.first[link[k]])),
            last=iso(int(links.last[link[k]])),
        )
        for k in range(found.size)
    )


def _ordered_ends(result: BatchResult, link: np.ndarray) -> Sequence[tuple[End, End]]:
    links, nodes = result.resolution.links, result.resolution.statuses.nodes
    sides = (identifier_text(result, nodes.identifier[end[link]]) for end in (links.a, links.b))
    ordered = (sorted(pair, key=lambda end: (end["namespace"], end["issuer"], end["value"])) for pair in zip(*sides, strict=True))
    return [(left, right) for left, right in ordered]
