"""The kinds of measure about what stands: subscriptions, budgets, and what others owe. Pure, as measures.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from core.domain.ahead.ranks import WHOLE
from core.domain.tips.history import WINDOW, Finding, History, Recurring, What, exact
from core.domain.tips.rules import Rule

RECENT_PAYMENTS = 4  # among which a price that rose is news
FULL_MONTHS = 3


def overlap(history: History, rule: Rule) -> Finding | None:
    """Two or more of one kind: the cheapest of them."""
    same = _one_a_place([each for each in history.recurring if rule.occasion in each.parts[-1].occasions])
    if len(same) < 2:
        return None
    monthly = sum(each.monthly for each in same)
    found = exact(What("occasion", rule.occasion), [each.parts[-1] for each in same], min(each.monthly for each in same), amount=monthly)
    return replace(found, counts={"several": len(same)})


def _one_a_place(found: list[Recurring]) -> list[Recurring]:
    return list({each.subscription.merchant: each for each in found}.values())


def dearer(history: History, rule: Rule) -> Finding | None:
    """Of subscriptions with one price, that whose price rose most: what it is more by the month."""
    rises = []
    for each in history.recurring:
        newest = each.parts[-1]
        before = next((part.minor for part in reversed(each.parts[-RECENT_PAYMENTS:]) if part.minor != newest.minor), newest.minor)
        fits = not rule.categories or newest.category in rule.categories
        if fits and not each.subscription.varies and before < newest.minor:
            rises.append((each.monthly * (newest.minor - before) // newest.minor, before, each))
    if not rises:
        return None
    saving, before, dearest = max(rises, key=lambda rise: rise[0])
    newest = dearest.parts[-1]
    return exact(What("place", newest.title), dearest.parts[-RECENT_PAYMENTS:], saving, before=before, amount=newest.minor)


def standing(history: History, rule: Rule) -> Finding | None:
    """What comes back by itself, without homes and what they need, takes more than `share` of everything: the cheapest of it."""
    found = [each for each in history.recurring if each.parts[-1].category not in _NEEDED]
    monthly = sum(each.monthly for each in found)
    if not found or monthly * WHOLE < rule.share * history.spending:
        return None
    least = min(found, key=lambda each: each.monthly)
    return replace(exact(What(), [each.parts[-1] for each in found], least.monthly, amount=monthly), counts={"several": len(found)})


_NEEDED = ("housing", "utilities", "health", "education", "children", "transport")


def owed(history: History, rule: Rule) -> Finding | None:
    """What others owe since long. It comes back once, so a month is a third of it."""
    amount = sum(each.minor for each in history.owed)
    return exact(What(), history.owed, amount * 30 // WINDOW, amount=amount) if history.owed else None


def slack(history: History, rule: Rule) -> Finding | None:
    """Of the budgets that three months have not reached by `share`, that with most to spare."""
    spare = [
        (each.limit - max(each.spent), each)
        for each in history.budgets
        if len(each.spent) == FULL_MONTHS and min(each.spent) > 0 and (each.limit - max(each.spent)) * WHOLE >= rule.share * each.limit
    ]
    if not spare:
        return None
    most, budget = max(spare, key=lambda pair: pair[0])
    return _of_budget(history, budget.category, most, limit=budget.limit, most=max(budget.spent))


def over(history: History, rule: Rule) -> Finding | None:
    """Of the budgets that each of three months exceeded, that which was exceeded most, on average."""
    beyond = [
        (sum(each.spent) // FULL_MONTHS - each.limit, each)
        for each in history.budgets
        if len(each.spent) == FULL_MONTHS and min(each.spent) > each.limit
    ]
    if not beyond:
        return None
    mean, budget = max(beyond, key=lambda pair: pair[0])
    return _of_budget(history, budget.category, mean, limit=budget.limit, most=max(budget.spent))


def _of_budget(history: History, category: str | None, saving: int, **amounts: int) -> Finding:
    what = What("category", category) if category is not None else What()
    evidence = [each for each in history.recent if category in (None, each.category)]
    return exact(what, evidence, saving, **amounts)


MEASURES: dict[str, Callable[[History, Rule], Finding | None]] = {
    "overlap": overlap, "dearer": dearer, "standing": standing, "owed": owed, "slack": slack, "over": over,
}  # fmt: skip
