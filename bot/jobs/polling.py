"""Asks a platform for what is new, for where nobody can reach us: what came is told to be ours only once the inbox has it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.log import error_fields, log
from core.db.leases import Lease
from core.domain.messages import InboundMessage
from core.errors import DomainError
from core.ports import Clock

LEASE_SECONDS = 5  # how often another process that polls already is looked after
WAITS = (1, 2, 5, 15, 30)
ELSEWHERE_SECONDS = 30


class Source(Protocol):
    """Gives messages in order, the same ones again until they are confirmed."""

    async def fetch(self, *, now: datetime) -> Sequence[InboundMessage]:
        """Waits for a while. Raises ServiceUnavailable; DomainError `taken_elsewhere`."""
        ...

    def confirm(self) -> None: ...


class Poller:
    """`run` until `close`. Of all processes on one database only the one that holds the lease asks."""

    def __init__(self, source: Source, *, accept: Callable[[InboundMessage], Awaitable[None]], lease: Lease, clock: Clock) -> None:
        self._source = source
        self._accept = accept
        self._lease = lease
        self._clock = clock
        self._closing = asyncio.Event()
        self._failures = 0
        self._elsewhere = False

    async def run(self) -> None:
        try:
            while not self._closing.is_set():
                await self._rest(await self._round())
        finally:
            await self._lease.close()

    def close(self) -> None:
        """Ask no more. What was not confirmed comes again at the next start, and the inbox knows it."""
        self._closing.set()

    async def _round(self) -> float:
        """Ask once and hand over what came; returns how many seconds to wait."""
        try:
            if not await self._lease.held():
                return LEASE_SECONDS
            messages = await self._fetched()
            await asyncio.gather(*map(self._hand_over, messages))
        except Exception as error:
            return self._failed(error)
        self._source.confirm()
        self._failures = 0
        self._elsewhere = False
        return 0

    async def _fetched(self) -> Sequence[InboundMessage]:
        """Nothing where the service ends meanwhile."""
        asking = asyncio.ensure_future(self._source.fetch(now=self._clock()))
        ending = asyncio.ensure_future(self._closing.wait())
        await asyncio.wait({asking, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not asking.done():
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            return ()
        return asking.result()

    async def _hand_over(self, message: InboundMessage) -> None:
        try:
            await self._accept(message)
        except DomainError:  # it can never be stored; accept has said so
            return

    def _failed(self, error: Exception) -> float:
        if isinstance(error, DomainError) and error.code == "taken_elsewhere":
            if not self._elsewhere:
                log.error("somebody else asks for the same messages", stage="poll", reason=error.code)
            self._elsewhere = True
            return ELSEWHERE_SECONDS
        self._failures += 1
        log.warning("no answer", stage="poll", tries=self._failures, **error_fields(error))
        return WAITS[min(self._failures, len(WAITS)) - 1]

    async def _rest(self, seconds: float) -> None:
        if not seconds:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return
