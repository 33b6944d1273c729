"""Owns reading one number: digits with their separators, and number words. Knows no currency."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from core.reading.language import Numbers
from core.reading.text import Token

MAX_DIGITS = 15
_MAX_DECIMALS = 6
_ABSURD = Decimal(10) ** 20  # a text may string scales together for ever
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
    value, after = cardinal(tokens, place, numbers)
    if value is None:
        return None
    linked = after < len(tokens) and tokens[after].folded in numbers.pair_links
    if (numbers.pairs or linked) and value <= 99 and value % 1 == 0 and after + linked < len(tokens):
        cents, end = cardinal(tokens, after + linked, numbers)
        if cents is not None and 10 <= cents <= 99 and cents % 1 == 0 and cents != value + 10:  # "twenty thirty" is about that much
            pair = value + cents / 100
            # "one fifty" is 1.50 or 150; "forty five fifty" is 45.50.
            return Number(pair, other=value * 100 + cents if value < 10 else None, decimals=2), end - place
    return Number(value), after - place


def cardinal(tokens: Sequence[Token], place: int, numbers: Numbers, *, figures: Decimal | None = None) -> tuple[Decimal | None, int]:
    """The value of the number words from token `place` and the token after them; None where there are none.

    With `figures`, the value of the token at `place` in digits, to which scales are then added: "4 million 500 thousand".
    """
    if figures is None and not numbers.may_begin(tokens[place].folded):
        return None, place
    reading = _Reading(tokens, place, numbers)
    if figures is not None:
        reading.sum.take(figures)
        reading.index = place + 1
        reading.keep()
    elif (half := _fraction(tokens, place, numbers)) is not None:
        return half
    reading.run()
    if reading.value is None:
        return None, place
    if figures is not None:
        return reading.value, reading.end
    return _and_a_half(tokens, reading.end, reading.value, numbers) or _decimals(tokens, reading.end, reading.value, numbers)


def _fraction(tokens: Sequence[Token], place: int, numbers: Numbers) -> tuple[Decimal, int] | None:
    """ "half a million", "quarter million": a part of a scale."""
    parts = numbers.fractions.get(tokens[place].folded)
    if parts is None:
        return None
    end = place + 1
    if end < len(tokens) and tokens[end].folded in numbers.articles:
        end += 1
    scale = numbers.scales.get(tokens[end].folded, 0) if end < len(tokens) else 0
    return (Decimal(scale) / parts, end + 1) if scale >= numbers.small else None


def _and_a_half(tokens: Sequence[Token], place: int, value: Decimal, numbers: Numbers) -> tuple[Decimal, int] | None:
    """ "two and a half", "tres y medio"; the scale after them too: "two and a half million"."""
    if place >= len(tokens) or tokens[place].folded not in numbers.conjunctions:
        return None
    end = place + 1
    end += end < len(tokens) and tokens[end].folded in numbers.articles
    parts = numbers.fractions.get(tokens[end].folded) if end < len(tokens) else None
    if parts is None:
        return None
    scale = numbers.scales.get(tokens[end + 1].folded, 1) if end + 1 < len(tokens) else 1
    return (value + Decimal(1) / parts) * scale, end + 1 + (scale > 1)


def _decimals(tokens: Sequence[Token], place: int, value: Decimal, numbers: Numbers) -> tuple[Decimal, int]:
    """Decimals in words: "three point one four", "dos coma veinticinco"."""
    if place >= len(tokens) or tokens[place].folded not in numbers.point:
        return value, place
    digits, end = "", place + 1
    while end < len(tokens) and len(digits) < _MAX_DECIMALS:
        word = numbers.words.get(tokens[end].folded, 100)
        if word > 9 and (digits or word > 99):
            break
        digits, end = digits + str(word), end + 1
    return (value + Decimal(f"0.{digits}"), end) if digits else (value, place)


class _Reading:
    """Number words one after another, as long as they go on with each other."""

    def __init__(self, tokens: Sequence[Token], place: int, numbers: Numbers) -> None:
        self.tokens, self.numbers = tokens, numbers
        self.start = self.index = self.end = place
        self.sum = _Sum(numbers)
        self.value: Decimal | None = None

    def keep(self) -> None:
        self.value, self.end = self.sum.total(), self.index

    def run(self) -> None:
        while self.index < len(self.tokens):
            token = self.tokens[self.index]
            pieces = self.numbers.pieces(token.folded) if token.kind == "w" else ()
            if pieces and pieces[0] in self.numbers.conjunctions and len(pieces) == 1:
                pieces = ()
            if pieces:
                if not self.take(pieces):
                    return
                self.index += 1
                self.keep()
            elif not self.figures(token) and not self.joins(token):
                return
            else:
                self.index += 1

    def take(self, pieces: Sequence[str]) -> bool:
        """Whether all pieces of a word go on with the number."""
        for piece in pieces:
            if (number := self.numbers.words.get(piece)) is not None:
                if not self.sum.take(Decimal(number)):
                    return False
            elif (scale := self.numbers.scales.get(piece)) is not None:
                before = self.tokens[self.index - 1].folded if self.index else ""
                if not self.sum.scale(scale, bare=self.numbers.bare or before in self.numbers.articles):
                    return False
            elif not self.sum.join():
                return False
        return True

    def figures(self, token: Token) -> bool:
        """Figures after a scale: "2 million 500 thousand", "4천 820만". They count where a scale follows, or in a language of such scales."""
        if (
            token.kind != "n"
            or not token.text.isdigit()
            or len(token.text) > 4
            or self.value is None
            or not self.sum.take(Decimal(token.text), figures=True)
        ):
            return False
        following = self.tokens[self.index + 1].folded if self.index + 1 < len(self.tokens) else ""
        if self.numbers.small > 1000 and following not in self.numbers.scales:
            self.index += 1
            self.keep()
            self.index -= 1
        return following in self.numbers.scales or self.numbers.small > 1000

    def joins(self, token: Token) -> bool:
        """Whether a word that is no number belongs to one: "a hundred", "hundred and five", "forty-five"."""
        numbers = self.numbers
        following = self.tokens[self.index + 1].folded if self.index + 1 < len(self.tokens) else ""
        if self.index == self.start:
            return token.folded in numbers.articles and following in numbers.scales
        if token.folded == "-":
            return token.glued and (following in numbers.conjunctions or bool(numbers.pieces(following)))
        return self.value is not None and token.folded in numbers.conjunctions and self.sum.join()


class _Sum:
    """The value of number words so far: terms of large scales, a section of small ones ("three hundred"), and ones."""

    def __init__(self, numbers: Numbers) -> None:
        self.numbers = numbers
        self.terms: list[tuple[Decimal, int]] = []
        self.section, self.least = Decimal(0), 0
        self.ones: Decimal | None = None
        self.last = Decimal(0)
        self.joined = False

    def total(self) -> Decimal:
        return min(sum((value for value, _ in self.terms), self.section + (self.ones or 0)), _ABSURD)

    def join(self) -> bool:
        """Whether a conjunction may stand here."""
        self.joined = self.ones is None or self.numbers.tens_and or self.numbers.ones_first or self.numbers.twenties
        return self.joined

    def take(self, number: Decimal, *, figures: bool = False) -> bool:
        joined, self.joined = self.joined, False
        if self.ones is None:
            if (self.least and number >= self.least) or (self.terms and number >= self.terms[-1][1]):
                return False
            self.ones = self.last = number
            return True
        if figures:
            return False
        if self.numbers.small > 1000 and self.last < 10 and number < 10:
            self.ones, self.last = self.ones * 10 + number, number  # digit by digit
            return True
        grown = self._grown(self.last, number, joined=joined)
        if grown is None:
            return False
        self.ones, self.last = self.ones - self.last + grown, number if self.last >= 100 else grown
        return True

    def _grown(self, last: Decimal, number: Decimal, *, joined: bool) -> Decimal | None:
        """What the last word and this one make: "forty five", "doscientos cincuenta", "fünf und zwanzig", "quatre vingt"; None: nothing."""
        numbers = self.numbers
        if joined and not (numbers.tens_and or numbers.twenties or (numbers.ones_first and last < 10)):
            return None
        if (20 <= last < 100 and last % 10 == 0 and 0 < number < 10) or (last >= 100 and last % 100 == 0 and 0 < number < 100):
            return last + number
        if numbers.ones_first and 0 < last < 10 and 20 <= number < 100 and number % 10 == 0:
            return last + number
        if numbers.twenties and last == 4 and number == 20:
            return Decimal(80)
        return last + number if numbers.twenties and 20 <= last < 100 and last % 20 == 0 and 10 <= number < 20 else None

    def scale(self, scale: int, *, bare: bool) -> bool:
        self.joined = False
        ones, self.last = self.ones, Decimal(0)
        if scale < self.numbers.small:
            if (ones is None and not (bare or self.terms)) or (self.least and scale >= self.least):
                return False
            self.section, self.least, self.ones = self.section + (Decimal(1) if ones is None else ones) * scale, scale, None
            return True
        group = self.section + (ones or 0)
        below = sum((value for value, each in self.terms if each < scale), Decimal(0))
        if any(each == scale for _, each in self.terms) or (not group and not below and not bare and ones is None):
            return False
        self.terms = [(value, each) for value, each in self.terms if each > scale]
        self.terms.append((min(((below + group) or Decimal(ones is None)) * scale, _ABSURD), scale))
        self.section, self.least, self.ones = Decimal(0), 0, None
        return True
