"""Loads all that is known of claimed messages, before their transaction and without locks: in a few statements for the whole batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from bot.conversation.turn import Conversation, EarlierEffect, PressedButton, Turn
from core.db.answers import Effect, message_hash
from core.db.bodies import decode_inbound
from core.db.conversations import StoredButton, decrypt_state, load_buttons, load_effects
from core.db.inbox import ClaimedMessage
from core.db.people import find_people, person_hash
from core.db.session import UnitOfWork
from core.domain.messages import Capabilities, ChatKind, InboundMessage
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
    buttons = await load_buttons(
        uow, [(each.claimed.conversation_id, each.message.button, each.claimed.data_key) for each in read if each.message.button]
    )
    people = await find_people(uow, {each.sender for each in read} | {digest for each in read for _, digest in each.mentioned})
    await uow.load_books({book for each in read for book in _books(each, people)}, lock=False)
    turns = {each.claimed.inbox_id: _turn(uow, each, effects, buttons, people, capabilities, now=now) for each in read}
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


def _books(read: _Read, people: Mapping[bytes, PersonProfile]) -> set[UUID]:
    """The chat's book; in a private chat also all of the sender's, which the text may name."""
    books = {read.claimed.book_id} if read.claimed.book_id else set()
    person = people.get(read.sender)
    if person is not None and read.message.chat_kind is ChatKind.PRIVATE:
        books |= {person.personal_book_id, *person.books}
    return books


def _turn(
    uow: UnitOfWork,
    read: _Read,
    effects: Mapping[tuple[UUID, bytes], Effect],
    buttons: Mapping[tuple[UUID, str], StoredButton],
    people: Mapping[bytes, PersonProfile],
    capabilities: Mapping[str, Capabilities],
    *,
    now: datetime,
) -> Turn:
    claimed, message = read.claimed, read.message
    chat = claimed.conversation_id
    return Turn(
        inbox_id=claimed.inbox_id,
        key=claimed.key,
        trace_id=claimed.trace_id,
        message=message,
        capabilities=capabilities.get(claimed.channel, Capabilities()),
        conversation=Conversation(chat, claimed.book_id, decrypt_state(uow.keys, claimed.data_key, claimed.state)),
        sender=people.get(read.sender),
        books={book: uow.book(book) for book in _books(read, people) if _loaded(uow, book)},
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
