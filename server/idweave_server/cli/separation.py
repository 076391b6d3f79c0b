"""Why two identifiers are two people's, in words: the rule that refused and its grounds, or what little they have in common."""

from __future__ import annotations

import numpy as np
from rich.text import Text

from idweave_server.cli.wording import QUIET, Wording, listed
from idweave_server.kernels.histograms import count_labels, dominant_labels
from idweave_server.model import Apart
from idweave_server.resolution.explain import Separate, explain


def why_apart(words: Wording, left: int, right: int) -> tuple[Text, ...]:
    """left, right: nodes of two profiles. The first line says what keeps them apart, a second one shows the link that was refused."""
    result = words.result
    told = explain(result.resolution, result.verdicts.verdicts, left, right)
    owners = (int(words.profile[left]), int(words.profile[right]))
    if not isinstance(told, Separate):
        return ()
    if told.rule == Apart.NONE:
        return (in_common(words, *owners),)
    grounds = Text(_grounds(words, told, *owners))
    if told.link < 0:
        return (grounds,)
    links = result.resolution.links
    ends = (int(links.a[told.link]), int(links.b[told.link]))
    return (
        grounds,
        Text.assemble("refused: ", words.identifier(ends[0]), (" — ", QUIET), words.identifier(ends[1]), " ", words.evidence(told.link)),
    )


def _grounds(words: Wording, told: Separate, left: int, right: int) -> str:
    if told.rule == Apart.NAMES:
        return f"first names: {' is not '.join(dominant_names(words, left, right)) or 'they differ'}"
    if told.rule == Apart.BIRTH_DATES:
        return f"birth dates: {' is not '.join(words.trait('birth_date', profile) for profile in (left, right))}"
    if told.rule == Apart.UNIQUE:
        return f"one each: {unique_values(words, left, right)}"
    return f"{words.verdict(told.verdict)}: different people" if told.verdict >= 0 else "a verdict: different people"


def dominant_names(words: Wording, left: int, right: int) -> list[str]:
    """The dominant first name of each of two profiles, whose counts are the sums of their members'; none where one has no dominant."""
    found, observations = words.result.resolution.statuses.node_names, words.result.observations
    side = np.full(len(words.nodes), -1, np.int32)
    side[words.profile == left], side[words.profile == right] = 0, 1
    entry = np.repeat(side, np.diff(found.start))
    kept = entry >= 0
    summed = count_labels(entry[kept], found.value[kept], found.weight[kept], 2)
    dominant = dominant_labels(summed, observations.labels, words.result.policy.dominance)
    return [words.label(label).title() for label in dominant.tolist()] if (dominant >= 0).all() else []


def unique_values(words: Wording, left: int, right: int) -> str:
    """The identifiers of which a person has one, of both profiles."""
    unique = np.array([space.unique for space in words.result.policy.namespaces])
    held = unique[words.result.identifiers.identifiers.namespace[words.nodes.identifier]] & np.isin(words.profile, (left, right))
    return listed([words.identifier(int(node)) for node in np.flatnonzero(held)]).plain


def in_common(words: Wording, left: int, right: int) -> Text:
    """What would have united two people if it counted: an identifier that changed hands, or a shared one that both were seen with."""
    owned = words.nodes.identifier
    handed_on = np.intersect1d(owned[words.profile == left], owned[words.profile == right])
    if handed_on.size:
        return Text.assemble("what both had, in turn, is ", listed([words.identifier(int(node)) for node in words.nodes.first[handed_on]]))
    owner = np.repeat(words.row_profile, np.diff(words.result.observations.start))
    seen = words.nodes.sighting
    shared = (seen >= 0) & (words.shared[seen] > 0)
    both = np.intersect1d(seen[shared & (owner == left)], seen[shared & (owner == right)])
    if not both.size:
        return Text("nothing was ever seen with both")
    return Text.assemble("all they share is ", listed([words.identifier(int(node)) for node in both]))
