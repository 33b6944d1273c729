"""What becomes of a letter after its platform took it, as the carrier reports it: a state that only moves on, however reports arrive."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from core.domain.messages import ChatAddress

RANKS = {"scheduled": 0, "queued": 1, "accepted": 2, "sending": 3, "sent": 4, "delivered": 5, "read": 6}
FAILED = frozenset({"failed", "undelivered", "canceled"})
STATES = frozenset(RANKS) | FAILED


@dataclass(frozen=True, slots=True)
class CarriageReport:
    """One report. `letter_id` is our own name of the letter, where the platform gave it back to us; `message_id` the platform's."""

    chat: ChatAddress
    message_id: str
    state: str
    error: int | None = None
    letter_id: UUID | None = None


def overtaken_by(state: str) -> frozenset[str]:
    """The states that a letter may leave for `state`: those before it. A failure is an end, and so is having been delivered (or read)."""
    if state in FAILED:
        return frozenset(name for name, rank in RANKS.items() if rank < RANKS["delivered"])
    return frozenset(name for name, rank in RANKS.items() if rank < RANKS[state])
