"""The history that comes along: which day's rates are taken, and what reading it costs."""

from __future__ import annotations

import sys
from datetime import date
from decimal import Decimal

import pytest

from integrations.rates.ecb import History


@pytest.fixture(scope="module")
def history() -> History:
    return History()


async def test_a_day_has_its_own_rates(history):
    sheet = await history.sheet(date(2025, 3, 14))
    assert (sheet.day, sheet.source) == (date(2025, 3, 14), "ECB")
    assert sheet.per_euro["USD"] == Decimal("1.0889")
    assert sheet.per_euro["JPY"] == Decimal("161.88")
    assert "currency_converter" not in sys.modules, "its file is read, its code is not run"


@pytest.mark.parametrize(
    ("asked", "had"),
    [
        (date(2025, 3, 15), date(2025, 3, 14)),  # a Saturday
        (date(2025, 3, 16), date(2025, 3, 14)),
        (date(2025, 4, 21), date(2025, 4, 17)),  # Easter Monday
        (date(2024, 12, 26), date(2024, 12, 24)),
        (date(2025, 1, 1), date(2024, 12, 31)),
    ],
)
async def test_weekends_and_holidays_take_the_last_day_before(history, asked, had):
    assert (await history.sheet(asked)).day == had


async def test_nothing_is_known_before_the_first_day(history):
    assert await history.sheet(date(1999, 1, 3)) is None
    assert (await history.sheet(date(1999, 1, 4))).per_euro["USD"] == Decimal("1.1789")


async def test_later_days_take_the_last_there_is(history):
    last = await history.sheet(date(2099, 1, 1))
    assert last.day > date(2025, 6, 1)
    assert last.is_stale(date(2099, 1, 1))


@pytest.mark.parametrize(
    ("code", "day", "quoted"),
    [
        ("RUB", date(2022, 2, 28), True),
        ("RUB", date(2022, 3, 4), False),  # ended
        ("BGN", date(2025, 12, 31), True),
        ("BGN", date(2026, 1, 2), False),  # became the euro
        ("ISK", date(2012, 5, 2), False),  # not quoted for years
        ("ISK", date(2019, 5, 2), True),
        ("INR", date(2008, 5, 2), False),  # not yet
        ("INR", date(2010, 5, 3), True),
    ],
)
async def test_currencies_begin_and_end(history, code, day, quoted):
    assert (await history.sheet(day)).knows(code) is quoted


async def test_every_row_can_be_read(history):
    await history.sheet(date(2025, 3, 14))
    sheets = [history._sheet(row.decode()) for row in history._rows]
    assert len(sheets) > 6000
    assert all(sheet.per_euro["USD"] > 0 and len(sheet.per_euro) > 20 for sheet in sheets)
    assert [sheet.day for sheet in sheets] == sorted({sheet.day for sheet in sheets})
