"""The photos of one long receipt, in order, as one reading: people photograph it in parts that overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from fractions import Fraction

from core.domain.receipts import Line, Reading, Receipt, Spot, reconcile
from core.domain.splits import ONE

ALIKE = Fraction(4, 5)  # the share of letters that two readings of one line have in common


def joined(readings: Sequence[Reading]) -> Reading:
    """All lines, each once, and whatever else the part with the total says.

    Where several parts have totals of their own that differ, the total is to be asked about: these may be several receipts.
    """
    readings = [on_picture(each, number) for number, each in enumerate(readings)]
    sure = [each for each in readings if each.receipt.total is not None and "total" not in each.ask]
    some = sure or [each for each in readings if each.receipt.total is not None]
    base = some[-1] if some else readings[0]
    heads = [each for each in readings if each.receipt.merchant is not None] or [base]
    days = [each for each in readings if each.receipt.date is not None and "date" not in each.ask] or [base]
    receipt = replace(
        base.receipt,
        merchant=heads[0].receipt.merchant,
        address=heads[0].receipt.address,
        date=days[0].receipt.date,
        time=days[0].receipt.time,
        currency=base.receipt.currency or next((each.receipt.currency for each in readings if each.receipt.currency), None),
        lines=tuple(line for each in readings for line in each.receipt.lines),
    )
    if not _lines_add_up(receipt):
        receipt = replace(receipt, lines=each_once([each.receipt.lines for each in readings]))
    ask = {"total"} if len({each.receipt.total for each in some}) != 1 or not sure else set()
    ask |= {"merchant"} & set(heads[0].ask) | {"date"} & set(days[0].ask)
    told = {"merchant": heads[0], "date": days[0], "total": base}
    spots = {name: each.spots[name] for name, each in told.items() if name in each.spots}
    return replace(base, receipt=receipt, ask=tuple(name for name in ("total", "date", "merchant") if name in ask), spots=spots)


def _lines_add_up(receipt: Receipt) -> bool:
    found = reconcile(receipt)
    return found is not None and found.base == "lines"


def each_once(parts: Sequence[Sequence[Line]]) -> tuple[Line, ...]:
    """The lines of all parts without those that a part repeats: the most at its beginning that the parts before it ended with."""
    kept: list[Line] = []
    for part in parts:
        shared = (size for size in range(min(len(kept), len(part)), 0, -1) if all(map(_is_same, kept[-size:], part)))
        kept += part[next(shared, 0) :]
    return tuple(kept)


def _is_same(one: Line, other: Line) -> bool:
    """Whether both are one printed line, read twice: its price, and its words but for a letter read wrongly here and there."""
    if one.amount != other.amount or (one.quantity or ONE) != (other.quantity or ONE):
        return False
    return SequenceMatcher(None, one.description.casefold(), other.description.casefold(), autojunk=False).ratio() >= ALIKE


def on_picture(reading: Reading, number: int) -> Reading:
    """The same reading, of picture `number` of the receipt."""

    def moved(spot: Spot | None) -> Spot | None:
        return None if spot is None else replace(spot, picture=number)

    lines = tuple(replace(line, spot=moved(line.spot)) for line in reading.receipt.lines)
    spots = {name: replace(spot, picture=number) for name, spot in reading.spots.items()}
    return replace(reading, receipt=replace(reading.receipt, lines=lines), spots=spots)
