"""Paying back by a link: from "here is how" to "it arrived". Only what the receiver (or their bank) confirms is booked, and once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from core.db import ledger, payment_methods, payments
from core.db.ids import new_id
from core.db.payments import Payment
from core.db.session import UnitOfWork
from core.domain.ledger import EntryKind, JournalEntry
from core.domain.money import Money
from core.domain.payments.methods import Kind, PaymentMethod
from core.domain.payments.rails import Offer, Rail, offers
from core.domain.payments.reference import reference_of
from core.domain.payments.states import Party, State, Step, after
from core.errors import DomainError
from core.services.bills import Effects, record_settlement


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page about a payment tells: the two names as the book has them, and the ways to pay, best first."""

    payment: Payment
    sender: str
    receiver: str
    offers: tuple[Offer, ...]


async def keep_method(uow: UnitOfWork, person_id: UUID, method: PaymentMethod, *, now: datetime) -> UUID:
    """Where the person can be paid from now on; its id. DomainError `too_many_methods`."""
    known = await payment_methods.of_person(uow, person_id)
    if len(known) >= payment_methods.METHODS_MOST and all((k.method.kind, k.method.account) != (method.kind, method.account) for k in known):
        raise DomainError("too_many_methods")
    return await payment_methods.add(uow, person_id, method, now=now)


async def forget_methods(uow: UnitOfWork, person_id: UUID, kind: Kind, *, service: str = "") -> list[PaymentMethod]:
    """The person is not paid there any more; what was forgotten. `service`: of accounts elsewhere, whose."""
    gone = [
        kept
        for kept in await payment_methods.of_person(uow, person_id)
        if kept.method.kind is kind and (not service or kept.method.account.partition("/")[0] == service)
    ]
    for kept in gone:
        await payment_methods.drop(uow, person_id, kept.method_id)
    return [kept.method for kept in gone]


async def methods_of(uow: UnitOfWork, person_id: UUID) -> list[PaymentMethod]:
    """Where the person can be paid, the newest first."""
    return [kept.method for kept in await payment_methods.of_person(uow, person_id)]


async def propose(uow: UnitOfWork, book_id: UUID, *, sender: UUID, receiver: UUID, amount: Money, now: datetime) -> Payment:
    """A payment that may be made. Nothing is booked.

    As long as one of the same amount between the same two is open it is that one, however far it is: the debt stands until it is confirmed, and who
    asks how to pay again must not pay twice. The book is loaded. Raises DomainError `zero_amount`, `negative_amount`, `same_person`.
    """
    if amount.minor <= 0:
        raise DomainError("negative_amount" if amount else "zero_amount")
    book = uow.book(book_id)
    paying, paid = book.first(book.member(sender)).member_id, book.first(book.member(receiver)).member_id
    if paying == paid:
        raise DomainError("same_person")
    known = await payments.open_alike(uow, book_id, sender=paying, receiver=paid, amount=amount)
    if known is not None:
        return known
    payment_id = new_id()
    payment = Payment(book_id, payment_id, reference_of(payment_id), paying, paid, amount, State.PROPOSED, now)
    await payments.insert(uow, payment)
    return payment


async def find(uow: UnitOfWork, book_id: UUID, payment_id: UUID) -> Payment:
    """One of a loaded book. DomainError `no_such_payment`, also where it is another book's."""
    payment = await payments.find(uow, book_id, payment_id)
    if payment is None:
        raise DomainError("no_such_payment")
    return payment


async def ways(uow: UnitOfWork, payment: Payment, *, links: Collection[Rail] = (), payer_country: str = "") -> tuple[Offer, ...]:
    """How the receiver can be paid this, best first; nothing where they never said. `links`: which wallets' links may be opened."""
    book = uow.book(payment.book_id)
    person_id = book.first(book.member(payment.receiver_id)).person_id
    kept = [] if person_id is None else await payment_methods.of_person(uow, person_id)
    return offers([each.method for each in kept], payment.amount, payment.reference, links=links, payer_country=payer_country)


async def show(uow: UnitOfWork, book_id: UUID, payment_id: UUID, *, links: Collection[Rail] = ()) -> Shown:
    """All that a page tells; ways to pay only while it may be paid. DomainError `no_such_payment`, also where one of the two was erased."""
    await uow.load_books([book_id], lock=False)
    payment = await find(uow, book_id, payment_id)
    book = uow.book(book_id)
    sender, receiver = book.member(payment.sender_id), book.member(payment.receiver_id)
    if sender.erased or receiver.erased:
        raise DomainError("no_such_payment")
    payable = payment.state in (State.PROPOSED, State.LINK_SENT, State.DECLINED)
    return Shown(payment, sender.name, receiver.name, await ways(uow, payment, links=links) if payable else ())


