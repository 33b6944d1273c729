"""Reports as the database sums them against the same parts counted one by one: every table, the usual, the bills and the biggest."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from core.db import figures
from core.db.categories import keep
from core.db.figures import Whose
from core.db.session import Database, UnitOfWork
from core.domain.ahead.spending import Period
from core.domain.categories import Category
from core.domain.figures import By, Figure
from core.domain.reports import Report, begun, earlier, middle, so_far, step_of
from core.services.figures import Found
from core.services.spendings import report
from tests.core.services.test_figures import OneSheet, ask, posted
from tests.support.builders import TODAY, expense, make_group, make_person

EVERY = (By.CATEGORY, By.MERCHANT, By.PERSON, By.GROUP, By.DAY)


def bare(rows: tuple[Figure, ...]) -> list[tuple[object, object, int]]:
    """Without the bills, which only what is counted one by one knows."""
    return [(row.key, row.sums, row.home) for row in rows]


async def made(uow: UnitOfWork, whose: Whose, period: Period, *, category: str | None = None, bills: int | None = 0) -> Report:
    return await report(uow, whose, period, category=category, apart=EVERY, bills=bills, currency="EUR", today=TODAY, history=OneSheet())


def same(found: Found, one: Report) -> None:
    for by in (*EVERY[:-1], one.step):
        by_parts = found.by(by)
        assert bare(one.tables[by].rows) == bare(by_parts.rows), by
        assert bare((one.tables[by].total,)) == bare((by_parts.total,))
        assert (one.tables[by].without, one.tables[by].sheet) == (by_parts.without, by_parts.sheet)
    assert one.names == found.named(found.by(By.MERCHANT))
    assert one.count == len({part.bill_id for part in found.parts})
    own = [(part.minor, part.on, part.bill_id) for part in found.parts if part.currency == "EUR"]
    assert (one.biggest and (one.biggest.minor, one.biggest.on)) == max([(minor, on) for minor, on, _ in own], default=None)


@pytest.mark.parametrize("seed", range(6))
async def test_what_the_database_sums_is_what_the_parts_come_to(database: Database, seed: int) -> None:
    random = Random(seed)
    async with database.unit_of_work() as uow:
        me = await make_person(uow, "Anna")
        own = uow.book(me.personal_book_id)
        group = await make_group(uow, "Ben", "Cleo", persons=[me])
        await posted(uow, random, own)
        await posted(uow, random, group)
        mine = {book.book_id: [member.member_id for member in book.members if member.person_id == me.person_id] for book in (own, group)}
        for whose in (mine, {group.book_id: None}, {own.book_id: None, group.book_id: None}):
            first = TODAY - timedelta(days=random.randrange(1, 100))
            period = Period(first, first + timedelta(days=random.choice((0, 6, 29, 60, 200))))
            for category in (None, "food"):
                found = await ask(uow, whose, first=period.first, last=period.last, category=category)
                same(found, await made(uow, whose, period, category=category))


async def test_the_usual_is_counted_from_the_days_that_have_begun(database: Database) -> None:
    random = Random(3)
    async with database.unit_of_work() as uow:
        group = await make_group(uow, "Anna", "Ben")
        await posted(uow, random, group)
        await posted(uow, random, group)
        whose = {group.book_id: None}
        for period in (Period(TODAY.replace(day=1), TODAY.replace(day=31)), Period(TODAY - timedelta(days=29), TODAY)):
            one, before, days = await made(uow, whose, period), earlier(period, 6), so_far(period, TODAY)
            whole = [begun(each, days) for each in (period, *before)]
            sums = [(await ask(uow, whose, first=each.first, last=each.last)).by(By.CATEGORY) for each in whole]
            assert one.usual is not None and one.trends
            assert one.usual.now.minor == sums[0].total.home
            assert one.usual.usual.minor == middle([each.total.home for each in sums[1:]])
            past = [{str(row.key): row.home for row in each.rows} for each in sums[1:]]
            for row in sums[0].rows:
                trend = one.trends[str(row.key)]
                assert (trend.now.minor, trend.usual.minor) == (row.home, middle([each.get(str(row.key), 0) for each in past]))


async def test_the_newest_bills_come_with_what_counts_of_them(database: Database) -> None:
    async with database.unit_of_work() as uow:
        group = await make_group(uow, "Anna", "Ben", "Cleo")
        for ago in (9, 2, 5, 1):
            uow.post(expense(group, 1000 + ago, description=f"{ago}", on=TODAY - timedelta(days=ago)))
        period, anna = Period(TODAY - timedelta(days=9), TODAY), group.members[0].member_id
        assert [bill.words for bill in (await made(uow, {group.book_id: None}, period)).bills] == []
        assert [bill.words for bill in (await made(uow, {group.book_id: None}, period, bills=2)).bills] == ["2", "1"]
        every = (await made(uow, {group.book_id: [anna]}, period, bills=None)).bills
        assert [(bill.words, bill.minor) for bill in every] == [("9", 337), ("5", 335), ("2", 334), ("1", 334)]
        assert [(bill.words, bill.minor) for bill in await figures.bills(uow, {group.book_id: None}, first=period.first, most=3)] == [
            ("5", 1005),
            ("2", 1002),
            ("1", 1001),
        ]


async def test_a_report_of_nothing_has_all_its_tables(database: Database) -> None:
    async with database.unit_of_work() as uow:
        group = await make_group(uow, "Anna")
        one = await made(uow, {group.book_id: None}, Period(date(2025, 1, 1), date(2025, 12, 31)), bills=None)
        assert {by: table.rows for by, table in one.tables.items()} == dict.fromkeys((*EVERY[:-1], By.MONTH), ())
        assert (one.count, one.biggest, one.bills, one.usual, one.last) == (0, None, [], None, date(2025, 1, 1))
        assert one.step is step_of(one.period)


async def test_the_last_days_there_are_can_be_reported_on(database: Database) -> None:
    async with database.unit_of_work() as uow:
        group = await make_group(uow, "Anna")
        uow.post(expense(group, 500, on=date.max))
        assert (await made(uow, {group.book_id: None}, Period(date(9999, 12, 1), date.max))).count == 1


async def test_a_category_of_one_book_counts_as_it_does_in_the_first(database: Database) -> None:
    async with database.unit_of_work() as uow:
        one, two = await make_group(uow, "Anna"), await make_group(uow, "Anna")
        await keep(uow, one.book_id, Category("travel", merged_into="transport"))
        await uow.flush()
    async with database.unit_of_work() as uow:
        await uow.load_books([one.book_id, two.book_id])
        uow.post(expense(one, 100, category="travel"))
        uow.post(expense(two, 10, category="travel"))
        uow.post(expense(two, 1, category="transport"))
        whose, period = {one.book_id: None, two.book_id: None}, Period(TODAY, TODAY)
        whole = await made(uow, whose, period, bills=None)
        assert bare(whole.categories.rows) == [("transport", {"EUR": 111}, 111)]
        assert {bill.category for bill in whole.bills} == {"transport"}
        assert (await made(uow, whose, period, category="transport")).categories.total.sums == {"EUR": 111}
        assert (await made(uow, whose, period, category="travel")).count == 0
        turned = await made(uow, {two.book_id: None, one.book_id: None}, period, category="travel")
        assert turned.categories.total.sums == {"EUR": 10}, "in the other's terms what one merged is as it was merged there"
