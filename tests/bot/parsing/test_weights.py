"""Bills shared by numbers that are no money: nights, days, glasses, shares."""

import pytest

from bot.conversation.intents import RecordExpenses
from tests.bot.parsing.conftest import Read, ReadJson


@pytest.mark.parametrize(
    ("text", "description", "shares"),
    [
        ("villa 600 by nights: Bob 3, Anna 2, me 1", "villa", {"Bob": "300.00", "Anna": "200.00", "Mia": "100.00"}),
        ("villa 600, split by days Bob 3 Anna 2 me 1", "villa", {"Bob": "300.00", "Anna": "200.00", "Mia": "100.00"}),
        ("villa 600, Bob 3 nights, Anna 2 nights and me 1 night", "villa", {"Bob": "300.00", "Anna": "200.00", "Mia": "100.00"}),
        ("Bob stayed 4 nights and Anna 2 nights, cottage 300", "cottage", {"Bob": "200.00", "Anna": "100.00"}),
        ("villa 600 split by nights, 4 for Bob, 2 for Anna", "villa", {"Bob": "400.00", "Anna": "200.00"}),
        ("wine 30, Bob 2 glasses, Anna 1", "wine", {"Bob": "20.00", "Anna": "10.00"}),
        ("fuel 35 weights Bob 2, Anna 1.5", "fuel", {"Bob": "20.00", "Anna": "15.00"}),
        ("villa 600 shares: Anna 1, Bob 2", "villa", {"Anna": "200.00", "Bob": "400.00"}),
        ("Hütte 600 nach Nächten: Bob 4, Anna 2", "Hütte", {"Bob": "400.00", "Anna": "200.00"}),
        ("Hütte 600, Bob 4 Nächte, ich 2 Nächte", "Hütte", {"Bob": "400.00", "Mia": "200.00"}),
        ("cabaña 600 por noches: Bob 4, Anna 2", "cabaña", {"Bob": "400.00", "Anna": "200.00"}),
        ("chalet 600 selon les nuits : Bob 4, Anna 2", "chalet", {"Bob": "400.00", "Anna": "200.00"}),
        ("baita 600 in base alle notti: Bob 4, Anna 2", "baita", {"Bob": "400.00", "Anna": "200.00"}),
        ("chalé 600 por noites: Bob 4, Anna 2", "chalé", {"Bob": "400.00", "Anna": "200.00"}),
        ("cottage 600, raat ke hisaab se: Bob 4, Anna 2", "cottage", {"Bob": "400.00", "Anna": "200.00"}),
    ],
)
def test_numbers_that_weigh(read_json: ReadJson, text: str, description: str, shares: dict[str, str]) -> None:
    read = read_json(text)
    (expense,) = read["expenses"]
    assert (expense["description"], expense["split_type"], expense["shares"]) == (description, "shares", shares)
    assert not read["needs_confirmation"]


@pytest.mark.parametrize(
    "text",
    [
        "villa 600: Bob 400, Anna 200",
        "villa 600 by nights: Bob 400, Anna 200",  # what each owes already
        "villa 600, shares Bob €400, Anna €200",
    ],
)
def test_parts_that_make_up_the_bill_are_money(read_json: ReadJson, text: str) -> None:
    (expense,) = read_json(text)["expenses"]
    assert (expense["split_type"], expense["shares"]) == ("exact", {"Bob": "400.00", "Anna": "200.00"})


@pytest.mark.parametrize(
    "text",
    [
        "hotel 80/night, Anna 3 nights, Bob 2 nights",
        "hotel 80 a night by nights Anna 3 Bob 2",
        "hotel 80 per night by nights Anna 3 Bob 2",
        "hotel 80 each night, Anna 3 nights, Bob 2 nights",
        "hotel 80 daily by nights: Anna 3, Bob 2",
        "Hotel 80 pro Nacht, Anna 3 Nächte, Bob 2 Nächte",
        "hotel 80 por noche, Anna 3 noches, Bob 2 noches",
        "hôtel 80 la nuit, Anna 3 nuits, Bob 2 nuits",
        "hotel 80 a notte, Anna 3 notti, Bob 2 notti",
        "hotel 80 por noite, Anna 3 noites, Bob 2 noites",
        "hotel 80 per raat, raat ke hisaab se: Anna 3, Bob 2",
    ],
)
def test_a_price_that_may_be_of_one_night_is_asked(read: Read, text: str) -> None:
    found = read(text)
    assert isinstance(found.intent, RecordExpenses)
    assert found.question is not None
    assert (found.question.code, [label for label, _ in found.question.options]) == ("ambiguous_amount", ["80.00 EUR", "400.00 EUR"])
    assert found.intent.expenses[0].recurring is None


@pytest.mark.parametrize(
    "text",
    ["room 12 Anna 2 nights Bob 3 nights", "hotel 300 yesterday, Anna 3 nights, Bob 2 nights", "rent 900 monthly, shares: Anna 1, Bob 2"],
)
def test_a_price_of_them_all_is_not_asked_about(read_json: ReadJson, text: str) -> None:
    assert not read_json(text)["needs_confirmation"]
