"""The short form of the settlement campaign, and proof that it finds what it is there to find."""

from __future__ import annotations

import random

from core.domain.settlement import Plan, plan
from tests.campaigns import settlement


def test_no_plan_of_many_is_longer_than_need_be_or_changes_while_it_is_paid():
    findings = settlement.campaign(groups=120, seed=5)
    assert findings.faults == []
    assert findings.greedy_fails > 20  # else the groups are too easy to tell


def test_the_search_of_all_subsets_is_right_where_it_is_plain():
    assert settlement.least_transfers([]) == 0
    assert settlement.least_transfers([5, -5, 3, -3]) == 2
    assert settlement.least_transfers([11, 9, -7, -4, -6, -3]) == 4
    assert settlement.least_transfers([7, 7, -5, -5, -4]) == 4


def test_a_plan_with_a_transfer_too_many_and_one_that_leaves_something_are_found():
    balances = {0: 11, 1: 9, 2: -7, 3: -4, 4: -6, 5: -3}
    made = plan(balances, "EUR")
    short = Plan(made.transfers[:-1], made.least)
    assert "the plan leaves something open" in settlement.faults_of(random.Random(1), balances, short, 4)
    assert settlement.faults_of(random.Random(1), balances, made, 3)[0] == "4 transfers (least 4) where 3 suffice"
