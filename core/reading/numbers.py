"""Owns reading one number: digits with their separators, and number words. Knows no currency."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.reading.language import Numbers
from core.reading.text import Token

MAX_DIGITS = 15
_GROUPS = re.compile(r"\d{1,3}(?:([.,'\u00a0])\d{3})(?:\1\d{3})*|\d{1,2}(?:,\d{2})+,\d{3}")


@dataclass(frozen=True, slots=True)
class Number:
    """A value and, where the writing allows another one, that too. `decimals`: digits after the sign that parts the units off."""

    value: Decimal
    other: Decimal | None = None
    decimals: int = 0


def read_digits(text: str, numbers: Numbers) -> Number | None:  # noqa: PLR0911  # one a way of writing
    """The value of digits with separators ("1,234.50", "1.234,5", "1'000"), None where they are no number ("1.2.3", 30 digits).

    One sign before exactly three digits parts either thousands or decimals. The language's own group sign, and every sign but the
    two of decimals, parts thousands; the other one is ambiguous ("1.234" in English is 1234 or 1.234).
    """
    if sum(character.isdigit() for character in text) > MAX_DIGITS:
        return None
    if text.isdigit():
        return Number(Decimal(text))
    if text[0] in ".,":
        return Number(Decimal("0." + text[1:]), decimals=len(text) - 1)
    marks = [character for character in text if not character.isdigit()]
    last = max(text.rfind("."), text.rfind(","))
    head, tail = text[:last], text[last + 1 :]
    if len(marks) == 1:
        return _one_mark(text, marks[0], numbers)
    if len(set(marks)) == 1:
        return Number(_plain(text)) if _GROUPS.fullmatch(text) else None
    if marks[-1] in ".," and marks.count(marks[-1]) == 1 and tail.isdigit() and len(tail) <= 4 and _GROUPS.fullmatch(head):
        return Number(Decimal(f"{_plain(head)}.{tail}"), decimals=len(tail))
    return None


def _one_mark(text: str, mark: str, numbers: Numbers) -> Number | None:
    head, tail = text.split(mark)
    grouped = len(tail) == 3 and len(head) <= 3 and not head.startswith("0")
    if mark not in ".,":
        return Number(_plain(text)) if grouped else None
    value = Decimal(f"{head}.{tail}")
    if not grouped:
        return Number(value, decimals=len(tail)) if len(tail) != 3 or head.strip("0") == "" or len(head) > 3 else None
    if mark == numbers.group:
        return Number(_plain(text))
    return Number(_plain(text), other=value, decimals=0)


def _plain(text: str) -> Decimal:
    return Decimal("".join(character for character in text if character.isdigit()))


def read_words(tokens: Sequence[Token], place: int, numbers: Numbers) -> tuple[Number, int] | None:
    """The number that begins at token `place` in words and how many tokens it takes ("two hundred and five", "forty five fifty")."""
    value, after = _cardinal(tokens, place, numbers)
    if value is None:
        return None
    if numbers.pairs and value <= 99 and after < len(tokens):
        cents, end = _cardinal(tokens, after, numbers)
        if cents is not None and 10 <= cents <= 99:
            pair = Decimal(f"{value}.{cents:02d}")
            # "one fifty" is 1.50 or 150; "forty five fifty" is 45.50.
            return Number(pair, other=Decimal(value * 100 + cents) if value < 10 else None, decimals=2), end - place
    return Number(Decimal(value)), after - place


def _cardinal(tokens: Sequence[Token], place: int, numbers: Numbers) -> tuple[int | None, int]:
    total = current = 0
    began = small = False
    last_word = 0
    index = place
    while index < len(tokens):
        word = tokens[index].folded
        if (number := numbers.words.get(word)) is not None:
            if small and not _follows(number, last_word):
                break
            current, small, last_word, began = current + number, True, number, True
        elif (scale := numbers.scales.get(word)) is not None and (began or (index > place and tokens[index - 1].folded in numbers.articles)):
            current = min(max(current, 1) * scale, 10**20)  # a text may string scales together for ever
            if scale > 100:
                total, current = total + current, 0
            small, last_word, began = False, 0, True
        elif not _joins(tokens, index, numbers, began=began and not small, at_start=index == place):
            break
        index += 1
    while index > place and tokens[index - 1].folded in numbers.conjunctions | numbers.articles | {"-"}:
        index -= 1
    return (total + current, index) if began else (None, place)


def _follows(number: int, before: int) -> bool:
    """Whether a number word goes on with the one before: "forty five", "doscientos cincuenta"."""
    return (20 <= before < 100 and before % 10 == 0 and 0 < number < 10) or (before >= 100 and before % 100 == 0 and 0 < number < 100)


def _joins(tokens: Sequence[Token], index: int, numbers: Numbers, *, began: bool, at_start: bool) -> bool:
    """Whether a word that is no number belongs to one: "a hundred", "hundred and five", "forty-five"."""
    word = tokens[index].folded
    following = tokens[index + 1].folded if index + 1 < len(tokens) else ""
    if word in numbers.articles and at_start:
        return following in numbers.scales
    if word == "-":
        return not at_start and tokens[index].glued and numbers.words.get(following, 10) < 10 and numbers.words.get(tokens[index - 1].folded, 0) >= 20
    return began and word in numbers.conjunctions and following in numbers.words
