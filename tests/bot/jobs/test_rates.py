"""Rates are fetched once, kept for all, and shown with their day when nobody answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import pytest

from bot.jobs.rates import Rates
from core.db import rates
from core.domain.rates import Sheet
from core.errors import ServiceUnavailable
from core.services.rates import sheet
from tests.support.doubles import FakeClock, FakeRates

TODAY = date(2025, 3, 14)


@dataclass
class FakeHistory:
    sheets: list[Sheet] = field(default_factory=list)

    async def sheet(self, day: date) -> Sheet | None:
        return max((each for each in self.sheets if each.day <= day), key=lambda each: each.day, default=None)


def of(day: int, usd: str, source: str = "ECB") -> Sheet:
    return Sheet(date(2025, 3, day), source, {"USD": Decimal(usd), "JPY": Decimal("160.50")})


async def known(database, history=None, *, day=TODAY):
    async with database.unit_of_work() as uow:
        return await sheet(uow, history, day=day)


async def test_rates_of_today_are_fetched_once_and_kept(database):
    source, clock = FakeRates(of(14, "1.0889")), FakeClock()
    desk = Rates(source, database, clock=clock)
    assert await desk.refresh() is True
    assert await known(database) == of(14, "1.0889")
    clock.forward(hours=10)
    assert await desk.refresh() is False
    assert await Rates(source, database, clock=clock).refresh() is False  # another process
    assert source.asked == 1


async def test_older_ones_are_asked_for_again_but_not_at_every_look(database):
    source, clock = FakeRates(of(13, "1.08")), FakeClock()
    desk = Rates(source, database, clock=clock)
    assert await desk.refresh() is True
    clock.forward(minutes=30)
    assert await desk.refresh() is False
    source.now = of(14, "1.09")
    clock.forward(hours=3)
    assert await desk.refresh() is True
    assert (await known(database)).per_euro["USD"] == Decimal("1.09")
    assert (await known(database, day=date(2025, 3, 13))).per_euro["USD"] == Decimal("1.08")


async def test_who_does_not_answer_leaves_what_is_kept(database):
    source, clock = FakeRates(of(14, "1.0889")), FakeClock()
    desk = Rates(source, database, clock=clock)
    await desk.refresh()
    clock.forward(days=5)
    source.trouble = ServiceUnavailable("rates")
    with pytest.raises(ServiceUnavailable):
        await desk.refresh()
    kept = await known(database, day=date(2025, 3, 19))
    assert kept.day == TODAY
    assert kept.is_stale(date(2025, 3, 19))


async def test_rates_of_days_to_come_are_refused(database):
    with pytest.raises(ServiceUnavailable):
        await Rates(FakeRates(of(20, "1.0889")), database, clock=FakeClock()).refresh()
    assert await known(database, day=date(2025, 3, 20)) is None


async def test_the_newer_of_what_was_fetched_and_what_came_along_counts(database):
    async with database.unit_of_work() as uow:
        await rates.keep(uow, of(12, "1.2"), now=FakeClock().now)
    assert (await known(database, FakeHistory([of(11, "1.1")]))).day == date(2025, 3, 12)
    assert (await known(database, FakeHistory([of(13, "1.3")]))).day == date(2025, 3, 13)
    assert (await known(database, FakeHistory([of(12, "1.3")]))).per_euro["USD"] == Decimal("1.2")
    assert (await known(database, FakeHistory([of(11, "1.1")]), day=date(2025, 3, 11))).per_euro["USD"] == Decimal("1.1")
    assert await known(database, day=date(2025, 3, 1)) is None


async def test_what_a_source_says_anew_replaces_what_it_said(database):
    for usd in ("1.1", "1.2"):
        async with database.unit_of_work() as uow:
            await rates.keep(uow, of(14, usd), now=FakeClock().now)
    assert (await known(database)).per_euro == {"USD": Decimal("1.2"), "JPY": Decimal("160.50")}
