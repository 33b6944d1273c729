"""Introduces the service to a platform when it starts, in the background: nobody waits for it, and it goes on until it is done."""

from __future__ import annotations

import asyncio
from typing import Protocol

from bot.log import error_fields, log

WAITS = (1, 2, 5, 15, 30, 60)
NO_USE_SECONDS = 600  # the platform said no: an operator has to do something, then it is tried again


class Introduction(Protocol):
    async def essentials(self) -> None:
        """What nothing works without. Raises ServiceUnavailable, DomainError."""
        ...

    async def manners(self) -> list[str]:
        """What is nice to have; returns what was refused."""
        ...


class Introducer:
    """`run` ends when all is said, or at `close`."""

    def __init__(self, introduction: Introduction) -> None:
        self._introduction = introduction
        self._closing = asyncio.Event()

    async def run(self) -> None:
        tries = 0
        while not self._closing.is_set():
            tries += 1
            try:
                await self._introduction.essentials()
            except Exception as error:
                fields = error_fields(error) | {"reason": getattr(error, "params", {}).get("reason")}
                log.error("not introduced", job="introduce", tries=tries, **fields)
                await self._rest(WAITS[min(tries, len(WAITS)) - 1] if not hasattr(error, "code") else NO_USE_SECONDS)
                continue
            break
        else:
            return
        for refused in await self._introduction.manners():
            log.warning("not set", job="introduce", reason=refused)
        log.info("introduced", job="introduce", tries=tries)

    def close(self) -> None:
        self._closing.set()

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            return
