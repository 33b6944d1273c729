"""Dates and periods, seen from Friday 14 March 2025."""

from datetime import date

import pytest

from core.reading.dates import DateSpan, dates
from core.reading.language import load
from core.reading.text import clean, tokenise

TODAY = date(2025, 3, 14)
ENGLISH = load("en")


def found(text: str, currency: str = "EUR") -> tuple[DateSpan, ...]:
    return dates(tokenise(clean(text)), ENGLISH, today=TODAY, currency=currency)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", "2025-03-14"),
        ("last night", "2025-03-13"),
        ("the day before yesterday", "2025-03-12"),
        ("on wednesday", "2025-03-12"),
        ("last friday", "2025-03-07"),
        ("4 days ago", "2025-03-10"),
        ("three weeks ago", "2025-02-21"),
        ("a month and 2 days ago", "2025-02-12"),
        ("9 March", "2025-03-09"),
        ("March 9th", "2025-03-09"),
        ("on the 9th of March", "2025-03-09"),
        ("20 March", "2024-03-20"),
        ("20 March 2025", "2025-03-20"),
        ("2025-03-02", "2025-03-02"),
        ("02.03.2025", "2025-03-02"),
        ("on 2/3", "2025-03-02"),
        ("on the 3rd", "2025-03-03"),
        ("on the 20th", "2025-02-20"),
        ("29 February", "2024-02-29"),
        ("second tuesday of january 2025", "2025-01-14"),
        ("last day of february 2024", "2024-02-29"),
        ("friday next week", "2025-03-21"),
        ("in 2 days", "2025-03-16"),
        ("2 mondays ago", "2025-03-03"),
    ],
)
def test_days(text: str, day: str) -> None:
    assert [span.start.isoformat() for span in found(text) if span.is_day] == [day]


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("this month", "2025-03-01", "2025-03-31"),
        ("last month", "2025-02-01", "2025-02-28"),
        ("last quarter", "2024-10-01", "2024-12-31"),
        ("in Q3", "2024-07-01", "2024-09-30"),
        ("the 3rd quarter of 2023", "2023-07-01", "2023-09-30"),
        ("first quarter of last year", "2024-01-01", "2024-03-31"),
        ("2023 Q4", "2023-10-01", "2023-12-31"),
        ("this half year", "2025-01-01", "2025-06-30"),
        ("last week", "2025-03-03", "2025-03-09"),
        ("last 10 days", "2025-03-05", "2025-03-14"),
        ("in april", "2024-04-01", "2024-04-30"),
        ("january 2023", "2023-01-01", "2023-01-31"),
        ("last year", "2024-01-01", "2024-12-31"),
        ("from 3 march to 7 march", "2025-03-03", "2025-03-07"),
        ("since monday", "2025-03-10", "2025-03-14"),
        ("weekend", "2025-03-08", "2025-03-09"),
    ],
)
def test_periods(text: str, start: str, end: str) -> None:
    assert [(span.start.isoformat(), span.end.isoformat()) for span in found(text)] == [(start, end)]


@pytest.mark.parametrize("text", ["31 April", "30.02.2025", "2025-13-01", "1/2 pizza", "may I", "sat down", "march on", "24/7"])
def test_what_is_no_date(text: str) -> None:
    assert found(text) == ()


def test_the_chats_currency_decides_the_order_of_figures() -> None:
    assert found("on 2/3", currency="USD")[0].start == date(2025, 2, 3)
    assert found("on 13/2", currency="USD")[0].start == date(2025, 2, 13)
