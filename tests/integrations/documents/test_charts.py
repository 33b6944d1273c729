"""Charts: every row and column that is given, as long as it is drawn; nothing over another, and nothing that colour alone says."""

from __future__ import annotations

import io
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from PIL import Image

from core.domain.money import Money
from core.domain.sheets import Bar, Block, Sheet
from integrations.documents import charts


def bar(label: str, minor: int, *, note: str = "", tick: str = "", colour: str = "", is_rest: bool = False) -> Bar:
    money = Money(minor, "EUR")
    return Bar(label, f"€{money}", money, note, tick, colour, is_rest)


def sheet(*bars: Bar, times: tuple[Bar, ...] = ()) -> Sheet:
    return Sheet("en", "March", "1–31 Mar 2025", "€120", (), Block("When", times), (Block("On what", bars),), (), (), {})


def rows(made: Sheet) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = charts.specification(made)["vconcat"][-1]["data"]["values"]
    return found


def ticks(count: int, label: str) -> list[str]:
    """The labels below so many columns, in order."""
    columns = charts.specification(sheet(times=tuple(bar(f"long name {place}", 100 + place, tick=label) for place in range(count))))["vconcat"][1]
    assert [Decimal(row["value"]) for row in columns["layer"][0]["data"]["values"]] == [Decimal(100 + place) / 100 for place in range(count)]
    return [row["label"] for layer in columns["layer"][2:] for row in layer["data"]["values"]]


def test_a_line_is_as_long_as_its_amount_and_never_too_short_to_be_seen() -> None:
    made = rows(sheet(bar("Rent", 10000), bar("Food", 5000), bar("Stamp", 1), bar("Refund", -900), bar("3 more", 90000, is_rest=True)))
    assert [row["wide"] for row in made] == [charts.WIDTH, charts.WIDTH // 2, 9, 0, 0], "what is behind the others has no line to compare"
    assert [row["text"] for row in made] == ["€100.00", "€50.00", "€0.01", "€-9.00", "€900.00"], "each amount is written out"


def test_rows_do_not_touch_whether_they_have_notes_or_not() -> None:
    made = rows(sheet(bar("Rent", 10000, note="18% above your usual"), bar("Food", 5000), bar("Fees", 10)))
    assert [after["top"] - before["end"] for before, after in pairwise(made)] == [65, 47]


def test_a_category_has_the_colour_that_people_gave_it() -> None:
    assert [row["colour"] for row in rows(sheet(bar("Rent", 2, colour="#aa3300"), bar("Food", 1)))] == ["#aa3300", charts.LIGHT.bar]


def test_columns_are_all_named_only_where_the_names_fit() -> None:
    assert ticks(7, "3 Mar") == ["3 Mar"] * 7
    assert len(ticks(12, "Mar")) == 12
    assert len(ticks(11, "30 sept.")) == 4
    assert len(ticks(31, "3 Mar")) == 4


@pytest.mark.parametrize("dark", [False, True])
def test_a_picture_is_as_wide_as_a_phone_takes_and_as_high_as_it_has_rows(dark: bool) -> None:
    one, many = sheet(bar("Rent", 100)), sheet(*(bar(f"Category {place}", 100) for place in range(8)))
    sizes = []
    for made in (one, replace(many, notes=("As usual.",))):
        picture = Image.open(io.BytesIO(charts.picture(made, dark=dark)))
        sizes.append(picture.size)
        assert (sum(picture.convert("RGB").getpixel((2, 2))) < 200) is dark  # type: ignore[arg-type]
    assert [wide for wide, _ in sizes] == [1080, 1080]
    assert sizes[1][1] - sizes[0][1] == 2 * (7 * 56 + 26), "seven rows more, and a note"
