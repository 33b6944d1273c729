"""What descriptions say that a spending was, and how a wrong data file is refused."""

from __future__ import annotations

import pytest

from core.domain.tips.rules import OCCASIONS
from core.reading.occasions import checked, occasions_of
from core.reading.source import LanguageError
from core.reading.text import folded_words

GOOD = "\n".join(f'{occasion} = ["{occasion}"]' for occasion in OCCASIONS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("coffee with Anna", {"coffee"}),
        ("Kaffee am Bahnhof", {"coffee"}),
        ("uber eats, late", {"delivery"}),
        ("Uber to the airport", {"taxi"}),
        ("bar and taxi home", {"bar", "taxi"}),
        ("Mahngebühr Strom", {"late_fee"}),
        ("atm fee", {"bank_fee"}),
        ("ATM", {"cash"}),
        ("retrait", {"cash"}),
        ("शूज और टैक्सी", {"taxi"}),
        ("barber", set()),
        ("rent", set()),
        ("", set()),
    ],
)
def test_what_a_spending_was(words: str, expected: set[str]) -> None:
    assert occasions_of(folded_words(words)) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("coffee = [", "occasions.toml: "),
        (GOOD.replace('taxi = ["taxi"]', ""), "occasions.toml: taxi: missing"),
        (f'{GOOD}\nzebra = ["zebra"]', "occasions.toml: zebra: missing, or known to no tip"),
        (GOOD.replace('["taxi"]', '"taxi"'), "occasions.toml: taxi: a list of words"),
        (GOOD.replace('["taxi"]', '[""]'), "occasions.toml: taxi: a list of words"),
    ],
)
def test_a_wrong_file_is_refused_by_its_key(text: str, said: str) -> None:
    with pytest.raises(LanguageError) as refused:
        checked("occasions.toml", text)
    assert str(refused.value).startswith(said)


def test_one_word_may_say_two_things() -> None:
    both = checked("occasions.toml", GOOD.replace('bar = ["bar"]', 'bar = ["taxi"]'))
    assert both["taxi",] == {"bar", "taxi"}
