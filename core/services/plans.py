"""Plans that settle a book: what the bills led to, less what was paid of it since; and the direct debts behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.db import ledger, payment_methods
from core.db.session import UnitOfWork
from core.domain import exchange, settlement
from core.domain.debts import Acquaintance, Deed
from core.domain.exchange import Exchange
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.domain.payments.methods import PaymentMethod
from core.domain.payments.rails import Rail, rails_of
from core.domain.rates import Sheet
from core.domain.settlement import Plan

_BILLS_MOST = 300  # the newest ones: who shares none of them hardly knows of the other
_PAYMENTS_MOST = 100  # the newest entries among which the last bill is looked for


def balances(uow: UnitOfWork, book_id: UUID) -> dict[str, dict[UUID, int]]:
    """Currency to member to minor units, positive: is owed; who is in the book twice has one balance. Members in the order of their ids."""
    book = uow.book(book_id)
    sums: dict[str, dict[UUID, int]] = {}
    for (member, currency), balance in sorted(uow.balances(book_id).items(), key=lambda kept: kept[0]):
        first = book.first(book.member(member)).member_id
        row = sums.setdefault(currency, {})
        row[first] = row.get(first, 0) + balance.amount
    return {currency: dict(sorted(sums[currency].items())) for currency in sorted(sums)}


def left_to_pay(uow: UnitOfWork, book_id: UUID, member_id: UUID) -> dict[str, Money]:
    """Currency to what the member owes in all, or the household that they are of, whichever is more; above zero."""
    mates = next((unit for unit in uow.book(book_id).units() if member_id in unit), (member_id,))
    owed = {currency: -min(row.get(member_id, 0), sum(row.get(mate, 0) for mate in mates)) for currency, row in balances(uow, book_id).items()}
    return {currency: Money(minor, currency) for currency, minor in owed.items() if minor > 0}


async def plans(uow: UnitOfWork, book_id: UUID) -> dict[str, Plan[UUID]]:
    """Currency to the plan that makes everyone even, currencies in which all are even left out.

    Payments since the last bill are taken off the plan that the bills led to, so that what they leave stays as it was (settlement.followed).
    """
    still = {currency: row for currency, row in balances(uow, book_id).items() if any(row.values())}
    if not still:
        return {}
    paid = await ledger.payments_since_bill(uow, book_id, entries_most=_PAYMENTS_MOST)
    book = uow.book(book_id)
    met = await _met(uow, book_id) if any(_is_choice(row) for row in still.values()) or paid else Acquaintance()

    kept = await _methods(uow, book_id) if any(_is_choice(row) for row in still.values()) or paid else {}
    made = {}
    for currency, row in still.items():
        rank = _rank(met, {member: rails_of(methods, currency) for member, methods in kept.items()}, len(row))
        payments = [
            (book.first(book.member(sender)).member_id, book.first(book.member(receiver)).member_id, minor)
            for sender, receiver, minor in paid.get(currency, [])
        ]
        made[currency] = settlement.followed(_before(row, payments), payments, currency, rank=rank)
    return made


def _rank(met: Acquaintance[UUID], rails: Mapping[UUID, frozenset[Rail]], members: int) -> settlement.Rank[UUID]:
    """Sharing a bill goes before sharing a rail: no number of pairs on one rail outweighs two who have nothing to do with each other."""
    none: frozenset[Rail] = frozenset()

    def rank(sender: UUID, receiver: UUID) -> int:
        apart = bool(rails) and not rails.get(sender, none) & rails.get(receiver, none)
        return members * int(not met.met(sender, receiver)) + int(apart)

    return rank


async def _methods(uow: UnitOfWork, book_id: UUID) -> dict[UUID, list[PaymentMethod]]:
    """Member to where they can be paid."""
    book = uow.book(book_id)
    people = {member.person_id: member.member_id for member in book.members if member.person_id is not None}
    return {people[person]: methods for person, methods in (await payment_methods.of_people(uow, list(people))).items()}


def _before(row: Mapping[UUID, int], payments: Sequence[tuple[UUID, UUID, int]]) -> dict[UUID, int]:
    """The balances as they were without the payments, members in the order of their ids."""
    before = dict(row)
    for sender, receiver, minor in payments:
        before[sender] = before.get(sender, 0) - minor
        before[receiver] = before.get(receiver, 0) + minor
    return dict(sorted(before.items()))


def _is_choice(row: Mapping[UUID, int]) -> bool:
    """Whether anybody could pay another than they do: where one alone owes or is owed there is but one plan."""
    return min(sum(minor < 0 for minor in row.values()), sum(minor > 0 for minor in row.values())) > 1


async def exchanges(uow: UnitOfWork, book_id: UUID, sheet: Sheet, currency: str) -> tuple[Exchange[UUID], ...]:
    """Payments in one currency that make everyone even in all of them (see exchange.exchanges). Raises DomainError `no_rate`."""
    apart = {code: made.transfers for code, made in (await plans(uow, book_id)).items()}
    return exchange.exchanges({code: row for code, row in balances(uow, book_id).items() if code in apart}, apart, sheet, currency)


async def _met(uow: UnitOfWork, book_id: UUID) -> Acquaintance[UUID]:
    """Who shares bills."""
    book = uow.book(book_id)
    met: Acquaintance[UUID] = Acquaintance()
    for people in await ledger.sharers(uow, book_id, bills_most=_BILLS_MOST):
        met.add({book.first(book.member(member)).member_id for member in people})
    return met


async def deeds(uow: UnitOfWork, book_id: UUID) -> tuple[dict[UUID, JournalEntry], dict[str, list[Deed[UUID, UUID]]]]:
    """The bills and payments of a book that stand, by bill id, and by currency what each did to the balances, oldest first."""
    book = uow.book(book_id)
    entries = await ledger.bills(uow, book_id, kinds=ledger.ALL_KINDS)
    found: dict[str, list[Deed[UUID, UUID]]] = {}
    for entry in reversed(entries):
        moved: dict[str, dict[UUID, int]] = {}
        for posting in entry.postings:
            row = moved.setdefault(posting.amount.currency, {})
            first = book.first(book.member(posting.member_id)).member_id
            row[first] = row.get(first, 0) + posting.amount.minor
        for currency, row in moved.items():
            if any(row.values()):
                found.setdefault(currency, []).append(Deed(entry.bill_id, row))
    return {entry.bill_id: entry for entry in entries}, found
