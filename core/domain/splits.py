"""How one bill is shared: every split type in whole minor units, the leftover by carry. Knows no book and stores nothing."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm
from typing import Generic, TypeVar

from core.domain.money import Money
from core.errors import DomainError

K = TypeVar("K", bound=Hashable)

MILLIONTHS = 10**6
ONE = 1000  # a quantity of one, in thousandths
_WEIGHT_DIGITS = 12  # before and after the point: beyond is a typing error, and exact arithmetic on it would take for ever


@dataclass(frozen=True, slots=True)
class Share(Generic[K]):
    """What one member owes of a bill. `remainder`: exact share minus booked share, in millionths of a minor unit; a bill's remainders sum to 0."""

    member: K
    amount: Money
    remainder: int


@dataclass(frozen=True, slots=True)
class Item(Generic[K]):
    """A line of an itemised bill, shared equally by `people`. A discount is a negative line."""

    amount: Money
    people: tuple[K, ...]


@dataclass(frozen=True, slots=True)
class ClaimedLine(Generic[K]):
    """A line of a receipt and whose it was. `number`: which line of the receipt; `amount` in minor units, negative for what comes back.

    `quantity` in thousandths (a single thing: 1000). `claims`: member to thousandths of it that were theirs; 0: an equal part of what the counted
    ones leave.
    """

    number: int
    amount: int
    quantity: int = ONE
    claims: tuple[tuple[K, int], ...] = ()


def split(
    amount: Money,
    *,
    type: str,
    people: Sequence[K] = (),
    weights: Mapping[K, Decimal] | None = None,
    exact: Mapping[K, Money] | None = None,
    payers: Sequence[K] = (),
    behind: Mapping[K, int] | None = None,
) -> tuple[Share[K], ...]:
    """Who owes what of `amount`; negative amounts (refunds) mirror positive ones. Shares sum to `amount`, in the order of `people`.

    type: `none` and `for`: the one person in `people` owes all · `equal`: over `people` · `exact`: the amounts in `exact` ·
    `percent` and `shares`: by `weights`. `people` may be empty for the last three: then the mapping's keys, in order. A weight of 0 owes nothing ·
    `adjusted`: each of `people` has an equal part (a part by `weights`, where there are some) and what `exact` says more, or (negative) less.
    `behind`: each member's remainders so far in the book and currency, summed (millionths); the furthest behind gets the next leftover unit,
    ties and no history go to a payer who shares, then by order. Members with neither an amount nor a remainder are left out.

    Raises DomainError: `zero_amount`, `nobody_shares`, `split_does_not_add_up` (difference: Money, still to be shared; negative: too much),
    `percentages_do_not_add_up` (total, difference: Decimal), `opposite_sign` (a share against the bill's sign), `negative_weight`,
    `weight_out_of_range`, `adjustments_too_large` (they leave somebody less than nothing).
    """
    _refuse_zero(amount)
    if type == "exact":
        return _exact(amount, exact or {})
    if type in ("percent", "shares"):
        return _book(amount, _weighted(amount, people, weights or {}, percent=type == "percent"), payers, behind)
    if type == "adjusted":
        return _book(amount, _adjusted(amount, people, weights or {}, exact or {}), payers, behind)
    assert type in ("none", "for", "equal"), f"no such split: {type}"
    sharers = tuple(dict.fromkeys(people))
    assert type == "equal" or len(sharers) == 1, "`none` and `for` name the one person who owes all"
    if not sharers:
        raise DomainError("nobody_shares")
    return _book(amount, dict.fromkeys(sharers, Fraction(amount.minor, len(sharers))), payers, behind)


