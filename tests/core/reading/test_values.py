"""Money and dates in many languages, read alone and beside other words."""

from datetime import date
from decimal import Decimal

import pytest

from core.domain.currencies import DECIMALS
from core.reading.amounts import Amount, amounts
from core.reading.dates import dates
from core.reading.language import available, load
from core.reading.names import currency_names
from core.reading.quantities import quantities
from core.reading.text import Token, clean, tokenise

TODAY = date(2025, 3, 14)  # a Friday


def tokens_of(code: str, text: str) -> tuple[Token, ...]:
    tokens, divider = tokenise(clean(text)), load(code).divider
    return divider.divide(tokens) if divider is not None else tokens


def money(code: str, text: str, *, currency: str = "EUR", broad: bool = True) -> list[tuple[str, str | None]]:
    return [(f"{amount.value:f}", amount.currency) for amount in amounts_of(code, text, currency=currency, broad=broad)]


def amounts_of(code: str, text: str, *, currency: str = "EUR", broad: bool = True) -> tuple[Amount, ...]:
    tokens, language = tokens_of(code, text), load(code)
    skip = [quantity for quantity in quantities(tokens, language) if not quantity.weak]
    return amounts(tokens, language, currency=currency, skip=skip, broad=broad)


def days(code: str, text: str, *, broad: bool = True) -> list[str]:
    found = dates(tokens_of(code, text), load(code), today=TODAY, lean="future" if broad else "past", broad=broad)
    return [span.start.isoformat() for span in found if span.is_day]


@pytest.mark.parametrize(
    ("code", "text", "value", "currency"),
    [
        ("en", "hk $ 62", "62", "HKD"),
        ("en", "1.5 MUSD", "1500000", "USD"),
        ("en", "9 Mexican pesos", "9", "MXN"),
        ("en", "a pound", "1", "GBP"),
        ("en", "$64. 95", "64.95", "USD"),
        ("en", "6 dollars and one", "6.01", "USD"),
        ("en", "thirty-five euros twenty", "35.20", "EUR"),
        ("es", "3 millones de pesos mexicanos", "3000000", "MXN"),
        ("es", "ocho euros con treinta", "8.30", "EUR"),
        ("fr", "2,5 milliards de $ CAD", "2500000000", "CAD"),
        ("de", "neunzig-Euro", "90", "EUR"),
        ("de", "zwölf Schweizer Franken", "12", "CHF"),
        ("it", "ventisei euro e quaranta centesimi", "26.40", "EUR"),
        ("pt", "cinco reais e vinte centavos", "5.20", "BRL"),
        ("ro", "64 de lei", "64", "RON"),
        ("ru", "пять тысяч рублей", "5000", "RUB"),
        ("tr", "7 milyar $'lık", "7000000000", "USD"),
        ("hi", "6 लाख रुपये", "600000", "INR"),
        ("zh", "八块六毛", "8.6", "CNY"),
        ("zh", "超市花了37块", "37", "CNY"),
        ("ja", "6万8千円", "68000", "JPY"),
        ("ko", "3억 7천만 달러를", "370000000", "USD"),
        ("vi", "75k đồng", "75000", "VND"),
        ("ar", "6 دنانير", "6", "KWD"),
        ("sv", "40 kr", "40", "SEK"),
        ("nb", "40 kr", "40", "NOK"),
    ],
)
def test_money_alone(code: str, text: str, value: str, currency: str) -> None:
    found = money(code, text)
    assert [(Decimal(read), known) for read, known in found] == [(Decimal(value), currency)]


@pytest.mark.parametrize(
    ("code", "text"),
    [("en", "a quarter of the bill"), ("en", "ALL 5 of us"), ("es", "mil gracias"), ("en", "a hundred thanks"), ("pt", "mil obrigados")],
)
def test_words_of_everyday_are_no_money_in_a_message(code: str, text: str) -> None:
    assert all(amount.strength == 0 and amount.value >= 2 for amount in amounts_of(code, text, broad=False) if amount.currency is not None)
    assert not [amount for amount in amounts_of(code, text, broad=False) if amount.words and code != "en"]


@pytest.mark.parametrize("text", ["we won 3-2", "1.5 million people", "version 2.10.3", "flight 2490", "21.5 degrees", "meet at 19:30"])
def test_what_is_no_money(text: str) -> None:
    assert [amount for amount in amounts_of("en", text) if amount.strength] == []


@pytest.mark.parametrize("text", ["we won 3-2", "meet at 5.30", "ate 1/2 of it", "24/7"])
def test_what_is_no_date(text: str) -> None:
    assert days("en", text) == []


def test_a_sign_of_several_currencies() -> None:
    assert money("en", "60 kr", currency="DKK") == [("60", "DKK")]
    (doubtful,) = amounts_of("en", "60 kr")
    assert doubtful.currencies == ("SEK", "NOK", "DKK", "ISK")
    assert money("en", "$60", currency="NZD") == [("60", "NZD")]
    assert money("en", "Rs 60", currency="LKR") == [("60", "LKR")]
    assert money("en", "£60", currency="EGP") == [("60", "EGP")]
    assert money("fr", "60 $ au bar") == [("60", "USD")]


@pytest.mark.parametrize("code", sorted(DECIMALS))
def test_every_currency_is_known_by_its_code(code: str) -> None:
    assert money("en", f"68 {code}") == [("68", code)]


