"""The days of holidays, against almanacs."""

from datetime import date

import pytest

from core.reading.holidays import easter, holiday, is_rule


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1954, 4, 18), (1981, 4, 19), (2000, 4, 23), (2008, 3, 23), (2025, 4, 20), (2038, 4, 25), (2049, 4, 18)]
)
def test_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


@pytest.mark.parametrize(("year", "month", "day"), [(2019, 4, 28), (2021, 5, 2), (2024, 5, 5), (2025, 4, 20)])
def test_easter_by_the_julian_calendar(year: int, month: int, day: int) -> None:
    assert easter(year, orthodox=True) == date(year, month, day)


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("12-25", date(2025, 12, 25)),
        ("02-29", None),
        ("easter-2", date(2025, 4, 18)),
        ("orthodox+1", date(2025, 4, 21)),
        ("11/4/4", date(2025, 11, 27)),
        ("11/4/4+1", date(2025, 11, 28)),
        ("05/1/-1", date(2025, 5, 26)),
        ("christmas", None),
    ],
)
def test_rules(rule: str, found: date | None) -> None:
    assert holiday(rule, 2025) == found


def test_what_is_no_rule() -> None:
    assert [is_rule(rule) for rule in ("12-25", "easter+49", "11/4/4+1", "12.25", "advent", "11/9/4")] == [True, True, True, False, False, False]
