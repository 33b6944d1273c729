"""Amounts of money, and what holds digits and is none."""

from decimal import Decimal

import pytest

from core.reading.amounts import Amount, amounts
from core.reading.language import load
from core.reading.quantities import quantities
from core.reading.text import clean, tokenise

ENGLISH = load("en")


def found(text: str, currency: str = "EUR") -> tuple[Amount, ...]:
    tokens = tokenise(clean(text))
    skip = [quantity for quantity in quantities(tokens, ENGLISH) if not quantity.weak]
    return amounts(tokens, ENGLISH, currency=currency, skip=skip)


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("tram 2.40", "2.40", None),
        ("1,350.25", "1350.25", None),
        ("1.350,25 €", "1350.25", "EUR"),
        ("12'500.50 CHF", "12500.50", "CHF"),
        ("1,25,000 rupees", "125000", "INR"),
        ("thirty two ten", "32.10", None),
        ("two hundred and five euros", "205", "EUR"),
        ("2.4k", "2400", None),
        ("$3.5m", "3500000", "USD"),
        ("3 lakh rupees", "300000", "INR"),
        ("R$12,90", "12.90", "BRL"),
        ("S$ 8.20", "8.20", "SGD"),
        ("Rs. 350", "350", "INR"),
        ("CHF17", "17", "CHF"),
        ("17CHF", "17", "CHF"),
        ("9 dollars 35 cents", "9.35", "USD"),
        ("9 dollars and 35", "9.35", "USD"),
        ("80 cents", "0.80", None),
        ("4+1.75", "5.75", None),
        ("4x2.30", "9.20", None),
        ("4 x 2.30 + 1", "10.20", None),
        ("6.40Tea", "6.40", None),
        (".80 €", "0.80", "EUR"),
        ("40 quid", "40", "GBP"),
    ],
)
def test_amounts_are_read(text: str, value: str, currency: str | None) -> None:
    (amount,) = found(text)
    assert amount.value == Decimal(value)
    assert amount.currency == currency
    assert amount.other is None


@pytest.mark.parametrize(
    "text",
    [
        "at 7pm",
        "at 19:45",
        "10% off",
        "v2.4.1",
        "flat A4",
        "mp3",
        "+4915112345678",
        "0151234567",
        "5 km",
        "3 people",
        "2nd",
        "1e400",
        "NaN",
        "9" * 30,
        "chapter 7",
        "1.2.3",
    ],
)
def test_what_is_no_money(text: str) -> None:
    assert found(text) == ()


def test_a_point_before_three_digits_is_ambiguous() -> None:
    (amount,) = found("3.450")
    assert (amount.value, amount.other) == (Decimal(3450), Decimal("3.450"))


def test_the_currency_can_settle_what_a_point_means() -> None:
    assert found("3.450 KWD")[0].value == Decimal("3.450")
    assert (found("3.450 JPY")[0].value, found("3.450 JPY")[0].other) == (Decimal(3450), None)


def test_a_shared_sign_means_the_chats_own_currency() -> None:
    assert found("$12", currency="CAD")[0].currency == "CAD"
    assert found("$12", currency="EUR")[0].currency == "USD"


def test_a_word_of_several_currencies_is_in_doubt() -> None:
    assert len(found("30 pesos")[0].currencies) > 1
    assert found("30 pesos", currency="COP")[0].currencies == ()


def test_codes_that_are_words_need_capitals_after_the_number() -> None:
    assert found("ALL 7 of them")[0].currency is None
    assert found("70 TRY")[0].currency == "TRY"
    assert found("try 70")[0].currency is None


def test_an_article_before_a_sign_is_no_part_of_it() -> None:
    assert found("paid a $20 cab")[0].currency == "USD"
    assert found("A$20")[0].currency == "AUD"


def test_thousands_parted_by_spaces_are_asked_about_in_english() -> None:
    (amount,) = found("2 100 EUR")
    assert (amount.value, amount.other) == (Decimal(2100), Decimal(100))


def test_negative_amounts_are_marked() -> None:
    assert found("-12 tea")[0].negative
    assert not found("tea - 12")[0].negative


def test_one_and_a_pair_of_words_is_ambiguous() -> None:
    assert found("one eighty")[0].other == Decimal(180)