@pytest.mark.parametrize("language", available())
def test_every_name_of_a_currency_is_read_as_it(language: str) -> None:
    """What the language's own file says of a word goes before; none of the others may be taken for another currency."""
    wrong = []
    for name, code in currency_names(language).items():
        found = amounts_of(language, f"68 {name}", currency=code)
        if [amount.currency for amount in found] != [code]:
            wrong.append((name, code, found))
    assert len(wrong) <= len(currency_names(language)) // 20, wrong
    assert not [
        each for each in wrong if any(amount.currency not in (None, each[1]) and not amount.currencies for amount in each[2]) and " " in each[0]
    ]


def test_a_language_that_nobody_knows_has_no_names() -> None:
    assert currency_names("xx-none") == {}


@pytest.mark.parametrize(
    ("code", "text", "day"),
    [
        ("en", "2 weeks after 3 May", "2025-05-17"),
        ("en", "the day after tomorrow", "2025-03-16"),
        ("en", "5 days before 2 June", "2025-05-28"),
        ("en", "Tuesday three weeks from now", "2025-04-01"),
        ("en", "Sunday, Feb 16", "2025-02-16"),
        ("en", "June 4 nineteen ninety one", "1991-06-04"),
        ("en", "in three business days", "2025-03-19"),
        ("en", "some weeks ago", "2025-02-21"),
        ("en", "Thursday the 20th", "2025-03-20"),
        ("en", "5 11 1987", "1987-11-05"),
        ("en", "this Friday (apr-18)", "2025-04-18"),
        ("de", "am 21. April", "2025-04-21"),
        ("de", "Samstag, den 26.04.25", "2025-04-26"),
        ("de", "vor sechs Wochen", "2025-01-31"),
        ("de", "Montag in zwei Wochen", "2025-03-24"),
        ("de", "der dritte Oktober", "2025-10-03"),
        ("es", "el 9 del 6", "2025-06-09"),
        ("es", "seis de julio de dos mil tres", "2003-07-06"),
        ("es", "el jueves de la semana que viene", "2025-03-20"),
        ("fr", "il y a trois semaines", "2025-02-21"),
        ("fr", "le 30 d'octobre", "2025-10-30"),
        ("pt", "faz dois meses", "2025-01-14"),
        ("pt", "na quinta-feira da semana passada", "2025-03-06"),
        ("it", "l'altro ieri", "2025-03-12"),
        ("it", "tra due settimane", "2025-03-28"),
        ("nl", "de vierentwintigste mei", "2025-05-24"),
        ("ru", "через неделю", "2025-03-21"),
        ("ru", "двадцать седьмого мая", "2025-05-27"),
        ("uk", "три дні тому", "2025-03-11"),
        ("pl", "ostatni wtorek maja", "2025-05-27"),
        ("hu", "2024. június 8.", "2024-06-08"),
        ("tr", "6 gün önce", "2025-03-08"),
        ("hi", "6 मई को", "2025-05-06"),
        ("zh", "2024年11月6号", "2024-11-06"),
        ("zh", "六月的第二个星期六", "2025-06-14"),
        ("ja", "明後日", "2025-03-16"),
        ("ja", "来週の土曜日", "2025-03-22"),
        ("ko", "2024년 6월 8일", "2024-06-08"),
        ("vi", "ngày 8 tháng 6 năm 2024", "2024-06-08"),
        ("hi", "परसों से चार दिन बाद", "2025-03-20"),
        ("el", "προχτές", "2025-03-12"),
    ],
)
def test_days_alone(code: str, text: str, day: str) -> None:
    assert days(code, text) == [day]


@pytest.mark.parametrize(
    ("code", "text", "day"),
    [
        ("en", "boxing day", "2025-12-26"),
        ("en", "last good friday", "2024-03-29"),
        ("en", "thanksgiving 2026", "2026-11-26"),
        ("en", "3 weeks before easter", "2025-03-30"),
        ("de", "Pfingstmontag nächstes Jahr", "2026-05-25"),
        ("el", "πάσχα 2027", "2027-05-02"),
        ("it", "ferragosto", "2025-08-15"),
    ],
)
def test_holidays_are_days_where_nothing_but_dates_is_looked_for(code: str, text: str, day: str) -> None:
    assert days(code, text) == [day]
    assert days(code, text.replace("3 weeks before ", ""), broad=False) == []


def test_a_day_leans_as_it_is_asked_to() -> None:
    tokens, english = tokenise("20 May"), load("en")
    assert [span.start.year for span in dates(tokens, english, today=TODAY)] == [2024]
    assert [span.start.year for span in dates(tokens, english, today=TODAY, lean="future")] == [2025]


def test_yesterday_or_tomorrow_in_one_word_leans_too() -> None:
    tokens, hindi = tokenise("कल"), load("hi")
    assert [span.start for span in dates(tokens, hindi, today=TODAY)] == [date(2025, 3, 13)]
    assert [span.start for span in dates(tokens, hindi, today=TODAY, lean="future")] == [date(2025, 3, 15)]


@pytest.mark.parametrize("text", ["21 of them", "table for the 6", "5 11", "monday 3 beers", "the back two weeks"])
def test_bare_figures_are_no_day_in_a_message(text: str) -> None:
    assert "2025-03-21" not in days("en", text, broad=False)
    assert [day for day in days("en", text, broad=False) if day != "2025-03-10"] == []


@pytest.mark.parametrize(
    ("code", "text"), [("de", "31. Juni"), ("zh", "2月30号"), ("es", "el 31 de abril"), ("en", "29 February 2023"), ("vi", "ngày 31 tháng 6")]
)
def test_impossible_days_are_no_dates(code: str, text: str) -> None:
    assert days(code, text) == []
