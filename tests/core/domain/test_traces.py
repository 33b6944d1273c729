"""Names and texts are found in what our sentences made of them, and only there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.replies.formats import Voice
from core.domain.traces import Words

WORDS = Words(("Ann", "Ann-Marie", "You"), ("dinner", "a very long text about a dinner that nobody wants to read", "the “Ritz”"))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Ann → Ben €8.", "former member → Ben €8."),
        ("Ann-Marie and Ann owe you.", "former member and former member owe you."),
        ("Annex €5, Joann €3", "Annex €5, Joann €3"),
        ("You owe €3.", "You owe €3."),
        ("Dinner €24, paid by Ann: €12 each.", "… €24, paid by former member: €12 each."),
        ("A very long text about a dinner that no… €3", "… €3"),
        ("The “Ritz” €90, dinner €20", "… €90, … €20"),
        ("Write “paid 45 for dinner with Ann”. Dinner?", "Write “paid 45 for dinner with Ann”. …?"),
    ],
)
def test_words_are_taken_out(said: str, left: str) -> None:
    assert WORDS.taken_out(said) == left


def test_where_there_are_none_nothing_changes() -> None:
    assert Words((), ()).taken_out("Ann paid for dinner.") == "Ann paid for dinner."


@given(st.text(min_size=1, max_size=120))
def test_whatever_our_sentences_show_of_a_text_is_found(text: str) -> None:
    shown = Voice("en").name(text)
    if any(character.isalpha() for character in shown):  # of signs alone nothing can be known again
        for form in (shown, shown[:1].upper() + shown[1:]):
            assert Words((), (text,)).taken_out(f"{form} €5") in ("… €5", "\u2068…\u2069 €5")
