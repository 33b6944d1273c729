"""A long receipt in several photos is one bill, and no line of it counts twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from core.domain.albums import each_once, joined
from core.domain.receipts import Line, Reading, Receipt, Spot

BREAD, MILK, BEER, SOAP = Line("Bread", 250), Line("Milk 1L", 120), Line("Beer", 300), Line("Soap", 199)


def part(*lines: Line, total: int | None = None, ask: tuple[str, ...] = (), **fields: object) -> Reading:
    return Reading(Receipt(lines=lines, total=total, currency="EUR", **fields), {}, ask, "en", "fake")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ([(BREAD, MILK), (BEER, SOAP)], (BREAD, MILK, BEER, SOAP)),
        ([(BREAD, MILK, BEER), (MILK, BEER, SOAP)], (BREAD, MILK, BEER, SOAP)),
        ([(BREAD, MILK, BEER), (Line("Mi1k 1L", 120), BEER, SOAP), (SOAP,)], (BREAD, MILK, BEER, SOAP)),  # a letter was read wrongly
        ([(BREAD, MILK), (BREAD, MILK)], (BREAD, MILK)),  # the same photo twice
        ([(BREAD, MILK), (Line("Milk 1L", 130), SOAP)], (BREAD, MILK, Line("Milk 1L", 130), SOAP)),  # another price: another line
        ([(BREAD, MILK), (Line("Milk 1L", 120, 2000), SOAP)], (BREAD, MILK, Line("Milk 1L", 120, 2000), SOAP)),
        ([(BREAD, MILK), (SOAP, MILK)], (BREAD, MILK, SOAP, MILK)),  # bought again further down
        ([(), (BREAD,)], (BREAD,)),
    ],
)
def test_lines_that_two_photos_show_are_one(parts: list[tuple[Line, ...]], kept: tuple[Line, ...]) -> None:
    assert each_once(parts) == kept


def test_two_beers_at_the_seam_stay_two_where_the_total_says_so() -> None:
    both = joined([part(BREAD, BEER), part(BEER, SOAP, total=1049)])
    assert both.receipt.lines == (BREAD, BEER, BEER, SOAP)
    once = joined([part(BREAD, BEER), part(BEER, SOAP, total=749)])
    assert once.receipt.lines == (BREAD, BEER, SOAP)


def test_the_head_is_of_the_first_photo_and_the_total_of_the_last() -> None:
    first = part(BREAD, MILK, merchant="Corner Shop", date=date(2025, 3, 14), ask=("total",))
    last = part(Line("Milk 1L", 120, spot=Spot(100, 200, 500, 300)), SOAP, total=569)
    whole = joined([first, last]).receipt
    assert (whole.merchant, whole.date, whole.total) == ("Corner Shop", date(2025, 3, 14), 569)
    assert [line.description for line in whole.lines] == ["Bread", "Milk 1L", "Soap"]


def test_totals_that_differ_are_asked_about() -> None:
    assert "total" in joined([part(BREAD, total=250), part(SOAP, total=199)]).ask


def test_the_photos_of_one_receipt_keep_their_places_each_on_its_own_picture() -> None:
    place = Spot(100, 200, 300, 400)
    head = Reading(Receipt(merchant="Da Mario", lines=(Line("Soup", 650, spot=place),)), {}, ("total", "date"), "it", "x", {"merchant": place})
    foot = Reading(Receipt(lines=(Line("Beer", 900, spot=place), Line("Tea", 200)), total=1750), {}, (), "it", "x", {"total": place})
    whole = joined([head, foot])
    assert whole.spots == {"merchant": place, "total": replace(place, picture=1)}
    assert [line.spot for line in whole.receipt.lines] == [place, replace(place, picture=1), None]
