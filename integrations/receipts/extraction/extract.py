"""Owns putting a receipt together from boxes: each field by its model or rule, then what sums confirm, then what is to be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from typing import Any

from core.domain.currencies import DECIMALS
from core.domain.receipts import AMOUNTS, Line, Reading, Receipt, Spot, around, parts, reconcile, settles, ways
from integrations.receipts.boxes import Box
from integrations.receipts.extraction import dates, items, merchants, names, summary, totals
from integrations.receipts.extraction.address import address_of
from integrations.receipts.extraction.amounts import Amount
from integrations.receipts.extraction.currency import coded, is_written_whole
from integrations.receipts.extraction.page import Page, page_of
from integrations.receipts.extraction.trees import model

# Below these shares of right ones (measured on receipts that were held out) a field is asked about.
ASK_BELOW = {"total": 0.965, "date": 0.8, "merchant": 0.5}
_UNSURE_PLACES = 0.5  # "3.750" is thousands in most currencies and thousandths in some: with neither known it is to be asked
_UNCONFIRMED = 0.9  # of totals that stand there once and no sum leads to, one in thirteen was wrong where the model was sure
NULL_BELOW = {"total": 0.15, "merchant": 0.12}


@dataclass(frozen=True, slots=True)
class Found:
    """A value, how sure it is, 0 to 1, and where it is printed."""

    value: int | str | None
    confidence: float
    spot: Spot | None = None


def extract(boxes: Sequence[Box], *, today: date, engine: str) -> Reading:
    """What the boxes say. Null rather than wrong; fields below their threshold, and a total that is null, are in `ask`."""
    page = page_of(boxes)
    total = find_total(page, engine)
    merchant = find_merchant(page, engine)
    day = dates.find_day(page, today=today)
    lines, items_sure = find_lines(page, total.value if isinstance(total.value, int) else None, engine)
    receipt = Receipt(
        merchant=str(merchant.value) if merchant.value else None,
        address=address_of(page),
        date=day.day.value if day else None,
        time=dates.find_time(page, day),
        currency=currency_beside(page, total.value) or page.currency,
        lines=lines,
        total=total.value if isinstance(total.value, int) else None,
    )
    receipt = _scaled(add_up(page, receipt), page)
    if page.places == 0 and not is_written_whole(receipt.currency):
        total = replace(total, confidence=min(total.confidence, _UNSURE_PLACES))
    sure = {
        "merchant": merchant.confidence,
        "date": date_confidence(day),
        "total": total_confidence(page, total, receipt),
        "items": items_sure if reconcile(receipt) else items_sure / 2,
    }
    ask = [name for name, least in ASK_BELOW.items() if sure[name] < least or getattr(receipt, name) is None]
    places = {"merchant": merchant.spot, "date": page.rows[day.day.row].spot(day.day.start, day.day.end) if day else None, "total": total.spot}
    return Reading(
        receipt,
        {name: round(1000 * share) for name, share in sure.items()},
        tuple(sorted(ask, key=_order.index)),
        page.language,
        engine,
        {name: spot for name, spot in places.items() if spot is not None},
    )


_order = ["total", "date", "merchant"]


def find_total(page: Page, engine: str) -> Found:
    """The best candidate by the model; its score is the smaller of its own and its lead over the next."""
    found = totals.candidates(page)
    if not found:
        return Found(None, 0.0)
    trained = model("total")
    amounts = {candidate.value: candidate.amounts for candidate in found}
    scored = sorted(((trained.score(totals.vector(candidate)), candidate.value) for candidate in found), reverse=True)
    best, value = scored[0]
    lead = best - scored[1][0] if len(scored) > 1 else best + 9
    confidence = trained.confidence(min(best, lead), engine)
    return Found(value, confidence, spot_of_total(page, amounts[value])) if confidence >= NULL_BELOW["total"] else Found(None, confidence)


def spot_of_total(page: Page, amounts: Sequence[Amount]) -> Spot | None:
    """The row, words and all, of the amount that words call the total; of several alike the first."""
    best = max(amounts, key=lambda amount: len(page.kinds_beside(amount) & {"total", "due"}))
    return page.rows[best.row].spot()


def currency_beside(page: Page, total: int | str | None) -> str | None:
    """The currency whose code stands beside the total itself: it goes before what the rest says (a receipt may give the sum in two)."""
    found = {coded(page.rows[amount.row], amount.start, amount.end) for amount in page.amounts if amount.value == total} - {None}
    return found.pop() if len(found) == 1 else None


def find_merchant(page: Page, engine: str) -> Found:
    """The best name of the head by the model."""
    found = merchants.names_of(page)
    if not found:
        return Found(None, 0.0)
    trained = model("merchant")
    score, name = max(((trained.score(merchants.vector(name)), name) for name in found), key=lambda each: each[0])
    confidence = trained.confidence(score, engine)
    if confidence < NULL_BELOW["merchant"]:
        return Found(None, confidence)
    return Found(name.text, confidence, around(row.spot() for row in page.rows[name.first : name.last + 1]))


def find_lines(page: Page, total: int | None, engine: str) -> tuple[tuple[Line, ...], float]:
    """The lines, and how sure they are: the model's own odds, and more where they sum to what they should."""
    trained = model("items")
    scored = [(entry.amount, trained.score(items.vector(entry))) for entry in items.entries(page, total)]
    scored = [(amount, odds) for amount, odds in scored if odds > 0 or not items.is_summary(page, amount)]
    chosen, closed = items.choose(scored, summary.targets(page, total))
    if not chosen:
        return (), 0.0
    naming = model("names")
    options = [[(option, naming.score(names.vector(option))) for option in each] for each in names.options(page, chosen)]
    named = names.assign(options, [amount.row for amount in chosen])
    odds = dict(scored)
    least = min(trained.confidence(odds[amount], engine) for amount in chosen)
    return items.lines_of(page, chosen, named), 0.95 if closed else min(0.6, least)


