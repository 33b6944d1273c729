"""The settlement campaign: random groups against a search of all subsets that shares no code with the product. Prints its seed and figures."""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from core.domain.settlement import Plan, plan, remaining

MOST = 18  # members


@dataclass
class Findings:
    """What was seen over all groups; `faults` hold a description and the balances."""

    groups: int = 0
    greedy_fails: int = 0
    faults: list[tuple[str, list[int]]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


def least_transfers(values: list[int]) -> int:
    """Open balances less the most disjoint zero-sum sets: over all subsets, by size."""
    if not values:
        return 0
    sums = np.zeros(1, dtype=np.int64)
    sizes = np.zeros(1, dtype=np.int8)
    for value in values:
        sums, sizes = np.concatenate((sums, sums + value)), np.concatenate((sizes, sizes + 1))
    most = np.zeros(len(sums), dtype=np.int8)
    order = np.argsort(sizes, kind="stable")
    for layer in np.split(order, np.cumsum(np.bincount(sizes))[:-1])[1:]:
        for place in range(len(values)):
            inside = layer[layer >> place & 1 == 1]
            most[inside] = np.maximum(most[inside], most[inside ^ 1 << place])
        most[layer] += sums[layer] == 0
    return len(values) - int(most[-1])


def by_bills(chance: random.Random, members: int, step: int, bills: int) -> list[int]:
    """Balances after bills of whole steps, equally shared by some, each share a whole step too."""
    balances = [0] * members
    for _ in range(bills):
        people = chance.sample(range(members), chance.randint(2, members)) if members > 2 else list(range(members))
        share = chance.randint(1, 40) * step
        for person in people:
            balances[person] -= share
        balances[chance.choice(people)] += share * len(people)
    return balances


def by_subgroups(chance: random.Random, members: int, step: int) -> list[int]:
    """Small groups that each cancel out, mixed."""
    balances: list[int] = []
    while len(balances) < members:
        size = min(chance.choice((2, 3, 3, 3, 4, 5)), members - len(balances)) or 1
        part = [chance.randint(-60, 60) * step for _ in range(size - 1)]
        balances += [*part, -sum(part)]
    chance.shuffle(balances)
    return balances


def some_group(chance: random.Random, findings: Findings) -> list[int]:
    members = chance.randint(2, MOST)
    kind = chance.choice(("whole units", "rounded to 5", "closed subgroups", "cents"))
    findings.kinds[kind] += 1
    if kind == "closed subgroups":
        return by_subgroups(chance, members, chance.choice((1, 100, 500)))
    steps = {"whole units": 100, "rounded to 5": 500, "cents": 1}
    return by_bills(chance, members, steps[kind], chance.randint(1, 12))


def greedy(balances: list[int]) -> int:
    left, moves = sorted(balance for balance in balances if balance), 0
    while left:
        paid = left[0] + left[-1]
        left, moves = sorted(balance for balance in (*left[1:-1], paid) if balance), moves + 1
    return moves


def paid(balances: dict[int, int], payments: list[tuple[int, int, int]]) -> dict[int, int]:
    left = dict(balances)
    for sender, receiver, minor in payments:
        left[sender] += minor
        left[receiver] -= minor
    return left


def faults_of(chance: random.Random, balances: dict[int, int], made: Plan[int], fewest: int) -> list[str]:
    """What is wrong with a plan."""
    found = []
    moves = [(move.sender, move.receiver, move.amount.minor) for move in made.transfers]
    if len(moves) != fewest or made.least != fewest:
        found.append(f"{len(moves)} transfers (least {made.least}) where {fewest} suffice")
    if any(minor <= 0 or not balances[sender] < 0 < balances[receiver] for sender, receiver, minor in moves):
        found.append("a transfer that is none from who owes to who is owed")
    if any(paid(balances, moves).values()):
        found.append("the plan leaves something open")
    some = [move for move in moves if chance.random() < 0.5]
    if plan(paid(balances, some), "EUR").transfers != tuple(t for t, move in zip(made.transfers, moves, strict=True) if move not in some):
        found.append(f"after paying {some} it is not the others, unchanged")
    parts = [(sender, receiver, chance.randint(1, minor)) for sender, receiver, minor in moves if chance.random() < 0.5]
    kept = remaining(made, parts)
    open_pairs = [(sender, receiver) for sender, receiver, minor in moves if (sender, receiver, minor) not in parts]
    if kept is None or {(move.sender, move.receiver) for move in kept.transfers} != {*open_pairs}:
        found.append(f"after paying {parts} it is not what is left of it")
    elif any(paid(paid(balances, parts), [(move.sender, move.receiver, move.amount.minor) for move in kept.transfers]).values()):
        found.append(f"what is left after paying {parts} leaves something open")
    return found


def campaign(*, groups: int, seed: int) -> Findings:
    """Random groups of up to 18 members from one seed."""
    chance, findings = random.Random(seed), Findings()
    for _ in range(groups):
        balances = some_group(chance, findings)
        start = time.perf_counter()
        made = plan(dict(enumerate(balances)), "EUR")
        findings.seconds.append(time.perf_counter() - start)
        fewest = least_transfers([balance for balance in balances if balance])
        findings.groups += 1
        findings.greedy_fails += greedy(balances) > fewest
        findings.faults += [(fault, balances) for fault in faults_of(chance, dict(enumerate(balances)), made, fewest)]
    return findings


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    findings = campaign(groups=options.groups, seed=options.seed)
    times = sorted(findings.seconds)
    print(", ".join(f"{kind} {count}" for kind, count in sorted(findings.kinds.items())))
    print(
        f"{findings.groups} groups of up to {MOST}: {len(findings.faults)} faults; largest to largest is not minimal in {findings.greedy_fails}; "
        f"p50 {1000 * times[len(times) // 2]:.1f} ms, p95 {1000 * times[len(times) * 95 // 100]:.1f} ms, worst {1000 * times[-1]:.1f} ms"
    )
    for fault, balances in findings.faults[:20]:
        print(fault, balances)
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
