"""From balances to the fewest transfers that settle them, one currency at a time. Knows no book and stores nothing."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Generic, TypeVar

from core.domain.money import Money
from core.errors import DomainError

K = TypeVar("K", bound=Hashable)
_Open = dict[K, int]  # members who owe (negative) or are owed, in minor units
_Move = tuple[K, K, int]  # sender, receiver, minor units

PROVEN_MEMBERS = 20  # open balances up to which the fewest transfers are found by exact search
_SEARCHED_MEMBERS = 200  # open balances up to which small groups are looked for: the search is cubic


@dataclass(frozen=True, slots=True)
class Transfer(Generic[K]):
    """`sender` pays `receiver`; the amount is always positive."""

    sender: K
    receiver: K
    amount: Money


@dataclass(frozen=True, slots=True)
class Plan(Generic[K]):
    """Transfers that settle everything, largest first. `optimal`: their number is proven the least possible."""

    transfers: tuple[Transfer[K], ...]
    optimal: bool


def plan(balances: Mapping[K, int], currency: str) -> Plan[K]:
    """Settle `balances` (minor units; positive: is owed) with the fewest transfers, only ever from who owes to who is owed.

    The fewest is the number of open balances less the largest number of groups that each sum to zero. Of all plans with the fewest it is the one with
    the largest transfers, compared one by one, ties by the order of `balances`. That preference looks at transfers alone, hence paying any of them
    leaves exactly the others as the new plan. Up to 20 open balances the search is exact; above, equal and opposite pairs are peeled off (which costs
    no transfer) and what is still too many is settled by small groups, never with more transfers than largest to largest.

    Raises DomainError `balances_do_not_sum_to_zero` (difference: Money) and what Money raises.
    """
    total = sum(balances.values())
    if total:
        raise DomainError("balances_do_not_sum_to_zero", difference=Money(total, currency))
    still = {member: minor for member, minor in balances.items() if minor}
    moves, optimal = (_exact(still), True) if len(still) <= PROVEN_MEMBERS else _large(still)
    assert not _after(still, moves), "a plan leaves nothing open"
    order = {member: place for place, member in enumerate(balances)}
    moves.sort(key=lambda move: (-move[2], order[move[0]], order[move[1]]))
    return Plan(tuple(Transfer(sender, receiver, Money(minor, currency)) for sender, receiver, minor in moves), optimal)


def _after(still: _Open[K], moves: list[_Move[K]]) -> _Open[K]:
    """What is open once the moves are paid."""
    left = dict(still)
    for sender, receiver, minor in moves:
        left[sender] += minor
        left[receiver] -= minor
    return {member: minor for member, minor in left.items() if minor}


def _exact(still: _Open[K]) -> list[_Move[K]]:
    """Take, again and again, the largest transfer that some plan with the fewest transfers holds.

    Two members can pay each other in such a plan if they are in one group of some best partition: beside that group, a set without both is left.
    """
    left, moves = still, []
    while left:
        members = list(left)
        beside = _beside_a_group(list(left.values()))
        without = dict(zip(members, _without(len(members)), strict=True)) if beside else {}
        sender, receiver = next(pair for pair in _pairs(left) if not beside or beside & without[pair[0]] & without[pair[1]])
        moves.append((sender, receiver, min(-left[sender], left[receiver])))
        left = _after(left, moves[-1:])
    return moves


def _pairs(left: _Open[K]) -> list[tuple[K, K]]:
    """All (debtor, creditor), those first who can pay each other most."""
    debtors = [member for member, minor in left.items() if minor < 0]
    creditors = [member for member, minor in left.items() if minor > 0]
    return sorted(((d, c) for d in debtors for c in creditors), key=lambda pair: -min(-left[pair[0]], left[pair[1]]))


# A family of sets of members is one int: its bit `m` says whether the set with bit mask `m` belongs to it. Adding a member to every set of a family,
# all 2^n of them, is then one shift, and the search over subsets (O(2^n * n) steps) takes milliseconds.


def _beside_a_group(values: list[int]) -> int:
    """The family of sets that may be left beside one group of a best partition (most zero-sum groups); 0 where the best is one group of all.

    Layer k holds the zero-sum sets of at least k groups: a zero-sum set that strictly contains one of layer k - 1 has a zero-sum rest.
    """
    if len(values) < 4:
        return 0
    everyone = 1 << ((1 << len(values)) - 1)
    without = _without(len(values))
    zero = layer = _zero_sums(values)
    below = 0
    while (above := zero & _strictly_above(layer, without)) & everyone:
        below, layer = layer, above
    return below


def _strictly_above(family: int, without: tuple[int, ...]) -> int:
    """All sets that contain one of the family and at least one member more."""
    above = 0
    for place, lacking in enumerate(without):
        above |= (family & lacking) << (1 << place)
    for place, lacking in enumerate(without):
        above |= (above & lacking) << (1 << place)
    return above


@lru_cache(maxsize=PROVEN_MEMBERS)
def _without(size: int) -> tuple[int, ...]:
    """For each of `size` members, the family of all sets without that member."""
    families = []
    for place in range(size):
        family, width = (1 << (1 << place)) - 1, 2 << place
        while width < 1 << size:
            family, width = family | family << width, 2 * width
        families.append(family)
    return tuple(families)


def _zero_sums(values: list[int]) -> int:
    """The family of all sets (not the empty one) that sum to zero; met in the middle, so that sums are formed for 2^(n/2) sets only."""
    half = max(3, len(values) // 2)
    lower: dict[int, int] = {}
    for mask, total in enumerate(_sums(values[:half])):
        lower[total] = lower.get(total, 0) | 1 << mask
    size = (1 << half) // 8
    none = bytes(size)
    blocks = {-total: family.to_bytes(size, "little") for total, family in lower.items()}
    family = int.from_bytes(b"".join(blocks.get(total, none) for total in _sums(values[half:])), "little")
    return family & ~1


def _sums(values: list[int]) -> list[int]:
    """The sum of every subset, by bit mask."""
    sums = [0]
    for value in values:
        sums += [total + value for total in sums]
    return sums


def _large(still: _Open[K]) -> tuple[list[_Move[K]], bool]:
    """Moves, and whether their number is proven least: exactly solved after peeling, or as few as the bound allows."""
    peeled = _peel(still)
    rest = _after(still, peeled)
    if len(rest) <= PROVEN_MEMBERS:
        return peeled + _exact(rest), True
    debtors = sum(minor < 0 for minor in rest.values())
    least = len(rest) - min(debtors, len(rest) - debtors, len(rest) // 3)  # no pair is left: a group has three members, one of each side
    found = min(_by_small_groups(rest), _largest_to_largest(rest), key=len)
    return peeled + found, len(found) == least


def _peel(still: _Open[K]) -> list[_Move[K]]:
    """Equal and opposite balances, matched in order."""
    creditors: dict[int, list[K]] = {}
    for member, minor in still.items():
        if minor > 0:
            creditors.setdefault(minor, []).insert(0, member)
    return [(member, creditors[-minor].pop(), -minor) for member, minor in still.items() if minor < 0 and creditors.get(-minor)]


def _by_small_groups(rest: _Open[K]) -> list[_Move[K]]:
    """Take groups of three while the rest is too large for the exact search."""
    moves: list[_Move[K]] = []
    while len(rest) > PROVEN_MEMBERS and (trio := _trio(rest)):
        moves += _largest_to_largest(trio)
        rest = _after(rest, moves[-2:])
    return moves + (_exact(rest) if len(rest) <= PROVEN_MEMBERS else _largest_to_largest(rest))


def _trio(rest: _Open[K]) -> _Open[K]:
    """The first three members who sum to zero, or nobody."""
    if len(rest) > _SEARCHED_MEMBERS:
        return {}
    holders: dict[int, K] = {minor: member for member, minor in rest.items()}
    for first, second in combinations(rest, 2):
        third = holders.get(-rest[first] - rest[second])
        if third is not None and third not in (first, second):
            return {member: rest[member] for member in (first, second, third)}
    return {}


def _largest_to_largest(rest: _Open[K]) -> list[_Move[K]]:
    """The greedy plan: who owes most pays who is owed most, at most n - 1 transfers."""
    left, moves = rest, []
    while left:
        sender, receiver = min(left, key=left.__getitem__), max(left, key=left.__getitem__)
        moves.append((sender, receiver, min(-left[sender], left[receiver])))
        left = _after(left, moves[-1:])
    return moves
