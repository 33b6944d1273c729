"""Currencies in which an answer is wanted, and amounts of which the text says what they came to in another."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.conversation.intents import Command, ParseContext, Query, RecordExpenses, RecordSettlement
from bot.conversation.parsing import parse
from core.domain.money import Money


def read(text: str, language: str = "en", currency: str = "EUR"):
    context = ParseContext(
        now=datetime(2025, 3, 14, 12), speaker="Zoe", members=("Zoe", "Anna", "Bob"), language=language, chat="group", currency=currency
    )
    return parse(text, context)


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "convert everything to euro", "EUR"),
        ("en", "please exchange all debts into US dollars from now on", "USD"),
        ("en", "settle in pounds from now on", "GBP"),
        ("de", "Rechne alles in Dollar um", "USD"),
        ("de", "alle Beträge in Euro umrechnen", "EUR"),
        ("es", "convierte todas las deudas a dólares", "USD"),
        ("fr", "convertir tout en euros", "EUR"),
        ("it", "converti tutti i debiti in euro", "EUR"),
        ("pt", "converter tudo em dólares", "USD"),
        ("hi", "sab kuch dollar mein badal do", "USD"),
    ],
)
def test_a_group_is_made_even_in_one_currency(language, text, code):
    assert read(text, language).intent == Command("settle_in", {"currency": code})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "keep all currencies separate"),
        ("en", "don't convert anything"),
        ("de", "lass die Währungen wie sie sind"),
        ("de", "Währungen getrennt halten"),
        ("es", "deja las monedas separadas"),
        ("fr", "laissez les devises séparées"),
        ("it", "lasciamo le valute separate"),
        ("pt", "deixe as moedas separadas"),
        ("hi", "sabhi currency ko alag rakho"),
    ],
)
def test_currencies_are_kept_apart(language, text):
    assert read(text, language).intent == Command("keep_apart")


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "settle up in yen", "JPY"),
        ("en", "let's settle in New Zealand dollars", "NZD"),
        ("de", "Abrechnen in Dollar", "USD"),
        ("es", "saldar en euros", "EUR"),
        ("fr", "régler les comptes en dollars", "USD"),
        ("it", "saldiamo in dollari", "USD"),
        ("pt", "acertar as contas em euros", "EUR"),
        ("hi", "euro mein hisaab karo", "EUR"),
    ],
)
def test_debts_are_settled_in_a_currency(language, text, code):
    assert read(text, language).intent == Command("settle_plan", {"currency": code})


@pytest.mark.parametrize(
    ("language", "text", "kind", "code"),
    [
        ("en", "who owes whom in dollars?", "balances", "USD"),
        ("en", "how much does anna owe me in euro", "balance_with", "EUR"),
        ("en", "how much in yen", "spend", "JPY"),
        ("en", "how much did we spend on drinks in dollars", "spend", "USD"),
        ("en", "how much in swiss francs did we spend", "spend", "CHF"),
        ("de", "Wer schuldet wem in Dollar?", "balances", "USD"),
        ("de", "wie viel ist das in Pfund", "spend", "GBP"),
        ("es", "¿cuánto hemos gastado este mes en dólares?", "spend", "USD"),
        ("fr", "combien avons-nous dépensé en dollars", "spend", "USD"),
        ("it", "quanto abbiamo speso questo mese in dollari", "spend", "USD"),
        ("pt", "quanto gastamos este mês em dólares", "spend", "USD"),
        ("hi", "kitna kharch hua dollar mein", "spend", "USD"),
    ],
)
def test_an_answer_is_wanted_in_a_currency(language, text, kind, code):
    intent = read(text, language).intent
    assert isinstance(intent, Query)
    assert (intent.kind, intent.currency) == (kind, code)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "how much this month"),
        ("en", "how much in total this month?"),
        ("de", "wie viel diesen Monat"),
        ("es", "cuánto este mes"),
        ("fr", "combien ce mois-ci"),
        ("it", "quanto questo mese"),
        ("pt", "quanto este mês"),
        ("hi", "is mahine kitna"),
        ("hi", "kitna is mahine"),
    ],
)
def test_how_much_of_a_period(language, text):
    intent = read(text, language).intent
    assert isinstance(intent, Query) and intent.kind == "spend"
    assert intent.start is not None and intent.start.isoformat() == "2025-03-01"


@pytest.mark.parametrize("text", ["how much", "what is it today", "how much tomorrow"])
def test_a_bare_how_much_asks_for_nothing(text):
    assert not isinstance(read(text).intent, Query)


@pytest.mark.parametrize("text", ["who owes whom", "how much did we spend in march", "how much did we spend in lisbon", "settle up"])
def test_none_is_wanted_where_none_is_said(text):
    intent = read(text).intent
    assert getattr(intent, "currency", None) is None
    assert "currency" not in getattr(intent, "slots", {})


def test_a_currency_that_is_to_count_from_now_on_is_still_that():
    assert read("my currency is yen").intent == Command("set_currency", {"currency": "JPY"})
    assert read("everything in dollars").intent == Command("set_currency", {"currency": "USD"})


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "taxi 20 usd = 18.50 eur"),
        ("en", "taxi 20 usd (18.50 eur)"),
        ("en", "taxi $20 (€18.50)"),
        ("en", "taxi $20, which was €18.50"),
        ("en", "taxi 18.50 eur = 20 usd"),
        ("en", "taxi 20 usd = 18.50"),
        ("de", "Taxi 20 Dollar, das sind 18,50 Euro"),
        ("es", "taxi 20 dólares que son 18,50 euros"),
        ("fr", "taxi 20 dollars soit 18,50 euros"),
        ("it", "taxi 20 dollari cioè 18,50 euro"),
        ("pt", "táxi 20 dólares, ou seja 18,50 euros"),
        ("hi", "taxi 20 dollar yaani 18.50 euro"),
    ],
)
def test_what_it_came_to_in_the_chats_currency_counts(language, text):
    found = read(text, language)
    assert isinstance(found.intent, RecordExpenses) and found.question is None
    [draft] = found.intent.expenses
    assert (draft.amount, draft.foreign, draft.description.casefold().replace("á", "a")) == (Money(1850, "EUR"), Money(2000, "USD"), "taxi")


def test_of_two_foreign_currencies_the_first_counts():
    [draft] = read("taxi 2000 yen = 15 usd").intent.expenses
    assert (draft.amount, draft.foreign) == (Money(2000, "JPY"), Money(1500, "USD"))


@pytest.mark.parametrize(
    ("language", "text"), [("en", "taxi 20 usd (about 18 eur)"), ("en", "taxi 20 usd, approx. 18 eur"), ("de", "Taxi 20 USD (ca. 18 €)")]
)
def test_what_is_roughly_the_same_is_no_rate(language, text):
    found = read(text, language)
    [draft] = found.intent.expenses
    assert (draft.amount, draft.foreign, found.question) == (Money(2000, "USD"), None, None)


@pytest.mark.parametrize("text", ["taxi 20 usd (2)", "taxi 20 usd / 2", "coffee 3 eur = 3 eur", "taxi 20 usd = 0 eur"])
def test_other_numbers_are_no_equivalent(text):
    intent = read(text).intent
    assert not isinstance(intent, RecordExpenses) or all(draft.foreign is None for draft in intent.expenses)


def test_two_expenses_in_two_currencies_stay_two():
    found = read("hotel 300 dollars, beer 20 euros").intent
    assert [draft.amount for draft in found.expenses] == [Money(30000, "USD"), Money(2000, "EUR")]


def test_each_of_two_amounts_is_offered_in_its_own_currency():
    found = read("gas 40 usd 30 eur")
    assert found.question is not None
    assert [label for label, _ in found.question.options] == ["40.00 USD", "30.00 EUR"]


def test_a_payment_may_say_what_was_handed_over():
    intent = read("I paid Anna back 20 usd = 18.50 eur").intent
    assert isinstance(intent, RecordSettlement)
    assert (intent.amount, intent.foreign) == (Money(1850, "EUR"), Money(2000, "USD"))
