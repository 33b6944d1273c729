"""The first look at a text: what is seen is what is read."""

import pytest

from core.reading.text import LIMIT_CHARACTERS, Phrases, clean, fold, has_overrides, tokenise


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("plain 12.50", "plain 12.50"),
        ("nul\x00inside", "nul inside"),
        ("１２．５０ ＥＵＲ", "12.50 EUR"),
        ("٤٥٫٥٠", "45.50"),
        ("१२३", "123"),
        ("4\u200b5", "45"),
        ("it’s", "it's"),
        ("a\ud800b", "a\ufffdb"),
        ("a\r\nb", "a\n\nb"),
    ],
)
def test_cleaning_gives_what_is_seen(text: str, seen: str) -> None:
    assert clean(text) == seen


def test_digits_of_two_scripts_make_no_number() -> None:
    assert not any(character.isdigit() for character in clean("1२3"))


def test_long_texts_are_cut() -> None:
    assert len(clean("x" * 10_000)) == LIMIT_CHARACTERS


def test_overrides_are_noticed() -> None:
    assert has_overrides("pay \u202e54.1")
    assert not has_overrides("pay 1.45 é")


def test_tokens_carry_spans_and_gluing() -> None:
    tokens = tokenise("R$49,90 don't")
    assert [(token.text, token.glued) for token in tokens] == [("R", False), ("$", True), ("49,90", True), ("don't", False)]
    assert all("R$49,90 don't"[token.start : token.end] == token.text for token in tokens)


def test_folding_drops_marks_but_keeps_letters() -> None:
    assert fold("Café") == "cafe"
    assert fold("ЙОД") == "йод"


def test_the_longest_phrase_wins() -> None:
    phrases = Phrases([("day", 1), ("day before yesterday", 3)])
    folded = [token.folded for token in tokenise("day before yesterday")]
    assert phrases.at(folded, 0) == (3, 3)
    assert phrases.at(folded, 1) is None
