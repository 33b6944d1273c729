"""Owns the lines of a receipt: which amounts are those of things bought, how many there were. Sums decide what words leave open."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from core.domain.receipts import Line, around
from integrations.receipts.extraction.amounts import Amount
from integrations.receipts.extraction.names import Option
from integrations.receipts.extraction.page import Page

_KINDS_TEXT = """
    total due subtotal tax incl excl service tip discount rounding deposit cash card change quantity points saving column net gross
    rate_codes invoice date phone taxid cashier customer balance refund thanks title
"""
_KINDS = tuple(_KINDS_TEXT.split())
_SUMMARY = frozenset({"total", "subtotal", "due", "cash", "card", "change", "rounding", "tax", "saving"})
_TIMES = re.compile(
    r"(?<![\d.,])(?P<count>\d{1,4}(?:[.,]\d{1,3})?)\s?(?P<unit>kg|g|l|stk?\.?|pcs?|st|pz|ud|un)?\s?(?P<sign>[x×*@])(?![a-wyz])", re.IGNORECASE
)
_TIMES_AFTER = re.compile(r"[x×*@]\s?(?P<count>\d{1,3}(?:[.,]\d{3})?)(?![\d.,])", re.IGNORECASE)
_COUNT = re.compile(r"(?<![\w.,/-])(?P<count>\d{1,3}(?:[.,]\d{3})?)(?![\w.,/%-])")
_MOST_FLIPS = 3
_MOST_DOUBTFUL = 14


@dataclass(frozen=True, slots=True)
class Entry:
    """An amount that may be a line's, with its features by name."""

    amount: Amount
    features: Mapping[str, float]


_FEATURES_TEXT = """
    letters letters_left letters_above letters_below amounts_above amounts_below from_right amounts aligned left has_header since_header
    to_summary after_summary summaries_before to_total_row share_of_total is_total beyond_total negative nothing times times_near product
    product_above same_in_row score type_size marked measure left_x row repeats code_left digits_left first_money_row
"""
_FEATURES = tuple(_FEATURES_TEXT.split())


@cache
def features() -> tuple[str, ...]:
    """The names of all features, in order."""
    return (*_KINDS, *(f"above_{kind}" for kind in _KINDS), *_FEATURES)


def vector(entry: Entry) -> list[float]:
    """The features in the order of `features()`."""
    return [entry.features.get(name, 0.0) for name in features()]


def entries(page: Page, total: int | None) -> tuple[Entry, ...]:
    """Every amount of the page with what speaks for it being a line's."""
    shape = _Shape(page, total)
    return tuple(Entry(amount, shape.features(amount)) for amount in page.amounts)


class _Shape:
    """What the features of all amounts share: the header, the summary, the money column."""

    def __init__(self, page: Page, total: int | None) -> None:
        self.page, self.total = page, total
        self.header = _header(page)
        self.summaries = [row for row in sorted(page.by_row) if page.labels[row].kinds & _SUMMARY and row > self.header]
        lasts = [row[-1].right for row in page.by_row.values()]
        self.column = statistics.median(lasts) if lasts else 0.0
        self.total_row = next((amount.row for amount in page.amounts if amount.value == total and page.kinds_beside(amount) & {"total", "due"}), -1)
        self.times = [len(_TIMES.findall(row.text)) + len(_TIMES_AFTER.findall(row.text)) for row in page.rows]
        self.values = Counter(amount.value for amount in page.amounts)
        self.money = sorted(page.by_row)

    def features(self, amount: Amount) -> dict[str, float]:
        page, row = self.page, amount.row
        label, same = page.labels[row], page.by_row[row]
        found = {kind: 1.0 for kind in _KINDS if kind in label.kinds}
        found |= {f"above_{kind}": 1.0 for kind in _KINDS if row and kind in page.labels[row - 1].kinds}
        first = self.summaries[0] if self.summaries else len(page.rows)
        left = page.rows[row].text[: same[0].start]
        return (
            found
            | self._sums(amount)
            | {
                "letters": label.letters,
                "letters_left": sum(map(str.isalpha, left)),
                "code_left": float(bool(re.search(r"\d{5,}", left))),
                "digits_left": sum(map(str.isdigit, left)),
                "letters_above": page.labels[row - 1].letters if row else 0,
                "letters_below": page.labels[row + 1].letters if row + 1 < len(page.rows) else 0,
                "amounts_above": len(page.by_row.get(row - 1, ())),
                "amounts_below": len(page.by_row.get(row + 1, ())),
                "from_right": len(same) - 1 - same.index(amount),
                "amounts": len(same),
                "aligned": (amount.right - self.column) / page.width,
                "left": (page.rows[row].left - page.left) / page.width,
                "left_x": (amount.left - page.left) / page.width,
                "has_header": float(self.header >= 0),
                "since_header": row - self.header if self.header >= 0 else -1,
                "to_summary": first - row,
                "after_summary": float(row >= first),
                "summaries_before": sum(summary < row for summary in self.summaries),
                "to_total_row": self.total_row - row if self.total_row >= 0 else 0,
                "score": amount.score,
                "type_size": amount.height / page.height,
                "marked": float(amount.marked),
                "measure": float(amount.measure),
                "row": row / max(1, len(page.rows)),
                "repeats": float(self.values[amount.value]),
                "first_money_row": float(self.money.index(row)),
            }
        )

    def _sums(self, amount: Amount) -> dict[str, float]:
        page, row, total = self.page, amount.row, self.total or 0
        near = [other.value for place in (row - 1, row + 1) for other in page.by_row.get(place, ())]
        same = [other.value for other in page.by_row[row] if other is not amount]
        return {
            "share_of_total": min(3.0, amount.value / total) if total else -1.0,
            "is_total": float(amount.value == total),
            "beyond_total": float(amount.value > total > 0),
            "negative": float(amount.value < 0),
            "nothing": float(amount.value == 0),
            "times": self.times[row],
            "times_near": sum(self.times[place] for place in (row - 1, row + 1) if 0 <= place < len(page.rows)),
            "product": float(any(_is_multiple(amount.value, unit) for unit in same)),
            "product_above": float(any(_is_multiple(amount.value, unit) for unit in near)),
            "same_in_row": float(amount.value in same),
        }


