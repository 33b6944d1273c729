"""What a number of things at a price each comes to, and what leaves a price open."""

import json

import pytest

from tests.bot.parsing.conftest import ReadJson


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        ("5 muffins at 2.40", ["12.00"]),
        ("2 cakes at 18.50 and 3 juices at 4.20", ["37.00", "12.60"]),
        ("4 pens 1.50 each", ["6.00"]),
        ("3 times 12 for parking", ["36.00"]),
        ("shoes 60 minus 15% off", ["51.00"]),
        ("paid 20 for drinks at 9", ["20.00"]),
        ("2 taxis at 11pm 30 euros", ["30.00"]),
    ],
)
def test_prices_are_multiplied_where_things_are_counted(read_json: ReadJson, text: str, amounts: list[str]) -> None:
    found = read_json(text)
    assert [each["amount"] for each in found["expenses"]] == amounts, json.dumps(found)
    assert not found["needs_confirmation"]


@pytest.mark.parametrize("text", ["20 snacks at 9", "45 drinks at 8.30", "paid 14 for Anna's sandwich"])
def test_what_may_mean_something_else_is_asked(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["needs_confirmation"]
