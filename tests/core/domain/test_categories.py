"""What a book makes of its categories: names, what counts as what, what is offered."""

from __future__ import annotations

import pytest

from core.domain.categories import AS_THEY_COME, CATEGORIES, Categories, Category

CLIMBING = Category("own_1", "Climbing", "🧗")
TEA = Category("own_2", "Tea", merged_into="own_3")
DRINKS = Category("own_3", "Drinks", merged_into="food")
KINDS = Categories({each.code: each for each in (CLIMBING, TEA, DRINKS, Category("fees", hidden=True), Category("gifts", merged_into="shopping"))})


def test_a_category_counts_as_what_it_was_merged_into_through_all_steps():
    assert [KINDS.resolve(code) for code in ("own_2", "own_3", "gifts", "own_1", "food", "unheard")] == [
        "food",
        "food",
        "shopping",
        "own_1",
        "food",
        "unheard",
    ]


def test_words_of_a_merged_category_mean_the_one_that_it_counts_as():
    assert KINDS.named == (("Climbing", "own_1"), ("Tea", "food"), ("Drinks", "food"))


def test_offered_is_neither_what_is_hidden_nor_what_counts_as_another():
    assert set(CATEGORIES) - set(KINDS.offered) == {"fees", "gifts", "income"}
    assert KINDS.offered[-1] == "own_1"
    assert set(AS_THEY_COME.offered) == set(CATEGORIES) - {"income"}


def test_two_books_that_are_read_together_share_what_has_the_same_name():
    other = Categories(
        {"own_9": Category("own_9", "climbing"), "own_8": Category("own_8", "Boats"), "travel": Category("travel", merged_into="own_9")}
    )
    assert KINDS.counts_as("own_9", of=other) == "own_1"
    assert KINDS.counts_as("own_8", of=other) == "own_8"
    assert KINDS.counts_as("travel", of=other) == "own_1"
    assert KINDS.counts_as("gifts", of=other) == "shopping"
    assert KINDS.codes_in(other, "own_1") == ["travel", "own_9"]
    assert KINDS.codes_in(KINDS, "food") == ["food", "own_2", "own_3"]
    assert KINDS.codes_in(other, "unheard") == ["unheard"]


def test_only_what_stands_is_merged_so_no_ring_comes_of_it():
    merged = KINDS.with_changed(KINDS.merged("own_1", "food"))
    assert merged.resolve("own_1") == "food"
    with pytest.raises(AssertionError):
        merged.merged("food", "own_1")


def test_what_was_erased_has_no_words():
    assert Categories({"own_1": Category("own_1")}).named == ()
