"""Owns what everything else looks at: the rows of a receipt with their words, kinds and amounts, its language and its currency."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from integrations.receipts.boxes import Box
from integrations.receipts.extraction import lexicon
from integrations.receipts.extraction.amounts import Amount, amounts_of
from integrations.receipts.extraction.currency import currency_of, places_of
from integrations.receipts.extraction.lexicon import Word, words_of
from integrations.receipts.extraction.rows import Row, rows_of


@dataclass(frozen=True, slots=True)
class Label:
    """What a row says in words: the kinds of its phrases, and of those before its first amount."""

    kinds: frozenset[str]
    words: tuple[Word, ...]
    letters: int
    phrases: tuple[tuple[str, int, int, frozenset[str]], ...] = ()


@dataclass(frozen=True)
class Page:
    """A receipt as rows from top to bottom; `labels[i]` belongs to `rows[i]`. `places`: decimals that its amounts are written with."""

    rows: tuple[Row, ...]
    labels: tuple[Label, ...]
    amounts: tuple[Amount, ...]
    places: int
    language: str
    currency: str | None

    @cached_property
    def height(self) -> float:
        """The usual size of type, in pixels."""
        return statistics.median(row.height for row in self.rows) if self.rows else 1.0

    @cached_property
    def left(self) -> float:
        return min((row.left for row in self.rows), default=0.0)

    @cached_property
    def width(self) -> float:
        return max(1.0, max((row.right for row in self.rows), default=1.0) - self.left)

    @cached_property
    def by_row(self) -> dict[int, tuple[Amount, ...]]:
        """The amounts of each row that has some."""
        found: dict[int, list[Amount]] = {}
        for amount in self.amounts:
            found.setdefault(amount.row, []).append(amount)
        return {row: tuple(amounts) for row, amounts in found.items()}

    def kinds_beside(self, amount: Amount) -> frozenset[str]:
        """Kinds told on the amount's own row or, where that has no words, on the row above."""
        own = self.labels[amount.row]
        if own.letters >= 3 or amount.row == 0:
            return own.kinds
        above = self.labels[amount.row - 1]
        near = self.rows[amount.row].middle - self.rows[amount.row - 1].middle < 2.2 * self.height
        return own.kinds | above.kinds if near and amount.row - 1 not in self.by_row else own.kinds


def page_of(boxes: Sequence[Box]) -> Page:
    """Read rows, words, language, currency and amounts. Linear in the boxes, apart from sorting them."""
    rows = rows_of(boxes)
    words = [words_of(row.text) for row in rows]
    language = lexicon.detect(word.known for line in words for word in line)
    known = lexicon.lexicon(lexicon.spoken(language))
    labels = tuple(_label(row, line, known) for row, line in zip(rows, words, strict=True))
    currency = currency_of(rows, words, language)
    places = places_of(rows, currency)
    return Page(rows, labels, amounts_of(rows, places=places), places, language, currency)


def _label(row: Row, words: tuple[Word, ...], known: lexicon.Lexicon) -> Label:
    found = tuple(known.find(words))
    kinds = frozenset(kind for _, _, _, of_phrase in found for kind in of_phrase)
    return Label(kinds, words, sum(character.isalpha() for character in row.text), found)
