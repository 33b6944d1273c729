"""Owns telling the currency of a receipt and how many decimals its amounts are written with. Knows nothing of what the amounts are for."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.domain.currencies import DECIMALS, is_currency
from core.reading.source import LanguageError, table_of
from integrations.receipts.extraction import lexicon
from integrations.receipts.extraction.lexicon import Word
from integrations.receipts.extraction.rows import Row

# A mark is one glyph, and an engine sees some in dirt; a place, a tax number or a law's own word is not read by chance.
_TOLD, _LIKELY, _NAMED = 3, 1, 1
_HEARD = 4  # marks of one currency beyond these tell nothing more


@dataclass(frozen=True, slots=True)
class Marks:
    """The data file: signs and codes to currencies, patterns of a country's addresses and numbers, and which currencies are written with what."""

    signs: Mapping[str, str]
    codes: Mapping[str, str]
    patterns: Mapping[str, re.Pattern[str]]
    code: re.Pattern[str]
    whole: frozenset[str]
    thousandths: frozenset[str]
    dollars: frozenset[str]


@cache
def marks() -> Marks:
    """currencies.toml. Raises LanguageError, with the key, for what is no currency."""
    return parse(table_of("receipts/currencies.toml", files(__package__).joinpath("currencies.toml").read_text(encoding="utf-8")))


def parse(table: Mapping[str, object]) -> Marks:
    """The table of a data file as Marks. Raises LanguageError, with the key, for what is no currency."""
    signs, codes, patterns = (_strings(table, key) for key in ("signs", "codes", "patterns"))
    lists = {key: _codes(table, key) for key in ("whole", "thousandths", "dollars")}
    for key, found in {"signs": signs.values(), "codes": codes.values(), "patterns": patterns, **lists}.items():
        for code in found:
            if not is_currency(code):
                raise LanguageError(f"receipts/currencies.toml: {key}: {code} is no currency")
    longest_first = "|".join(re.escape(code) for code in sorted(codes, key=len, reverse=True))
    written = re.compile(rf"(?<![^\W\d_])(?:{longest_first})(?=[\s\d.:)*]|$)")
    return Marks(signs, codes, {code: re.compile(pattern) for code, pattern in patterns.items()}, written, **lists)


def _strings(table: Mapping[str, object], key: str) -> dict[str, str]:
    found = table.get(key)
    if not isinstance(found, dict):
        raise LanguageError(f"receipts/currencies.toml: {key} is missing")
    return {str(mark): str(currency) for mark, currency in found.items()}


def _codes(table: Mapping[str, object], key: str) -> frozenset[str]:
    found = table.get(key)
    if not isinstance(found, list):
        raise LanguageError(f"receipts/currencies.toml: {key} is missing")
    return frozenset(map(str, found))


def currency_of(rows: Sequence[Row], words: Sequence[Sequence[Word]], language: str) -> str | None:
    """The currency that most speaks for: signs and codes, words of countries and of the currencies, forms of addresses. None where nothing does."""
    text = "\n".join(row.text for row in rows)
    named = Counter(marks().signs[character] for character in text if character in marks().signs)
    named.update(marks().codes[code] for code in marks().code.findall(text))
    lines = [f" {' '.join(word.known for word in line)} " for line in words]
    exact = [f" {' '.join(word.folded for word in line)} " for line in words]
    named.update(_said("currencies", lexicon.spoken(language), exact))
    told = Counter(_said("countries", lexicon.languages(), lines))
    told.update(currency for currency, pattern in marks().patterns.items() if pattern.search(text))
    if not named and re.search(r"\$\s?\d", text):
        dollars = [code for code, _ in told.most_common() if code in marks().dollars]
        if dollars or not told:
            return dollars[0] if dollars else "USD"
    votes = Counter({code: _NAMED * min(_HEARD, count) for code, count in named.items()})
    votes.update({code: _TOLD * count for code, count in told.items()})
    votes.update({code: _LIKELY * count for code, count in Counter(_said("likely", (language,), lines)).items()})
    return max(votes, key=lambda code: (votes[code], named[code], code)) if votes else None


def _said(table: str, languages: Iterable[str], lines: Sequence[str]) -> list[str]:
    """The currency of each phrase of these tables that stands on some row."""
    phrases = ((phrase, currency) for code in languages for phrase, currency in lexicon.places(table, code).items())
    return [currency for phrase, currency in phrases if any(f" {phrase} " in line for line in lines)]


def coded(row: Row, start: int, end: int) -> str | None:
    """The currency whose code (no mere sign) stands right before or after the characters [start, end) of a row."""
    for match in marks().code.finditer(row.text):
        if 0 <= start - match.end() <= 3 or 0 <= match.start() - end <= 2:
            return marks().codes[match.group()]
    return None


def places_of(rows: Sequence[Row], currency: str | None) -> int:
    """Decimals that amounts are written with, 0, 2 or 3: what is grouped by three ("25.000") is whole, unless the currency has thousandths."""
    text = "\n".join(row.text for row in rows)
    decimals = len(re.findall(r"\d[.,]\d{2}(?![\d.,])", text))
    grouped = len(re.findall(r"(?<![\d.,])\d{1,3}[.,]\d{3}(?![\d.,])", text))
    if grouped >= 2 and grouped > 2 * decimals:
        return 3 if currency in marks().thousandths else 0
    return 0 if currency is not None and DECIMALS[currency] == 0 and not decimals else 2


def is_written_whole(currency: str | None) -> bool:
    """Whether amounts of this currency are usually written without decimals."""
    return currency is not None and (DECIMALS[currency] == 0 or currency in marks().whole)
