"""How people divide a receipt in words: whole messages, in several languages, and what is none."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest

from bot.conversation.intents import DivideReceipt, FixedLine, LineClaim
from bot.conversation.parsing import divisions
from bot.conversation.parsing.divisions import Shown, read_division
from core.reading.source import LanguageError

SHOWN = Shown(("Margherita", "Diavola", "Tiramisu", "Peroni beer", "Water", "Coffee"), 2)
NAMES = {name: name for name in ("Anna", "Bob", "Anna Maria", "Zoë")} | {"annie": "Anna"}


def read(text: str, language: str = "en") -> DivideReceipt | None:
    return read_division(text, names=NAMES, shown=SHOWN, language=language)


def claims(*claimed: tuple[int, tuple[str, ...]], **more: object) -> DivideReceipt:
    return DivideReceipt(tuple(LineClaim(line, people) for line, people in claimed), **more)  # type: ignore[arg-type]


A, B, ME = ("Anna",), ("Bob",), ("me",)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("1 3 anna, 2 bob and me, rest shared", claims((1, A), (3, A), (2, ("Bob", "me")), rest=())),
        ("1 Anna, 2 3 me, rest all", claims((1, A), (2, ME), (3, ME), rest=())),
        ("1-3 annie; 5 zoë", claims((1, A), (2, A), (3, A), (5, ("Zoë",)))),
        ("1,3 anna\n2 @bob", claims((1, A), (3, A), (2, B))),
        ("lines 1 and 2 are mine", claims((1, ME), (2, ME))),
        ("Bob had 4 and 6", claims((4, B), (6, B))),
        ("margherita anna maria, the rest is for everyone", claims((1, ("Anna Maria",)), rest=())),
        ("5 shared", claims((5, ()))),
        ("rest bob and me", claims(rest=("Bob", "me"))),
        ("2 of the 3 beers are mine", DivideReceipt((LineClaim(4, ME, 2000, 3000),))),
        ("1 of line 4 is Bob's".replace("'s", ""), DivideReceipt((LineClaim(4, B, 1000),))),
        ("tip 10 %", DivideReceipt(tip_percent=Decimal(10))),
        ("tip 4,50", DivideReceipt(tip=Decimal("4.50"))),
        ("delete line 4", DivideReceipt(dropped=(4,))),
        ("line 3 is 2x beer 9.00", DivideReceipt(fixed=(FixedLine(3, "beer", 2000, Decimal("9.00")),))),
        ("line 3: 7.50", DivideReceipt(fixed=(FixedLine(3, "", 1000, Decimal("7.50")),))),
        ("the total is 54.20", DivideReceipt(total=Decimal("54.20"))),
        ("1 anna, tip 5", claims((1, A), tip=Decimal(5))),
    ],
)
def test_a_division_is_read(text: str, meant: DivideReceipt) -> None:
    assert read(text) == meant


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("1 3 anna, 2 bob y yo, el resto entre todos", "es"),
        ("1 3 Anna, 2 Bob und ich, Rest alle", "de"),
        ("1 3 anna, 2 bob et moi, le reste pour tous", "fr"),
        ("1 3 anna, 2 bob e eu, o resto todos", "pt"),
        ("1 3 anna, 2 bob e io, il resto tutti", "it"),
        ("1 3 anna, 2 bob और मैं, बाकी सब", "hi"),
    ],
)
def test_in_other_languages_whatever_the_chat_speaks(text: str, language: str) -> None:
    meant = claims((1, A), (3, A), (2, ("Bob", "me")), rest=())
    assert read(text, language) == read(text, "en") == meant


@pytest.mark.parametrize(
    "text",
    [
        "taxi 12", "12 anna", "7 bob", "anna 5", "I paid anna back 5", "1 carla", "1 3", "rest", "thanks", "tip", "tip 1.234", "line 9 is tea 2",
        "who owes whom", "delete the taxi", "2 of the 3 cars are mine", "dinner 20 with bob", "1 anna, taxi 12", "", "total is 1.234", "3-1 anna",
        "line 3 is 0x beer 9", "2 beers at the bar 9.00", "anna and bob", "1 anna? no", "$5 anna", "4 of the 3 beers are mine",
    ],
)  # fmt: skip
def test_anything_else_is_none(text: str) -> None:
    assert read(text) is None


def test_nothing_is_read_where_no_receipt_was_shown() -> None:
    assert read_division("1 anna", names=NAMES, shown=Shown((), 2), language="en") is None


def test_the_worst_message_takes_no_time() -> None:
    read("1 anna")
    start = time.process_time()
    for text in ("1 anna," * 70, "anna " * 90, "1," * 240, "1 - " * 120, "a" * 4096, "2 of " * 100):
        read(text)
    assert time.process_time() - start < 0.2


def test_names_of_one_letter_are_looked_for_in_no_time() -> None:
    read("1 anna")
    start = time.process_time()
    for end in ("zz", "all", "1"):
        for text in ("a " * 240 + end, ("a " * 38 + f"{end},") * 6):
            assert read_division(text, names={"a": "A", "b": "B"}, shown=SHOWN, language="en") is None
    assert time.process_time() - start < 0.2


def test_a_wrong_file_names_the_key() -> None:
    with pytest.raises(LanguageError, match=r"divisions\.toml: en\.and: "):
        divisions.checked('[en]\nme = ["me"]\n')
    with pytest.raises(LanguageError, match=r"divisions\.toml: en\.me: "):
        divisions.checked("[en]\n" + "\n".join(f"{kind} = [{'Me' if kind == 'me' else 'x'!r}]" for kind in divisions.KINDS))
