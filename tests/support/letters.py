"""Puts letters into the outbox without a conversation: for tests of sending."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from core.db import answers, inbox
from core.db.ids import new_id
from core.db.session import Database
from core.domain.messages import ChatAddress, ChatKind, Choice, OutboundMessage
from tests.support.running import message


async def chat(database: Database, name: str, *, channel: str = "fake", group: bool = False, now: datetime) -> UUID:
    """The conversation of that name, whose people have just written."""
    kind = ChatKind.GROUP if group else ChatKind.PRIVATE
    first = message(name, 1, address=ChatAddress(channel, "", name), chat_kind=kind)
    async with database.unit_of_work() as uow:
        incoming = inbox.prepare(uow.keys, first, trace_id="t", now=now)
        conversation_id = (await inbox.find_conversations(uow, [incoming]))[incoming.address_hash]
        await uow.connection.execute("UPDATE conversations SET heard_at = $2 WHERE id = $1", conversation_id, now)
        return conversation_id


def letter(
    conversation_id: UUID, text: str, *, edits: UUID | None = None, toast: bool = False, notification: bool = False, button: str = ""
) -> answers.Letter:
    buttons = (answers.ButtonRow(button, "Press", {"do": text}, (), datetime.max.replace(year=2030).astimezone()),) if button else ()
    return answers.Letter(
        letter_id=new_id(),
        conversation_id=conversation_id,
        dedupe_key=secrets.token_bytes(16),
        urgency="notification" if notification else "reply",
        message=OutboundMessage(ChatAddress("", "", ""), text, choices=(Choice(button, "Press"),) if button else (), toast=toast),
        trace_id="t",
        edits=edits,
        buttons=buttons,
    )


async def post(database: Database, letters: Sequence[answers.Letter], *, now: datetime) -> None:
    async with database.unit_of_work() as uow:
        await answers.post_letters(uow.connection, uow.keys, letters, {}, now=now)
