"""Turns an outcome into rows: letters for the outbox, their buttons, and what the message led to. Pure but for the random button ids."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from bot.conversation.turn import Outcome, Reply, Turn
from core.db.answers import ButtonRow, Effect, Letter, message_hash
from core.db.crypto import Keys
from core.db.ids import new_id
from core.domain.messages import ChatAddress, ChatKind, Choice, InboundKind, OutboundMessage

BUTTONS_LAST = timedelta(days=30)
_AT_ANY_HOUR = ("safety", "asked")
VERSIONED = (InboundKind.TEXT, InboundKind.PHOTO, InboundKind.EDIT)


def letters_of(turn: Turn, replies: Sequence[Reply], *, keys: Keys, now: datetime) -> list[Letter]:
    """One letter a reply. The dedupe key is the message's key, the number of the effect and the recipient."""
    letters = [_letter(turn, reply, number, keys=keys, now=now) for number, reply in enumerate(replies)]
    if turn.message.kind is InboundKind.BUTTON and turn.capabilities.answers_presses and not any(reply.toast for reply in replies):
        nothing_to_say = Reply(text="", toast=True)  # the button waits for an answer: before the message, which may take its time
        letters.insert(0, _letter(turn, nothing_to_say, len(replies), keys=keys, now=now))
    return letters


def _letter(turn: Turn, reply: Reply, number: int, *, keys: Keys, now: datetime) -> Letter:
    conversation_id = reply.conversation_id or turn.conversation.conversation_id
    here = conversation_id == turn.conversation.conversation_id
    buttons = _rows(reply, now=now)
    assert reply.urgency in ("reply", "notification", *_AT_ANY_HOUR), "a letter is a reply or a notification, of which some come at any hour"
    return Letter(
        letter_id=reply.letter_id or new_id(),
        conversation_id=conversation_id,
        dedupe_key=keys.digest("letter", turn.key.hex(), str(number), conversation_id.hex),
        urgency="reply" if reply.urgency == "reply" else "notification",
        message=OutboundMessage(
            address=turn.message.address,  # not stored: the conversation has its own
            text=reply.text,
            choices=tuple(Choice(row.button_id, row.label) for row in buttons),
            reply_to=_quoted(turn, reply) if here else None,
            toast=reply.toast,
            to_press=turn.message.message_id if here and turn.message.kind is InboundKind.BUTTON else None,
            documents=reply.documents,
            thread=turn.message.thread if here else None,
            reaction=reply.reaction,
            notice=reply.urgency != "reply",
            language=reply.language if reply.urgency != "reply" else "",
            receipt=reply.receipt,
            pin=reply.pin,
            good_until=reply.good_until,
        ),
        trace_id=turn.trace_id,
        due=reply.not_before,
        at_any_hour=reply.urgency in _AT_ANY_HOUR,
        edits=reply.edits,
        book_id=reply.book_id,
        bill_ids=reply.bill_ids,
        buttons=buttons,
    )


def notice_of(reply: Reply, *, conversation_id: UUID, key: bytes, trace_id: str, now: datetime, thread: str | None = None) -> Letter:
    """A letter that no message called for, into a chat (its topic `thread`) of its own accord. `key`: the same again is not posted."""
    buttons = _rows(reply, now=now)
    return Letter(
        letter_id=new_id(),
        conversation_id=conversation_id,
        dedupe_key=key,
        urgency="notification",
        message=OutboundMessage(
            address=ChatAddress("", "", ""),  # not stored: the conversation has its own
            text=reply.text,
            choices=tuple(Choice(row.button_id, row.label) for row in buttons),
            documents=reply.documents,
            thread=thread,
            notice=True,
            language=reply.language,
            pin=reply.pin,
            good_until=reply.good_until,
        ),
        trace_id=trace_id,
        due=reply.not_before,
        edits=reply.edits,
        book_id=reply.book_id,
        bill_ids=reply.bill_ids,
        buttons=buttons,
    )


def _rows(reply: Reply, *, now: datetime) -> tuple[ButtonRow, ...]:
    return tuple(ButtonRow(secrets.token_urlsafe(16), each.label, each.action, each.person_ids, now + BUTTONS_LAST) for each in reply.buttons)


def _quoted(turn: Turn, reply: Reply) -> str | None:
    """In a group an answer quotes the message it answers; between two it is clear."""
    if turn.message.chat_kind is not ChatKind.GROUP or turn.message.kind not in VERSIONED or reply.edits or reply.toast:
        return None
    return turn.message.message_id


def effect_of(turn: Turn, outcome: Outcome, letters: Sequence[Letter], *, keys: Keys) -> Effect | None:
    """What the message led to, by its newest version; None for presses, reactions and comings and goings, which have no versions."""
    read = turn.message.kind is InboundKind.RECEIPT  # under its photo's id: what came of it is the photo's effect
    if turn.message.kind not in VERSIONED and not (read and (outcome.bill_ids or not (turn.own and turn.own.bill_ids))):
        return None
    conversation_id: UUID = turn.conversation.conversation_id
    answer = next((letter for letter in letters if letter.conversation_id == conversation_id and not letter.message.toast), None)
    return Effect(
        message_hash=message_hash(keys, conversation_id, turn.message.message_id),
        version=turn.own.version if read and turn.own is not None else turn.message.version,
        book_id=outcome.book_id,
        bill_ids=outcome.bill_ids,
        outbox_id=answer.letter_id if answer else None,
    )


def superseded(turn: Turn) -> bool:
    """A newer version of this message was answered already: this one changes nothing."""
    return turn.message.kind in VERSIONED and turn.own is not None and turn.own.version > turn.message.version
