"""Hands the days that are due of what repeats to the inbox, which answers each once, as if they were said in their chats. Posts nothing itself."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from bot.conversation.handlers.occurrences import message_of
from bot.jobs.chats import silent_since
from bot.log import log
from core.db import inbox
from core.db.session import UnitOfWork
from core.ports import Channel
from core.services import recurring


class RepeatingBills:
    """`hand_over` is the work of a job. `channels`: whose word is worth how much."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    async def hand_over(self, uow: UnitOfWork, now: datetime) -> bool:
        """The days are claimed and their messages stored in one commit, so that no other scheduler does it too. Whether more is due."""
        found, more = await recurring.take_due(uow, now=now, silent=silent_since(self._channels, now=now))
        incoming = [inbox.prepare(uow.keys, message_of(due, now=now), trace_id=secrets.token_hex(8), now=now) for due in found]
        if incoming:
            await uow.flush()
            await inbox.store(uow, incoming, await inbox.find_conversations(uow, incoming))
            log.info("days due", job="repeating_bills", count=sum(len(due.days) for due in found))
        return more