def weights_by_unit(people: Sequence[K], units: Sequence[Sequence[K]]) -> dict[K, Decimal]:
    """Weights under which those of one unit (a couple, a family) have one part together, in equal parts, and everybody else has one alone.

    Whole numbers, in the order of `people`; a unit counts by those of it who share. Empty where nobody shares with their own unit.
    """
    inside = [tuple(person for person in unit if person in people) for unit in units]
    size = {person: len(unit) for unit in inside for person in unit}
    if max(size.values(), default=1) < 2:
        return {}
    whole = lcm(*size.values())
    return {person: Decimal(whole // size.get(person, 1)) for person in dict.fromkeys(people)}


def split_items(
    amount: Money,
    *,
    items: Sequence[Item[K]],
    on_top: Money | None = None,
    payers: Sequence[K] = (),
    behind: Mapping[K, int] | None = None,
) -> tuple[Share[K], ...]:
    """Shares of an itemised bill: each line equally among its people, what comes `on_top` in proportion to what each took.

    On top: tax, service and tip, less a discount on the whole. Rounded once, over the whole bill. Raises DomainError like `split`;
    `split_does_not_add_up` where the lines and what comes on top are not `amount`.
    """
    _refuse_zero(amount)
    lines = sum(item.amount.minor for item in items)
    difference = amount.minor - lines - (on_top.minor if on_top else 0)
    if difference:
        raise DomainError("split_does_not_add_up", difference=Money(difference, amount.currency))
    if not items or any(not item.people for item in items) or not lines:
        raise DomainError("nobody_shares")
    taken: dict[K, Fraction] = {}
    for item in items:
        sharers = tuple(dict.fromkeys(item.people))
        for person in sharers:
            taken[person] = taken.get(person, Fraction(0)) + Fraction(item.amount.minor, len(sharers))
    return _book(amount, {person: part * amount.minor / lines for person, part in taken.items()}, payers, behind)


def split_lines(
    amount: Money, *, lines: Sequence[ClaimedLine[K]], people: Sequence[K], payers: Sequence[K] = (), behind: Mapping[K, int] | None = None
) -> tuple[Share[K], ...]:
    """Shares of a receipt whose lines were claimed; what nobody claimed is shared by `people`.

    Whatever stands between the lines and `amount` (discount, tax, service, tip, rounding, lines that give back) falls on each in proportion to what
    they took. Rounded once, over the whole bill. Raises DomainError `zero_amount`, `nobody_shares`.
    """
    _refuse_zero(amount)
    everyone = tuple(dict.fromkeys(people))
    taken: dict[K, Fraction] = dict.fromkeys((*everyone, *(person for line in lines for person, _ in line.claims)), Fraction(0))
    bought = [line for line in lines if line.amount > 0] or [ClaimedLine(0, 1)]
    for line in bought:
        for person, part in _parts(line, everyone).items():
            taken[person] += part
    whole = sum(line.amount for line in bought)
    return _book(amount, {person: part * amount.minor / whole for person, part in taken.items() if part}, payers, behind)


def _parts(line: ClaimedLine[K], everyone: Sequence[K]) -> dict[K, Fraction]:
    """What each took of one line, in minor units. Who together claim more than there is get less of it each."""
    counted = {person: quantity for person, quantity in line.claims if quantity}
    whole = max(line.quantity, sum(counted.values()))
    parts = {person: Fraction(line.amount * quantity, whole) for person, quantity in counted.items()}
    rest = line.amount - sum(parts.values(), Fraction(0))
    sharers = [person for person, quantity in line.claims if not quantity] or everyone
    if rest and not sharers:
        raise DomainError("nobody_shares")
    for person in sharers if rest else ():
        parts[person] = parts.get(person, Fraction(0)) + rest / len(sharers)
    return parts


def lines_total(lines: Iterable[ClaimedLine[K]], currency: str) -> Money:
    """What lines come to."""
    return Money(sum(line.amount for line in lines), currency)


def with_rest(total: Money, parts: Sequence[tuple[K, Money]], *, takers: Sequence[K]) -> tuple[tuple[tuple[K, Money], ...], Money]:
    """Exact parts of a total with what they leave of it shared equally by `takers`, leftover units to the first; and what is still left.

    Nothing is shared where the parts are too much (then what is left is negative) or nobody takes the rest.
    """
    left = total - Money.total((part for _, part in parts), total.currency)
    if left.minor <= 0 or not takers:
        return tuple(parts), left
    rest = split(left, type="equal", people=takers)
    return (*parts, *((share.member, share.amount) for share in rest)), Money(0, total.currency)


def split_payments(amount: Money, *, given: Mapping[K, Money | None]) -> dict[K, Money]:
    """Who put in what. None: an equal part of what the named amounts leave, leftover units to the first.

    Raises DomainError: `nobody_paid`, `opposite_sign`, `payments_do_not_add_up` (difference: Money, positive: still missing).
    """
    if not given:
        raise DomainError("nobody_paid")
    _refuse_opposite(amount, [paid for paid in given.values() if paid is not None])
    rest = amount.minor - sum(paid.minor for paid in given.values() if paid is not None)
    unsaid = [person for person, paid in given.items() if paid is None]
    if (rest and not unsaid) or (unsaid and rest * amount.minor < 0):
        raise DomainError("payments_do_not_add_up", difference=Money(rest, amount.currency))
    parts = dict(zip(unsaid, evenly(rest, len(unsaid)), strict=True))
    return {person: Money(parts[person], amount.currency) if paid is None else paid for person, paid in given.items()}


def evenly(minor: int, parts: int) -> list[int]:
    """Whole units in parts as equal as can be, the leftover to the first."""
    sign = -1 if minor < 0 else 1
    return [sign * (abs(minor) // parts + (place < abs(minor) % parts)) for place in range(parts)]


def _refuse_zero(amount: Money) -> None:
    if not amount:
        raise DomainError("zero_amount", currency=amount.currency)


def _refuse_opposite(amount: Money, parts: Iterable[Money]) -> None:
    for part in parts:
        assert part.currency == amount.currency, "a bill has one currency"
        if part.minor * amount.minor < 0:
            raise DomainError("opposite_sign", amount=part)


def _exact(amount: Money, exact: Mapping[K, Money]) -> tuple[Share[K], ...]:
    _refuse_opposite(amount, exact.values())
    difference = amount.minor - sum(part.minor for part in exact.values())
    if difference:
        raise DomainError("split_does_not_add_up", difference=Money(difference, amount.currency))
    return tuple(Share(person, part, 0) for person, part in exact.items() if part)


def _weighted(amount: Money, people: Sequence[K], weights: Mapping[K, Decimal], *, percent: bool) -> dict[K, Fraction]:
    """Exact shares in minor units, by weight."""
    sharers = tuple(dict.fromkeys(people)) or tuple(weights)
    assert set(weights) <= set(sharers), "weights are of people who share"
    for weight in weights.values():
        _check_weight(weight)
    parts = {person: Fraction(weights[person]) for person in sharers if weights.get(person)}
    total = sum(parts.values(), Fraction(0))
    if percent and total != 100:
        said = sum(weights.values(), Decimal(0))
        raise DomainError("percentages_do_not_add_up", total=said, difference=100 - said)
    if not total:
        raise DomainError("nobody_shares")
    return {person: amount.minor * part / total for person, part in parts.items()}


def _adjusted(amount: Money, people: Sequence[K], weights: Mapping[K, Decimal], adjustments: Mapping[K, Money]) -> dict[K, Fraction]:
    """Exact shares in minor units: a common part, and more or less for some. Nobody's part may come to lie on the other side of zero."""
    sharers = tuple(dict.fromkeys((*people, *adjustments)))
    common = amount - sum(adjustments.values(), Money(0, amount.currency))
    if not common:
        parts = dict.fromkeys(sharers, Fraction(0))
    else:
        parts = dict.fromkeys(sharers, Fraction(0)) | _weighted(common, sharers, weights or dict.fromkeys(sharers, Decimal(1)), percent=False)
    parts |= {person: parts[person] + more.minor for person, more in adjustments.items()}
    if any(part * amount.minor < 0 for part in parts.values()):
        raise DomainError("adjustments_too_large", amount=amount)
    return parts


def _check_weight(weight: Decimal) -> None:
    if not weight.is_finite() or (weight and weight.adjusted() >= _WEIGHT_DIGITS):
        raise DomainError("weight_out_of_range", weight=weight)
    if weight < 0:
        raise DomainError("negative_weight", weight=weight)
    if len(weight.as_tuple().digits) > 2 * _WEIGHT_DIGITS or int(weight.as_tuple().exponent) < -_WEIGHT_DIGITS:
        raise DomainError("weight_out_of_range", weight=weight)


def _book(amount: Money, exact: Mapping[K, Fraction], payers: Sequence[K], behind: Mapping[K, int] | None) -> tuple[Share[K], ...]:
    """Round exact shares to whole units by carry. Source: splitting.md, "the leftover cent".

    A refund is computed as its mirror, so that it undoes the bill it gives back to the unit. Only shares that are not whole may get a leftover unit,
    so nobody is ever more than one unit from the exact share. With a history, what this bill itself leaves open counts too: without that, weighted
    bills let a member drift up to 1.5 units instead of 1.1.
    """
    assert sum(exact.values()) == amount.minor, "exact shares make up the bill"
    sign = -1 if amount.minor < 0 else 1
    booked = {person: (sign * part).__floor__() for person, part in exact.items()}
    leftover = sign * amount.minor - sum(booked.values())
    order = {person: place for place, person in enumerate(exact)}
    uneven = [person for person, part in exact.items() if part.denominator != 1]
    owed = {person: Fraction(sign * (behind or {}).get(person, 0), MILLIONTHS) for person in uneven}
    if any(owed.values()):
        owed = {person: before + sign * exact[person] - booked[person] for person, before in owed.items()}
    ranked = sorted(uneven, key=lambda person: (-owed[person], person not in payers, order[person]))
    for person in ranked[:leftover]:
        booked[person] += 1
    remainders = _millionths({person: part - sign * booked[person] for person, part in exact.items()})
    shares = (Share(person, Money(sign * booked[person], amount.currency), remainders[person]) for person in exact)
    return tuple(share for share in shares if share.amount or share.remainder)


def _millionths(fractions: Mapping[K, Fraction]) -> dict[K, int]:
    """Fractions that sum to 0 as whole millionths that sum to 0: the largest rests are rounded up, ties by order."""
    floors = {person: (part * MILLIONTHS).__floor__() for person, part in fractions.items()}
    short = -sum(floors.values())
    for person in sorted(fractions, key=lambda person: floors[person] - fractions[person] * MILLIONTHS)[:short]:
        floors[person] += 1
    return floors
