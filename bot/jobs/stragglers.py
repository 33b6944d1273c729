"""Hands over what the web chat stored but the inbox never took, because the process died in between. The inbox takes each message once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.log import error_fields, log
from core.db.webchat_messages import WebMessages
from core.domain.messages import InboundMessage
from core.ports import Clock
from integrations.channels.webchat import to_inbound

LOOK_SECONDS = 30
OLDER_THAN = timedelta(seconds=30)  # younger ones are on their way


class Stragglers:
    """`run` until `close`: looks at once, then every half minute."""

    def __init__(self, messages: WebMessages, *, accept: Callable[[InboundMessage], Awaitable[None]], clock: Clock) -> None:
        self._messages = messages
        self._accept = accept
        self._clock = clock
        self._closing = asyncio.Event()

    async def run(self) -> None:
        while not self._closing.is_set():
            try:
                await self.hand_over()
            except Exception as error:  # the database or the inbox is away: they are still there at the next look
                log.error("stragglers wait", stage="accept", **error_fields(error))
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._closing.wait()
            except TimeoutError:
                continue

    def close(self) -> None:
        self._closing.set()

    async def hand_over(self, *, older_than: timedelta = OLDER_THAN) -> int:
        """Returns how many. Raises ServiceUnavailable."""
        left = await self._messages.unaccepted(before=self._clock() - older_than)
        for message in left:
            await self._accept(to_inbound(message))
            await self._messages.accepted(message)
        return len(left)
