"""Who owes whom by the bills, and the chains that explain a plan."""

from __future__ import annotations

from itertools import combinations
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from core.domain.debts import Acquaintance, Chain, Debt, Deed, by_unit, chains, direct_debts, through
from core.domain.settlement import plan

DINNER = Deed("dinner", {"bob": 1200, "dan": -1200})
TAXI = Deed("taxi", {"anna": 1200, "bob": -1200})


def shown(debts: list[Debt[str, str]]) -> list[tuple[str, str, int]]:
    return [(debt.debtor, debt.creditor, debt.minor) for debt in debts]


def test_debts_are_between_those_who_share_a_bill():
    assert shown(direct_debts([DINNER, TAXI])) == [("dan", "bob", 1200), ("bob", "anna", 1200)]


def test_debts_of_two_are_set_off_and_payments_too():
    deeds = [Deed("hotel", {"anna": 900, "bob": -900}), Deed("tickets", {"bob": 500, "anna": -500}), Deed("paid", {"bob": 150, "anna": -150})]
    assert direct_debts(deeds) == [Debt("bob", "anna", 250, ("hotel",))]
    assert direct_debts([*deeds, Deed("paid too much", {"bob": 300, "anna": -300})])[0] == Debt(
        "anna", "bob", 50, ("tickets", "paid too much", "paid")
    )


def test_several_who_paid_are_owed_in_proportion_to_the_cent():
    debts = direct_debts([Deed("boat", {"anna": 200, "bob": 100, "cleo": -101, "dan": -199})])
    assert sorted(shown(debts)) == [("cleo", "anna", 67), ("cleo", "bob", 34), ("dan", "anna", 133), ("dan", "bob", 66)]


def test_a_transfer_is_explained_by_the_chain_of_debts_behind_it():
    debts = direct_debts([DINNER, TAXI])
    assert chains(debts, "dan", "anna", 1200) == (Chain(1200, (Debt("dan", "bob", 1200, ("dinner",)), Debt("bob", "anna", 1200, ("taxi",)))),)
    assert chains(debts, "anna", "dan", 5) == ()


def test_the_shortest_chains_come_first_and_no_debt_is_used_twice():
    debts = [Debt("a", "b", 5, ()), Debt("b", "c", 9, ()), Debt("a", "c", 2, ()), Debt("a", "d", 9, ()), Debt("d", "b", 9, ())]
    found = chains(debts, "a", "c", 12)
    assert [(chain.minor, [debt.creditor for debt in chain.debts]) for chain in found] == [(2, ["c"]), (5, ["b", "c"]), (4, ["d", "b", "c"])]


def test_everything_through_one_person():
    assert through({"a": -500, "b": 800, "c": -300, "d": 0}, "a") == [("c", "a", 300), ("a", "b", 800)]


def test_a_couple_is_one():
    assert by_unit({"a": -500, "b": 800, "c": -300}, [("b", "c"), ("x",)]) == {"a": -500, "b": 500}


deeds = st.lists(st.tuples(st.permutations("abcdef"), st.lists(st.integers(-300, 300), min_size=1, max_size=5))).map(
    lambda bills: [Deed(number, dict(zip(people, [*parts, -sum(parts)], strict=False))) for number, (people, parts) in enumerate(bills)]
)


@given(deeds)
def test_debts_make_up_every_balance_and_chains_never_more_than_a_transfer(bills):
    balances = dict.fromkeys("abcdef", 0)
    for bill in bills:
        for member, minor in bill.moved.items():
            balances[member] += minor
    debts, owed = direct_debts(bills), dict.fromkeys("abcdef", 0)
    for debt in debts:
        assert debt.minor > 0
        assert debt.bills
        owed[debt.debtor] -= debt.minor
        owed[debt.creditor] += debt.minor
    assert owed == balances
    for move in plan(balances, "EUR").transfers:
        found = chains(debts, move.sender, move.receiver, move.amount.minor)
        assert sum(chain.minor for chain in found) <= move.amount.minor
        for chain in found:
            assert [debt.creditor for debt in chain.debts][:-1] == [debt.debtor for debt in chain.debts][1:]
            assert (chain.debts[0].debtor, chain.debts[-1].creditor) == (move.sender, move.receiver)


def test_who_shares_a_bill_is_acquainted():
    met = Acquaintance()
    for people in ("ab", "bc", "d"):
        met.add(people)
    assert [pair for pair in combinations("abcde", 2) if met.met(*pair)] == [("a", "b"), ("b", "c")]
    assert met.met("b", "a")


def test_a_bill_of_a_thousand_costs_a_thousand_steps_and_no_million():
    met, people = Acquaintance(), range(1000)
    started = process_time()
    for _ in range(200):
        met.add(people)
    assert process_time() - started < 2
    assert met.met(0, 999)
