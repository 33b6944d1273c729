"""Numbers in words, by the grammar of each language."""

from decimal import Decimal

import pytest

from core.reading.language import load
from core.reading.numbers import cardinal, read_words
from core.reading.text import Token, clean, tokenise


def tokens_of(code: str, text: str) -> tuple[Token, ...]:
    tokens, divider = tokenise(clean(text)), load(code).divider
    return divider.divide(tokens) if divider is not None else tokens


@pytest.mark.parametrize(
    ("code", "text", "value"),
    [
        ("en", "nine hundred and four", "904"),
        ("en", "sixty-seven", "67"),
        ("en", "half a million", "500000"),
        ("en", "six point two five", "6.25"),
        ("en", "four million seven hundred thousand and twelve", "4700012"),
        ("en", "eight crore two lakh", "80200000"),
        ("es", "ochenta y nueve", "89"),
        ("es", "mil doscientos treinta", "1230"),
        ("es", "siete mil millones", "7000000000"),
        ("fr", "quatre-vingt-dix-sept", "97"),
        ("fr", "soixante et onze", "71"),
        ("fr", "deux cent quatre-vingts", "280"),
        ("de", "siebenundachtzig", "87"),
        ("de", "zweitausenddreihundertfünf", "2305"),
        ("de", "vier und sechzig", "64"),
        ("nl", "tweeënzestig", "62"),
        ("da", "syvoghalvfems", "97"),
        ("sv", "fyrtiosex", "46"),
        ("it", "trecentoquarantotto", "348"),
        ("pt", "trezentos e vinte e um", "321"),
        ("ru", "двести сорок шесть", "246"),
        ("pl", "osiemset dziewięćdziesiąt", "890"),
        ("tr", "üç yüz kırk iki", "342"),
        ("hu", "huszonnyolc", "28"),
        ("hi", "सैंतालीस", "47"),
        ("zh", "八千零六十", "8060"),
        ("zh", "三萬五千", "35000"),
        ("ja", "四百二十一", "421"),
        ("ko", "칠만오천", "75000"),
    ],
)
def test_numbers_in_words(code: str, text: str, value: str) -> None:
    tokens = tokens_of(code, text)
    assert cardinal(tokens, 0, load(code).numbers) == (Decimal(value), len(tokens))


@pytest.mark.parametrize(
    ("code", "text", "taken"), [("en", "seven and cheese", 1), ("en", "nine forty thousand", 1), ("es", "dos y tres", 1), ("fr", "huit vingt", 1)]
)
def test_words_that_do_not_go_on_are_left(code: str, text: str, taken: int) -> None:
    assert cardinal(tokens_of(code, text), 0, load(code).numbers)[1] == taken


def test_two_small_numbers_in_english_are_units_and_cents() -> None:
    tokens = tokens_of("en", "sixty two fifteen")
    assert read_words(tokens, 0, load("en").numbers) is not None
    number, size = read_words(tokens, 0, load("en").numbers) or pytest.fail("no number")
    assert (number.value, size) == (Decimal("62.15"), 3)


def test_a_string_of_scales_ends_somewhere() -> None:
    value, _ = cardinal(tokens_of("en", "two " + "billion trillion " * 40), 0, load("en").numbers)
    assert value is not None
    assert value <= 10**20
