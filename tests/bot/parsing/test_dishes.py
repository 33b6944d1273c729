"""Who had what of a bill, where the sums make up its total."""

import pytest

from tests.bot.parsing.conftest import ReadJson

SHARED = {"Mia": "16.00", "Anna": "20.00", "Bob": "18.00", "Dan": "6.00"}


@pytest.mark.parametrize(
    "text",
    [
        "bill 60: Bob pizza 12, Anna pasta 14, me salad 10, wine 24 shared",
        "Rechnung 60: Bob Pizza 12, Anna Pasta 14, ich Salat 10, Wein 24 für alle",
        "cuenta 60: Bob pizza 12, Anna pasta 14, yo ensalada 10, vino 24",
        "addition 60 : Bob pizza 12, Anna pâtes 14, moi salade 10, vin 24",
    ],
)
def test_what_nobody_had_alone_is_everyones(read_json: ReadJson, text: str) -> None:
    read = read_json(text, default_split="everyone")
    (expense,) = read["expenses"]
    assert (expense["amount"], expense["shares"], read["needs_confirmation"]) == ("60.00", SHARED, False)


@pytest.mark.parametrize(
    ("text", "payers"),
    [
        ("bill 36: Bob pizza 12, Anna pasta 14, me salad 10", {"Mia": "36.00"}),
        ("dinner 36, Bob had the pizza 12, Anna the pasta 14 and me soup 10", {"Mia": "36.00"}),
        ("Anna paid the bill 36: Bob pizza 12, Anna pasta 14, me salad 10", {"Anna": "36.00"}),
        ("bill 36: Bob pizza 8, Bob beer 4, Anna pasta 14, me salad 10", {"Mia": "36.00"}),
    ],
)
def test_each_owes_what_they_had(read_json: ReadJson, text: str, payers: dict[str, str]) -> None:
    (expense,) = read_json(text)["expenses"]
    assert (expense["payers"], expense["shares"]) == (payers, {"Bob": "12.00", "Anna": "14.00", "Mia": "10.00"})


@pytest.mark.parametrize("text", ["dinner 50, Bob pizza 12, Anna pasta 14", "Bob pizza 12, Anna pasta 14"])
def test_sums_that_do_not_make_up_the_total_are_asked(read_json: ReadJson, text: str) -> None:
    assert read_json(text)["needs_confirmation"]


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("pizza 32, Bob pays 12 of it", {"Bob": "12.00", "Mia": "20.00"}),
        ("Pizza 32, Bob zahlt 12 davon", {"Bob": "12.00", "Mia": "20.00"}),
        ("pizza 32, Bob paga 12 de eso", {"Bob": "12.00", "Mia": "20.00"}),
        ("rent 1200, Bob pays 500 of it, the rest is mine", {"Bob": "500.00", "Mia": "700.00"}),
        ("la cena 60 euro ieri, Anna paga 25", {"Anna": "25.00", "Mia": "35.00"}),
        ("jantar 60 ontem, Anna paga 25", {"Anna": "25.00", "Mia": "35.00"}),
        ("internet 30 entre todos menos yo", {"Anna": "10.00", "Bob": "10.00", "Dan": "10.00"}),
        ("internet 30 for everyone without me", {"Anna": "10.00", "Bob": "10.00", "Dan": "10.00"}),
    ],
)
def test_a_part_of_it_is_a_part(read_json: ReadJson, text: str, shares: dict[str, str]) -> None:
    read = read_json(text)
    assert (read["expenses"][0]["shares"], read["needs_confirmation"]) == (shares, False)


def test_a_count_of_tickets_is_no_money(read_json: ReadJson) -> None:
    assert read_json("tickets 3 x 15, one for me and two for Bob")["needs_confirmation"]
