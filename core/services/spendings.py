"""A report on what was spent: its figures, and what is usual. Words, pictures and files are made of it elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from core.db import figures
from core.db.figures import Asked, Stretch, Summed, Wanted, Whose
from core.db.session import UnitOfWork
from core.domain.ahead.spending import Period
from core.domain.figures import TIMES, Bill, By, Table, tabled
from core.domain.money import Money
from core.domain.reports import USUAL_LEAST, USUAL_MOST, Report, Trend, begun, earlier, middle, so_far, step_of
from core.ports import RateHistory
from core.services.figures import Kinds, firsts, merchant, names, sheet_for

_Count = Callable[[Iterable[tuple[Hashable, str, int]]], Table]


@dataclass(frozen=True, slots=True)
class _Edge:
    """A day at which a part of a period begins. `has_begun`: its first days, as many as have begun of the one that is reported on."""

    on: date
    period: Period
    has_begun: bool


def own_parts(uow: UnitOfWork, person_id: UUID, books: list[UUID]) -> Whose:
    """What counts as a person's own spending: their parts in each of their books. The books are loaded."""
    return {book: [position.member_id for position in uow.book(book).positions_of(person_id)] for book in books}


async def report(
    uow: UnitOfWork,
    whose: Whose,
    period: Period,
    *,
    category: str | None = None,
    apart: Collection[By] = (),
    bills: int | None = 0,
    currency: str,
    today: date,
    history: RateHistory | None,
) -> Report:
    """What was spent in the period (in a category), and what is usual by the same day of it. The books are loaded.

    `apart`: by what besides categories; any of the times is as fine as suits the period. `bills`: how many of the newest, None: all.
    """
    before = earlier(period, USUAL_MOST)
    asked = Asked(before[-1].first if before else period.first, period.last, category)
    step, kinds, edges = step_of(period), Kinds(uow, whose), _edges([*reversed(before), period], so_far(period, today))
    besides = sorted({step if by in TIMES else by for by in apart} - {By.CATEGORY, By.GROUP})  # which come with the stretches
    wanted = Wanted([edge.on for edge in edges], period.first, besides, bills, currency)
    found = await figures.summed(uow, whose, asked, wanted, codes=kinds.codes(category))
    rows = [(edges[row.place - 1], row._replace(category=kinds.counts_as(row.book_id, row.category))) for row in found.stretches]
    sheet = await sheet_for(uow, {row.currency for _, row in rows}, asked, currency=currency, today=today, history=history)
    count = partial(tabled, currency=currency, sheet=sheet)
    now = [row for edge, row in rows if edge.period == period]
    trends = _trends(rows, period, before, today, count)
    return Report(
        period=period,
        count=found.count,
        tables=_tables(now, found, firsts(uow, whose), count),
        step=step,
        names=names((str(words), last) for words, _, _, last in found.apart.get(By.MERCHANT, ())),
        usual=trends.pop(None, None),
        trends={category: trend for category, trend in trends.items() if category is not None},
        biggest=_under(kinds, found.biggest) if found.biggest is not None else None,
        bills=[_under(kinds, bill) for bill in found.bills],
        last=max((row.last for row in now), default=period.first),
    )


def _edges(periods: Sequence[Period], days: int) -> list[_Edge]:
    """Where each period begins, and where those of its days do that have no day of the same number yet, if it has any."""
    found = []
    for each in periods:
        found.append(_Edge(each.first, each, has_begun=True))
        last = begun(each, days).last
        if last < each.last:
            found.append(_Edge(last + timedelta(days=1), each, has_begun=False))
    return found


def _under(kinds: Kinds, bill: Bill) -> Bill:
    return bill._replace(category=kinds.counts_as(bill.book_id, bill.category))


def _tables(now: Sequence[Stretch], found: Summed, counts_for: Mapping[UUID, UUID], count: _Count) -> dict[By, Table]:
    """By category, by group, and by what else was summed."""
    tables = {
        By.CATEGORY: count((row.category, row.currency, row.minor) for row in now),
        By.GROUP: count((row.book_id, row.currency, row.minor) for row in now),
    }
    keys: dict[By, Callable[[Any], Hashable]] = {By.MERCHANT: merchant, By.PERSON: counts_for.__getitem__}
    for by, rows in found.apart.items():
        key = keys.get(by)
        tables[by] = count((key(each) if key is not None else each, code, minor) for each, code, minor, _ in rows)
    return tables


def _trends(rows: Sequence[tuple[_Edge, Stretch]], period: Period, before: Sequence[Period], today: date, count: _Count) -> dict[str | None, Trend]:
    """By category, under None of everything; nothing where fewer periods are known than make something usual."""
    first = min((row.first for _, row in rows), default=period.first)
    known = [each for each in before if each.last >= first]
    if len(known) < USUAL_LEAST or today < period.first:
        return {}
    begun_rows = [(edge.period, row) for edge, row in rows if edge.has_begun]
    tables = [count((row.category, row.currency, row.minor) for of, row in begun_rows if of == each) for each in (period, *known)]
    sums = [{str(row.key): row.home for row in table.rows} | {None: table.total.home} for table in tables]
    now, *past = sums
    code = tables[0].currency
    return {
        category: Trend(category, Money(minor, code), Money(middle([each.get(category, 0) for each in past]), code), len(past))
        for category, minor in now.items()
    }
