"""Quantiles of weighted samples, and the way back from a value to its share."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.domain.ahead.ranks import WHOLE, Ranked

SAMPLES = st.lists(st.tuples(st.integers(-(10**9), 10**9), st.integers(1, 10**6)), min_size=1, max_size=30)


def test_each_value_stands_in_the_middle_of_its_weight():
    ranked = Ranked([(30, 1), (10, 1), (20, 2)])
    assert [ranked.at(share) for share in (0, 125, 500, 875, 1000)] == [10, 10, 20, 30, 30]
    assert ranked.at(312) == 14  # half way from the eighth to the half


def test_the_median_of_equal_weights_is_the_usual_one():
    assert Ranked((value, 1) for value in (5, 1, 9)).at(500) == 5
    assert Ranked((value, 1) for value in (5, 1, 9, 7)).at(500) == 6


def test_beyond_the_ends_nothing_is_certain():
    ranked = Ranked((value, 1) for value in range(10))
    assert (ranked.above(-1), ranked.above(9), ranked.above(10)) == (975, 50, 25)


@given(SAMPLES, st.integers(0, WHOLE), st.integers(0, WHOLE))
def test_quantiles_ascend_and_stay_within_the_sample(sample, one, other):
    ranked = Ranked(sample)
    low, high = ranked.at(min(one, other)), ranked.at(max(one, other))
    assert min(sample)[0] <= low <= high <= max(sample)[0]


@given(SAMPLES, st.integers(-(10**9), 10**9), st.integers(0, 10**9))
def test_the_more_one_may_spend_the_less_lies_above(sample, value, more):
    ranked = Ranked(sample)
    assert WHOLE >= ranked.above(value) >= ranked.above(value + more) >= 0
