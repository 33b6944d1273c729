"""What members still have to pay each other by the plan, and the one payment through which each of them does. Books nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.db import payments as rows
from core.db.payments import Payment
from core.db.session import UnitOfWork
from core.domain.money import Money
from core.domain.payments.states import State
from core.services import payments
from core.services.plans import plans

_UNSAID = (State.PROPOSED, State.LINK_SENT, State.DECLINED)  # nobody says of these that they are paid


@dataclass(frozen=True, slots=True)
class Due:
    """`sender` still has to pay `receiver` the `amount`, which may be nothing: what they call paid is taken off, though nobody has confirmed it."""

    book_id: UUID
    sender: UUID
    receiver: UUID
    amount: Money


async def dues(uow: UnitOfWork, book_id: UUID) -> list[Due]:
    """One for each transfer of the plan of a loaded book."""
    waiting = await rows.open_in(uow, book_id)
    found = []
    for plan in (await plans(uow, book_id)).values():
        for move in plan.transfers:
            between = _between(uow, waiting, book_id, sender=move.sender, receiver=move.receiver, currency=move.amount.currency)
            said = sum(payment.amount.minor for payment in between if payment.state is State.PAYER_SAYS_PAID)
            found.append(Due(book_id, move.sender, move.receiver, Money(max(0, move.amount.minor - said), move.amount.currency)))
    return found


async def payment_for(uow: UnitOfWork, due: Due, *, now: datetime) -> tuple[Payment, Payment | None]:
    """The payment of what is due (the open one where there is one), and the one of another amount whose place it takes. The book is locked."""
    called_off = await call_off(
        uow, due.book_id, sender=due.sender, receiver=due.receiver, currency=due.amount.currency, but=due.amount, by=due.sender, now=now
    )
    payment = await payments.propose(uow, due.book_id, sender=due.sender, receiver=due.receiver, amount=due.amount, now=now)
    return payment, called_off[-1] if called_off else None


async def call_off(
    uow: UnitOfWork, book_id: UUID, *, sender: UUID, receiver: UUID, currency: str | None, by: UUID, now: datetime, but: Money | None = None
) -> list[Payment]:
    """End the payments between two of which nobody says that they are paid, but those of one amount: they are of a debt that is another now."""
    waiting = await rows.open_in(uow, book_id)
    gone = []
    for payment in _between(uow, waiting, book_id, sender=sender, receiver=receiver, currency=currency):
        if payment.state in _UNSAID and payment.amount != but:
            gone.append(await payments.cancel(uow, payment, by=by, now=now))
    return gone


async def open_between(uow: UnitOfWork, book_id: UUID, *, sender: UUID, receiver: UUID) -> list[Payment]:
    """Payments from one to the other that may still be confirmed, oldest first."""
    return _between(uow, await rows.open_in(uow, book_id), book_id, sender=sender, receiver=receiver)


async def was_called_off(uow: UnitOfWork, book_id: UUID, *, sender: UUID, receiver: UUID, amount: Money) -> bool:
    """Whether the newest payment of the amount between two was called off: who had its link may have paid it all the same."""
    found = await rows.newest_alike(uow, book_id, sender=sender, receiver=receiver, amount=amount)
    return found is not None and found.state is State.CANCELLED


async def said_to(uow: UnitOfWork, book_id: UUID, receiver: UUID) -> list[Payment]:
    """Payments that their payers call paid and the receiver has not confirmed, oldest first."""
    book = uow.book(book_id)
    waiting = await rows.open_in(uow, book_id)
    return [each for each in waiting if each.state is State.PAYER_SAYS_PAID and book.first(book.member(each.receiver_id)).member_id == receiver]


def _between(
    uow: UnitOfWork, waiting: Iterable[Payment], book_id: UUID, *, sender: UUID, receiver: UUID, currency: str | None = None
) -> list[Payment]:
    book = uow.book(book_id)
    pair = (book.first(book.member(sender)), book.first(book.member(receiver)))
    return [
        payment
        for payment in waiting
        if (book.first(book.member(payment.sender_id)), book.first(book.member(payment.receiver_id))) == pair
        and currency in (None, payment.amount.currency)
    ]
