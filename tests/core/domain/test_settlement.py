"""The fewest transfers: against brute force, and the promises that a plan keeps while it is being paid."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.settlement import Plan, followed, plan, remaining
from core.errors import DomainError


def shown(made: Plan[str]) -> list[str]:
    return [f"{move.sender} → {move.receiver} {move.amount}" for move in made.transfers]


def pay(balances: dict[int, int], made: Plan[int], places: list[int]) -> dict[int, int]:
    left = dict(balances)
    for place in places:
        move = made.transfers[place]
        left[move.sender] += move.amount.minor
        left[move.receiver] -= move.amount.minor
    return left


def least_transfers(values: list[int]) -> int:
    """Open balances less the most zero-sum groups, by trying every subset."""
    total, groups = [0] * (1 << len(values)), [0] * (1 << len(values))
    for mask in range(1, 1 << len(values)):
        low = mask & -mask
        total[mask] = total[mask ^ low] + values[low.bit_length() - 1]
        groups[mask] = max(groups[mask ^ 1 << place] for place in range(len(values)) if mask >> place & 1) + (total[mask] == 0)
    return len(values) - groups[-1]


def balances_of(size: int, most: int) -> st.SearchStrategy[dict[int, int]]:
    return st.lists(st.integers(-most, most), min_size=1, max_size=size - 1).map(lambda values: dict(enumerate([*values, -sum(values)])))


def test_two_debts_to_one_person():
    assert shown(plan({"anna": 2550, "bob": -1800, "dan": -750}, "EUR")) == ["bob → anna 18.00", "dan → anna 7.50"]


def test_groups_that_cancel_out_among_themselves_are_found_where_greed_misses_them():
    made = plan({"a": 1100, "b": 900, "c": -700, "d": -400, "e": -600, "f": -300}, "EUR")
    assert shown(made) == ["c → a 7.00", "e → b 6.00", "d → a 4.00", "f → b 3.00"]
    assert made.optimal


def test_nothing_open_needs_nothing():
    assert plan({"anna": 0, "bob": 0}, "EUR") == Plan((), least=0)
    assert plan({}, "EUR") == Plan((), least=0)


def test_balances_that_do_not_sum_to_zero_are_refused_with_the_difference():
    with pytest.raises(DomainError) as refused:
        plan({"anna": 100, "bob": -200}, "EUR")
    assert str(refused.value) == "balances_do_not_sum_to_zero(difference=-1.00)"


@given(st.sampled_from([3, 8, 30, 10_000]).flatmap(lambda most: balances_of(9, most)))
@settings(max_examples=200)
def test_the_number_of_transfers_is_the_least_possible(balances):
    made = plan(balances, "EUR")
    assert made.optimal
    assert len(made.transfers) == least_transfers([minor for minor in balances.values() if minor])


@given(st.sampled_from([3, 8, 30, 10_000]).flatmap(lambda most: balances_of(12, most)), st.data())
@settings(max_examples=200)
def test_after_some_payments_the_plan_is_the_other_transfers_unchanged(balances, data):
    made = plan(balances, "EUR")
    paid = data.draw(st.lists(st.sampled_from(range(len(made.transfers))), unique=True)) if made.transfers else []
    assert plan(pay(balances, made, paid), "EUR").transfers == tuple(move for place, move in enumerate(made.transfers) if place not in paid)


@given(st.sampled_from([2, 9, 50, 10_000]).flatmap(lambda most: balances_of(60, most)))
@settings(max_examples=100)
def test_paying_the_whole_plan_leaves_exactly_nothing(balances):
    made = plan(balances, "EUR")
    assert not any(pay(balances, made, list(range(len(made.transfers)))).values())
    assert all(move.amount.minor > 0 and balances[move.sender] < 0 < balances[move.receiver] for move in made.transfers)
    assert len(made.transfers) <= max(0, sum(map(bool, balances.values())) - 1)


def test_pairs_are_peeled_off_so_that_a_large_group_is_proven_too():
    balances = {place: (100 + place // 2) * (-1) ** place for place in range(40)} | {"a": 5, "b": 7, "c": -12}
    made = plan(balances, "EUR")
    assert made.optimal
    assert len(made.transfers) == 22


def test_in_a_large_group_closed_trios_are_found():
    trios = [(4001 + 97 * place, 2003 + 61 * place * place) for place in range(8)]
    balances = dict(enumerate([value for first, second in trios for value in (first, second, -first - second)]))
    made = plan(balances, "EUR")
    assert len(made.transfers) == 16
    assert made.optimal


def test_what_is_not_proven_is_not_called_optimal():
    made = plan({place: 10**6 + 7**place % 10**5 for place in range(29)} | {"payer": -sum(10**6 + 7**place % 10**5 for place in range(29))}, "EUR")
    assert len(made.transfers) == 29
    assert made.optimal  # one debtor: nobody can do with fewer
    two = plan({place: 1000 + place * place for place in range(28)} | {"x": -10_000, "y": 10_000 - sum(1000 + p * p for p in range(28))}, "EUR")
    assert not two.optimal


def test_in_a_large_group_closed_fours_are_found_and_the_bound_is_told():
    fours = [(4001 + 97 * place, 2003 + 61 * place * place, -1009 - 31 * place**3) for place in range(6)]
    balances = dict(enumerate([value for four in fours for value in (*four, -sum(four))]))
    made = plan(balances, "EUR")
    assert len(made.transfers) == 18
    assert made.least == 24 - 24 // 3


def cheapest(balances: dict[int, int], count: int, rank) -> int:
    """The lowest sum of ranks of all plans with `count` transfers, by trying every order of paying."""
    if not any(balances.values()):
        return 0
    costs = [10**6]
    if count:
        debtors, creditors = [m for m in balances if balances[m] < 0], [m for m in balances if balances[m] > 0]
        for sender, receiver in ((d, c) for d in debtors for c in creditors):
            minor = min(-balances[sender], balances[receiver])
            left = balances | {sender: balances[sender] + minor, receiver: balances[receiver] - minor}
            costs.append(rank(sender, receiver) + cheapest(left, count - 1, rank))
    return min(costs)


@given(balances_of(5, 6), st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5))))
@settings(max_examples=150, deadline=None)
def test_of_the_plans_with_the_fewest_transfers_few_strangers_pay_each_other(balances, strangers):
    def rank(sender: int, receiver: int) -> int:
        return int((sender, receiver) in strangers)

    made = plan(balances, "EUR", rank=rank)
    assert made.optimal
    assert len(made.transfers) == len(plan(balances, "EUR").transfers)
    found = sum(rank(move.sender, move.receiver) for move in made.transfers)
    assert found == cheapest(balances, len(made.transfers), rank)


def test_friends_pay_friends_where_it_costs_no_transfer():
    balances = {"anna": 500, "bob": 500, "cleo": -500, "dan": -500}
    friends = {("cleo", "bob"), ("dan", "anna")}
    assert shown(plan(balances, "EUR")) == ["cleo → anna 5.00", "dan → bob 5.00"]
    assert shown(plan(balances, "EUR", rank=lambda *pair: pair not in friends)) == ["cleo → bob 5.00", "dan → anna 5.00"]


@given(st.sampled_from([3, 9, 50, 10_000]).flatmap(lambda most: balances_of(24, most)), st.data())
@settings(max_examples=150, deadline=None)
def test_payments_in_part_leave_the_rest_of_the_plan_as_it_was(balances, data):
    made = plan(balances, "EUR")
    left, moves = made, {(move.sender, move.receiver): move.amount.minor for move in made.transfers}
    for (sender, receiver), minor in moves.items():
        paid = data.draw(st.sampled_from([0, 1, minor // 2, minor]))
        if paid:
            left = remaining(left, [(sender, receiver, paid)])
            moves[sender, receiver] -= paid
            assert left is not None
            assert {(move.sender, move.receiver): move.amount.minor for move in left.transfers} == {pair: m for pair, m in moves.items() if m}
            assert left.least <= len(left.transfers)
    assert all(first.amount.minor >= second.amount.minor for first, second in pairwise(left.transfers))


@given(st.sampled_from([3, 9, 50, 10_000]).flatmap(lambda most: balances_of(12, most)), st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_paid_by_the_plan_keeps_it_also_after_what_was_not(balances, data):
    payments, members = [], list(balances)
    made = followed(balances, payments, "EUR")
    assert made == plan(balances, "EUR")
    for _ in range(data.draw(st.integers(1, 8))):
        moves = {(move.sender, move.receiver): move.amount.minor for move in made.transfers}
        if moves and data.draw(st.booleans()):
            pair = data.draw(st.sampled_from(list(moves)))
            paid = data.draw(st.sampled_from([moves[pair], 1, moves[pair] // 2 or 1]))
            moves[pair] -= paid
            payments.append((*pair, paid))
            made = followed(balances, payments, "EUR")
            assert {(move.sender, move.receiver): move.amount.minor for move in made.transfers} == {pair: m for pair, m in moves.items() if m}
        elif len(members) > 1:
            sender, receiver = data.draw(st.permutations(members))[:2]
            payments.append((sender, receiver, data.draw(st.integers(1, 50))))
            made = followed(balances, payments, "EUR")
        still = dict(balances)
        for sender, receiver, minor in payments + [(move.sender, move.receiver, move.amount.minor) for move in made.transfers]:
            still[sender] += minor
            still[receiver] -= minor
        assert not any(still.values())


def test_a_plan_without_payments_is_the_plan_in_its_order():
    balances = {"ann": -500, "bea": -1400, "xen": 1400, "yul": 500}
    assert followed(balances, [], "EUR") == plan(balances, "EUR")


def test_what_is_no_part_of_a_plan_ends_it():
    made = plan({"anna": 2550, "bob": -1800, "dan": -750}, "EUR")
    assert remaining(made, [("bob", "anna", 1801)]) is None
    assert remaining(made, [("anna", "bob", 5)]) is None
    assert remaining(made, [("dan", "bob", 5)]) is None
    assert remaining(made, []) == made
    assert remaining(made, [("bob", "anna", 1000), ("bob", "anna", 800), ("dan", "anna", 750)]) == Plan((), 0)


def test_eighteen_open_balances_take_well_under_a_second():
    balances = dict(enumerate([3, 5, 7, 9, 11, 13, 15, 17, 19, -2, -4, -6, -8, -10, -12, -14, -16, -27]))
    assert sum(balances.values()) == 0
    start = time.perf_counter()
    assert plan(balances, "EUR").optimal
    assert time.perf_counter() - start < 0.5
