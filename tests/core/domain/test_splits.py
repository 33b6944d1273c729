"""Sharing a bill: by example first, then what must hold for every bill."""

from __future__ import annotations

import random
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import Money
from core.domain.splits import MILLIONTHS, Item, Share, split, split_items, split_payments, weights_by_unit, with_rest
from core.errors import DomainError


def euros(text: str) -> Money:
    return Money.of(text, "EUR")


def owed(shares: tuple[Share[str], ...]) -> dict[str, str]:
    return {share.member: str(share.amount) for share in shares}


def weights(**given: str) -> dict[str, Decimal]:
    return {name: Decimal(weight) for name, weight in given.items()}


def test_an_equal_split_gives_the_leftover_cent_to_the_payer():
    shares = split(euros("10"), type="equal", people=["anna", "bob", "cleo"], payers=["bob"])
    assert owed(shares) == {"anna": "3.33", "bob": "3.34", "cleo": "3.33"}
    assert [share.remainder for share in shares] == [333_334, -666_667, 333_333]


def test_a_payer_who_does_not_share_leaves_the_cent_to_the_first():
    assert owed(split(euros("1"), type="equal", people=["anna", "bob", "cleo"], payers=["dan"])) == {"anna": "0.34", "bob": "0.33", "cleo": "0.33"}


def test_who_is_furthest_behind_gets_the_cent_before_the_payer():
    shares = split(
        euros("10"), type="equal", people=["anna", "bob", "cleo"], payers=["anna"], behind={"anna": -666_667, "bob": 333_333, "cleo": 333_334}
    )
    assert owed(shares)["cleo"] == "3.34"


def test_a_refund_undoes_its_bill_to_the_cent():
    people, behind = ["anna", "bob", "cleo"], dict[str, int]()
    bill = split(euros("10"), type="equal", people=people, payers=["anna"])
    for share in bill:
        behind[share.member] = share.remainder
    refund = split(euros("-10"), type="equal", people=people, payers=["anna"], behind=behind)
    assert [share.amount for share in refund] == [-share.amount for share in bill]


def test_a_refund_without_its_bill_is_the_mirror_of_one():
    assert owed(split(euros("-10"), type="equal", people=["anna", "bob", "cleo"], payers=["bob"])) == {
        "anna": "-3.33",
        "bob": "-3.34",
        "cleo": "-3.33",
    }


def test_a_share_that_is_whole_takes_no_leftover_however_far_behind():
    given = weights(anna="2000", bob="1001", cleo="1001")
    assert owed(split(euros("20.01"), type="shares", weights=given, behind={"anna": 900_000})) == {"anna": "10.00", "bob": "5.01", "cleo": "5.00"}


def test_shares_follow_weights_and_a_weight_of_nothing_owes_nothing():
    assert owed(split(euros("30"), type="shares", weights=weights(anna="1", bob="2", cleo="0"))) == {"anna": "10.00", "bob": "20.00"}
    assert owed(split(euros("40"), type="shares", weights=weights(anna="1.5", bob="0.5"))) == {"anna": "30.00", "bob": "10.00"}


def test_percentages_that_do_not_make_a_hundred_are_refused_with_the_difference():
    with pytest.raises(DomainError) as refused:
        split(euros("30"), type="percent", weights=weights(anna="60", bob="20"))
    assert (refused.value.code, refused.value.params["difference"]) == ("percentages_do_not_add_up", 20)


def test_exact_shares_that_do_not_add_up_are_refused_with_the_difference():
    with pytest.raises(DomainError) as refused:
        split(euros("100"), type="exact", exact={"anna": euros("40"), "bob": euros("70")})
    assert (refused.value.code, refused.value.params["difference"]) == ("split_does_not_add_up", euros("-10"))


def test_for_one_person_means_all_of_it():
    assert owed(split(euros("12"), type="for", people=["bob"], payers=["anna"])) == {"bob": "12.00"}


