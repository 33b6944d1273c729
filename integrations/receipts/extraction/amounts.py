"""Owns finding amounts of money in the rows of a receipt, as whole minor units. Knows nothing of what they are for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from integrations.receipts.extraction.rows import Row

_SIGNS = r"RM|R\$|S\$|A\$|US\$|HK\$|NT\$|S/|\$|€|£|¥|₹|₩|₱|฿|₫|₺|₽|₪|Rp\.?|EUR|EURO|USD|CHF|MYR|SGD|GBP|Fr\.|IDR|KWD|RH|R M"
_MARK = re.compile(rf"(?:{_SIGNS})$", re.IGNORECASE)
_MARK_AFTER = re.compile(r"\s?(?:¥|₩|円|원|₫|Ft\b|JPY\b|KRW\b)")
_AMOUNT = re.compile(
    rf"""
    (?<![\w.,/:#-]) (?P<lead>[-+~(*=]{{0,2}}\s?) (?P<mark>{_SIGNS})?[.:]?\s{{0,3}} (?P<minus>[-~]\s?)?
    (?: (?P<grouped>[0-9OoIlSB]{{1,3}}(?:[.,'\ ][0-9OoIlSB]{{3}})+) | (?P<whole>[0-9OoIlSB]{{1,7}}) )
    (?: \s?(?P<point>[.,]|[:;](?=[0-9]{{2}}(?![:0-9])))\s? (?P<cents>[0-9OoIlSB]{{2}}) )
    (?![0-9]) (?! [.,/:-]\s?[0-9]) (?!\s?%) (?P<tail>\s?-(?![\w.])|\)|\s?CR\b)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DASHED = re.compile(r"(?<![\w.,])(?P<whole>\d{1,6})[.,](?:-|--|—|–)(?!\d)")
_MARKED = re.compile(
    rf"(?:(?<!\w)(?:{_SIGNS})\s?(?P<after>\d{{1,6}})|(?<![\w.,])(?P<before>\d{{1,6}})\s?(?:€|£|EUR\b|kr\b|zł|Kč|SEK\b|NOK\b|DKK\b))(?![\d.,:%])",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(
    rf"(?<![\w.,/:-])(?P<mark>{_SIGNS})?\s?(?P<minus>[-~]\s?)?(?P<value>\d{{1,3}}(?:[.,' ]\d{{3}})+|\d{{1,7}})(?![\d%]|[.,/:-]\d)", re.IGNORECASE
)
_LOOKALIKES = str.maketrans(
    {"O": "0", "o": "0", "I": "1", "l": "1", "i": "1", "L": "1", "S": "5", "s": "5", "B": "8", "b": "8", "C": "0", "c": "0", "D": "0", "Q": "0"}
)
_MEASURE = re.compile(r"\s?(?:kg|g|ml|l|ltr|litre|liter|cm|mm|m|pcs|km|%|x\s|oz|lb)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount in row number `row` at characters [start, end). `value` in units of 10 to the minus `places`; negative where written so."""

    row: int
    start: int
    end: int
    value: int
    left: float
    right: float
    height: float
    score: float
    marked: bool = False  # a currency stands beside it
    measure: bool = False  # it counts something (0.50kg)


def amounts_of(rows: Sequence[Row], *, places: int = 2) -> tuple[Amount, ...]:
    """All amounts in reading order. `places`: decimals that they are written with, 0, 2 or 3."""
    found: list[Amount] = []
    for index, row in enumerate(rows):
        spans = _decimal(row.text) if places == 2 else _grouped(row.text, whole=not places)
        found += (_amount(index, row, *span) for span in sorted(spans))
    return tuple(found)


def _decimal(text: str) -> Iterable[tuple[int, int, int, bool]]:
    """(start, end, value, marked) of amounts with two decimals, and of whole ones that a currency or a dash shows to be money."""
    spaced, found = _spaced(text), []
    for match in _AMOUNT.finditer(spaced):
        digits = (match["grouped"] or match["whole"]).translate(_LOOKALIKES) + match["cents"].translate(_LOOKALIKES)
        if not any(character.isdigit() for character in match["grouped"] or match["whole"]) or not any(map(str.isdigit, match["cents"])):
            continue
        value = int(re.sub(r"\D", "", digits))
        minus = bool(match["minus"]) or any(sign in match["lead"] for sign in "-~(") or bool(match["tail"] and match["tail"].strip() != ")")
        minus &= not (match["lead"].strip() == "(" and match["tail"] is None)
        start = match.start("minus") if match["minus"] else match.start("grouped" if match["grouped"] else "whole")
        found.append((start, match.end("cents"), -value if minus else value, bool(match["mark"])))
    taken = [(start, end) for start, end, _, _ in found]
    for pattern in (_DASHED, _MARKED):
        for match in pattern.finditer(spaced):
            digits = next(group for group in match.groups() if group)
            if not any(start < match.end() and match.start() < end for start, end in taken):
                found.append((match.start(), match.end(), int(digits) * 100, True))
    return found


def _spaced(text: str) -> str:
    """The text with what is glued to an amount blanked out, character for character: "RM9.55SR" must show 9.55 at its place."""

    def blank(match: re.Match[str]) -> str:
        word = match.group()
        return word if _MARK.search(word.strip()) else " " * len(word)

    text = re.sub(r"(?<![A-Za-z])[A-Za-z@*×](?=\s?[0-9]+[.,][0-9]{2}(?![0-9.,]))", blank, text)
    return re.sub(r"(?<=[0-9][.,][0-9]{2})[A-Za-z*]{1,3}\b", lambda match: " " * len(match.group()), text)


def _grouped(text: str, *, whole: bool) -> Iterable[tuple[int, int, int, bool]]:
    """Amounts whose digits stand in threes; of `whole` ones also those without groups that a currency shows to be money."""
    for match in _THOUSANDS.finditer(text):
        digits = re.sub(r"\D", "", match["value"])
        if len(digits) < len(match["value"]) or (whole and (match["mark"] or _MARK_AFTER.match(text, match.end()))):
            yield match.start("value"), match.end("value"), -int(digits) if match["minus"] else int(digits), bool(match["mark"])


def _amount(index: int, row: Row, start: int, end: int, value: int, marked: bool) -> Amount:
    left, right = row.place(start, end)
    box = row.box_of(end - 1)
    marked = marked or bool(_MARK.search(row.text[:start].rstrip(" :.-"))) or bool(re.match(r"\s?(?:€|EUR\b|£)", row.text[end:]))
    return Amount(index, start, end, value, left, right, box.height, box.score, marked, bool(_MEASURE.match(row.text[end:])))
