"""Which tip comes first: by what it saves, how sure it is and how new; nothing again within a month; what is dismissed sinks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.tips.history import History
from core.domain.tips.ranking import Past, cool_down, tips
from core.domain.tips.rules import Library, Rule, library
from tests.support.spendings import TODAY, history, part

COFFEE = Rule("coffee", "habit", 5, 500, 30, occasion="coffee", every=3)
TAXI = replace(COFFEE, name="taxi", occasion="taxi")
BAR = replace(COFFEE, name="bar", occasion="bar")
THREE = Library(1, {rule.name: rule for rule in (COFFEE, TAXI, BAR)})


def spent(coffee: int, taxi: int, bar: int = 0) -> History:
    costs = (("coffee", coffee), ("taxi", taxi), ("bar", bar))
    return history(part(2 * each, minor, "food", name, name) for each in range(20) for name, minor in costs if minor)


def order(known: History, past: dict[str, Past] | None = None, *, seed: int = 1, of: Library = THREE) -> list[str]:
    return [tip.rule.name for tip in tips(known, of, past or {}, seed=seed)]


def ago(days: int, **answers: int) -> Past:
    return Past(TODAY - timedelta(days=days), **answers)


def test_what_saves_more_comes_first() -> None:
    assert order(spent(300, 2000, 900)) == ["taxi", "bar", "coffee"]


def test_what_is_surer_comes_first() -> None:
    sure = Library(1, {**THREE.rules, "coffee": replace(COFFEE, confidence=900)})
    assert order(spent(1000, 1200), of=sure) == ["coffee", "taxi"]


def test_what_was_shown_before_comes_later() -> None:
    assert order(spent(1000, 1200), {"taxi": ago(40)}) == ["coffee", "taxi"]


@pytest.mark.parametrize("rule", library().rules.values(), ids=library().rules)
def test_nothing_is_said_again_within_thirty_days(rule: Rule) -> None:
    assert min(cool_down(rule, ago(0)), cool_down(rule, ago(0, accepted=50))) >= 30


def test_the_month_is_over_on_its_day() -> None:
    assert order(spent(300, 2000), {"taxi": ago(29)}) == ["coffee"]
    assert order(spent(300, 2000), {"taxi": ago(30)}) == ["taxi", "coffee"]
    assert order(spent(300, 2000), {"taxi": ago(59, dismissed=1)}) == ["coffee"], "dismissed: twice as long"


def test_what_is_dismissed_sinks_and_what_is_liked_rises() -> None:
    known = spent(1000, 1000)
    dismissed = {"coffee": ago(300, shown=3), "taxi": ago(300, shown=3, dismissed=3)}
    liked = {"coffee": ago(300, shown=3), "taxi": ago(300, shown=3, accepted=3)}
    first_after_dismissing = sum(order(known, dismissed, seed=seed)[0] == "taxi" for seed in range(200))
    first_after_liking = sum(order(known, liked, seed=seed)[0] == "taxi" for seed in range(200))
    assert first_after_dismissing < 40 < 160 < first_after_liking


def test_only_answers_are_drawn_for_and_the_same_seed_draws_the_same() -> None:
    known = spent(1000, 1010)
    assert {tuple(order(known, {"taxi": ago(90), "coffee": ago(90)}, seed=seed)) for seed in range(50)} == {("taxi", "coffee")}
    answered = {"taxi": ago(300, accepted=1, dismissed=1), "coffee": ago(300)}
    assert len({tuple(order(known, answered, seed=seed)) for seed in range(50)}) == 2
    assert all(order(known, answered, seed=seed) == order(known, answered, seed=seed) for seed in range(5))


def test_the_same_bills_are_told_once() -> None:
    twin = Library(1, {**THREE.rules, "cups": replace(COFFEE, name="cups", confidence=400)})
    assert order(spent(1000, 500), of=twin) == ["coffee", "taxi"]
    assert order(spent(1000, 500), {"coffee": ago(3)}, of=twin) == ["taxi"], "it was just said in other words"
    assert order(spent(1000, 500), {"coffee": ago(31)}, of=twin)[:1] == ["cups"]


def test_a_part_of_what_was_said_is_not_said_in_the_same_way() -> None:
    fees = Rule("fees", "charges", 1, 500, 30, categories=("fees",))
    late = Rule("late", "charges", 1, 900, 30, occasion="late_fee")
    known = history([*(part(each, 900, "fees", "bank") for each in range(4)), part(5, 500, "fees", "court", "late_fee")])
    both = Library(1, {"fees": fees, "late": late})
    assert order(known, of=both) == ["fees"]
    assert order(known, {"fees": ago(2)}, of=both) == []
    assert order(known, {"late": ago(2)}, of=both) == ["fees"]