async def send_link(uow: UnitOfWork, payment: Payment, *, by: UUID, now: datetime, rail: Rail | None = None) -> Payment:
    """The payer was told how. `by`: a member; `rail`: the way that was chosen. Raises what `states.after` raises."""
    return await _step(uow, payment, Step.SEND_LINK, by=by, link_sent_at=now, closed_at=None, rail=rail or payment.rail)


async def say_paid(uow: UnitOfWork, payment: Payment, *, by: UUID, now: datetime) -> Payment:
    """The payer says that it is paid: the receiver is to be asked. Nothing is booked. Raises what `states.after` raises."""
    return await _step(uow, payment, Step.SAY_PAID, by=by, said_paid_at=now, closed_at=None)


async def decline(uow: UnitOfWork, payment: Payment, *, by: UUID, now: datetime) -> Payment:
    """The receiver says that it did not arrive; it may still. Raises what `states.after` raises."""
    return await _step(uow, payment, Step.DECLINE, by=by, closed_at=now)


async def cancel(uow: UnitOfWork, payment: Payment, *, by: UUID, now: datetime) -> Payment:
    """It is not going to be paid this way. Raises what `states.after` raises."""
    return await _step(uow, payment, Step.CANCEL, by=by, closed_at=now)


async def lapse(uow: UnitOfWork, payment: Payment, *, now: datetime) -> Payment:
    """Nobody has said a word of it for long: it waits for nobody any more, and nothing is booked. The book is locked. Raises as `states.after`."""
    payment = await find(uow, payment.book_id, payment.payment_id)
    lapsed = replace(payment, state=after(payment.state, Step.LAPSE, by=Party.TIME), closed_at=now)
    await payments.update(uow, lapsed)
    return lapsed


async def confirm(
    uow: UnitOfWork, payment: Payment, *, by: UUID | None, author_id: UUID | None = None, on: date, now: datetime, again: bool = False
) -> tuple[Payment, JournalEntry]:
    """It arrived: book the settlement, once, whoever says so how often. `by`: the receiver, or None for a line of their bank.

    The book is locked. Raises what `states.after` raises, and DomainError `payment_booked` (bill_id) where the same two have a settlement of this
    amount since: whether it is this one (see `attach`) or another (`again`) has to be asked.
    """
    payment = await find(uow, payment.book_id, payment.payment_id)  # as it is under the lock
    state = _after(uow, payment, Step.CONFIRM, by=by)
    if not again and (bill_id := await payments.booked_since(uow, payment)) is not None:
        raise DomainError("payment_booked", bill_id=bill_id)
    effects = Effects(uow.keys.digest("payment", payment.book_id.hex, payment.payment_id.hex), by, author_id)
    entry = record_settlement(
        uow, payment.book_id, sender=payment.sender_id, receiver=payment.receiver_id, amount=payment.amount, on=on, effects=effects, now=now
    )
    confirmed = replace(payment, state=state, closed_at=now, bill_id=entry.bill_id)
    await payments.update(uow, confirmed)
    return confirmed, entry


async def attach(uow: UnitOfWork, payment: Payment, bill_id: UUID, *, by: UUID | None, now: datetime) -> Payment:
    """It arrived and is booked already, as this settlement of theirs: nothing is booked again.

    Raises what `states.after` raises, and DomainError `no_such_payment` for a bill that is no such settlement.
    """
    payment = await find(uow, payment.book_id, payment.payment_id)
    state = _after(uow, payment, Step.CONFIRM, by=by)
    entry = await ledger.standing(uow, payment.book_id, bill_id=bill_id)
    moved = {posting.member_id: posting.amount for posting in entry.postings} if entry is not None and entry.kind is EntryKind.SETTLEMENT else {}
    if moved != {payment.sender_id: payment.amount, payment.receiver_id: -payment.amount}:
        raise DomainError("no_such_payment")
    confirmed = replace(payment, state=state, closed_at=now, bill_id=bill_id)
    await payments.update(uow, confirmed)
    return confirmed


async def _step(uow: UnitOfWork, payment: Payment, step: Step, *, by: UUID, **changes: Rail | datetime | None) -> Payment:
    """One step of a member's, over the row as it is now: the book is locked."""
    payment = await find(uow, payment.book_id, payment.payment_id)
    moved = replace(payment, state=_after(uow, payment, step, by=by), **changes)  # type: ignore[arg-type]
    await payments.update(uow, moved)
    return moved


def _after(uow: UnitOfWork, payment: Payment, step: Step, *, by: UUID | None) -> State:
    """DomainError `payment_not_yours` also for a member who is neither of the two."""
    book = uow.book(payment.book_id)
    parties = {
        book.first(book.member(payment.sender_id)).member_id: Party.PAYER,
        book.first(book.member(payment.receiver_id)).member_id: Party.RECEIVER,
    }
    party = Party.BANK if by is None else parties.get(by)
    if party is None:
        raise DomainError("payment_not_yours", step=step.value)
    return after(payment.state, step, by=party)
