"""How fast people may write before they wait: token buckets per person, chat, book and in all. What is over the limit waits, it is not lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.conversation.turn import Turn

KNOWN_MOST = 50_000  # buckets kept in memory; full ones are forgotten first
WAIT_LEAST_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket of `burst` messages that fills again by `a_second`."""

    a_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Far above what people type, and what a phone hands over after a flight. Each process counts by itself: with N of them it is N times as much."""

    person: Rate = Rate(5, 150)
    chat: Rate = Rate(10, 200)
    book: Rate = Rate(20, 400)
    in_all: Rate = Rate(2_000, 20_000)
    waiting_most: int = 200  # messages of one chat that nobody has answered; more are refused
    tell_every: timedelta = timedelta(minutes=1)


LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Delay:
    """How long a message waits. `own`: for what its own chat, people or book did, not because of everybody's."""

    seconds: float
    own: bool


class Throttle:
    """Generic cell rate algorithm (ATM Forum, 1996): a bucket is one moment, the one at which it will be full again."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._full_at: dict[tuple[str, object], float] = {}

    def delay(self, turn: Turn, *, now: datetime) -> Delay | None:
        """None where the message may be answered now, which is counted then."""
        limits, moment = self._limits, now.timestamp()
        own: list[tuple[tuple[str, object], Rate]] = [
            (("chat", turn.conversation.conversation_id), limits.chat),
            (("person", (turn.message.address.channel, turn.message.address.account, turn.message.sender.user)), limits.person),
        ]
        if turn.sender is not None:  # who is linked over channels is one person
            own[1] = (("person", turn.sender.person_id), limits.person)
        book = turn.conversation.message_book_id
        if book is not None:
            own.append((("book", book), limits.book))
        everybody: list[tuple[tuple[str, object], Rate]] = [(("all", None), limits.in_all)]
        wait, shared = self._wait(own, moment), self._wait(everybody, moment)
        if max(wait, shared) > 0:
            return Delay(max(wait, shared, WAIT_LEAST_SECONDS), own=wait > 0)
        for key, rate in own + everybody:
            self._full_at[key] = max(self._full_at.get(key, moment), moment) + 1 / rate.a_second
        if len(self._full_at) > KNOWN_MOST:
            self._full_at = {key: at for key, at in self._full_at.items() if at > moment}
        return None

    def _wait(self, buckets: Sequence[tuple[tuple[str, object], Rate]], moment: float) -> float:
        """Seconds until each of them holds a token."""
        return max(self._full_at.get(key, moment) - moment - (rate.burst - 1) / rate.a_second for key, rate in buckets)
