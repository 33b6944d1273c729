"""Looks after mailboxes: who gave an address that no server knows is told so once, in the chat; addresses that were given up are shredded,
and codes of yesterday."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime

from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Reply
from bot.jobs.chats import own_chats, place
from bot.letters import notice_of
from bot.log import log
from core.db import mailboxes
from core.db.answers import post_letters
from core.db.mailboxes import Refused
from core.db.session import UnitOfWork
from core.ports import Channel

AT_ONCE = 20


class Mailboxes:
    """`look_after` is the work of a job. `channels`: what each can show."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels

    async def look_after(self, uow: UnitOfWork, now: datetime) -> None:
        """Each is told once: that they were is the same commit as the letter."""
        for refused in await mailboxes.take_refused(uow, limit=AT_ONCE, now=now):
            await self._tell(uow, refused, now=now)
        await mailboxes.shred_left(uow, limit=AT_ONCE)
        await mailboxes.purge_codes(uow, now=now)

    async def _tell(self, uow: UnitOfWork, refused: Refused, *, now: datetime) -> None:
        """Where they are written to; nobody where nothing may be said there."""
        there = await place(uow, self._channels, await own_chats(uow, self._channels, refused.person_id, now=now))
        if there is None:
            return
        voice = Voice(there.reader.language, plain=not self._channels[there.reader.channel].capabilities.emoji)
        chat, trace_id = there.reader.conversation_id, secrets.token_hex(8)
        reply = Reply(voice.say("mail_failed", address=refused.address), urgency="notification", language=voice.language)
        key = uow.keys.digest("mail refused", chat.hex, now.isoformat())
        letter = notice_of(reply, conversation_id=chat, key=key, trace_id=trace_id, now=now)
        uow.queue(lambda connection: post_letters(connection, uow.keys, [letter], {chat: there.data_key}, now=now))
        log.info("address refused", job="mailboxes", trace_id=trace_id)
