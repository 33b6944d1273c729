"""Who the bot is, as Telegram has it: asked once and kept."""

from __future__ import annotations

import asyncio
import time

from telegram import Bot, User
from telegram.error import TelegramError

from core.errors import ServiceUnavailable

KEPT_SECONDS = 600  # a bot's name and privacy can be changed at any time, at BotFather
AGAIN_SECONDS = 5
WAIT_SECONDS = 10


class Identity:
    """`me` by getMe. A failure is not asked about again for a moment, so that a storm of updates is not a storm of questions."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self._me: User | None = None
        self._asked_at = -1e9
        self._lock = asyncio.Lock()

    async def me(self) -> User:
        """Raises ServiceUnavailable where Telegram never said; once it has, the last word counts."""
        async with self._lock:
            if time.monotonic() - self._asked_at > (KEPT_SECONDS if self._me is not None else AGAIN_SECONDS):
                self._asked_at = time.monotonic()
                try:
                    async with asyncio.timeout(WAIT_SECONDS):
                        self._me = await self._bot.get_me()
                except (TelegramError, TimeoutError):
                    if self._me is None:
                        raise ServiceUnavailable("telegram") from None
        if self._me is None:
            raise ServiceUnavailable("telegram")
        return self._me

    async def username(self) -> str:
        """What follows the @ where people mention the bot. Raises ServiceUnavailable."""
        return (await self.me()).username or ""
