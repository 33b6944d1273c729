"""Loads all that is known of claimed messages, before their transaction and without locks: in a few statements for the whole batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.conversation.numbers import may_press, meant
from bot.conversation.turn import Conversation, EarlierEffect, PressedButton, Turn
from core.db.answers import Effect, message_hash
from core.db.bodies import decode_inbound
from core.db.choices import Wanted, load_offered
from core.db.conversations import StoredButton, decrypt_state, load_buttons, load_effects
from core.db.inbox import ClaimedMessage
from core.db.people import find_people, person_hash
from core.db.session import UnitOfWork
from core.domain.messages import Capabilities, ChatKind, InboundKind, InboundMessage
from core.domain.people import PersonProfile


@dataclass(frozen=True, slots=True)
class _Read:
    """A claimed message with its decrypted body and the hashes under which its context is found."""

    claimed: ClaimedMessage
    message: InboundMessage
    sender: bytes
    own: bytes
    replied: bytes | None
    mentioned: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class _Sender:
    """Who wrote, as far as it is known; `recycled`: the address may have changed hands since this person wrote from it."""

    person: PersonProfile | None
    recycled: bool


async def load_turns(
    uow: UnitOfWork, claimed: Sequence[ClaimedMessage], *, capabilities: Mapping[str, Capabilities], now: datetime
) -> tuple[dict[UUID, Turn], dict[UUID, Exception]]:
    """Turns by inbox id, and the messages whose body cannot be read. `uow` is only read from."""
    read: list[_Read] = []
    unreadable: dict[UUID, Exception] = {}
    for each in claimed:
        try:
            read.append(_read(uow, each))
        except Exception as error:  # a damaged body must not hold up the others
            unreadable[each.inbox_id] = error
    chats = [each.claimed.conversation_id for each in read]
    effects = await load_effects(
        uow.connection,
        [(chat, each.own) for chat, each in zip(chats, read, strict=True)]
        + [(each.claimed.conversation_id, each.replied) for each in read if each.replied],
    )
    people = await find_people(uow, {each.sender for each in read} | {digest for each in read for _, digest in each.mentioned})
    senders = {
        each.claimed.inbox_id: _sender(
            people.get(each.sender), capabilities.get(each.claimed.channel), private=each.message.chat_kind is ChatKind.PRIVATE, now=now
        )
        for each in read
    }
    recycled = {each for each, sender in senders.items() if sender.recycled}
    read = await _with_presses(uow, read, effects, capabilities, recycled, now=now)
    buttons = await load_buttons(
        uow, [(each.claimed.conversation_id, each.message.button, each.claimed.data_key) for each in read if each.message.button]
    )
    await uow.load_books({book for each in read for book in _books(each, senders[each.claimed.inbox_id])}, lock=False)
    turns = {
        each.claimed.inbox_id: _turn(uow, each, effects, buttons, people, senders[each.claimed.inbox_id], capabilities, now=now) for each in read
    }
    return turns, unreadable


def _read(uow: UnitOfWork, claimed: ClaimedMessage) -> _Read:
    assert claimed.body is not None, "who has no body is not read"
    message = decode_inbound(uow.keys.decrypt(None, claimed.body))
    return _Read(
        claimed=claimed,
        message=message,
        sender=person_hash(uow.keys, message.address, message.sender.user),
        own=message_hash(uow.keys, claimed.conversation_id, message.message_id),
        replied=message_hash(uow.keys, claimed.conversation_id, message.reply_to) if message.reply_to else None,
        mentioned=tuple((person.name, person_hash(uow.keys, message.address, person.user)) for person in message.mentions if person.user),
    )


def _sender(person: PersonProfile | None, capabilities: Capabilities | None, *, private: bool, now: datetime) -> _Sender:
    days = capabilities.recycled_days if capabilities is not None else None
    seen = person.sighting if person is not None else None
    return _Sender(person, days is not None and seen is not None and private and now - seen.wrote_at >= timedelta(days=days))


async def _with_presses(
    uow: UnitOfWork,
    read: Sequence[_Read],
    effects: Mapping[tuple[UUID, bytes], Effect],
    capabilities: Mapping[str, Capabilities],
    recycled: set[UUID],
    *,
    now: datetime,
) -> list[_Read]:
    """Where choices are numbers, the messages that press one become presses; from then on nothing tells them from a pressed button.

    Nothing was offered to who may be another by now (`recycled`: by inbox id).
    """
    wanted: dict[UUID, Wanted] = {}
    for each in read:
        claimed = each.claimed
        state = decrypt_state(uow.keys, claimed.data_key, claimed.state)
        if claimed.inbox_id not in recycled and may_press(each.message, capabilities.get(claimed.channel, Capabilities()), state):
            quoted = effects.get((claimed.conversation_id, each.replied)) if each.replied else None
            wanted[claimed.conversation_id] = Wanted(claimed.data_key, quoted.outbox_id if quoted else None)
    offered = await load_offered(uow, wanted, now=now)
    pressed = []
    for each in read:
        found = offered.get(each.claimed.conversation_id)
        button = meant(each.message, found.choices, found.live) if found else each.message.button
        if each.claimed.conversation_id in wanted and button is not None:
            reply_to = found.platform_id if found else each.message.reply_to
            each = replace(each, message=replace(each.message, kind=InboundKind.BUTTON, button=button, reply_to=reply_to, text=""))
        pressed.append(each)
    return pressed


def _books(read: _Read, sender: _Sender) -> set[UUID]:
    """The chat's book; in a private chat also all of the sender's, which the text may name. Nothing of a person who may be another by now."""
    if sender.recycled:
        return set()
    books = {read.claimed.book_id} if read.claimed.book_id else set()
    if sender.person is not None and read.message.chat_kind is ChatKind.PRIVATE:
        books |= {sender.person.personal_book_id, *sender.person.books}
    return books


def _turn(
    uow: UnitOfWork,
    read: _Read,
    effects: Mapping[tuple[UUID, bytes], Effect],
    buttons: Mapping[tuple[UUID, str], StoredButton],
    people: Mapping[bytes, PersonProfile],
    sender: _Sender,
    capabilities: Mapping[str, Capabilities],
    *,
    now: datetime,
) -> Turn:
    claimed, message = read.claimed, read.message
    chat = claimed.conversation_id
    common: dict[str, Any] = {
        "inbox_id": claimed.inbox_id,
        "key": claimed.key,
        "trace_id": claimed.trace_id,
        "message": message,
        "capabilities": capabilities.get(claimed.channel, Capabilities()),
        "channels": capabilities,
    }
    if sender.recycled and sender.person is not None:  # nothing that was said here before reaches the conversation
        return Turn(**common, conversation=Conversation(chat, None, {}), sender=None, books={}, recycled_from=sender.person.person_id)
    return Turn(
        **common,
        conversation=Conversation(chat, claimed.book_id, decrypt_state(uow.keys, claimed.data_key, claimed.state)),
        sender=sender.person,
        books={book: uow.book(book) for book in _books(read, sender) if _loaded(uow, book)},
        own=_earlier(effects.get((chat, read.own))),
        replied_to=_earlier(effects.get((chat, read.replied))) if read.replied else None,
        button=_pressed(message.button, buttons.get((chat, message.button)), now=now) if message.button else None,
        mentioned=tuple((name, people[digest].person_id) for name, digest in read.mentioned if digest in people),
    )


def _loaded(uow: UnitOfWork, book_id: UUID) -> bool:
    try:
        uow.book(book_id)
    except KeyError:
        return False
    return True


def _earlier(effect: Effect | None) -> EarlierEffect | None:
    return EarlierEffect(effect.version, effect.book_id, effect.bill_ids, effect.outbox_id) if effect else None


def _pressed(button_id: str, row: StoredButton | None, *, now: datetime) -> PressedButton | None:
    if row is None:
        return None
    return PressedButton(button_id, row.outbox_id, row.person_ids, row.action, expired=row.expires_at < now, used=row.used)
