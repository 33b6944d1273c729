"""What a mistyped word was meant to be, and when that is not known."""

from __future__ import annotations

import pytest

from core.domain.likeness import closest

WORDS = {"dinner", "dentist", "sushi", "supermarket", "bus", "taxi", "tax", "rent", "tent"}


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("dinr", None),
        ("diner", "dinner"),
        ("dinenr", "dinner"),
        ("sishi", "sushi"),
        ("susi", "sushi"),
        ("supermraket", "supermarket"),
        ("suprmarkt", "supermarket"),
    ],
)
def test_a_slip_is_forgiven_two_in_a_long_word(said: str, meant: str | None):
    assert closest(said, WORDS) == meant


@pytest.mark.parametrize("said", ["bis", "lent", "zebra", "", "taxe"])
def test_a_short_word_two_that_are_as_close_or_none_are_no_answer(said: str):
    assert closest(said, WORDS) is None


def test_a_word_that_is_there_needs_no_other():
    assert closest("sushi", WORDS) is None
