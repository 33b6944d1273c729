"""What each kind of measure finds, held against what was put in: sums exactly, savings a month within a fifth of what is really spent less."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from core.domain.tips.history import Finding, History, Kept, Part, What
from core.domain.tips.measures import measure
from core.domain.tips.rules import Library, Rule
from tests.support.spendings import TODAY, history, part

ALL = Library(1, {})


def find(known: History, kind: str, **told: object) -> Finding | None:
    return measure(known, Rule(**{"name": "it", "measure": kind, "at_least": 1, "confidence": 500, "cool_down": 30, **told}), ALL)  # type: ignore[arg-type]


def found(known: History, kind: str, **told: object) -> Finding:
    made = find(known, kind, **told)
    assert made is not None
    return made


def within_a_fifth(saving: int, truth: int) -> bool:
    return 4 * truth <= 5 * saving <= 6 * truth


def months_of(parts: list[Part], keep: float, seed: int) -> int:
    """What leaving out that part of them at random really spares in thirty days, on average over the ninety."""
    chance = Random(seed)
    return sum(each.minor for each in parts if chance.random() > keep) // 3


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("every", [3, 4, 5])
def test_leaving_out_one_in_so_many_saves_about_what_is_said(seed: int, every: int) -> None:
    chance = Random(seed)
    coffees = [part(ago, chance.randint(280, 480), "food", "kiosk", "coffee") for ago in range(90) for _ in range(chance.randint(0, 2))]
    made = found(history([*coffees, part(5, 90000, "travel")]), "habit", occasion="coffee", every=every)
    assert made.amounts["amount"] == sum(each.minor for each in coffees)
    assert made.saving == sum(each.minor for each in coffees) * 30 // 90 // every
    truth = [months_of(coffees, 1 - 1 / every, 100 * seed + again) for again in range(30)]
    assert within_a_fifth(made.saving, sum(truth) // len(truth))
    assert made.low <= made.saving <= made.high
    assert set(made.evidence) == set(coffees)


@pytest.mark.parametrize(("known", "days"), [(20, 20), (30, 30), (45, 30), (60, 60), (89, 60), (90, 90), (200, 90)])
def test_who_is_new_is_counted_by_the_whole_months_that_are_known(known: int, days: int) -> None:
    made = found(history([part(ago, 300, "food", "kiosk", "coffee") for ago in range(known)], known=known), "habit", occasion="coffee", every=3)
    assert (made.counts["days"], made.saving) == (days, 300 * 30 // 3)


def test_small_ones_are_at_most_the_usual_amount() -> None:
    parts = [part(ago, 500 if ago % 2 else 5000, "food") for ago in range(60)]
    made = found(history(parts), "habit", size="small", categories=("food",), every=3)
    assert {each.minor for each in made.evidence} == {500}


def test_the_place_where_most_goes_is_named_and_a_bill_is_no_habit() -> None:
    gym = [part(2 + 30 * each, 9000, "food", "canteen card") for each in range(5)]
    small, large_ = ([part(ago, minor, "food", name) for ago in range(0, 80, 9)] for name, minor in (("stall", 400), ("bistro", 900)))
    made = found(history([*gym, *small, *large_]), "habit", by="place", categories=("food",), every=3, at_least=3)
    assert (made.what, made.amounts["amount"]) == (What("place", "bistro"), 9 * 900)


def test_large_ones_are_held_against_the_usual_of_their_kind() -> None:
    parts = [part(ago, 1000, "shopping") for ago in range(10)] + [part(11, 3000, "shopping"), part(12, 2999, "shopping"), part(3, 90000, "travel")]
    made = found(history(parts), "large", categories=("shopping",), times=3000, every=3)
    assert (len(made.evidence), made.amounts) == (1, {"amount": 3000, "each": 3000})


@pytest.mark.parametrize(("kind", "days", "expected"), [("weekend", {5, 6}, 4), ("workdays", {0, 1, 2, 3, 4}, 10)])
def test_days_of_the_week(kind: str, days: set[int], expected: int) -> None:
    parts = [part(ago, 1000, "food") for ago in range(70) if (TODAY - timedelta(days=ago)).weekday() in days]
    other = [part(ago, 100, "food") for ago in range(70) if (TODAY - timedelta(days=ago)).weekday() not in days]
    made = found(history([*parts, *other]), kind, categories=("food",), share=600, every=4)
    assert set(made.evidence) == set(parts)
    assert made.saving == len(parts) * 1000 * 30 // 90 // 4
    assert made.amounts["total"] == sum(each.minor for each in (*parts, *other))
    even = [part(ago, 1000, "food") for ago in range(70)]
    assert find(history(even), kind, categories=("food",), share=900, every=4) is None


def test_twice_on_a_day_is_told_once_and_not_where_it_is_a_habit() -> None:
    pair = [part(9, 4000, "food", "luigi"), part(9, 4000, "food", "luigi")]
    made = found(history(pair), "twice", at_least=2)
    assert (set(made.evidence), made.amounts, made.saving) == (set(pair), {"amount": 4000}, 4000 * 30 // 90)
    rides = [part(ago, 280, "transport", "bus") for ago in range(10) for _ in range(2)]
    assert find(history(rides), "twice", at_least=2) is None
    assert find(history([part(9, 4000, "food", "luigi"), part(8, 4000, "food", "luigi")]), "twice", at_least=2) is None


def test_the_other_way_is_by_what_both_cost_on_average() -> None:
    taxis = [part(ago, minor, "transport", "cab", "taxi") for ago, minor in ((1, 2000), (8, 2400), (30, 1600), (50, 2000))]
    buses = [part(ago, 300, "transport", "bus", "transit") for ago in range(0, 40, 5)]
    made = found(history([*taxis, *buses]), "swap", occasion="taxi", other_occasion="transit", every=2)
    assert made.amounts == {"each": 2000, "less": 300}
    assert made.saving == (2000 - 300) * 4 // 2 * 30 // 90
    assert find(history([*taxis, *buses[:2]]), "swap", occasion="taxi", other_occasion="transit", every=2) is None, "too few to compare with"
    near = [part(ago, 1500, "transport", "bus", "transit") for ago in range(0, 40, 5)]
    assert find(history([*taxis, *near]), "swap", occasion="taxi", other_occasion="transit", every=2) is None, "hardly cheaper"


def monthly(name: str, *minors: int, category: str = "subscriptions", occasions: tuple[str, ...] = ()) -> list[Part]:
    """A payment a month, the newest last."""
    return [part(4 + 30 * ago, minor, category, name, *occasions) for ago, minor in zip(range(len(minors) - 1, -1, -1), minors, strict=True)]


def test_two_of_a_kind_would_save_the_cheaper() -> None:
    kept = monthly("filmbox", *[999] * 4, occasions=("streaming",)) + monthly("seriesbox", *[1299] * 4, occasions=("streaming",))
    made = found(history(kept), "overlap", occasion="streaming", at_least=2)
    assert (made.saving, made.amounts["amount"], made.counts["several"], len(made.evidence)) == (999, 999 + 1299, 2, 2)
    assert find(history(kept[:4]), "overlap", occasion="streaming") is None
    ended = [Part(each.book_id, each.bill_id, each.on - timedelta(days=90), each.minor, each.category, "x", "x", each.occasions) for each in kept[4:]]
    assert find(history([*kept[:4], *ended], known=300), "overlap", occasion="streaming") is None, "one of them has ended"


def test_a_new_price_costs_the_difference() -> None:
    made = found(history(monthly("filmbox", 1299, 1299, 1299, 1599)), "dearer", categories=("subscriptions",))
    assert (made.amounts, made.saving) == ({"before": 1299, "amount": 1599}, 300)
    assert find(history(monthly("filmbox", 1599, 1599, 1599, 1299)), "dearer") is None
    assert find(history(monthly("filmbox", *[1599] * 4)), "dearer") is None


def test_what_comes_back_is_summed_and_homes_are_left_out() -> None:
    kept = monthly("a", *[999] * 4) + monthly("b", *[2499] * 4) + monthly("home", *[90000] * 4, category="housing")
    made = found(history(kept), "standing", share=20)
    assert (made.amounts["amount"], made.saving, made.counts["several"]) == (999 + 2499, 999, 2)
    assert find(history(kept), "standing", share=80) is None


def test_charges_are_all_of_it() -> None:
    fees = [part(ago, 450, "fees", "bank", "bank_fee") for ago in (1, 31, 61)]
    assert found(history([*fees, part(3, 9000)]), "charges", occasion="bank_fee").saving == 3 * 450 * 30 // 90
    rare = found(history(fees[:1]), "charges", occasion="bank_fee")
    assert rare.low == rare.saving == rare.high, "no range where there are months without"


def test_above_the_usual_by_the_median_of_three_months() -> None:
    def months(*sums: int) -> History:
        return history(part(30 * ago + day, total // 5, "food") for ago, total in enumerate(sums) for day in range(0, 30, 6))

    made = found(months(30000, 20000, 22000, 50000), "above", categories=("food",), times=1300)
    assert (made.amounts, made.saving) == ({"amount": 30000, "usual": 22000}, 8000)
    assert find(months(28000, 20000, 22000, 50000), "above", categories=("food",), times=1300) is None


def test_a_drift_is_three_months_each_above_the_one_before() -> None:
    def months(*sums: int) -> History:
        return history(part(30 * ago + day, total // 5, "food") for ago, total in enumerate(sums) for day in range(0, 30, 6))

    made = found(months(25000, 20000, 15000), "drift", categories=("food",), times=1100)
    assert (made.amounts, made.saving) == ({"first": 15000, "second": 20000, "amount": 25000}, 10000)
    assert find(months(25000, 24000, 15000), "drift", categories=("food",), times=1100) is None
    assert find(months(15000, 20000, 25000), "drift", categories=("food",), times=1100) is None


def test_behind_payday_by_the_day() -> None:
    early = [ago for ago in range(90) if (TODAY - timedelta(days=ago)).day in range(10, 15)]
    parts = [part(ago, 3000 if ago in early else 1000, "food") for ago in range(90)]
    made = found(history(parts, payday=10), "payday", categories=("food",), span=5, times=1500)
    assert made.amounts == {"each": 3000, "usual": 1000}
    assert made.saving == 2000 * len(early) * 30 // 90 // 2
    assert len(made.evidence) == len(early)
    assert find(history(parts), "payday", categories=("food",), span=5, times=1500) is None, "no payday is known"


def test_one_more_quiet_day_a_week() -> None:
    parts = [part(ago, 700, "shopping") for ago in range(0, 90, 2) for _ in range(2)]
    made = found(history(parts), "quiet", categories=("shopping",))
    assert (made.counts, made.amounts["each"], made.saving) == ({"days": 90, "without": 45}, 1400, 1400 * 30 // 7)
    assert find(history([part(ago, 700, "shopping") for ago in range(90)]), "quiet", categories=("shopping",)) is None


def test_rounding_up_is_exact() -> None:
    parts = [part(ago, minor, "food") for ago, minor in enumerate((350, 1299, 2000, 401))]
    assert found(history(parts, known=120), "rounding").saving == (50 + 1 + 99) * 30 // 90
    yen = History(history([part(3, 1980)], known=90).parts, TODAY, unit=1)
    assert found(yen, "rounding").amounts == {"unit": 100}


def test_other_currencies_cost_their_share() -> None:
    abroad = [part(ago, 4500, "travel", foreign=True) for ago in range(0, 60, 6)]
    made = found(history(abroad), "foreign", share=20)
    assert (made.saving, made.counts["percent"]) == (45000 * 30 // 90 * 20 // 1000, 2)


def test_what_others_owe_counts_once() -> None:
    assert found(history([part(1, 500)], owed=[part(40, 3000), part(50, 6000)]), "owed").amounts == {"amount": 9000}


def test_budgets_that_are_never_reached_or_always_exceeded() -> None:
    food, fun = Kept("food", 40000, (30000, 32000, 31000)), Kept("entertainment", 10000, (12000, 11000, 13000))
    known = history([part(3, 900, "food"), part(4, 900, "entertainment")], budgets=[food, fun])
    spare, beyond = found(known, "slack", share=150), found(known, "over")
    assert (spare.what, spare.saving, spare.amounts) == (What("category", "food"), 8000, {"limit": 40000, "most": 32000})
    assert (beyond.what, beyond.saving, beyond.amounts) == (What("category", "entertainment"), 2000, {"limit": 10000, "most": 13000})
    assert find(history([part(3, 900, "food")], budgets=[Kept("food", 40000, (30000, 41000, 31000))]), "slack", share=150) is None
    assert find(history([part(3, 900, "food")], budgets=[Kept("food", 40000, (41000, 41000))]), "over") is None
    unused = history([part(3, 900, "food")], budgets=[Kept("food", 40000, (0, 0, 0))])
    assert find(unused, "slack", share=150) is None, "nothing was spent there at all"


def test_refunds_are_no_purchases() -> None:
    parts = [part(ago, 300, "food", "kiosk", "coffee") for ago in range(10)]
    back = part(3, -5000, "food", "kiosk", "coffee")
    assert back not in found(history([*parts, back]), "habit", occasion="coffee", every=3).evidence
