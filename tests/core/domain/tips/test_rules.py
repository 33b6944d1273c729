"""The library of tips: large enough, each rule found by a history, and wrong files refused by file and key."""

from __future__ import annotations

import pytest

from core.domain.tips.measures import measure
from core.domain.tips.rules import COOL_DOWN, OCCASIONS, PARAMETERS, Library, Rule, TipError, checked, library
from tests.support.spendings import history, part, shown_by

RULES = tuple(library().rules.values())
GOOD = 'floor = 5\n[rules.a]\nmeasure = "twice"\nat_least = 1\nconfidence = 500\ncool_down = 30\n'


def test_there_are_many_of_all_kinds() -> None:
    assert len(RULES) >= 40
    assert {rule.measure for rule in RULES} == set(PARAMETERS)
    assert all(rule.cool_down >= COOL_DOWN == 30 for rule in RULES)
    assert {rule.occasion for rule in RULES} | {rule.other_occasion for rule in RULES} == {"", *OCCASIONS}


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_each_rule_is_found_by_a_history_and_by_none_of_nothing(rule: Rule) -> None:
    found = measure(shown_by(rule), rule, library())
    assert found is not None
    assert 0 < found.low <= found.saving <= found.high
    assert len(found.evidence) >= rule.at_least
    assert measure(history([]), rule, library()) is None


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_below_its_evidence_nothing_is_said(rule: Rule) -> None:
    found = measure(shown_by(rule), rule, library())
    assert found is not None
    more = Rule(**{**{name: getattr(rule, name) for name in rule.__slots__}, "at_least": len(found.evidence) + 1})
    assert measure(shown_by(rule), more, library()) is None


@pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])
def test_a_saving_that_is_nothing_to_this_person_is_not_said(rule: Rule) -> None:
    rich = shown_by(rule)
    with_more = type(rich)([*rich.parts, part(0, 10**9, "housing", "castle")], rich.today, rich.unit, rich.budgets, rich.owed, rich.payday)
    found = measure(with_more, rule, library())
    assert found is None or found.saving * 1000 >= library().floor * with_more.spending


def test_a_good_file_is_taken() -> None:
    assert checked("tips.toml", GOOD) == Library(5, {"a": Rule("a", "twice", 1, 500, 30)})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("floor = ", "tips.toml: "),
        ("floor = 5", "tips.toml: rules: nothing"),
        (GOOD.replace("floor = 5", "floor = 0"), "tips.toml: floor"),
        (GOOD.replace("floor = 5", "floor = 5\nother = 1"), "tips.toml: other"),
        (GOOD.replace("twice", "thrice"), "tips.toml: rules.a.measure: one of habit"),
        (GOOD.replace("at_least = 1\n", ""), "tips.toml: rules.a.at_least: missing"),
        (GOOD + "every = 3\n", "tips.toml: rules.a.every: twice takes"),
        (GOOD.replace("cool_down = 30", "cool_down = 29"), "tips.toml: rules.a.cool_down: a whole number from 30"),
        (GOOD.replace("500", "0.5"), "tips.toml: rules.a.confidence: a whole number"),
        (GOOD.replace("twice", "charges") + 'categories = ["fun"]\n', "tips.toml: rules.a.categories: a list of"),
        (GOOD.replace("twice", "charges") + 'occasion = "tea"\n', "tips.toml: rules.a.occasion: one of coffee"),
        (GOOD.replace("twice", "overlap"), "tips.toml: rules.a.occasion: missing"),
    ],
)
def test_a_wrong_file_is_refused_by_its_key(text: str, said: str) -> None:
    with pytest.raises(TipError) as refused:
        checked("tips.toml", text)
    assert str(refused.value).startswith(said)
