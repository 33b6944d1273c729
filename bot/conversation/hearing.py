"""What the parser may know when it reads a message: the book at hand, its people and words, and what was said last."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from bot.conversation import guesses
from bot.conversation.handlers import asking
from bot.conversation.intents import ParseContext
from bot.conversation.turn import Turn
from core.domain.messages import ChatKind
from core.domain.people import Book, BookKind, DefaultSplit


def parse_context(turn: Turn, *, now: datetime, book: Book | None = None) -> ParseContext:
    """What the parser may know: the book at hand (or the one given), its people, and what was said last."""
    message, sender = turn.message, turn.sender
    book = book or book_at_hand(turn)
    speaker = sender_name(turn)
    if book is not None and sender is not None and (mine := book.member_of(sender.person_id)) is not None:
        speaker = mine.name
    members = tuple(member.name for member in book.members if member.active) if book else ()
    told = guesses.known_zone(message.time_zone)
    zone = guesses.zone((sender.time_zone if sender else told) or (book.time_zone if book else told))
    said = turn.conversation.state.get("said", [])
    return ParseContext(
        now=message.sent_at.astimezone(zone) if message.sent_at.tzinfo else message.sent_at,
        speaker=speaker,
        members=members if speaker in members else (speaker, *members),
        aliases=aliases_in(book, turn) if book else {},
        handles={handle: book.first(member).name for member in book.members for handle in member.handles} if book else {},
        currency=book.currency if book else guesses.currency_of(message.language, message.time_zone),
        language=language_at_hand(turn),
        chat="group" if message.chat_kind is ChatKind.GROUP else "private",
        default_split="everyone" if (book.default_split is DefaultSplit.EVERYONE if book else message.chat_kind is ChatKind.GROUP) else "none",
        context=tuple(said) if isinstance(said, list) else (),
        sender=message.bank,
        groups=tuple(other.name for other in turn.books.values() if other.kind is not BookKind.PERSONAL),
        acquainted=acquainted(turn) if message.chat_kind is ChatKind.PRIVATE else (),
        categories=book.categories.named if book else (),
        asked=asking.is_fresh(
            turn.conversation.state, now, by=sender.person_id if sender is not None else None, in_group=message.chat_kind is ChatKind.GROUP
        ),
    )


def card_book(turn: Turn) -> Book | None:
    """The book of the receipt that was shown last, where it is another than the one at hand: a group whose members write from chats of their own."""
    card = turn.conversation.state.get("card")
    book = turn.books.get(UUID(card["book"])) if isinstance(card, dict) else None
    return book if book is not book_at_hand(turn) else None


def acquainted(turn: Turn) -> tuple[str, ...]:
    """The others in the sender's groups."""
    mine = turn.sender.person_id if turn.sender else None
    groups = [book for book in turn.books.values() if book.kind is not BookKind.PERSONAL]
    return tuple(dict.fromkeys(member.name for book in groups for member in book.members if member.active and member.person_id != mine))


def aliases_in(book: Book, turn: Turn) -> dict[str, str]:
    """Other names of members (somebody who is in the book twice: the second position's), and what this text calls whom it mentions by account."""
    found = {nickname: book.first(member).name for member in book.members for nickname in member.nicknames}
    found |= {member.name: book.first(member).name for member in book.members if member.also_person is not None or member.same_as is not None}
    for name, person_id in turn.mentioned:
        member = book.member_of(person_id)
        if member is not None and name:
            found[name] = member.name
    return found


def sender_name(turn: Turn) -> str:
    return turn.sender.name if turn.sender else (turn.message.sender.name.strip() or "me")


def book_at_hand(turn: Turn) -> Book | None:
    """The group that a private chat has entered, else the chat's own book."""
    entered = turn.conversation.state.get("entered")
    if isinstance(entered, str) and (book := turn.books.get(UUID(entered))) is not None:
        return book
    home = turn.conversation.message_book_id
    return turn.books.get(home) if home else None


def language_at_hand(turn: Turn) -> str | None:
    """In which the chat is answered so far: the group's, the sender's, or what the channel tells of a newcomer. None where it tells nothing."""
    book = book_at_hand(turn)
    if book is not None and turn.message.chat_kind is ChatKind.GROUP:
        return book.language
    return turn.sender.language if turn.sender else guesses.spoken(turn.message.language)
