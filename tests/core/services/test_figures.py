"""Figures against a count by hand over random ledgers: every way of telling them apart comes to the same total, each row to its own bills."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random
from uuid import UUID

import pytest

from core.db.figures import Asked, Whose
from core.db.session import Database, UnitOfWork
from core.domain.figures import By, Table
from core.domain.ledger import JournalEntry, Role, reverse
from core.domain.money import Money
from core.domain.people import Book
from core.domain.rates import Sheet
from core.services.figures import Found, find, merchant
from tests.support.builders import NOW, TODAY, expense, make_group, make_person

PER_EURO = {"USD": Decimal("1.0873"), "JPY": Decimal("161.4")}
WORDS = ("Lidl", "lidl milk", "Blue Door", "blue door", "taxi", "")


class OneSheet:
    """The same rates on every day; none for pounds."""

    async def sheet(self, day: date) -> Sheet:
        return Sheet(day, "ECB", PER_EURO)


async def ask(uow: UnitOfWork, whose: Whose, *, role: Role = Role.SHARE, currency: str = "EUR", rates: bool = True, **asked: object) -> Found:
    return await find(uow, whose, Asked(**asked), currency=currency, today=TODAY, history=OneSheet() if rates else None, role=role)  # type: ignore[arg-type]


def scattered(random: Random, book: Book) -> list[JournalEntry]:
    """What stands of a random ledger; what was taken back stays behind with its reversal."""
    ids = [member.member_id for member in book.members]
    return [
        expense(
            book,
            random.choice((1, 7, 100, 999, 12345, 333333, -450)),
            payer=random.choice(ids),
            people=random.sample(ids, random.randrange(1, len(ids) + 1)),
            currency=random.choice(("EUR", "EUR", "EUR", "USD", "JPY", "GBP")),
            description=random.choice(WORDS),
            category=random.choice(("food", "transport", "groceries", None)),
            on=TODAY - timedelta(days=random.randrange(400)),
        )
        for _ in range(40)
    ]


async def posted(uow: UnitOfWork, random: Random, book: Book) -> list[JournalEntry]:
    entries = scattered(random, book)
    for number, entry in enumerate(entries):
        uow.post(entry)
        if number % 5 == 0:
            gone = reverse(
                entry, entry_id=UUID(int=random.getrandbits(128)), recorded_at=NOW, actor_id=None, reason="undone", effect_key=random.randbytes(34)
            )
            uow.post(gone)
    return [entry for number, entry in enumerate(entries) if number % 5]


def by_hand(entries: list[JournalEntry], whose: Whose, role: Role, key: Callable[[JournalEntry, UUID], Hashable]) -> dict[Hashable, dict[str, int]]:
    sums: dict[Hashable, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in entries:
        members = whose.get(entry.book_id, ())
        for posting in entry.postings:
            if posting.role is role and (members is None or posting.member_id in members):
                sums[key(entry, posting.member_id)][posting.amount.currency] += posting.amount.minor if role is Role.PAID else -posting.amount.minor
    return {name: dict(row) for name, row in sums.items()}


def exactly(sums: dict[str, int]) -> Fraction:
    worth = {"EUR": Fraction(1), "USD": 1 / Fraction(PER_EURO["USD"]), "JPY": 100 / Fraction(PER_EURO["JPY"]), "GBP": Fraction(0)}
    return sum((minor * worth[code] for code, minor in sums.items()), start=Fraction(0))


def check(found: Table, expected: dict[Hashable, dict[str, int]]) -> None:
    assert {row.key: row.sums for row in found.rows} == expected
    everything: dict[str, int] = defaultdict(int)
    for row in expected.values():
        for code, minor in row.items():
            everything[code] += minor
    assert found.total.sums == dict(everything)
    assert found.whole == Money.nearest(exactly(everything), "EUR")
    assert sum(row.home for row in found.rows) == found.total.home
    assert all(abs(row.home - exactly(row.sums)) < 1 for row in found.rows)
    assert found.without == (("GBP",) if "GBP" in everything else ())


@pytest.mark.parametrize("seed", range(4))
async def test_every_table_is_what_counting_by_hand_comes_to(database: Database, seed: int) -> None:
    random = Random(seed)
    async with database.unit_of_work() as uow:
        me = await make_person(uow, "Anna")
        own = uow.book(me.personal_book_id)
        group = await make_group(uow, "Ben", "Cleo", persons=[me])
        entries = await posted(uow, random, own) + await posted(uow, random, group)
        mine = {book.book_id: [member.member_id for member in book.members if member.person_id == me.person_id] for book in (own, group)}
        keys: dict[By, Callable[[JournalEntry, UUID], Hashable]] = {
            By.CATEGORY: lambda entry, _: entry.category or "other",
            By.MERCHANT: lambda entry, _: merchant(entry.description),
            By.PERSON: lambda _, member: member,
            By.GROUP: lambda entry, _: entry.book_id,
            By.DAY: lambda entry, _: entry.occurred_on,
            By.WEEK: lambda entry, _: entry.occurred_on - timedelta(days=entry.occurred_on.weekday()),
            By.MONTH: lambda entry, _: entry.occurred_on.replace(day=1),
            By.YEAR: lambda entry, _: entry.occurred_on.replace(day=1, month=1),
        }
        for whose in (mine, {group.book_id: None}, {own.book_id: None, group.book_id: None}):
            for role in (Role.SHARE, Role.PAID):
                found = await ask(uow, whose, role=role)
                for what, key in keys.items():
                    check(found.by(what), by_hand(entries, whose, role, key))
                first, last = TODAY - timedelta(days=200), TODAY - timedelta(days=20)
                inside = [entry for entry in entries if first <= entry.occurred_on <= last]
                within = await ask(uow, whose, role=role, first=first, last=last)
                check(within.by(By.CATEGORY), by_hand(inside, whose, role, keys[By.CATEGORY]))
                assert found.within(first, last).by(By.MONTH).total == within.by(By.MONTH).total


async def test_each_figure_names_the_bills_behind_it(database: Database) -> None:
    random = Random(7)
    async with database.unit_of_work() as uow:
        group = await make_group(uow, "Anna", "Ben", "Cleo")
        entries = await posted(uow, random, group)
        by_bill = {entry.bill_id: entry for entry in entries}
        found = (await ask(uow, {group.book_id: None})).by(By.CATEGORY)
        for row in found.rows:
            behind = [by_bill[bill_id] for bill_id in row.bills]
            assert len(set(row.bills)) == row.count
            assert {entry.category or "other" for entry in behind} == {row.key}
            assert by_hand(behind, {group.book_id: None}, Role.SHARE, lambda *_: "") == {"": row.sums}


async def test_what_is_asked_for_narrows_the_bills(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna", "Ben", "Cleo")
        anna, ben, cleo = (member.member_id for member in book.members)
        uow.post(expense(book, 3000, description="50% off_shoes", category=None))
        uow.post(expense(book, 1000, description="50 offashoes", category="shopping", people=[anna, ben]))
        whole: Whose = {book.book_id: None}
        assert (await ask(uow, whose=whole, category="other")).whole().total.sums == {"EUR": 3000}
        assert (await ask(uow, whose=whole, text="0% OFF_")).whole().total.sums == {"EUR": 3000}
        assert (await ask(uow, whose=whole, along=[cleo])).whole().total.sums == {"EUR": 3000}
        assert (await ask(uow, whose={book.book_id: [anna]}, along=[ben])).whole().total.sums == {"EUR": 1500}
        assert (await ask(uow, whose={book.book_id: []})).whole().rows == ()
        assert (await ask(uow, whose={})).whole().total.count == 0


async def test_without_rates_nothing_is_converted_and_that_is_said(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna", "Ben")
        uow.post(expense(book, 1000))
        uow.post(expense(book, 700, currency="USD"))
        for found in (await ask(uow, {book.book_id: None}, rates=False), await ask(uow, {book.book_id: None}, currency="GBP")):
            whole = found.whole()
            assert whole.total.sums == {"EUR": 1000, "USD": 700}
            assert whole.sheet is None
            assert whole.without == tuple(sorted({"EUR", "USD"} - {found.currency}))
        assert found.whole().whole == Money(0, "GBP")


async def test_a_member_who_is_another_one_counts_as_that_one(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna", "Ben", "Benny")
        _, ben, benny = (member.member_id for member in book.members)
        uow.post(expense(book, 3000))
        await uow.execute("UPDATE members SET same_as = $2 WHERE member_id = $1", benny, ben)
        await uow.flush()
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        rows = (await ask(uow, {book.book_id: None})).by(By.PERSON).rows
        assert {row.key: row.sums for row in rows}[ben] == {"EUR": 2000}


async def test_a_place_is_the_same_however_it_is_written(database: Database) -> None:
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna")
        for words, minor in (("Lidl milk", 100), ("lidl", 200), ("Café Blau", 400), ("cafe blau", 800)):
            uow.post(expense(book, minor, description=words))
        found = await ask(uow, {book.book_id: None})
        rows = found.by(By.MERCHANT)
        assert [(found.named(rows)[str(row.key)], row.sums["EUR"]) for row in rows.rows] == [("cafe blau", 1200), ("lidl", 300)]
