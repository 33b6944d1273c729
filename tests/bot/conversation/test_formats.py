"""How amounts, names and sentences look."""

import pytest

from bot.conversation.replies.catalogue import catalogue, languages, read_catalogue
from bot.conversation.replies.formats import Voice, clean_label
from core.domain.currencies import DECIMALS
from core.domain.money import Money
from core.reading.source import LanguageError


@pytest.mark.parametrize(
    ("language", "money", "shown"),
    [
        ("en", Money(2400, "EUR"), "€24"),
        ("en", Money(2405, "EUR"), "€24.05"),
        ("en", Money(-350, "USD"), "-$3.50"),
        ("en", Money(123456700, "JPY"), "¥123,456,700"),
        ("en", Money(1500, "KWD"), "KWD\u00a01.500"),
        ("en", Money(100050, "IDR"), "IDR\u00a01,000.50"),
    ],
)
def test_amounts(language, money, shown):
    assert Voice(language).amount(money) == shown


def test_every_currency_shows_the_digits_it_has():
    for currency, places in DECIMALS.items():
        shown = Voice("en").amount(Money(10 * 10**places + (1 if places else 0), currency))
        digits = "".join(character for character in shown if character.isdigit())
        assert digits == ("10" if places == 0 else "10" + "1".zfill(places)), currency


def test_sms_gets_codes_for_signs():
    assert Voice("en", plain=True).amount(Money(4750, "EUR")) == "EUR 47.50"


def test_names_cannot_break_the_line_or_turn_it_around():
    assert clean_label("Anna\u202e\nB\x00ob") == "Anna Bob"
    assert clean_label("שלום") == "\u2068שלום\u2069"
    assert len(clean_label("x" * 500)) == 40


def test_text_of_people_is_never_a_template():
    assert Voice("en").say("undone", what="{amount} {0} %s") == "Taken back: {amount} {0} %s."


def test_a_catalogue_with_a_foreign_parameter_is_refused():
    english = catalogue("en")
    assert "en" in languages()
    assert read_catalogue('undone = "Weg: {what}."', "de", fallback=english).sentence("undone") == "Weg: {what}."
    assert read_catalogue("", "de", fallback=english).sentence("undone") == english.sentence("undone")
    assert issubclass(LanguageError, Exception)
