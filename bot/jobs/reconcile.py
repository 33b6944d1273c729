"""Takes in messages whose webhook was lost: compares the platform's own list with the inbox. Decides nothing about what they mean."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bot.log import log
from core.domain.messages import InboundMessage
from core.errors import DomainError
from core.ports import Clock

EVERY_SECONDS = 120
LOOKS_BACK = timedelta(hours=1)  # every round
LOOKS_FAR_BACK = timedelta(hours=36)  # the first round of a process, and then once an hour: a long outage
FAR_EVERY = timedelta(hours=1)
ON_THEIR_WAY = timedelta(seconds=30)  # younger ones may yet come by themselves


class History(Protocol):
    """The platform's list of what was written to us."""

    async def received(self, *, since: datetime) -> list[InboundMessage]:
        """The oldest first."""
        ...

    async def complete(self, message: InboundMessage) -> InboundMessage:
        """The message with what the list does not hold of it."""
        ...


class Accept(Protocol):
    async def __call__(self, message: InboundMessage, *, received_at: datetime | None = None) -> None: ...


class Reconcile:
    """Looks as often as `catch_up` is called."""

    def __init__(
        self,
        history: History,
        *,
        missing: Callable[[Sequence[InboundMessage]], Awaitable[list[InboundMessage]]],
        accept: Accept,
        clock: Clock,
    ) -> None:
        self._history = history
        self._missing = missing
        self._accept = accept
        self._clock = clock
        self._looked_far_at: datetime | None = None

    async def catch_up(self) -> int:
        """Returns how many were taken in. Raises what the list and the inbox raise: the next round goes on."""
        now = self._clock()
        far = self._looked_far_at is None or now - self._looked_far_at >= FAR_EVERY
        listed = await self._history.received(since=now - (LOOKS_FAR_BACK if far else LOOKS_BACK))
        lost = await self._missing([message for message in listed if message.sent_at <= now - ON_THEIR_WAY])
        taken = 0
        for message in lost:
            try:
                # The reply window counts from when it was written, not from when it was found.
                await self._accept(await self._history.complete(message), received_at=message.sent_at)
                taken += 1
            except DomainError as problem:
                log.warning("not to be stored", job="reconcile", channel=message.address.channel, reason=problem.code)
        if far:
            self._looked_far_at = now
        if taken:
            log.warning("recovered", job="reconcile", count=taken)
        return taken