def test_tax_and_tip_follow_what_each_took():
    items = [Item(euros("30"), ("anna",)), Item(euros("10"), ("anna", "bob"))]
    assert owed(split_items(euros("48"), items=items, on_top=euros("8"))) == {"anna": "42.00", "bob": "6.00"}


def test_a_discount_line_lowers_what_its_people_owe():
    items = [Item(euros("20"), ("anna", "bob")), Item(euros("-4"), ("bob",))]
    assert owed(split_items(euros("16"), items=items)) == {"anna": "10.00", "bob": "6.00"}


def test_some_pay_more_or_less_than_an_equal_part():
    more = {"anna": euros("5"), "bob": euros("-6")}
    assert owed(split(euros("59"), type="adjusted", people=["anna", "bob", "cleo"], exact=more)) == {"anna": "25.00", "bob": "14.00", "cleo": "20.00"}


def test_more_than_the_common_part_is_carried_like_any_leftover():
    shares = split(euros("60"), type="adjusted", people=["anna", "bob", "cleo"], exact={"anna": euros("5")}, payers=["cleo"])
    assert owed(shares) == {"anna": "23.33", "bob": "18.33", "cleo": "18.34"}
    assert sum(share.remainder for share in shares) == 0


def test_more_on_top_of_weights_and_nothing_in_common():
    on_weights = split(euros("300"), type="adjusted", people=["anna", "bob"], weights=weights(anna="1", bob="3"), exact={"anna": euros("20")})
    assert owed(on_weights) == {"anna": "90.00", "bob": "210.00"}
    assert owed(split(euros("5"), type="adjusted", people=["anna", "bob"], exact={"anna": euros("5")})) == {"anna": "5.00"}


def test_a_refund_mirrors_a_bill_of_which_some_paid_more():
    bill = owed(split(euros("60"), type="adjusted", people=["anna", "bob"], exact={"anna": euros("5")}))
    refund = owed(split(euros("-60"), type="adjusted", people=["anna", "bob"], exact={"anna": euros("-5")}))
    assert (bill, refund) == ({"anna": "32.50", "bob": "27.50"}, {"anna": "-32.50", "bob": "-27.50"})


def test_a_couple_has_one_part_in_two_halves():
    units = [("anna", "bob"), ("eva", "fred", "gil")]
    assert weights_by_unit(["anna", "bob", "cleo"], units) == weights(anna="1", bob="1", cleo="2")
    assert weights_by_unit(["anna", "bob", "cleo", "eva", "fred", "gil"], units) == weights(anna="3", bob="3", cleo="6", eva="2", fred="2", gil="2")
    assert weights_by_unit(["anna", "cleo", "eva"], units) == {}


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("zero_amount", lambda: split(euros("0"), type="equal", people=["anna"])),
        ("nobody_shares", lambda: split(euros("1"), type="equal", people=[])),
        ("nobody_shares", lambda: split(euros("1"), type="shares", weights=weights(anna="0"))),
        ("negative_weight", lambda: split(euros("1"), type="shares", weights=weights(anna="-1", bob="2"))),
        ("weight_out_of_range", lambda: split(euros("1"), type="shares", weights=weights(anna="1e400000", bob="2"))),
        ("weight_out_of_range", lambda: split(euros("1"), type="shares", weights=weights(anna="1e-400000", bob="2"))),
        ("weight_out_of_range", lambda: split(euros("1"), type="shares", weights=weights(anna="NaN"))),
        ("opposite_sign", lambda: split(euros("1"), type="exact", exact={"anna": euros("2"), "bob": euros("-1")})),
        ("split_does_not_add_up", lambda: split_items(euros("10"), items=[Item(euros("15"), ("anna",))])),
        ("nobody_shares", lambda: split_items(euros("10"), items=[], on_top=euros("10"))),
        ("adjustments_too_large", lambda: split(euros("10"), type="adjusted", people=["anna", "bob"], exact={"anna": euros("11")})),
        ("adjustments_too_large", lambda: split(euros("10"), type="adjusted", people=["anna", "bob"], exact={"anna": euros("-11")})),
        ("nobody_paid", lambda: split_payments(euros("10"), given={})),
        ("payments_do_not_add_up", lambda: split_payments(euros("10"), given={"anna": euros("4")})),
    ],
)
def test_what_cannot_be_shared_is_refused(code, call):
    with pytest.raises(DomainError) as refused:
        call()
    assert refused.value.code == code


