"""Plans use the rails that people share, where that costs no transfer and makes no strangers pay each other."""

from __future__ import annotations

from random import Random
from uuid import UUID

import pytest

from core.db.session import Database, UnitOfWork
from core.domain import settlement
from core.domain.bills import Bill
from core.domain.money import Money
from core.domain.payments.methods import Kind, PaymentMethod, method
from core.domain.payments.rails import Rail, rails_of
from core.domain.people import Book, PersonProfile
from core.services import bills, payments
from core.services.plans import balances, plans
from tests.support.builders import NOW, TODAY, make_group, make_person

BANK = method(Kind.IBAN, "DE71110220330123456789", holder="Anna")
PAYPAL = method(Kind.PAYPAL, "anna", holder="Anna")
CASH = method(Kind.CASH, "cash", holder="Anna")


class Table:
    """Members of a group who all share one bill, so that nobody is a stranger; `people` by member."""

    def __init__(self, uow: UnitOfWork, book: Book, people: dict[UUID, PersonProfile]) -> None:
        self.uow, self.book, self.people = uow, book, people

    @classmethod
    async def of(cls, uow: UnitOfWork, sums: list[int]) -> Table:
        """With these balances, in minor units."""
        people = [await make_person(uow, f"Guest {number}") for number in range(len(sums))]
        book = await make_group(uow, persons=people)
        table = cls(uow, book, {member.member_id: person for member, person in zip(book.members, people, strict=True)})
        owed = dict(zip(table.people, sums, strict=True))
        paid = {member: Money(minor, "EUR") for member, minor in owed.items() if minor > 0}
        exact = tuple((member, Money(-minor, "EUR")) for member, minor in owed.items() if minor < 0)
        whole = Money.total(paid.values(), "EUR")
        bill = Bill(whole, "dinner", None, TODAY, tuple(paid.items()), "exact", tuple(member for member, _ in exact), exact=exact)
        bills.record_bill(uow, book.book_id, bill, bills.Effects(book.book_id.bytes, None, None), now=NOW)
        await uow.flush()
        return table

    async def keep(self, member: UUID, *methods: PaymentMethod) -> None:
        for each in methods:
            await payments.keep_method(self.uow, self.people[member].person_id, each, now=NOW)

    async def pairs(self) -> set[tuple[UUID, UUID]]:
        return {(move.sender, move.receiver) for plan in (await plans(self.uow, self.book.book_id)).values() for move in plan.transfers}


def test_rails_that_can_carry_the_currency() -> None:
    assert rails_of([BANK, PAYPAL], "EUR") == {Rail.EPC, Rail.BANK, Rail.PAYPAL}
    assert rails_of([BANK], "CZK") == {Rail.BANK}
    assert rails_of([CASH, method(Kind.ELSEWHERE, "zelle/anna", holder="Anna")], "EUR") == frozenset()


@pytest.mark.parametrize("turned", [False, True])
async def test_who_shares_a_rail_pays_each_other(database: Database, turned: bool) -> None:
    async with database.unit_of_work() as uow:
        table = await Table.of(uow, [-1000, -1000, 1000, 1000])
        first, second, third, fourth = table.people
        payees = (fourth, third) if turned else (third, fourth)
        for payer, payee, rail in ((first, payees[0], PAYPAL), (second, payees[1], BANK)):
            await table.keep(payer, rail)
            await table.keep(payee, rail, CASH)
        assert await table.pairs() == {(first, payees[0]), (second, payees[1])}


@pytest.mark.parametrize("seed", range(25))
async def test_it_never_costs_a_transfer(database: Database, seed: int) -> None:
    chance = Random(seed)
    sums = [chance.choice([-1, 1]) * chance.choice([500, 1000, 1500, chance.randint(1, 3000)]) for _ in range(chance.randint(3, 7))]
    sums += [-sum(sums)] if sum(sums) else []
    async with database.unit_of_work() as uow:
        table = await Table.of(uow, sums)
        for member in table.people:
            await table.keep(member, *chance.sample([BANK, PAYPAL, CASH], chance.randint(0, 3)))
        [(currency, row)] = balances(uow, table.book.book_id).items()
        made = (await plans(uow, table.book.book_id))[currency]
        assert len(made.transfers) == len(settlement.plan(row, currency).transfers)
        left = dict(row)
        for move in made.transfers:
            left[move.sender] += move.amount.minor
            left[move.receiver] -= move.amount.minor
        assert not any(left.values())
