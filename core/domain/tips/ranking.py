"""Which tips come first: saving × confidence × novelty, with what was accepted and dismissed. All in whole numbers; the seed is the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from uuid import UUID

from core.domain.ahead.ranks import WHOLE
from core.domain.tips.history import Finding, History
from core.domain.tips.measures import measure
from core.domain.tips.rules import Library, Rule

PRIOR = 8  # answers that a rule's confidence is worth before there are any
_FINE = 1_000_000


@dataclass(frozen=True, slots=True)
class Past:
    """What became of a rule with one person: how often it was shown, the last time, and what they said."""

    shown_on: date
    shown: int = 1
    accepted: int = 0
    dismissed: int = 0


@dataclass(frozen=True, slots=True)
class Tip:
    """A rule and what it found."""

    rule: Rule
    found: Finding


def tips(history: History, library: Library, past: Mapping[str, Past], *, seed: int) -> list[Tip]:
    """All that may be said today, the best first; of two that are about the same bills the better alone."""
    chance = Random(seed)  # noqa: S311  # which of two tips comes first is no secret
    scored: list[tuple[int, str, Tip]] = []
    for name, rule in sorted(library.rules.items()):
        before = past.get(name)
        weight = _weight(rule, before, chance)  # drawn for every rule: the order of the others does not hang on what was found
        if before is not None and (history.today - before.shown_on).days < cool_down(rule, before):
            continue
        if (found := measure(history, rule, library)) is not None:
            scored.append((found.saving * weight // (1 + (before.shown if before is not None else 0)), name, Tip(rule, found)))
    return _apart([tip for _, _, tip in sorted(scored, key=lambda row: (-row[0], row[1]))])


def cool_down(rule: Rule, past: Past) -> int:
    """Days until it may be said again: longer each time it was dismissed."""
    return rule.cool_down * (1 + past.dismissed)


def _weight(rule: Rule, past: Past | None, chance: Random) -> int:
    """How likely it is welcome, in millionths. Before the first answer the rule's confidence; then drawn (Thompson sampling).

    Source: Thompson 1933. Beta(a, b) of whole a and b is the a-th smallest of a + b − 1 uniform numbers, which spares all fractions.
    """
    if past is None or not past.accepted + past.dismissed:
        return rule.confidence * _FINE // WHOLE
    liked = max(1, min(PRIOR - 1, rule.confidence * PRIOR // WHOLE))
    good, bad = liked + past.accepted, PRIOR - liked + past.dismissed
    return sorted(chance.randrange(_FINE) for _ in range(good + bad - 1))[good - 1]


def _apart(ranked: Sequence[Tip]) -> list[Tip]:
    kept: list[Tip] = []
    for tip in ranked:
        if not any(_same(tip.found, other.found) for other in kept):
            kept.append(tip)
    return kept


def _same(one: Finding, other: Finding) -> bool:
    """Whether more than half of the larger evidence is in the other's too."""
    ones, others = _bills(one), _bills(other)
    return 2 * len(ones & others) > max(len(ones), len(others))


def _bills(found: Finding) -> set[UUID]:
    return {each.bill_id for each in found.evidence}