def test_what_exact_parts_leave_goes_to_who_takes_the_rest():
    parts = [("A", Money(1000, "EUR"))]
    assert with_rest(Money(3001, "EUR"), parts, takers=("B", "C")) == (
        (("A", Money(1000, "EUR")), ("B", Money(1001, "EUR")), ("C", Money(1000, "EUR"))),
        Money(0, "EUR"),
    )
    assert with_rest(Money(1001, "EUR"), parts, takers=("B", "C"))[0][1:] == (("B", Money(1, "EUR")), ("C", Money(0, "EUR")))
    assert with_rest(Money(3000, "EUR"), parts, takers=()) == (tuple(parts), Money(2000, "EUR"))
    assert with_rest(Money(900, "EUR"), parts, takers=("B",)) == (tuple(parts), Money(-100, "EUR"))


def test_several_payers_share_what_the_named_amounts_leave():
    paid = split_payments(euros("10"), given={"anna": None, "bob": euros("3"), "cleo": None})
    assert {name: str(money) for name, money in paid.items()} == {"anna": "3.50", "bob": "3.00", "cleo": "3.50"}
    assert split_payments(euros("0.05"), given={"anna": None, "bob": None}) == {"anna": euros("0.03"), "bob": euros("0.02")}


amounts = st.integers(-(10**9), 10**9).filter(bool)
people = st.lists(st.sampled_from("abcdefghij"), min_size=1, unique=True)
histories = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(-2 * MILLIONTHS, 2 * MILLIONTHS))
weightings = st.dictionaries(st.sampled_from("abcdefghij"), st.decimals(0, 1000, places=2, allow_nan=False), min_size=1).filter(
    lambda given: any(given.values())
)


@given(amounts, people, histories, st.data())
def test_every_split_makes_up_its_bill_and_stays_within_a_unit(minor, sharers, behind, data):
    chosen = data.draw(weightings)
    for shares, exact in (
        (split(Money(minor, "EUR"), type="equal", people=sharers, behind=behind), dict.fromkeys(sharers, Fraction(minor, len(sharers)))),
        (
            split(Money(minor, "EUR"), type="shares", weights=chosen, behind=behind),
            {name: minor * Fraction(weight) / Fraction(sum(chosen.values())) for name, weight in chosen.items()},
        ),
    ):
        assert sum(share.amount.minor for share in shares) == minor
        assert sum(share.remainder for share in shares) == 0
        for share in shares:
            assert abs(exact[share.member] - share.amount.minor) < 1
            assert abs((exact[share.member] - share.amount.minor) * MILLIONTHS - share.remainder) <= 1


@pytest.mark.parametrize(("weighted", "bound"), [(False, "1.1"), (True, "1.25")])
def test_nobody_drifts_by_much_more_than_a_cent_over_three_thousand_bills(weighted, bound):
    draw = random.Random(20250314)
    group = "abcdef"
    behind, drift, worst = dict.fromkeys(group, 0), dict.fromkeys(group, Fraction(0)), Fraction(0)
    for _ in range(3000):
        sharers = draw.sample(group, draw.randint(2, 6))
        given = {name: Decimal(draw.randint(1, 5) if weighted else 1) for name in sharers}
        bill = Money(draw.randint(1, 50_000), "EUR")
        total = sum(given.values())
        for share in split(bill, type="shares", weights=given, payers=[draw.choice(group)], behind=behind):
            behind[share.member] += share.remainder
            drift[share.member] += bill.minor * Fraction(given[share.member]) / Fraction(total) - share.amount.minor
        worst = max(worst, *map(abs, drift.values()))
    assert worst < Fraction(bound)
