"""What a private chat says in one of the sender's groups ("in Lisbon: settle"): the rest of the text, read as if it were written there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bot.conversation.hearing import book_at_hand, parse_context
from bot.conversation.intents import (
    BankAlert,
    Command,
    DivideReceipt,
    Elsewhere,
    Intent,
    Nothing,
    Query,
    Question,
    RecordExpenses,
    RecordSettlement,
    TakeBack,
    Understanding,
)
from bot.conversation.parsing import parse, placed
from bot.conversation.parsing.places import Placed
from bot.conversation.policies import RIGHTS
from bot.conversation.turn import Turn
from core.domain.messages import ChatKind, InboundKind
from core.domain.people import Book, BookKind, name_key

SEVERAL_ALIKE = "which_group"


def read_there(turn: Turn, alone: Understanding, *, now: datetime) -> Understanding | None:
    """The meaning of a text that names a group first, or asks and orders something "in Lisbon"; None where it names none.

    `alone`: its meaning in the chat itself. Of several groups of that name it is asked which one.
    """
    if turn.message.chat_kind is not ChatKind.PRIVATE or not any(book.kind is not BookKind.PERSONAL for book in turn.books.values()):
        return None
    if isinstance(alone.intent, Command) and alone.intent.name == "enter_group":
        return _chosen(
            turn, [(book, replace(alone, elsewhere=Elsewhere(book.book_id, turn.message.text))) for book in _called(turn, alone.intent.slots["name"])]
        )
    said = placed(turn.message.text, parse_context(turn, now=now))
    if said is None:
        return None
    found = [(book, _read(turn, book, said, now=now)) for book in _called(turn, said.group)]
    meant = [(book, understood) for book, understood in found if understood is not None]
    return _chosen(turn, meant) if meant else None


def _called(turn: Turn, name: str) -> list[Book]:
    """The sender's groups of that name, the oldest first; those that they left, or that are closed, only where there is no other."""
    books = sorted(turn.books.values(), key=lambda book: book.book_id)  # ids grow with time
    named = [book for book in books if book.kind is not BookKind.PERSONAL and name_key(book.name) == name_key(name)]
    return [book for book in named if _is_in_use(turn, book)] or named


def _is_in_use(turn: Turn, book: Book) -> bool:
    mine = book.member_of(turn.sender.person_id) if turn.sender is not None else None
    return mine is not None and mine.active and not book.rules.archived


def _read(turn: Turn, book: Book, said: Placed, *, now: datetime) -> Understanding | None:
    """As in the group's own chat; what says nothing there (a bare number is none of ours) as in a chat of two."""
    here = parse_context(turn, now=now, book=book)
    readings = [parse(said.text, replace(here, chat="group")), parse(said.text, here)]
    understood = next((each for each in readings if not isinstance(each.intent, Nothing)), None) or next(
        (each for each in readings if each.question), None
    )
    if understood is None or not _fits(understood, said, here.members):
        return None
    if isinstance(understood.intent, Command) and RIGHTS[understood.intent.name] is None:
        return understood  # of the person, wherever it is said
    return replace(understood, elsewhere=Elsewhere(book.book_id, said.text))


def _fits(understood: Understanding, said: Placed, members: Iterable[str]) -> bool:
    """A place at the end may be the place itself: there it is the group of what is asked and ordered, and of payments between its people."""
    intent = understood.intent
    if isinstance(intent, BankAlert | DivideReceipt) or (isinstance(intent, Query | RecordExpenses) and intent.group):
        return False
    if said.first:
        return True
    if isinstance(intent, RecordSettlement):
        return not intent.unknown_people and {intent.sender, intent.receiver} <= {*members}
    last = isinstance(intent, TakeBack) and intent.target == "last"
    return understood.question is None and (last or isinstance(intent, Query | Command))


def _chosen(turn: Turn, meant: list[tuple[Book, Understanding]]) -> Understanding | None:
    """The one, or the question which one. What has a question of its own is said again once the group is chosen."""
    if len(meant) < 2:
        return meant[0][1] if meant else None
    labels = [_label(turn, book) for book, _ in meant]
    numbered = [label if labels.count(label) == 1 else f"{label} ({number})" for number, label in enumerate(labels, start=1)]
    options = tuple((label, _answer(book, understood)) for label, (book, understood) in zip(numbered, meant, strict=True))
    question = Question(SEVERAL_ALIKE, {"book": meant[0][0].name}, options, tuple(book.book_id for book, _ in meant))
    return replace(meant[0][1], intent=Nothing(SEVERAL_ALIKE), question=question, rule=SEVERAL_ALIKE, elsewhere=None)


def _answer(book: Book, understood: Understanding) -> Intent:
    return understood.intent if understood.question is None else Command("enter_group", {"name": book.name})


def _label(turn: Turn, book: Book, most: int = 3) -> str:
    """The group by who else is in it."""
    mine = turn.sender.person_id if turn.sender is not None else None
    names = [member.name for member in book.members if member.active and member.person_id != mine]
    return " · ".join([book.name, *([", ".join(names[:most]) + (", …" if len(names) > most else "")] if names else [])])


def asked_in(turn: Turn, pending: dict[str, object] | None) -> Book | None:
    """The group in which the open question was asked, where it is another than the chat's book."""
    book = turn.books.get(UUID(str(pending["book"]))) if pending is not None and "book" in pending and pending["kind"] == "question" else None
    return book if book is not None and book.kind is not BookKind.PERSONAL and book is not book_at_hand(turn) else None


def edited_in(turn: Turn) -> Book | None:
    """The group in which an earlier version of a private message recorded something: its newest version is about that too."""
    own = turn.own
    book = turn.books.get(own.book_id) if own is not None and own.bill_ids and own.book_id is not None else None
    private = turn.message.kind is InboundKind.EDIT and turn.message.chat_kind is ChatKind.PRIVATE
    return book if private and book is not None and book.kind is not BookKind.PERSONAL and book is not book_at_hand(turn) else None
