"""How updates come in: posted to us, or asked for. Both end as messages of ours; storing them is the inbox's affair."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from telegram import Update
from telegram.error import Conflict, TelegramError

from core.domain.messages import InboundMessage
from core.errors import DomainError, ServiceUnavailable
from integrations.channels.telegram.client import Api
from integrations.channels.telegram.identity import Identity
from integrations.channels.telegram.updates import KINDS, to_messages

POLL_SECONDS = 25


class Updates:
    """Reads updates; without the bot's @name it cannot tell what is meant for it, so it asks for that first."""

    def __init__(self, identity: Identity, *, account: str) -> None:
        self._identity = identity
        self._account = account

    async def read(self, body: bytes, *, now: datetime) -> Sequence[InboundMessage]:
        """One update as posted. See core.ports.UpdateReader."""
        try:
            raw = json.loads(body)
        except (ValueError, RecursionError):
            raise DomainError("unreadable") from None
        return await self.understand(raw, now=now)

    async def understand(self, raw: Any, *, now: datetime) -> Sequence[InboundMessage]:
        """One update as JSON. Raises DomainError `unreadable` and ServiceUnavailable."""
        username = await self._identity.username()
        try:
            update = Update.de_json(raw, None)
            return to_messages(update, account=self._account, username=username, now=now)
        except Exception:  # the library trusts what it reads: any shape that it does not know can raise anything
            raise DomainError("unreadable") from None


class Polling:
    """Updates by getUpdates, for where nobody can reach us: `fetch` gives what is new, and `confirm` says that it is kept."""

    def __init__(self, bot: Api, updates: Updates) -> None:
        self._bot = bot
        self._updates = updates
        self._offset = 0
        self._fetched = 0
        self._prepared = False

    async def fetch(self, *, now: datetime) -> Sequence[InboundMessage]:
        """Waits up to 25 seconds. Raises ServiceUnavailable; DomainError `taken_elsewhere` where another process polls or a webhook is set."""
        try:
            if not self._prepared:
                await self._bot.delete_webhook()
                self._prepared = True
            found = await self._bot.raw_updates(offset=self._offset, seconds=POLL_SECONDS, kinds=KINDS)
        except Conflict:
            self._prepared = False
            raise DomainError("taken_elsewhere") from None
        except TelegramError:
            raise ServiceUnavailable("telegram") from None
        messages: list[InboundMessage] = []
        for raw in found:
            self._fetched = max(self._fetched, int(raw["update_id"]) + 1)
            try:
                messages += await self._updates.understand(raw, now=now)
            except DomainError:
                continue  # never readable: it must not be in the way of the others
        return messages

    def confirm(self) -> None:
        """What was fetched is stored: Telegram hears so with the next question, and may forget it."""
        self._offset = self._fetched
