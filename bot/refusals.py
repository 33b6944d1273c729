"""What becomes of a letter that its channel did not take: another try, another chat of the same person, a place to wait, or the end."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from core.db import fallbacks, outbox
from core.db.outbox import ClaimedLetter
from core.db.session import UnitOfWork
from core.errors import SendError, SendErrorKind

# Seconds to wait after the first, second, ... failure. A person waits for a reply now; a notification may come hours later.
WAITS = {
    "reply": (0, 1, 5, 30, 120, *[600] * 13),
    "notification": (5, 300, 1_800, 7_200, 18_000, *[36_000] * 6),
}
HELD_MOST = 5  # letters that wait in one chat for its people to write again
HELD_FOR = timedelta(days=7)
_NEVER = (SendErrorKind.REJECTED, SendErrorKind.OPTED_OUT, SendErrorKind.WINDOW_CLOSED)


class NotSent(Exception):
    """Tuppence itself does not send the letter: `erased`, `late`, `crashed`, `expired`, or `capped` (by which cap, in `detail`)."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def kind_of(error: Exception) -> SendErrorKind:
    """An error that a channel did not expect may go away. Who blocked us wants nothing from us, by whatever name a platform calls it."""
    if not isinstance(error, SendError):
        return SendErrorKind.RETRY
    if error.kind is SendErrorKind.REJECTED and "blocked" in error.reason.lower():
        return SendErrorKind.OPTED_OUT
    return error.kind


def may_have_arrived(error: Exception) -> bool:
    """Whether the platform may hold the letter nevertheless; after an error that nobody expected, too."""
    return error.unknown if isinstance(error, SendError) else not isinstance(error, NotSent)


def asked_to_wait(error: Exception) -> int | None:
    """The platform's own seconds."""
    return error.retry_after_seconds if isinstance(error, SendError) and kind_of(error) not in _NEVER else None


async def settle(uow: UnitOfWork, letter: ClaimedLetter, error: Exception, *, channels: Sequence[str], now: datetime) -> str:
    """Write it down and return what happened: paused, retry, passed_on, held, dead, expired or capped."""
    connection, kind = uow.connection, kind_of(error)
    asked = asked_to_wait(error)
    if asked is not None:
        await outbox.postpone(connection, letter.letter_id, reason="paused", next_at=now + timedelta(seconds=asked), counted=False)
        return "paused"
    if isinstance(error, NotSent):
        return await _not_sent(uow, letter, error, channels=channels, now=now)
    if kind is SendErrorKind.OPTED_OUT and not letter.opted_out:
        await fallbacks.opt_out(connection, letter.conversation_id, now=now)
    if letter.urgency == "notification" and kind in (SendErrorKind.OPTED_OUT, SendErrorKind.WINDOW_CLOSED):
        return await _elsewhere(uow, letter, channels=channels, now=now)
    wait = None if kind in _NEVER else _wait(letter, kind)
    if wait is None:
        await outbox.bury(connection, letter.letter_id, reason=kind.value)
        return "dead"
    await outbox.postpone(connection, letter.letter_id, reason=kind.value, next_at=now + wait, unsure=may_have_arrived(error))
    return "retry"


async def _not_sent(uow: UnitOfWork, letter: ClaimedLetter, error: NotSent, *, channels: Sequence[str], now: datetime) -> str:
    if error.reason == "expired":
        await outbox.drop(uow.connection, letter.letter_id, reason="expired")
        return "expired"
    if error.reason == "capped":
        if letter.urgency == "notification" and await fallbacks.pass_on(uow, letter, channels=channels, now=now):
            return "passed_on"
        await outbox.bury(uow.connection, letter.letter_id, reason="capped")
        return "capped"
    await outbox.bury(uow.connection, letter.letter_id, reason=error.reason)
    return "dead"


async def _elsewhere(uow: UnitOfWork, letter: ClaimedLetter, *, channels: Sequence[str], now: datetime) -> str:
    if await fallbacks.pass_on(uow, letter, channels=channels, now=now):
        return "passed_on"
    until = letter.created_at + HELD_FOR
    if until <= now:
        await outbox.drop(uow.connection, letter.letter_id, reason="expired")
        return "expired"
    await fallbacks.hold(uow, letter, most=HELD_MOST, until=until)
    return "held"


def _wait(letter: ClaimedLetter, kind: SendErrorKind) -> timedelta | None:
    """How long until the next try, with a little chance in it so that many failures do not come back at once; None: never again."""
    waits = WAITS["notification" if kind is SendErrorKind.MISCONFIGURED else letter.urgency]
    if letter.tries >= len(waits):
        return None
    own = waits[letter.tries]
    return timedelta(seconds=own + random.random() * own * 0.2)  # noqa: S311
