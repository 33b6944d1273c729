"""Owns what a receipt says and whether it adds up, in whole minor units. Reads no text and books nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any
from uuid import UUID

from core.domain.currencies import DECIMALS
from core.domain.money import Money
from core.domain.splits import ONE, ClaimedLine
from core.errors import DomainError

LIKELY = 500  # permille
FIELDS = ("merchant", "date", "total", "items")  # what a confidence is given for
AMOUNTS = ("subtotal", "discount", "tax", "service", "tip", "rounding", "total", "paid", "change")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the kept picture number `picture` of a receipt (0 the first): thousandths of its width and height, from the top left."""

    left: int
    top: int
    right: int
    bottom: int
    picture: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One thing bought. `amount` in minor units, negative for what comes back (a discount, a deposit returned).

    `quantity` as printed, a decimal in thousandths (2 pieces: 2000, 0.345 kg: 345); `unit_price` in minor units. None where not printed.
    `spot`: where it is printed, None where that is not known. `by_hand`: somebody put it in place of one that was read wrongly, which stays: bills
    name lines by their numbers, and an undo goes back to it.
    """

    description: str
    amount: int
    quantity: int | None = None
    unit_price: int | None = None
    spot: Spot | None = None
    by_hand: bool = False

    @property
    def multiplies(self) -> bool:
        """Whether quantity × unit price is the amount, rounded in either way; True where one of them is not printed."""
        if self.quantity is None or self.unit_price is None:
            return True
        return abs(self.quantity * self.unit_price - 1000 * self.amount) < 1000


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was read; None for what was not. Amounts in minor units of `currency`, or in hundredths where that is not known.

    `discount` is positive and takes away from the lines; `rounding` has its sign; `tax` may be within the lines or come on top.
    """

    merchant: str | None = None
    address: str | None = None
    date: date | None = None
    time: str | None = None
    currency: str | None = None
    lines: tuple[Line, ...] = ()
    subtotal: int | None = None
    discount: int | None = None
    tax: int | None = None
    service: int | None = None
    tip: int | None = None
    rounding: int | None = None
    total: int | None = None
    paid: int | None = None
    change: int | None = None

    @property
    def lines_total(self) -> int:
        """What the lines that are printed come to, those that give back included."""
        return sum(line.amount for line in self.lines if not line.by_hand)

    def money(self, amount: int, *, otherwise: str) -> Money | None:
        """An amount of it in its currency, else in the one given; None where hundredths are no whole units of that."""
        if self.currency is not None:
            return Money(amount, self.currency)
        try:
            return Money.of(Decimal(amount).scaleb(-2).normalize(), otherwise)
        except DomainError:
            return None

    def bought(self) -> tuple[ClaimedLine[UUID], ...]:
        """Its printed lines as they can be claimed, numbered as they are printed (1 the first); what comes back is nobody's."""
        printed = ((number, line) for number, line in enumerate(self.lines, 1) if not line.by_hand)
        return tuple(ClaimedLine(number, line.amount, line.quantity or ONE) for number, line in printed if line.amount > 0)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How the lines (or the subtotal) come to the total: the parts that were added, in the receipt's own names."""

    base: str
    added: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A receipt as an engine and the extraction made it out. `confidence`: field to permille; `ask`: the fields to be asked about before booking.

    `spots`: where merchant, date and total are printed, as far as the engine tells; its lines have theirs.
    """

    receipt: Receipt
    confidence: Mapping[str, int]
    ask: tuple[str, ...]
    language: str
    engine: str
    spots: Mapping[str, Spot] = field(default_factory=dict)


def reconcile(receipt: Receipt) -> Reconciliation | None:
    """The way in which the lines, else the subtotal, come to the total; None where there is none or the total is not known.

    Tax and service may be within the lines or come on top, discounts may be lines already: each part is tried with and without, and the way
    that uses the most of what is printed wins.
    """
    if receipt.total is None:
        return None
    bases = []
    if receipt.lines:
        bases.append(("lines", receipt.lines_total))
    if receipt.subtotal is not None:
        bases.append(("subtotal", receipt.subtotal))
    for base, value in bases:
        for added in ways(parts(receipt), receipt.total - value):
            return Reconciliation(base, added)
    return None


def in_currency(receipt: Receipt, currency: str) -> Receipt:
    """A receipt that names no currency, in that one's minor units. Of amounts that would be no whole units none is kept."""
    if receipt.currency is not None:
        return receipt
    shift = DECIMALS[currency] - 2
    amounts: dict[str, int | None] = {name: getattr(receipt, name) for name in AMOUNTS}
    values = [*amounts.values(), *(value for line in receipt.lines for value in (line.amount, line.unit_price))]
    if shift < 0 and any(value % 10**-shift for value in values if value is not None):
        return _with_amounts(replace(receipt, currency=currency, lines=()), dict.fromkeys(AMOUNTS))

    def moved(value: int | None) -> int | None:
        return None if value is None else value * 10**shift if shift >= 0 else value // 10**-shift

    lines = tuple(replace(line, amount=moved(line.amount) or 0, unit_price=moved(line.unit_price)) for line in receipt.lines)
    return _with_amounts(replace(receipt, currency=currency, lines=lines), {name: moved(value) for name, value in amounts.items()})


def _with_amounts(receipt: Receipt, amounts: Mapping[str, Any]) -> Receipt:
    return replace(receipt, **amounts)


def parts(receipt: Receipt) -> dict[str, int]:
    """What may stand between lines and total, signed, without what is nothing."""
    signed = {
        "discount": -abs(receipt.discount or 0),
        "tax": receipt.tax or 0,
        "service": receipt.service or 0,
        "tip": receipt.tip or 0,
        "rounding": receipt.rounding or 0,
    }
    return {name: value for name, value in signed.items() if value}


def ways(values: Mapping[str, int], difference: int) -> Iterator[tuple[str, ...]]:
    """Choices of names whose values sum to `difference`, those with the most names first. At most 2^n of n parts; n is small."""
    for size in range(len(values), -1, -1):
        for names in combinations(values, size):
            if sum(values[name] for name in names) == difference:
                yield names


def is_likely(reading: Reading) -> bool:
    """Whether a picture that nobody called a receipt is one all the same: it has a day, and a total that is more likely right than not."""
    return reading.receipt.total is not None and reading.receipt.date is not None and reading.confidence.get("total", 0) >= LIKELY


def may_be_one(reading: Reading | None) -> bool:
    """Whether a picture that nobody called a receipt is worth keeping: its total is sure, or it is likely one."""
    return reading is not None and reading.receipt.total is not None and ("total" not in reading.ask or is_likely(reading))


def settles(receipt: Receipt) -> bool:
    """Whether what was paid less the change is the total; False where one of them is not known."""
    return receipt.total is not None and receipt.paid is not None and receipt.paid - (receipt.change or 0) == receipt.total


def around(spots: Iterable[Spot | None]) -> Spot | None:
    """The smallest place that holds all that are known and on the picture of the first one; None where none is."""
    known = [spot for spot in spots if spot is not None]
    same = [spot for spot in known if spot.picture == known[0].picture]
    if not same:
        return None
    left, top = min(spot.left for spot in same), min(spot.top for spot in same)
    return Spot(left, top, max(spot.right for spot in same), max(spot.bottom for spot in same), same[0].picture)