def date_confidence(found: dates.DayFound | None) -> float:
    """By hand: how much speaks for the day, less where another one is as good or day and month can be swapped."""
    if found is None:
        return 0.0
    share = 0.985 if found.weight >= 1.2 else 0.95 if found.weight >= 0.7 else 0.8 if found.weight > 0 else 0.5
    if found.weight - found.next_weight < 0.15:
        share -= 0.25
    return share


def total_confidence(page: Page, total: Found, receipt: Receipt) -> float:
    """The model's share, raised where sums that it does not see come out too; low where nothing confirms what one misread digit would make wrong."""
    if total.value is None:
        return 0.0
    doubt, adds_up, settled = 1 - total.confidence, reconcile(receipt) is not None, settles(receipt)
    if receipt.lines and adds_up:
        doubt *= 0.75
    if settled and receipt.change:
        doubt *= 0.75
    rows = {amount.row for amount in page.amounts if amount.value == total.value}
    return 1 - doubt if adds_up or settled or len(rows) > 1 else min(_UNCONFIRMED, 1 - doubt)


def add_up(page: Page, receipt: Receipt) -> Receipt:
    """Fill in the amounts around the total: of what is labelled, the choice with which lines or subtotal come to the total."""
    found = summary.labelled(page)
    receipt = _paid(receipt, found)
    if receipt.total is None:
        return receipt

    def some(amounts: Sequence[Amount]) -> list[int | None]:
        return [*dict.fromkeys(abs(amount.value) for amount in amounts[:3]), None]

    best: tuple[int, Receipt] | None = None
    subtotals = [*dict.fromkeys(amount.value for amount in found.subtotal[:3] if amount.value > 0), None]
    roundings = [*dict.fromkeys(amount.value for amount in found.rounding[:2]), None]
    taxes = [*some(found.tax), *_two_taxes(found.tax)]
    for subtotal, tax, service, discount, rounding in product(subtotals, taxes, some(found.service), some(found.discount), roundings):
        option = replace(receipt, subtotal=subtotal, tax=tax, service=service, discount=discount, rounding=rounding, tip=None)
        weight = _fit(option)
        if best is None or weight > best[0]:
            best = weight, option
    assert best is not None
    return best[1]


def _two_taxes(taxes: Sequence[Amount]) -> list[int]:
    """Sums of taxes on two rows, one below the other: those of a state and a union, of a province and a country."""
    last = {amount.row: amount.value for amount in taxes}
    return list(dict.fromkeys(value + last[row + 1] for row, value in last.items() if value > 0 and last.get(row + 1, 0) > 0))[:2]


def _fit(receipt: Receipt) -> int:
    """How well an assignment fits: sums that come out count most, then what is filled in; a part larger than the total cannot be."""
    total = receipt.total or 0
    if any((value or 0) > total for value in (receipt.tax, receipt.service)) or (receipt.subtotal or 0) > 3 * total:
        return -100
    given = [value for value in (receipt.subtotal, receipt.tax, receipt.service, receipt.discount, receipt.rounding) if value is not None]
    weight = len(given)
    if receipt.subtotal is not None and (way := next(ways(parts(receipt), total - receipt.subtotal), None)) is not None:
        weight += 10 + 3 * len(way)
    if receipt.lines and (way := next(ways(parts(receipt), total - sum(line.amount for line in receipt.lines)), None)) is not None:
        weight += 10 + 3 * len(way)
    return weight


def _paid(receipt: Receipt, found: summary.Labelled) -> Receipt:
    """What was given and what came back: a pair whose difference is the total, else what paid exactly the total."""
    if receipt.total is None:
        return receipt
    given = [amount.value for amount in (*found.cash, *found.card) if amount.value > 0]
    changes = [abs(amount.value) for amount in found.change]
    for paid in given:
        for change in changes:
            if paid - change == receipt.total:
                return replace(receipt, paid=paid, change=change)
    return replace(receipt, paid=receipt.total, change=0 if 0 in changes else None) if receipt.total in given else receipt


def _scaled(receipt: Receipt, page: Page) -> Receipt:
    """The same amounts in minor units of the currency, where that has other decimals than the receipt was written with.

    A currency in which they would be no whole units is none that they are in: it is dropped rather than the amounts changed.
    """
    if receipt.currency is None:
        return _times(receipt, 10 ** (2 - page.places))  # written whole: places are 3 for a known currency only
    shift = DECIMALS[receipt.currency] - page.places
    if shift >= 0:
        return _times(receipt, 10**shift)
    known = [value for value in (getattr(receipt, name) for name in AMOUNTS) if value is not None]
    known += [value for line in receipt.lines for value in (line.amount, line.unit_price) if value is not None]
    if any(value % 10**-shift for value in known):
        return replace(receipt, currency=None)
    return _times(receipt, 1, 10**-shift)


def _times(receipt: Receipt, factor: int, divisor: int = 1) -> Receipt:
    def scaled(value: int | None) -> int | None:
        return None if value is None else value * factor // divisor

    lines = tuple(replace(line, amount=line.amount * factor // divisor, unit_price=scaled(line.unit_price)) for line in receipt.lines)
    amounts: dict[str, Any] = {name: scaled(getattr(receipt, name)) for name in AMOUNTS}
    return replace(receipt, lines=lines, **amounts)