def _is_multiple(value: int, unit: int) -> bool:
    return 0 < unit < value and value % unit == 0 and value // unit <= 100


def _header(page: Page) -> int:
    """The row that names the columns, -1 where none does: two such words or more and no amount."""
    for index, label in enumerate(page.labels):
        words = [phrase for phrase, _, _, kinds in label.phrases if kinds & {"column", "quantity"}]
        if len(words) >= 2 and index not in page.by_row:
            return index
    return -1


def is_summary(page: Page, amount: Amount) -> bool:
    """Whether words beside the amount say that it sums up: no sum that comes out makes it a line."""
    return bool(page.kinds_beside(amount) & (_SUMMARY - {"tax"}))


def choose(found: Sequence[tuple[Amount, float]], targets: Sequence[int]) -> tuple[list[Amount], bool]:
    """The amounts that are lines, and whether they sum to one of `targets`.

    `found`: amounts with log-odds. Those above zero, unless turning over at most three of the doubtful ones makes a sum come out: the cheapest such
    change is taken (its cost is the sum of the odds turned over).
    """
    chosen = {index for index, (_, odds) in enumerate(found) if odds > 0}
    wanted = set(targets)
    start = sum(found[index][0].value for index in chosen)
    if start in wanted and chosen:
        return [found[index][0] for index in sorted(chosen)], True
    doubtful = sorted(range(len(found)), key=lambda index: abs(found[index][1]))[:_MOST_DOUBTFUL]
    best: tuple[float, tuple[int, ...]] | None = None
    for size in range(1, _MOST_FLIPS + 1):
        for flipped in combinations(doubtful, size):
            change = sum(-found[index][0].value if index in chosen else found[index][0].value for index in flipped)
            cost = sum(abs(found[index][1]) for index in flipped)
            if start + change in wanted and cost < _DEAREST and (best is None or cost < best[0]):
                best = cost, flipped
    if best is not None and (turned := chosen ^ set(best[1])):
        return [found[index][0] for index in sorted(turned)], True
    return [found[index][0] for index in sorted(chosen)], False


_DEAREST = 6.0  # log-odds: beyond it a sum that comes out is chance


def lines_of(page: Page, chosen: Sequence[Amount], names: Sequence[Option | None]) -> tuple[Line, ...]:
    """The lines with their descriptions, quantities, unit prices and places; `names`: the row that names each, None where none does."""
    rows = {amount.row for amount in chosen}
    found = []
    for amount, name in zip(chosen, names, strict=True):
        quantity, unit = _quantity(page, amount, rows)
        text = name.text if name else page.rows[amount.row].text[: amount.start].strip()
        spot = around(page.rows[row].spot() for row in {amount.row, name.row if name else amount.row})
        found.append(Line(text, amount.value, quantity, unit, spot))
    return tuple(found)


def _quantity(page: Page, amount: Amount, taken: set[int]) -> tuple[int | None, int | None]:
    """Count in thousandths and price of one: those two numbers near the amount whose product it is. (None, None) where no two are."""
    rows = [amount.row, *(row for row in (amount.row - 1, amount.row + 1) if 0 <= row < len(page.rows) and row not in taken)]
    for row in rows:
        units = [other.value for other in page.by_row.get(row, ()) if other is not amount and other.value]
        counts = [_thousandths(match["count"]) for pattern in (_TIMES, _TIMES_AFTER, _COUNT) for match in pattern.finditer(page.rows[row].text)]
        for unit in units:
            for count in counts:
                if count and abs(count * unit - 1000 * amount.value) < 1000:
                    return count, unit
        if row == amount.row and units and units[-1] == amount.value:
            return 1000, amount.value
    return None, None


def _thousandths(text: str) -> int:
    whole, _, part = text.replace(",", ".").partition(".")
    return int(whole) * 1000 + int((part + "000")[:3])
