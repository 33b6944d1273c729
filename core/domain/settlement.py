"""From balances to the fewest transfers that settle them, one currency at a time. Knows no book and stores nothing."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

from core.domain import zero_sums
from core.domain.money import Money
from core.errors import DomainError

K = TypeVar("K", bound=Hashable)
_Open = dict[K, int]  # members who owe (negative) or are owed, in minor units, in the order of the balances
_Move = tuple[K, K, int]  # sender, receiver, minor units
Rank = Callable[[K, K], int]  # how far a sender and a receiver are from paying each other gladly; 0: gladly

PROVEN_MEMBERS = zero_sums.MOST  # open balances up to which the fewest transfers are found by exact search
_WEIGHED_MEMBERS = 7  # open balances up to which all plans with the fewest transfers are compared: thousands of states
_SEARCH_STEPS = 400_000  # of the search for small groups among more members than can be proven


@dataclass(frozen=True, slots=True)
class Transfer(Generic[K]):
    """`sender` pays `receiver`; the amount is always positive."""

    sender: K
    receiver: K
    amount: Money


@dataclass(frozen=True, slots=True)
class Plan(Generic[K]):
    """Transfers that settle everything, largest first. `least`: no plan has fewer transfers than that."""

    transfers: tuple[Transfer[K], ...]
    least: int

    @property
    def optimal(self) -> bool:
        """Whether their number is proven the least possible."""
        return len(self.transfers) == self.least


def plan(balances: Mapping[K, int], currency: str, *, rank: Rank[K] | None = None) -> Plan[K]:
    """Settle `balances` (minor units; positive: is owed) with the fewest transfers, only ever from who owes to who is owed.

    The fewest is the number of open balances less the largest number of groups that each sum to zero: found exactly up to 20 open balances; above,
    by a search of counted steps, never with more transfers than largest to largest. Of the plans with the fewest, pairs of a low `rank` come first,
    then pairs in the order of `balances`: an order that does not look at amounts, so that paying some of the transfers leaves the others as the new
    plan. `remaining` keeps it through payments in part and whatever the ranks are (docs/decisions/0009).

    Raises DomainError `balances_do_not_sum_to_zero` (difference: Money) and what Money raises.
    """
    total = sum(balances.values())
    if total:
        raise DomainError("balances_do_not_sum_to_zero", difference=Money(total, currency))
    still = {member: minor for member, minor in balances.items() if minor}
    pairs = _pairs(still, rank)
    if len(still) <= PROVEN_MEMBERS:
        moves = _exact(still, pairs)
        least = len(moves)
    else:
        moves, least = _large(still, pairs)
    if rank is not None:
        moves = _weighed(still, moves, pairs, rank)
    assert not _after(still, moves), "a plan leaves nothing open"
    return _planned(moves, list(balances), currency, least)


def remaining(made: Plan[K], payments: Iterable[tuple[K, K, int]]) -> Plan[K] | None:
    """What is left of a plan once `payments` (sender, receiver, minor units) were made.

    None where one of them is neither a transfer of the plan nor a part of one: then it is no plan any more.
    """
    left = _due(made)
    if not all(_taken_off(left, payment) for payment in payments):
        return None
    return _of_due(left, made.transfers[0].amount.currency, members=[member for pair in left for member in pair]) if made.transfers else made


def followed(balances: Mapping[K, int], payments: Iterable[tuple[K, K, int]], currency: str, *, rank: Rank[K] | None = None) -> Plan[K]:
    """The plan of `balances` as it is after `payments`: each takes its amount off; one that is no part of the plan makes a new one from there on."""
    still = dict(balances)
    left = _due(plan(still, currency, rank=rank))
    for sender, receiver, minor in payments:
        still[sender] += minor
        still[receiver] -= minor
        if not _taken_off(left, (sender, receiver, minor)):
            left = _due(plan(still, currency, rank=rank))
    return _of_due(left, currency, members=list(balances))


def _due(made: Plan[K]) -> dict[tuple[K, K], int]:
    return {(move.sender, move.receiver): move.amount.minor for move in made.transfers}


def _taken_off(left: dict[tuple[K, K], int], payment: tuple[K, K, int]) -> bool:
    """Take a payment off what is due; whether it was a transfer or a part of one."""
    sender, receiver, minor = payment
    if not 0 < minor <= left.get((sender, receiver), 0):
        return False
    left[sender, receiver] -= minor
    return True


def _of_due(left: Mapping[tuple[K, K], int], currency: str, *, members: Sequence[K]) -> Plan[K]:
    moves = [(sender, receiver, minor) for (sender, receiver), minor in left.items() if minor]
    if not moves:
        return Plan((), 0)
    still = dict.fromkeys(members, 0)
    for sender, receiver, minor in moves:
        still[sender] -= minor
        still[receiver] += minor
    return _planned(moves, list(still), currency, plan(still, currency).least)


def _planned(moves: list[_Move[K]], members: list[K], currency: str, least: int) -> Plan[K]:
    place = {member: number for number, member in enumerate(members)}
    ordered = sorted(moves, key=lambda move: (-move[2], place[move[0]], place[move[1]]))
    return Plan(tuple(Transfer(sender, receiver, Money(minor, currency)) for sender, receiver, minor in ordered), least)


def _after(still: _Open[K], moves: list[_Move[K]]) -> _Open[K]:
    """What is open once the moves are paid."""
    left = dict(still)
    for sender, receiver, minor in moves:
        left[sender] += minor
        left[receiver] -= minor
    return {member: minor for member, minor in left.items() if minor}


def _pairs(still: _Open[K], rank: Rank[K] | None) -> list[tuple[K, K]]:
    """All (debtor, creditor): those of the lowest rank first, then in the order of the balances."""
    debtors = [member for member, minor in still.items() if minor < 0]
    creditors = [member for member, minor in still.items() if minor > 0]
    pairs = [(debtor, creditor) for debtor in debtors for creditor in creditors]
    return pairs if rank is None else sorted(pairs, key=lambda pair: rank(*pair))


def _exact(still: _Open[K], pairs: list[tuple[K, K]]) -> list[_Move[K]]:
    """Take, again and again, the first pair that pays each other in some plan with the fewest transfers, as much as the two can.

    Once paired, one of the two is even: the search goes on with one open balance less and the same number of groups, or one less of both.
    """
    left, moves = still, []
    while left:
        place = {member: number for number, member in enumerate(left)}
        together = zero_sums.together(list(left.values()))
        sender, receiver = next(pair for pair in pairs if pair[0] in place and pair[1] in place and together(place[pair[0]], place[pair[1]]))
        moves.append((sender, receiver, min(-left[sender], left[receiver])))
        left = _after(left, moves[-1:])
    return moves


# ------------------------------------------------------------------ the rank of a whole plan


def _weighed(still: _Open[K], moves: list[_Move[K]], pairs: list[tuple[K, K]], rank: Rank[K]) -> list[_Move[K]]:
    """The plan with the lowest sum of ranks among those with as few transfers: of all members where they are few, else of each group of few.

    Taking the first pair again and again keeps ranks low but not lowest; where each transfer is of the lowest rank there is nothing to gain.
    """
    if not any(rank(sender, receiver) for sender, receiver, _ in moves):
        return moves
    groups = [still] if len(still) <= _WEIGHED_MEMBERS else _groups(still, moves)
    found: list[_Move[K]] = []
    for group in groups:
        own = [move for move in moves if move[0] in group]
        found += _lowest(group, pairs, rank) if len(group) <= _WEIGHED_MEMBERS else own
    return found


def _groups(still: _Open[K], moves: list[_Move[K]]) -> list[_Open[K]]:
    """The members that transfers connect, with their balances."""
    group_of = {member: {member} for member in still}
    for sender, receiver, _ in moves:
        joined = group_of[sender] | group_of[receiver]
        group_of |= dict.fromkeys(joined, joined)
    firsts = [member for member in still if next(each for each in still if each in group_of[member]) == member]
    return [{member: minor for member, minor in still.items() if member in group_of[first]} for first in firsts]


def _lowest(group: _Open[K], pairs: list[tuple[K, K]], rank: Rank[K]) -> list[_Move[K]]:
    """Of the plans with the fewest transfers the one with the lowest sum of ranks, ties by the order of pairs: all are tried, each state once.

    Every plan with the fewest can be paid so that each transfer makes one of the two even; which transfers are left depends on what is open alone.
    """
    members = list(group)
    place = {member: number for number, member in enumerate(members)}
    ways = [(place[sender], place[receiver], rank(sender, receiver)) for sender, receiver in pairs if sender in place and receiver in place]
    best: dict[tuple[int, ...], tuple[int, int, tuple[tuple[int, int], ...]]] = {(0,) * len(members): (0, 0, ())}

    def settle(state: tuple[int, ...]) -> tuple[int, int, tuple[tuple[int, int], ...]]:
        """Transfers, sum of ranks and the transfers as (number of the way, minus the amount), in order."""
        if state not in best:
            options = []
            for number, (sender, receiver, cost) in enumerate(ways):
                if state[sender] < 0 < state[receiver]:
                    minor = min(-state[sender], state[receiver])
                    rest = list(state)
                    rest[sender] += minor
                    rest[receiver] -= minor
                    count, ranks, taken = settle(tuple(rest))
                    options.append((count + 1, ranks + cost, tuple(sorted((*taken, (number, -minor))))))
            best[state] = min(options)
        return best[state]

    taken = settle(tuple(group.values()))[2]
    return [(members[ways[number][0]], members[ways[number][1]], -minus) for number, minus in taken]


# ------------------------------------------------------------------ more members than can be proven


def _large(still: _Open[K], pairs: list[tuple[K, K]]) -> tuple[list[_Move[K]], int]:
    """Moves, and a number of transfers that no plan goes below. Equal and opposite balances are peeled off first, which costs no transfer."""
    peeled = _peel(still)
    rest = _after(still, peeled)
    if len(rest) <= PROVEN_MEMBERS:
        moves = peeled + _exact(rest, pairs)
        return moves, len(moves)
    debtors = sum(minor < 0 for minor in rest.values())
    least = len(rest) - min(debtors, len(rest) - debtors, len(rest) // 3)  # no pair is left: a group has three members, one of each side
    found = min(_by_small_groups(rest, pairs), _largest_to_largest(rest), key=len)
    return peeled + found, len(peeled) + least


def _peel(still: _Open[K]) -> list[_Move[K]]:
    """Equal and opposite balances, matched in order."""
    creditors: dict[int, list[K]] = {}
    for member, minor in still.items():
        if minor > 0:
            creditors.setdefault(minor, []).insert(0, member)
    return [(member, creditors[-minor].pop(), -minor) for member, minor in still.items() if minor < 0 and creditors.get(-minor)]


def _by_small_groups(rest: _Open[K], pairs: list[tuple[K, K]]) -> list[_Move[K]]:
    """Take groups of three, then of four, while the rest is too large for the exact search and steps are left."""
    moves: list[_Move[K]] = []
    steps = _SEARCH_STEPS
    for search, width in ((_three, 2), (_four, 3)):
        cost = len(rest) ** 2
        while len(rest) > PROVEN_MEMBERS and steps >= cost and (group := search(rest)):
            moves += _exact(group, pairs)
            rest = _after(rest, moves[-width:])
            steps -= cost
    return moves + (_exact(rest, pairs) if len(rest) <= PROVEN_MEMBERS else _largest_to_largest(rest))


def _three(rest: _Open[K]) -> _Open[K]:
    """The first three members who sum to zero, or nobody."""
    holders: dict[int, K] = {minor: member for member, minor in rest.items()}
    for first, second in combinations(rest, 2):
        third = holders.get(-rest[first] - rest[second])
        if third is not None and third not in (first, second):
            return {member: minor for member, minor in rest.items() if member in (first, second, third)}
    return {}


def _four(rest: _Open[K]) -> _Open[K]:
    """The first four members who sum to zero, or nobody."""
    sums: dict[int, tuple[K, K]] = {}
    for pair in combinations(rest, 2):
        total = rest[pair[0]] + rest[pair[1]]
        other = sums.get(-total)
        if other is not None and not {*other} & {*pair}:
            return {member: minor for member, minor in rest.items() if member in other or member in pair}
        sums.setdefault(total, pair)
    return {}


def _largest_to_largest(rest: _Open[K]) -> list[_Move[K]]:
    """The greedy plan: who owes most pays who is owed most, at most n - 1 transfers."""
    left, moves = rest, []
    while left:
        sender, receiver = min(left, key=left.__getitem__), max(left, key=left.__getitem__)
        moves.append((sender, receiver, min(-left[sender], left[receiver])))
        left = _after(left, moves[-1:])
    return moves
