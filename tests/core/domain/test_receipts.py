"""What a receipt says and whether it adds up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import Money
from core.domain.receipts import Line, Receipt, Reconciliation, Spot, around, parts, reconcile, settles
from core.domain.splits import ClaimedLine, lines_total

BEER = Line("Beer", 900, quantity=2000, unit_price=450)
SOUP = Line("Soup", 650)


@pytest.mark.parametrize(
    ("receipt", "way"),
    [
        (Receipt(lines=(BEER, SOUP), total=1550), Reconciliation("lines", ())),
        (Receipt(lines=(BEER, SOUP), tax=141, total=1550), Reconciliation("lines", ())),  # the tax is within
        (Receipt(lines=(BEER, SOUP), tax=155, total=1705), Reconciliation("lines", ("tax",))),
        (Receipt(lines=(BEER, SOUP), service=155, tax=102, total=1807), Reconciliation("lines", ("tax", "service"))),
        (Receipt(lines=(BEER, SOUP), discount=50, total=1500), Reconciliation("lines", ("discount",))),
        (Receipt(lines=(BEER, SOUP), rounding=-2, total=1548), Reconciliation("lines", ("rounding",))),
        (Receipt(lines=(BEER, SOUP), tip=200, total=1750), Reconciliation("lines", ("tip",))),
        (Receipt(lines=(BEER, Line("Pfand", -25)), total=875), Reconciliation("lines", ())),
        (Receipt(lines=(BEER,), subtotal=1550, total=1550), Reconciliation("subtotal", ())),  # a line was not read
        (Receipt(lines=(BEER, SOUP), total=1551), None),
        (Receipt(lines=(BEER, SOUP)), None),
        (Receipt(total=1550), None),
    ],
)
def test_the_lines_come_to_the_total(receipt: Receipt, way: Reconciliation | None) -> None:
    assert reconcile(receipt) == way


def test_what_was_given_less_the_change_is_the_total() -> None:
    assert settles(Receipt(total=1550, paid=2000, change=450))
    assert settles(Receipt(total=1550, paid=1550))
    assert not settles(Receipt(total=1550, paid=2000, change=400))
    assert not settles(Receipt(total=1550))


@pytest.mark.parametrize(
    ("line", "good"),
    [
        (BEER, True),
        (SOUP, True),
        (replace(BEER, amount=901), False),
        (Line("Apples", 103, quantity=345, unit_price=299), True),  # 1.0316 to the cent
        (Line("Apples", 104, quantity=345, unit_price=299), True),  # rounded up by the till
        (Line("Apples", 105, quantity=345, unit_price=299), False),
        (Line("Returned", -900, quantity=-2000, unit_price=450), True),
    ],
)
def test_quantity_times_price(line: Line, good: bool) -> None:
    assert line.multiplies is good


amounts = st.integers(-5000, 50000)
extras = st.integers(0, 5000) | st.none()


@given(st.lists(amounts, min_size=1, max_size=8), extras, extras, extras, st.integers(-4, 4) | st.none(), st.data())
def test_any_choice_of_the_parts_is_found(
    values: list[int], tax: int | None, service: int | None, discount: int | None, rounding: int | None, data: st.DataObject
) -> None:
    bill = Receipt(lines=tuple(Line("x", value) for value in values), tax=tax, service=service, discount=discount, rounding=rounding)
    chosen = data.draw(st.sets(st.sampled_from(sorted(parts(bill))))) if parts(bill) else set()
    bill = replace(bill, total=sum(values) + sum(parts(bill)[name] for name in chosen))
    way = reconcile(bill)
    assert way is not None
    assert sum(values) + sum(parts(bill)[name] for name in way.added) == bill.total
    assert len(way.added) >= len(chosen)  # the way that explains the most


@given(st.lists(amounts, min_size=1, max_size=8), st.integers(1, 3))
def test_a_total_that_nothing_explains_is_not_believed(values: list[int], off: int) -> None:
    assert reconcile(Receipt(lines=tuple(Line("x", value) for value in values), total=sum(values) + off)) is None


def test_the_place_of_several_is_around_them_as_far_as_they_are_on_one_picture() -> None:
    one, other = Spot(100, 200, 300, 400), Spot(250, 150, 500, 380)
    assert around([one, None, other]) == Spot(100, 150, 500, 400)
    assert around([None, one, replace(other, picture=1)]) == one
    assert around([None]) is None


def test_amounts_of_a_receipt_that_names_no_currency_are_hundredths() -> None:
    assert Receipt(currency="JPY").money(1200, otherwise="EUR") == Money(1200, "JPY")
    assert Receipt().money(1250, otherwise="EUR") == Money(1250, "EUR")
    assert Receipt().money(1200, otherwise="JPY") == Money(12, "JPY")
    assert Receipt().money(1250, otherwise="JPY") is None
    assert Receipt().money(1250, otherwise="BHD") == Money(12500, "BHD")


def test_what_was_bought_can_be_claimed_by_its_number_and_what_comes_back_cannot() -> None:
    receipt = Receipt(lines=(BEER, Line("Pfand", -25), SOUP))
    assert receipt.bought() == (ClaimedLine(1, 900, 2000), ClaimedLine(3, 650, 1000))
    assert receipt.lines_total == 1525
    assert lines_total(receipt.bought(), "EUR") == Money(1550, "EUR")
