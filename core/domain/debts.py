"""Who owes whom by the bills themselves, and how these debts lead to the transfers of a plan. Knows no book and stores nothing."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

B = TypeVar("B", bound=Hashable)
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Deed(Generic[B, K]):
    """What one bill or payment did to each member's balance, in minor units of one currency; they sum to zero."""

    bill: B
    moved: Mapping[K, int]


@dataclass(frozen=True, slots=True)
class Debt(Generic[B, K]):
    """`debtor` owes `creditor` `minor` (above zero) by what they had in common. `bills`: those that say so, the largest part first."""

    debtor: K
    creditor: K
    minor: int
    bills: tuple[B, ...]


@dataclass(frozen=True, slots=True)
class Chain(Generic[B, K]):
    """`minor` units that go through some debts, each owed to whoever owes the next."""

    minor: int
    debts: tuple[Debt[B, K], ...]


class Acquaintance(Generic[K]):
    """Who shares a bill with whom. A bill costs as much as it has people, not as much as these make pairs."""

    def __init__(self) -> None:
        self._count = 0
        self._bills: dict[K, int] = {}  # member to a bit a bill

    def add(self, people: Iterable[K]) -> None:
        """One bill's people."""
        for person in people:
            self._bills[person] = self._bills.get(person, 0) | 1 << self._count
        self._count += 1

    def met(self, one: K, other: K) -> bool:
        """Whether both stand on one bill."""
        return bool(self._bills.get(one, 0) & self._bills.get(other, 0))


def unexplained(minor: int, chains: Iterable[Chain[B, K]]) -> int:
    """What of a transfer of so many minor units no chain accounts for."""
    return minor - sum(chain.minor for chain in chains)


def direct_debts(deeds: Iterable[Deed[B, K]]) -> list[Debt[B, K]]:
    """Every pair's debts from their common bills, set off against each other and against what was paid; largest first.

    Who put in too little for a bill owes those who put in too much, in proportion to what each of them did. A member's debts sum to the balance.
    """
    between: dict[tuple[K, K], list[tuple[B, int]]] = defaultdict(list)
    for deed in deeds:
        for debtor, creditor, minor in _owed(deed.moved):
            between[debtor, creditor].append((deed.bill, minor))
    found = []
    for (debtor, creditor), parts in between.items():
        minor = sum(part for _, part in parts) - sum(part for _, part in between.get((creditor, debtor), ()))
        if minor > 0:
            bills = dict.fromkeys(bill for bill, _ in sorted(parts, key=lambda part: -part[1]))
            found.append(Debt(debtor, creditor, minor, tuple(bills)))
    return sorted(found, key=lambda debt: -debt.minor)


def _owed(moved: Mapping[K, int]) -> Iterable[tuple[K, K, int]]:
    """(debtor, creditor, minor units) of one bill: whole units, and to the unit what each owes and is owed."""
    claims = {member: minor for member, minor in moved.items() if minor > 0}
    for debtor, minor in moved.items():
        if minor >= 0:
            continue
        whole = sum(claims.values())
        parts = {creditor: -minor * claim // whole for creditor, claim in claims.items()}
        for creditor in sorted(claims, key=lambda member: -(-minor * claims[member] % whole))[: -minor - sum(parts.values())]:
            parts[creditor] += 1
        for creditor, part in parts.items():
            claims[creditor] -= part
            if part:
                yield debtor, creditor, part
        claims = {creditor: claim for creditor, claim in claims.items() if claim}


def chains(debts: Sequence[Debt[B, K]], sender: K, receiver: K, minor: int) -> tuple[Chain[B, K], ...]:
    """How debts lead from `sender` to `receiver`, up to `minor` units: the shortest ways first, no debt used beyond its amount.

    What they leave of `minor` is owed to others than those who owe the receiver.
    """
    left = {(debt.debtor, debt.creditor): debt.minor for debt in debts}
    known = {(debt.debtor, debt.creditor): debt for debt in debts}
    found: list[Chain[B, K]] = []
    while minor and (way := _shortest(left, sender, receiver)):
        part = min(minor, *(left[step] for step in way))
        found.append(Chain(part, tuple(known[step] for step in way)))
        minor -= part
        for step in way:
            left[step] -= part
    return tuple(found)


def _shortest(left: Mapping[tuple[K, K], int], sender: K, receiver: K) -> list[tuple[K, K]]:
    """The fewest debts from one to the other that are not used up, in order; none where there is no way."""
    came: dict[K, K] = {}
    waiting = deque([sender])
    while waiting and receiver not in came:
        member = waiting.popleft()
        for (debtor, creditor), minor in left.items():
            if debtor == member and minor and creditor not in came and creditor != sender:
                came[creditor] = debtor
                waiting.append(creditor)
    way: list[tuple[K, K]] = []
    step = receiver
    while step in came:
        way.insert(0, (came[step], step))
        step = came[step]
    return way


def through(balances: Mapping[K, int], centre: K) -> list[tuple[K, K, int]]:
    """(sender, receiver, minor units) that settle `balances` with `centre` as one side of each: who owes pays first."""
    others = [(member, minor) for member, minor in balances.items() if minor and member != centre]
    paying = [(member, centre, -minor) for member, minor in others if minor < 0]
    return paying + [(centre, member, minor) for member, minor in others if minor > 0]


def by_unit(balances: Mapping[K, int], units: Sequence[Sequence[K]]) -> dict[K, int]:
    """Balances of units (a couple, a family), each under its first member who has one; everybody else alone."""
    head = {member: unit[0] for unit in ([member for member in unit if member in balances] for unit in units) for member in unit}
    sums: dict[K, int] = {}
    for member, minor in balances.items():
        sums[head.get(member, member)] = sums.get(head.get(member, member), 0) + minor
    return sums
