"""Owns the competition of rules: each looks at the same scan, the best candidate wins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.conversation.intents import Intent, Question
from bot.conversation.parsing.shape import Scan


@dataclass(frozen=True, slots=True)
class Candidate:
    """What one rule takes the message to mean. `score`: 0 to 100; `unread`: words it cannot account for."""

    rule: str
    intent: Intent
    score: int
    question: Question | None = None
    unread: tuple[str, ...] = ()


Rule = Callable[[Scan], Candidate | None]


def compete(scan: Scan, rules: Sequence[Rule]) -> list[Candidate]:
    """All candidates, the best first; of equals the earlier rule."""
    found = [candidate for rule in rules if (candidate := rule(scan)) is not None]
    return sorted(found, key=lambda candidate: -candidate.score)
