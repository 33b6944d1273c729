"""A loop that does something now and then until it is closed. Knows not what."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.log import error_fields, log

LOOK_SECONDS = 30


class Rounds:
    """`run` until `close`: does `work` at once and then every half minute. A round that fails is logged; the next one comes all the same."""

    def __init__(self, name: str, work: Callable[[], Awaitable[object]], *, every_seconds: float = LOOK_SECONDS) -> None:
        self._name = name
        self._work = work
        self._every_seconds = every_seconds
        self._closing = asyncio.Event()

    async def run(self) -> None:
        while not self._closing.is_set():
            try:
                await self._work()
            except Exception as error:  # what it needs is away: there is another round
                log.error("round failed", job=self._name, **error_fields(error))
            try:
                async with asyncio.timeout(self._every_seconds):
                    await self._closing.wait()
            except TimeoutError:
                continue

    def close(self) -> None:
        self._closing.set()
