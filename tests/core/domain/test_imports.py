"""Rows rebuilt from nets, the checksums of files, and keys that stay the same when a file grows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.imports import FileRow, GroupFile, NotARow, RowKind, balances, check, from_nets, keys, total

DAY = date(2025, 3, 14)


def row(paid: dict[str, int], shares: dict[str, int], *, kind: RowKind = RowKind.EXPENSE, line: int = 1, text: str = "dinner") -> FileRow:
    return FileRow(line, kind, DAY, text, "food", "EUR", tuple(paid.items()), tuple(shares.items()))


@pytest.mark.parametrize(
    ("cost", "nets", "paid", "shares"),
    [
        (9000, {"Anna": 6000, "Ben": -3000, "Cem": -3000}, {"Anna": 9000}, {"Anna": 3000, "Ben": 3000, "Cem": 3000}),
        (1000, {"Anna": 1000, "Ben": -1000}, {"Anna": 1000}, {"Ben": 1000}),  # for somebody else alone
        (1000, {"Anna": 300, "Ben": 200, "Cem": -500}, {"Anna": 550, "Ben": 450}, {"Anna": 250, "Ben": 250, "Cem": 500}),  # two paid
        (1001, {"Anna": 667, "Ben": -334, "Cem": -333}, {"Anna": 1001}, {"Anna": 334, "Ben": 334, "Cem": 333}),  # odd cents stay where they are
        (-3000, {"Anna": -2000, "Ben": 1000, "Cem": 1000}, {"Anna": -3000}, {"Anna": -1000, "Ben": -1000, "Cem": -1000}),  # money came back
    ],
)
def test_a_row_of_nets_becomes_who_paid_and_who_owes(cost, nets, paid, shares):
    assert tuple(map(dict, from_nets(cost, nets))) == (paid, shares)


@pytest.mark.parametrize(
    ("cost", "nets", "reason"),
    [
        (1000, {"Anna": 500, "Ben": -400}, "does_not_add_up"),
        (400, {"Anna": 500, "Ben": -500}, "does_not_add_up"),  # more is owed than was spent
        (1000, {}, "nobody_owes"),
        (0, {}, "zero"),
    ],
)
def test_a_row_that_contradicts_itself_is_kept_aside(cost, nets, reason):
    with pytest.raises(NotARow) as problem:
        from_nets(cost, nets)
    assert problem.value.reason == reason


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(-(10**6), 10**6), min_size=1), st.integers(0, 10**6), st.booleans())
def test_nets_come_back_exactly(nets: dict[str, int], own: int, back: bool):
    nets = {**nets, "z": -sum(nets.values())}
    cost = sum(minor for minor in nets.values() if minor > 0) + own
    if back:
        cost, nets = -cost, {name: -minor for name, minor in nets.items()}
    if not any(nets.values()):
        return
    paid, shares = from_nets(cost, nets)
    assert total(paid) == total(shares) == cost
    assert balances([row(dict(paid), dict(shares))]) == {(name, "EUR"): minor for name, minor in nets.items() if minor}


def test_income_moves_money_the_other_way():
    deposit = row({"Anna": 900}, {"Anna": 300, "Ben": 600}, kind=RowKind.INCOME)
    assert balances([deposit]) == {("Anna", "EUR"): -600, ("Ben", "EUR"): 600}


def test_a_checksum_that_does_not_hold_is_named_with_its_difference():
    file = GroupFile("x", ("Anna", "Ben"), (row({"Anna": 1000}, {"Ben": 1000}),), checks={("Anna", "EUR"): 1000, ("Ben", "EUR"): -900})
    assert check(file) == {("Ben", "EUR"): 100}
    assert check(replace(file, checks={("Anna", "EUR"): 1000})) == {}


def test_keys_stay_when_a_file_grows_and_equal_rows_are_counted():
    coffee, taxi = row({"Anna": 300}, {"Ben": 300}, text="coffee"), row({"Ben": 900}, {"Anna": 900}, text="taxi")
    before = keys([coffee, coffee])
    after = keys([taxi, replace(coffee, line=7), coffee, coffee])
    assert len(set(after)) == 4
    assert set(before) < set(after)
    assert len(set(after) - set(before)) == 2


def test_a_row_that_says_something_else_has_another_key():
    coffee = row({"Anna": 300}, {"Ben": 300}, text="coffee")
    others = [
        replace(coffee, description="tea"),
        replace(coffee, on=date(2025, 3, 15)),
        replace(coffee, currency="USD"),
        replace(coffee, shares=(("Cem", 300),)),
        replace(coffee, kind=RowKind.TRANSFER),
    ]
    assert len({keys([each])[0] for each in [coffee, *others]}) == 6


def test_what_was_paid_was_paid_for_somebody():
    with pytest.raises(AssertionError):
        row({"Anna": 1000}, {"Ben": 900})
