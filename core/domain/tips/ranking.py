"""Which tips come first: saving × confidence × novelty, with what was accepted and dismissed. All in whole numbers; the seed is the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
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
    """All that may be said today, the best first; of two that are about the same bills the better alone, and none where the other was just said."""
    scored: list[tuple[int, str, Tip]] = []
    resting: list[Tip] = []
    for name, rule in sorted(library.rules.items()):
        found, before = measure(history, rule, library), past.get(name)
        if found is None:
            continue
        if before is not None and (history.today - before.shown_on).days < cool_down(rule, before):
            resting.append(Tip(rule, found))
            continue
        novelty = 1 + (before.shown if before is not None else 0)
        scored.append((found.saving * _weight(rule, before, seed) // novelty, name, Tip(rule, found)))
    return _apart([tip for _, _, tip in sorted(scored, key=lambda row: (-row[0], row[1]))], resting)


def cool_down(rule: Rule, past: Past) -> int:
    """Days until it may be said again: longer each time it was dismissed."""
    return rule.cool_down * (1 + past.dismissed)


def _weight(rule: Rule, past: Past | None, seed: int) -> int:
    """How likely it is welcome, in parts of `_FINE`. Before the first answer the rule's confidence; then drawn (Thompson sampling).

    Source: Thompson 1933. Beta(a, b) of whole a and b is the a-th smallest of a + b − 1 uniform numbers, which spares all fractions.
    """
    if past is None or not past.accepted + past.dismissed:
        return rule.confidence * _FINE // WHOLE
    liked = max(1, min(PRIOR - 1, rule.confidence * PRIOR // WHOLE))
    good, bad = liked + past.accepted, PRIOR - liked + past.dismissed
    return sorted(_uniform(f"{seed} {rule.name} {number}") for number in range(good + bad - 1))[good - 1]


def _uniform(drawn: str) -> int:
    """Below `_FINE`, as evenly as a hash: the same for the same words on every machine."""
    return int.from_bytes(sha256(drawn.encode()).digest()) % _FINE


def _apart(ranked: Sequence[Tip], resting: Sequence[Tip]) -> list[Tip]:
    kept: list[Tip] = []
    for tip in ranked:
        if not any(_same(tip, other) for other in (*kept, *resting)):
            kept.append(tip)
    return kept


def _same(one: Tip, other: Tip) -> bool:
    """Whether more than half of the larger evidence is in the other's too, or all of the one in what the other said in the same way."""
    ones, others = _bills(one.found), _bills(other.found)
    return 2 * len(ones & others) > max(len(ones), len(others)) or (one.rule.measure == other.rule.measure and ones <= others)


def _bills(found: Finding) -> set[UUID]:
    return {each.bill_id for each in found.evidence}
