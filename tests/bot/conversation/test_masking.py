"""People taken out of a text."""

from __future__ import annotations

import time

import pytest

from bot.conversation.masking import Mask, letters_of

LETTERS = letters_of([["Mia", "@mia99"], ["Anna Maria", "Anna", "anna"], ["Jörg"]])


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("dinner with Anna and jörg 45", "dinner with B and C 45"),
        ("ANNA MARIA paid 20", "B paid 20"),
        ("Annas Geschenk 20", "B Geschenk 20"),
        ("Anna's gift 20", "B gift 20"),
        ("@mia99 owes me 5", "A owes me 5"),
        ("@stranger owes me 5", "@X owes me 5"),
        ("annex 20", "annex 20"),
        ("mail a.b@example.org about 12", "mail MAIL about 12"),
        ("see https://example.org/x?y and www.example.org 12", "see LINK and LINK 12"),
        ("call +49 (170) 123-4567 taxi 20", "call NUMBER taxi 20"),
        ("card 4111 1111 1111 1111 shoes 60", "card NUMBER shoes 60"),
        ("rent 1500000", "rent 1500000"),
        ("taxi 24.50 on 14.3.", "taxi 24.50 on 14.3."),
    ],
)
def test_names_and_what_reaches_somebody(text: str, masked: str) -> None:
    assert Mask(LETTERS, spared={"1500000"}).text(text) == masked


def test_letters_do_not_run_out_and_none_is_a_word() -> None:
    letters = list(letters_of([[f"person{number}"] for number in range(60)]).values())
    assert len(set(letters)) == 60 and "I" not in letters and letters[:2] == ["A", "B"] and letters[25] == "A1"


@pytest.mark.parametrize("piece", ["1", "1 ", "+1-", "a@", "anna ", "annas'", "@", "://"])
def test_a_long_text_takes_no_time(piece: str) -> None:
    mask, text = Mask(LETTERS), (piece * 4096)[:4096]

    def seconds() -> float:
        start = time.process_time()
        mask.text(text)
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 0.2
