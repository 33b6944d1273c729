"""What a handler works with: the people, the book and the unit of work of one message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.intents import Elsewhere, GroupView
from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Button, Reply, Turn
from core.db.session import UnitOfWork
from core.domain.categories import OTHER
from core.domain.messages import ChatKind, Document, Pin, ShownReceipt
from core.domain.payments.rails import Rail
from core.domain.people import Book, BookKind, Member, PersonProfile
from core.domain.reminders import after_quiet
from core.errors import DomainError
from core.ports import CalendarWriter, ExportWriter, RateHistory
from core.services.bills import Effects


@dataclass(frozen=True, slots=True)
class News:
    """What others are to be told of a shared book: `text` and `buttons` as each of them sees it."""

    book_id: UUID
    text: Callable[[Scene], Awaitable[str]]
    buttons: Callable[[Scene], tuple[Button, ...]] = lambda _view: ()
    about: UUID | None = None
    signed: bool = True  # begins with who did it; not where the text says that itself
    names_book: bool = False
    card: dict[str, Any] | None = None  # the receipt that their next words may be about


@dataclass(slots=True)
class Scene:
    """One message on stage. `book` is the book in which it acts; `home` the chat's own book.

    `state` is the conversation's JSON, changed in place; `replies`, `bill_ids`, `news` collect what came of the message.
    `reader` and `to_group` are set while it is told to somebody else: a member alone, or a whole group. `verified`: a code was sent back.
    """

    uow: UnitOfWork
    turn: Turn
    now: datetime
    person: PersonProfile
    book_id: UUID
    home_id: UUID
    voice: Voice
    effects: Effects
    state: dict[str, Any]
    replies: list[Reply] = field(default_factory=list)
    bill_ids: list[UUID] = field(default_factory=list)
    used_button: str | None = None
    aimed_at: UUID | None = None  # the bill that a question of ours named
    news: list[News] = field(default_factory=list)
    reader: Member | None = None
    to_group: bool = False
    verified: bool = False
    view: GroupView | None = None
    address: str = ""  # where our own pages are
    pay_links: frozenset[Rail] = frozenset()  # the wallets whose links may be opened
    reads: bool = False  # photos of receipts are read here
    receipt_waits: bool = False  # this message brought one
    elsewhere: Elsewhere | None = None  # it named the group in which it acts
    writer: ExportWriter | None = None  # makes files of a book
    calendars: CalendarWriter | None = None  # makes files of what repeats
    rates: RateHistory | None = None  # exchange rates that came along

    @property
    def book(self) -> Book:
        return self.uow.book(self.book_id)

    @property
    def me(self) -> Member:
        """The sender's position in the book."""
        member = self.book.member_of(self.person.person_id)
        if member is None:
            raise DomainError("not_a_member", book=self.book.name)
        return member

    @property
    def you(self) -> UUID | None:
        """The position of the one who reads this; None where it is a whole group."""
        if self.to_group:
            return None
        return (self.reader or self.me).member_id

    @property
    def chat_id(self) -> UUID:
        return self.turn.conversation.conversation_id

    @property
    def own_books(self) -> list[UUID]:
        """The books that are read together at home: the sender's own, and those of channels linked since. Elsewhere the book at hand alone."""
        if self.in_group or self.book_id != self.home_id or self.shared:
            return [self.book_id]
        linked = [book for book in self.person.books if book != self.home_id and book in self.turn.books]
        return [self.home_id, *(book for book in linked if self.turn.books[book].kind is BookKind.PERSONAL)]

    @property
    def said(self) -> str:
        """The message's text, without the group that it names."""
        return self.elsewhere.text if self.elsewhere is not None else self.turn.message.text

    @property
    def in_group(self) -> bool:
        return self.turn.message.chat_kind is ChatKind.GROUP

    @property
    def shared(self) -> bool:
        """Whether the book is one that others see, whatever chat the message came from."""
        return self.book.kind is not BookKind.PERSONAL

    @property
    def quiet_until(self) -> datetime | None:
        """When the quiet hours of the book end; None where it is not quiet now."""
        hours, zone = self.book.rules.quiet, ZoneInfo(self.book.time_zone)
        quiet = hours is not None and self.book.rules.is_quiet(self.now.astimezone(zone).time())
        return after_quiet(self.now, hours, zone=zone) if quiet and hours is not None else None

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.person.time_zone or self.book.time_zone)).date()

    @property
    def book_today(self) -> date:
        """What belongs to a group has the same day for everybody: that of the group's zone."""
        return self.now.astimezone(ZoneInfo(self.book.time_zone)).date() if self.shared else self.today

    def seen_by(self, reader: Member | None, *, book_id: UUID, voice: Voice) -> Scene:
        """The same scene as it is told to another member alone, or (None) to the group's own chat."""
        home = self.person.personal_book_id if reader is not None else book_id
        return replace(self, reader=reader, to_group=reader is None, book_id=book_id, home_id=home, voice=voice, replies=[], bill_ids=[], news=[])

    async def move_to(self, book_id: UUID) -> None:
        """Act in another of the sender's books. Raises DomainError `not_a_member`."""
        await self.uow.load_books([book_id])
        self.book_id = book_id
        self.effects.actor_id = self.me.member_id

    def say(self, code: str, /, **params: object) -> str:
        return self.voice.say(code, **params)

    def category(self, code: str | None) -> str:
        """What the book calls a category."""
        return self.voice.category(self.book.categories.get(code or OTHER))

    def refusal(self, problem: DomainError) -> str:
        """Why something is not done."""
        if not self.voice.has(problem.code):
            return self.say("error")
        shown = {name: [self.voice.name(each) for each in value] if isinstance(value, list) else value for name, value in problem.params.items()}
        return self.say(problem.code, **shown)

    def reply(
        self,
        text: str,
        *buttons: Button,
        about: UUID | None = None,
        edits: UUID | None = None,
        toast: bool = False,
        to: UUID | None = None,
        urgency: str = "reply",
        receipt: ShownReceipt | None = None,
        documents: tuple[Document, ...] = (),
        not_before: datetime | None = None,
        pin: Pin | None = None,
        letter_id: UUID | None = None,
    ) -> None:
        """Add one reply; `about` is the bill that it speaks of, so that answers to it find their target; `receipt` may be shown beside it."""
        self.replies.append(
            Reply(
                text=text,
                buttons=buttons,
                conversation_id=to,
                edits=edits,
                toast=toast,
                book_id=self.book_id,
                bill_ids=(about,) if about else (),
                urgency=urgency,
                language=self.voice.language,
                receipt=receipt,
                documents=documents,
                not_before=not_before,
                pin=pin,
                letter_id=letter_id,
            )
        )

    def react_instead(self, emoji: str) -> None:
        """Let the last reply be a reaction to the message; its words are for chats that allow none."""
        self.replies[-1] = replace(self.replies[-1], reaction=emoji)

    def add_button(self, button: Button, *, edits: UUID | None) -> None:
        """Under the last reply, which may replace an earlier message of ours."""
        self.replies[-1] = replace(self.replies[-1], buttons=(*self.replies[-1].buttons, button), edits=edits)

    def edit_last(self, outbox_id: UUID) -> None:
        """Let the last reply replace an earlier message of ours, such as the question it answers."""
        self.replies[-1] = replace(self.replies[-1], edits=outbox_id)

    def reply_file(self, text: str, document: Document, *, about: UUID | None = None) -> None:
        self.replies.append(Reply(text=text, documents=(document,), book_id=self.book_id, bill_ids=(about,) if about else ()))

    def first(self, member_id: UUID) -> UUID:
        """The position through which a member acts: of somebody who is in the book twice, the first."""
        return self.book.first(self.book.member(member_id)).member_id

    def name(self, member_id: UUID) -> str:
        return self.voice.name(self.book.member(self.first(member_id)).name)

    def you_or_name(self, member_id: UUID, *, you: str = "you") -> str:
        return self.say(you) if self.first(member_id) == self.you else self.name(member_id)
