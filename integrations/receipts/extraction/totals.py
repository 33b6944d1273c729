"""Owns the candidates for the total: every amount of a receipt with what speaks for and against it. The trained model only weighs them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from integrations.receipts.extraction.amounts import Amount
from integrations.receipts.extraction.page import Page

# Kinds of words that count as features, beside the amount, above and below it.
BESIDE = (
    "total", "due", "subtotal", "tax", "incl", "excl", "service", "tip", "discount", "rounding", "deposit", "cash", "card", "change", "saving",
    "points", "quantity", "net", "gross", "refund", "balance", "rate_codes", "column", "invoice", "title", "date", "phone", "taxid",
)  # fmt: skip
NEAR = ("total", "due", "subtotal", "tax", "discount", "rounding", "cash", "card", "change", "net", "column", "quantity")
_TAX_RATES_PERMILLE = (50, 55, 60, 70, 77, 80, 81, 90, 95, 100, 130, 140, 150, 160, 180, 190, 200, 210, 220, 230, 240, 250)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A value that may be the total, in minor units, the amounts that say it and its features by name."""

    value: int
    amounts: tuple[Amount, ...]
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Sums:
    """What arithmetic knows of the whole receipt, once for all candidates. Values in minor units."""

    differences: Counter[int]  # paid less change, by any two amounts of which the later is the smaller
    labelled: frozenset[int]  # paid less change, as labelled
    pairs: Counter[int]  # sums of two neighbouring amounts (net + tax)
    steps: frozenset[int]  # subtotal - discount + tax + service + rounding, as labelled
    items: frozenset[int]  # sums of the right-hand column from the top down
    taxed: frozenset[int]  # values v of which another amount is the tax at a common rate


def candidates(page: Page) -> tuple[Candidate, ...]:
    """One candidate a different positive value, in the order in which they first appear."""
    money = [amount for amount in page.amounts if amount.value > 0 and not amount.measure]
    by_value: dict[int, list[Amount]] = {}
    for amount in money:
        by_value.setdefault(amount.value, []).append(amount)
    sums = _sums(page, money)
    ranked = sorted(by_value, reverse=True)
    return tuple(Candidate(value, tuple(same), _features(page, value, same, ranked, sums)) for value, same in by_value.items())


def vector(candidate: Candidate) -> list[float]:
    """The features in the order of FEATURES."""
    return [candidate.features.get(name, 0.0) for name in names()]


_FEATURES_TEXT = """
    plain_total total_rows paid_rows times rank share_of_largest first last last_total type_size right rightmost alone_in_row marked score
    ends_in_5 labelled_difference differences pairs steps items taxed near_other rows_left is_last_total amounts letters
"""
_FEATURES = tuple(_FEATURES_TEXT.split())


@cache
def names() -> tuple[str, ...]:
    """The names of all features, in order."""
    return (*(f"beside_{kind}" for kind in BESIDE), *(f"above_{kind}" for kind in NEAR), *(f"below_{kind}" for kind in NEAR), *_FEATURES)


def _features(page: Page, value: int, same: Sequence[Amount], ranked: Sequence[int], sums: _Sums) -> dict[str, float]:
    beside = [page.kinds_beside(amount) for amount in same]
    found: dict[str, float] = {f"beside_{kind}": float(sum(kind in kinds for kinds in beside)) for kind in BESIDE}
    rows = len(page.rows)
    for amount in same:
        for side, row in (("above", amount.row - 1), ("below", amount.row + 1)):
            if 0 <= row < rows:
                for kind in NEAR:
                    if kind in page.labels[row].kinds:
                        found[f"{side}_{kind}"] = 1.0
    totals = [amount for amount, kinds in zip(same, beside, strict=True) if kinds & {"total", "due"} and not kinds & _NOT_TOTAL]
    found["plain_total"] = float(sum(_is_plain(kinds) for kinds in beside))
    found["total_rows"] = float(len({amount.row for amount in totals}))
    found["paid_rows"] = float(len({amount.row for amount, kinds in zip(same, beside, strict=True) if kinds & {"cash", "card"}}))
    found |= _places(page, same, totals)
    found |= _arithmetic(value, ranked, sums)
    found["times"] = float(len({amount.row for amount in same}))
    found["amounts"] = float(len(ranked))
    return found


_NOT_TOTAL = frozenset({"quantity", "discount", "saving", "points", "change", "rounding", "excl", "net", "balance"})


def _is_plain(kinds: frozenset[str]) -> bool:
    """A total without any word that would make it another one's."""
    return bool(kinds & {"total", "due"}) and not kinds & (_NOT_TOTAL | {"tax", "subtotal", "service", "tip", "refund", "deposit"})


