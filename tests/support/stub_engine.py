"""A conversation of one idea, for tests of the machinery: every message is an expense of 1.00 and is answered with its own id."""

from __future__ import annotations

from datetime import datetime

from bot.conversation.intents import Nothing, Understanding
from bot.conversation.turn import Button, Outcome, Reply, Turn
from core.db.ids import new_id
from core.db.people import create_person
from core.db.session import UnitOfWork
from core.domain.ledger import EntryKind, JournalEntry, Posting, Role
from core.domain.messages import ChatAddress
from core.domain.money import Money


class StubEngine:
    """Texts: "poison" fails for ever, "button" is answered with one, "notify" by a notification, anything else is an expense."""

    async def understand(self, turn: Turn, *, now: datetime) -> Understanding:
        return Understanding(Nothing(), rule="stub")

    async def respond(self, uow: UnitOfWork, turn: Turn, understood: Understanding, *, now: datetime) -> Outcome:
        if turn.message.text == "poison":
            raise RuntimeError("poison")
        message = turn.message
        person = turn.sender
        if person is None:
            address = ChatAddress(message.address.channel, message.address.account, message.sender.user)
            person = await create_person(uow, sender=message.sender, address=address, language="en", time_zone=None, now=now)
        book_id = person.personal_book_id
        await uow.load_books([book_id])
        member = uow.book(book_id).member_of(person.person_id)
        assert member is not None, "a personal book has its person"
        entry = JournalEntry(
            book_id=book_id,
            entry_id=new_id(),
            bill_id=new_id(),
            kind=EntryKind.EXPENSE,
            occurred_on=message.sent_at.date(),
            recorded_at=now,
            actor_id=member.member_id,
            reason="recorded",
            effect_key=turn.key,
            postings=(
                Posting(member.member_id, Role.PAID, Money(100, "EUR")),
                Posting(member.member_id, Role.SHARE, Money(-100, "EUR")),
            ),
            description=f"{message.address.chat}:{message.message_id}",
            category="other",
            author_id=person.person_id,
        )
        uow.post(entry)
        seen = turn.conversation.state.get("seen", 0)
        assert isinstance(seen, int)
        buttons = (Button("Undo", {"do": "undo"}),) if message.text == "button" else ()
        reply = Reply(
            f"noted {message.message_id}",
            buttons=buttons,
            book_id=book_id,
            bill_ids=(entry.bill_id,),
            edits=turn.own.outbox_id if turn.own else None,
            urgency="notification" if message.text == "notify" else "reply",
        )
        return Outcome("expense", (reply,), book_id=book_id, bill_ids=(entry.bill_id,), state={"seen": seen + 1}, chat_book_id=book_id)

    def apology(self, turn: Turn) -> Reply:
        return Reply(f"sorry {turn.message.message_id}")

    def slow_down(self, turn: Turn) -> Reply:
        return Reply("slow down")
