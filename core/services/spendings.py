"""A report on what was spent: its figures, and what is usual. Words, pictures and files are made of it elsewhere."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from core.db.figures import Asked, Whose
from core.db.session import UnitOfWork
from core.domain.ahead.spending import Period
from core.domain.figures import By
from core.domain.money import Money
from core.domain.reports import USUAL_LEAST, USUAL_MOST, Report, Trend, begun, earlier, middle, so_far, step_of
from core.ports import RateHistory
from core.services import figures
from core.services.figures import Found


def own_parts(uow: UnitOfWork, person_id: UUID, books: list[UUID]) -> Whose:
    """What counts as a person's own spending: their parts in each of their books. The books are loaded."""
    return {book: [position.member_id for position in uow.book(book).positions_of(person_id)] for book in books}


async def report(
    uow: UnitOfWork, whose: Whose, period: Period, *, category: str | None = None, currency: str, today: date, history: RateHistory | None
) -> Report:
    """What was spent in the period (in a category), and what is usual by the same day of it. The books are loaded."""
    before = earlier(period, USUAL_MOST)
    since = before[-1].first if before else period.first
    found = await figures.find(uow, whose, Asked(since, period.last, category), currency=currency, today=today, history=history)
    now = found.within(period.first, period.last)
    step, places = step_of(period), now.by(By.MERCHANT)
    trends = _trends(found, period, before, today)
    return Report(
        period=period,
        parts=now.parts,
        categories=now.by(By.CATEGORY),
        places=places,
        people=now.by(By.PERSON),
        books=now.by(By.GROUP),
        times=now.by(step),
        step=step,
        names=now.named(places),
        usual=trends.pop(None, None),
        trends={category: trend for category, trend in trends.items() if category is not None},
    )


def _trends(found: Found, period: Period, before: list[Period], today: date) -> dict[str | None, Trend]:
    """By category, under None of everything; nothing where fewer periods are known than make something usual."""
    days = so_far(period, today)
    first = found.parts[0].on if found.parts else period.first
    known = [each for each in before if each.last >= first]
    if len(known) < USUAL_LEAST or today < period.first:
        return {}
    tables = [found.within(each.first, each.last).by(By.CATEGORY) for each in (begun(each, days) for each in (period, *known))]
    sums = [{str(row.key): row.home for row in table.rows} | {None: table.total.home} for table in tables]
    now, *past = sums
    return {
        category: Trend(category, Money(minor, found.currency), Money(middle([each.get(category, 0) for each in past]), found.currency), len(past))
        for category, minor in now.items()
    }