def _places(page: Page, same: Sequence[Amount], totals: Sequence[Amount]) -> dict[str, float]:
    rows = max(1, len(page.rows) - 1)
    money_rows = sorted(page.by_row)
    last_total = max((row for row in money_rows if page.labels[row].kinds & {"total", "due"}), default=-1)
    best = max(same, key=lambda amount: (amount in totals, amount.height))
    return {
        "first": same[0].row / rows,
        "last": same[-1].row / rows,
        "last_total": (totals[-1].row if totals else -1) / rows,
        "is_last_total": float(any(amount.row == last_total for amount in same)),
        "rows_left": float(sum(row > best.row for row in money_rows)),
        "type_size": max(amount.height for amount in same) / page.height,
        "right": max((amount.right - page.left) / page.width for amount in same),
        "rightmost": float(any(page.by_row[amount.row][-1] is amount for amount in same)),
        "alone_in_row": float(any(len(page.by_row[amount.row]) == 1 for amount in (totals or same))),
        "marked": float(sum(amount.marked for amount in same)),
        "score": max(amount.score for amount in same),
        "letters": float(min(page.labels[amount.row].letters for amount in same)),
    }


def _arithmetic(value: int, ranked: Sequence[int], sums: _Sums) -> dict[str, float]:
    return {
        "rank": float(ranked.index(value)),
        "share_of_largest": value / ranked[0],
        "ends_in_5": float(value % 5 == 0),
        "labelled_difference": float(value in sums.labelled),
        "differences": float(min(3, sums.differences[value])),
        "pairs": float(min(3, sums.pairs[value])),
        "steps": float(value in sums.steps),
        "items": float(value in sums.items),
        "taxed": float(value in sums.taxed),
        "near_other": float(any(0 < abs(value - other) <= 4 for other in ranked)),
    }


def _sums(page: Page, money: Sequence[Amount]) -> _Sums:
    largest = sorted({amount.value for amount in money}, reverse=True)[:12]
    differences: Counter[int] = Counter()
    for index, paid in enumerate(money):
        for change in money[index + 1 : index + 6]:
            if paid.value > change.value and change.row > paid.row:
                differences[paid.value - change.value] += 1
    kinds = [page.kinds_beside(amount) for amount in money]
    paid_amounts = [amount.value for amount, beside in zip(money, kinds, strict=True) if beside & {"cash", "card"}]
    changes = [amount.value for amount, beside in zip(money, kinds, strict=True) if "change" in beside]
    pairs: Counter[int] = Counter()
    for row in page.by_row.values():
        values = [amount.value for amount in row if amount.value > 0]
        for left, right in pairwise(values):
            pairs[left + right] += 1
    return _Sums(
        differences,
        frozenset(paid - change for paid in paid_amounts for change in changes if paid > change),
        pairs,
        frozenset(_steps(page, money, kinds)),
        frozenset(_column_sums(page)),
        frozenset(value for value in largest if any(_is_tax(tax.value, value) for tax in money)),
    )


def _steps(page: Page, money: Sequence[Amount], kinds: Sequence[frozenset[str]]) -> set[int]:
    """Every subtotal with each choice of the labelled tax, service, discount and rounding added; at most 4 of each."""

    def labelled(kind: str, *without: str) -> list[int]:
        values = [amount.value for amount, beside in zip(money, kinds, strict=True) if kind in beside and not beside & set(without)]
        return list(dict.fromkeys(values))[:4]

    signed = [amount for amount in page.amounts if "rounding" in page.kinds_beside(amount) and abs(amount.value) < 100]
    reached: set[int] = set()
    for subtotal in labelled("subtotal") + labelled("excl"):
        for tax in [0, *labelled("tax", "subtotal", "due")]:
            for service in [0, *labelled("service", "subtotal")]:
                for discount in [0, *labelled("discount", "subtotal")]:
                    for rounding in [0, *(amount.value for amount in signed[:4])]:
                        if tax or service or discount or rounding:
                            reached.add(subtotal + tax + service - discount + rounding)
    return reached


def _column_sums(page: Page) -> set[int]:
    """Running sums of the last amount of each row, from the first amount down to the first word of a total."""
    sums: set[int] = set()
    running = 0
    for count, row in enumerate(sorted(page.by_row)):
        kinds = page.labels[row].kinds
        if kinds & {"total", "subtotal", "due", "cash"} and not kinds & {"column"}:
            break
        last = page.by_row[row][-1]
        running += last.value
        if count:
            sums.add(running)
    return sums


def _is_tax(tax: int, gross: int) -> bool:
    """Whether `tax` is what `gross` holds or what comes on top of it at a common rate, to the unit."""
    return 0 < tax < gross and any(abs(tax * (1000 + rate) - gross * rate) <= 1000 + rate for rate in _TAX_RATES_PERMILLE)
