"""Language files: what is wrong in one is said with file and key."""

from typing import Any

import pytest

from core.reading.amounts import amounts
from core.reading.language import LanguageError, available, build, load, read
from core.reading.text import clean, tokenise

COMMON = read("common.toml")


def small(**changes: Any) -> dict[str, Any]:
    return {"name": "Tiny", "numbers": {"decimal": ",", "group": ".", "words": {"un": 1}}, "dates": {"relative": {"ieri": -1}}} | changes


def test_every_file_loads() -> None:
    assert "en" in available()
    assert [load(code).code for code in available()] == list(available())


def test_one_more_language_is_data_alone() -> None:
    assert build("xx", COMMON, small()).numbers.decimal == ","


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": 3}, "xx.toml: name"),
        ({"numbers": {"decimal": ",", "group": ","}}, "numbers.decimal"),
        ({"numbers": {"words": {"un": "1"}}}, "numbers.words.un"),
        ({"dates": {"months": {"mars": 13}}}, "dates.months.mars"),
        ({"dates": {"units": {"giorno": "hour"}}}, "dates.units.giorno"),
        ({"dates": {"holidays": {"natale": "25.12."}}}, "dates.holidays.natale"),
        ({"dates": {"order": "month"}}, "dates.order"),
        ({"dates": {"months": ["gennaio"] * 13}}, "dates.months"),
        ({"money": {"home": "ITL"}}, "money.home"),
        ({"money": {"words": {"lira": "ITX"}}}, "money.words.lira"),
        ({"measures": {"units": [7]}}, "measures.units"),
    ],
)
def test_a_wrong_file_is_refused_by_key(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(LanguageError, match=said):
        build("xx", COMMON, small(**changes))


def test_an_unknown_language_falls_back_to_english() -> None:
    assert load("tlh").code == "en"


def test_hundreds_in_one_word_go_on_with_tens() -> None:
    spanish = load("es")
    tokens = tokenise(clean("doscientos cincuenta mil pesos"))
    assert [amount.value for amount in amounts(tokens, spanish, currency="COP")] == [250_000]
