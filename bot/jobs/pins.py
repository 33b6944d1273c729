"""Renews the pinned balances of groups, each at most so often, by editing the message that shows them."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from bot.conversation.handlers.pins import shown
from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Reply
from bot.jobs.batches import one_by_one
from bot.letters import notice_of
from core.db import pins
from core.db.answers import post_letters
from core.db.ids import new_id
from core.db.pins import Pinned
from core.db.session import UnitOfWork
from core.domain.messages import Pin
from core.services import plans

AT_ONCE = 50
EVERY = timedelta(seconds=30)


async def renew(uow: UnitOfWork, now: datetime) -> None:
    """The work of a job: the letter and the note that it was written are one commit."""
    found = await pins.stale(uow, shown_before=now - EVERY, limit=AT_ONCE)
    await uow.load_books([pinned.book_id for pinned in found], lock=False)
    await one_by_one(uow, found, lambda pinned: _renew(uow, pinned, now=now), job="pinned_balances")


async def _renew(uow: UnitOfWork, pinned: Pinned, *, now: datetime) -> None:
    book = uow.book(pinned.book_id)
    made = await plans.plans(uow, pinned.book_id)
    text = shown(Voice(book.language), book, [move for plan in made.values() for move in plan.transfers])
    words = pins.words_of(uow, text)
    if words == pinned.words:
        await pins.fresh(uow, pinned.book_id)
        return
    reply = Reply(text=text, edits=pinned.outbox_id, pin=Pin.UP, book_id=pinned.book_id, urgency="notification")
    key = uow.keys.digest("pinned balance", pinned.book_id.hex, new_id().hex)
    letter = notice_of(reply, conversation_id=pinned.conversation_id, key=key, trace_id=secrets.token_hex(8), now=now)
    await pins.put(uow, replace(pinned, outbox_id=letter.letter_id, words=words), now=now)
    uow.queue(lambda connection: post_letters(connection, uow.keys, [letter], {}, now=now))
