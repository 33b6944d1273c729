"""Owns what holds digits and is no money: times, percentages, phone numbers, versions, labels, counts and measures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.domain.currencies import DECIMALS
from core.reading.language import Language
from core.reading.text import Token

Kind = Literal["time", "percent", "phone", "version", "label", "measure", "multiple", "identifier"]
_ORDINAL = re.compile(r"st|nd|rd|th")
_HOUR = re.compile(r"([01]?\d|2[0-4])(?:\.([0-5]\d))?")
_MINUTES = re.compile(r"[0-5]\d")
_LONGEST_TIME_DIGITS = 4  # 1000 days and more are no time that a message speaks of
_DECIMAL = re.compile(r"\d+[.,]\d{2}")


@dataclass(frozen=True, slots=True)
class Quantity:
    """Tokens [first, last) and what they are. `weak`: it may be money after all where the text holds no better amount ("bus 5")."""

    first: int
    last: int
    kind: Kind
    weak: bool = False


def quantities(tokens: Sequence[Token], language: Language) -> tuple[Quantity, ...]:
    """All numbers that are no money, in order. Dates are core.reading.dates' matter. Linear in the number of tokens."""
    folded = [token.folded for token in tokens]
    found = []
    place = 0
    while place < len(tokens):
        quantity = _at(tokens, folded, place, language) if tokens[place].kind == "n" else None
        if quantity is not None:
            found.append(quantity)
        place = max(place + 1, quantity.last if quantity else 0)
    return tuple(found)


def _at(tokens: Sequence[Token], folded: Sequence[str], place: int, language: Language) -> Quantity | None:  # noqa: PLR0911  # one a kind
    measures, token = language.measures, tokens[place]
    after = folded[place + 1] if place + 1 < len(tokens) else ""
    before = folded[place - 1] if place else ""
    glued_after = place + 1 < len(tokens) and tokens[place + 1].glued
    if after in measures.percent:
        return Quantity(place, place + 2, "percent")
    if (clock := _clock(tokens, folded, place, language)) is not None:
        return clock
    if token.text.count(".") >= 2 and not _thousands(token.text):
        return Quantity(place, place + 1, "version")
    if token.glued and before and tokens[place - 1].kind == "w" and language.designators.at(folded, place - 1) is None and before != "x":
        return Quantity(place - 1, place + 1, "identifier", weak=_DECIMAL.fullmatch(token.text) is not None)
    if (token.glued and before in ("#", "_", "@")) or (before == "+" and tokens[place - 1].glued is False and len(token.text) >= 7):
        return Quantity(place - 1, place + 1, "identifier")
    if (token.text.startswith("0") and token.text.isdigit() and len(token.text) >= 4) or (token.text.isdigit() and len(token.text) >= 11):
        return Quantity(place, place + 1, "phone")
    if before in measures.labels and not _DECIMAL.fullmatch(token.text):
        return Quantity(place - 1, place + 1, "label")
    if after in ("/", ":") and glued_after and place + 2 < len(tokens) and tokens[place + 2].kind == "n" and tokens[place + 2].glued:
        return Quantity(place, _ratio_end(tokens, place), "multiple")
    return _measure(tokens, folded, place, language)


def _ratio_end(tokens: Sequence[Token], place: int) -> int:
    """Where numbers end that stand in one word with the same sign between them: "50/30/20"."""
    end = place + 3
    while (
        end + 1 < len(tokens)
        and tokens[end].text == tokens[place + 1].text
        and tokens[end].glued
        and tokens[end + 1].glued
        and tokens[end + 1].kind == "n"
    ):
        end += 2
    return end


def _thousands(text: str) -> bool:
    return all(len(part) == 3 for part in text.split(",")[0].split(".")[1:])


def _clock(tokens: Sequence[Token], folded: Sequence[str], place: int, language: Language) -> Quantity | None:
    text = tokens[place].text
    if len(text) > 5 or _HOUR.fullmatch(text) is None:
        return None
    end = place + 1
    minutes = False
    if end + 1 < len(tokens) and folded[end] == ":" and tokens[end].glued and _MINUTES.fullmatch(tokens[end + 1].text) and tokens[end + 1].glued:
        end, minutes = end + 2, True
        if end + 1 < len(tokens) and folded[end] == ":" and tokens[end + 1].kind == "n":
            end += 2
    for size in (4, 3, 2, 1):  # "a . m .", "o'clock", "pm"
        if "".join(folded[end : end + size]).strip() in language.measures.clock and end + size <= len(tokens):
            return Quantity(place, end + size, "time")
    return Quantity(place, end, "time") if minutes else None


def _measure(tokens: Sequence[Token], folded: Sequence[str], place: int, language: Language) -> Quantity | None:
    end = place + 1
    if end >= len(tokens):
        return None
    if folded[end] == "x" and (end + 1 == len(tokens) or tokens[end + 1].kind != "n"):
        return Quantity(place, end + 1, "multiple")
    if folded[end] == "-" and tokens[end].glued and end + 1 < len(tokens) and tokens[end + 1].glued:
        end += 1  # "5-star", "90-minute"
    unit = language.measures.units.at(folded, end)
    if unit is None or tokens[end].text in DECIMALS:  # "68 KGS" are Kyrgyz soms, "68 kgs" kilograms
        return None
    ordinal = tokens[end].glued and _ORDINAL.fullmatch(folded[end])
    short = len(folded[end]) == 1 and not tokens[end].glued
    if (
        (folded[end] in ("st", "nd", "rd", "th") and not ordinal)
        or short
        or (_DECIMAL.fullmatch(tokens[place].text) and not tokens[end].glued and end == place + 1 and folded[end] in ("second", "st", "day", "night"))
    ):
        return None
    return Quantity(place, end + unit[1], "measure", weak=_too_long(tokens[place].text, folded[end], language))


def _too_long(number: str, unit: str, language: Language) -> bool:
    """Whether nobody means so many days or months: in "5000 mahine ka" the month belongs to what follows, or to what stands before."""
    word = language.dates.words.at([unit], 0)
    return word is not None and word[0][0] == "U" and sum(character.isdigit() for character in number) >= _LONGEST_TIME_DIGITS
