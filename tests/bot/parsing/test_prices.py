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


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("shoes 43.20, 3.20 discount", "40.00"),
        ("shoes 80 minus 10 discount", "70.00"),
        ("shoes 60, discount 5", "55.00"),
        ("shoes 80, 10% off", "72.00"),
        ("dinner 120 plus 15% tip", "138.00"),
        ("dinner 100 + 8% tax + 20% tip", "128.00"),  # both of what the food cost
        ("Schuhe 60, 5 Rabatt", "55.00"),
        ("Abendessen 80 plus 10% Trinkgeld", "88.00"),
        ("zapatos 60, 5 de descuento", "55.00"),
        ("cena 80 más 10% de propina", "88.00"),
        ("chaussures 60, remise 5", "55.00"),
        ("dîner 80 plus 10% de pourboire", "88.00"),
        ("scarpe 60 meno 5 di sconto", "55.00"),
        ("cena 80 più 10% di mancia", "88.00"),
        ("sapatos 60, desconto 5", "55.00"),
        ("jantar 80 mais 10% de gorjeta", "88.00"),
        ("joote 60, 5 discount", "55.00"),
        ("khana 80 plus 10% tip", "88.00"),
    ],
)
def test_what_is_off_a_price_or_on_top_is_counted(read_json: ReadJson, text: str, amount: str) -> None:
    (expense,) = read_json(text)["expenses"]
    assert expense["amount"] == amount
    assert len(expense["description"].split()) == 1


@pytest.mark.parametrize("text", ["shoes 3, 5 discount", "shoes 60 EUR, 5 USD discount", "dinner 80, 10 off for Bob", "dinner 80, 10% tip included"])
def test_what_cannot_be_off_a_price_is_left(read_json: ReadJson, text: str) -> None:
    assert all(expense["amount"] in ("3.00", "5.00", "60.00", "80.00") for expense in read_json(text).get("expenses", []))


@pytest.mark.parametrize("text", ["20 snacks at 9", "45 drinks at 8.30", "paid 14 for Anna's sandwich"])
def test_what_may_mean_something_else_is_asked(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["needs_confirmation"]


@pytest.mark.parametrize(
    "text",
    [
        "dinner 80 and 10% tip was included",
        "dinner 80 and a 10% tip included",
        "dinner was 80 and 20% tax incl.",
        "dinner 80 + 10% tip, all included",
        "Essen 80 und 10% Trinkgeld inklusive",
        "Essen 80 plus 10% Trinkgeld inklusive",
        "cena 80 y 10% de propina incluida",
        "cena 80 más 10% de propina incluida",
        "dîner 80 et 10% de pourboire inclus",
        "dîner 80 plus 10% de pourboire compris",
        "cena 80 e 10% mancia inclusa",
        "cena 80 più 10% di mancia già inclusa",
        "jantar 80 e 10% de gorjeta incluída",
        "jantar 80 mais 10% de gorjeta incluída",
        "khana 80 plus 10% tip shaamil",
    ],
)
def test_what_is_in_a_price_is_not_added_to_it(read_json: ReadJson, text: str) -> None:
    assert [each["amount"] for each in read_json(text).get("expenses", [])] in ([], ["80.00"])


@pytest.mark.parametrize(
    "text",
    [
        "dinner 80 + 10% tip - 5 discount",  # more is said than was counted
        "dinner 80 + 10% tip, 5% tax",
        "Abendessen 80 plus 10% Trinkgeld, 5 Rabatt",
        "cena 80 más 10% de propina, 5 de descuento",
        "dinner 80 and 10% tip",  # on top, or in it
        "Essen 80 und 10% Trinkgeld",
        "cena 80 y 10% de propina",
        "shift 12, 2 off",
        "dinner 60, 10 off Anna",
        "shoes 60 EUR, 5 USD discount",
    ],
)
def test_a_price_of_which_more_is_said_is_asked(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["needs_confirmation"]


@pytest.mark.parametrize("text", ["shift 12 2 off", "line 12 2 off"])
def test_numbers_that_are_no_price_are_left(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["intent"] == "none"


@pytest.mark.parametrize(
    ("text", "amount"), [("shoes 60, €10 off", "50.00"), ("dinner 100 plus 8% tax and 20% tip", "128.00"), ("dinner 80 - 10% + 10% tip", "79.20")]
)
def test_several_that_are_said_of_a_price(read_json: ReadJson, text: str, amount: str) -> None:
    read = read_json(text)
    assert [each["amount"] for each in read["expenses"]] == [amount]
    assert not read["needs_confirmation"]
