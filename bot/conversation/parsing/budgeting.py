"""Owns the rules that set, change, ask after and move budgets, and whether something can be afforded. Counts nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import Literal

from bot.conversation.intents import Command, Intent, Nothing, Query, Question, SetBudget
from bot.conversation.parsing.addressing import frame
from bot.conversation.parsing.categories import category_of, named_category
from bot.conversation.parsing.gates import nothing, tells
from bot.conversation.parsing.notes import trimmed
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import Item, Scan, Shape, distinct
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount
from core.reading.text import fold, folded_words

Cycle = Literal["day", "week", "month", "year"]
_FREQUENCIES: tuple[tuple[str, Cycle], ...] = (("daily", "day"), ("weekly", "week"), ("yearly", "year"))
EVERYTHING = "everything"  # in the slots of a command, where no category is meant
_NUMBER = re.compile(r"(?<![\d.,])([0-3]?\d)(?![\d,])", re.ASCII)
_MOST = 140
_LAST = 31
_MORE_WITHIN = 2  # words behind an amount: "50 de plus"


def budget(scan: Scan) -> Candidate | None:
    """A limit for a category or for all, per day, week, month or year (a month where nothing is said)."""
    if not scan.section("budgets"):
        return None
    shape = trimmed(scan, scan.shape.plain)
    if not shape.marks("A") or "?" in shape.text or tells(scan, shape, "measured"):
        return None
    for pattern in scan.patterns("budgets.patterns"):
        match = pattern.fullmatch(shape.text)
        if match is None:
            continue
        groups = {name: shape.span(match, name) for name, text in match.groupdict().items() if text}
        if _is_thing(scan, groups):
            return None
        if scan.context.chat == "group" and _is_told(scan, shape, groups):
            return replace(nothing(scan), score=91)
        return sized(scan, groups["amount"], category=_limited(scan, groups), period=_cycle(scan, groups), score=91)
    return None


def _limited(scan: Scan, groups: dict[str, tuple[Item, ...]]) -> str | None:
    """The category, as it is called here or as it was written; None for everything, also where its words say but how often: "a week"."""
    items = groups.get("category") or groups.get("category2") or ()
    said = scan.words(items)
    if not said or said in scan.lexicon.words["words.everything"] or all(_is_small(scan, item.mark) for item in items):
        return None
    return named_category(said, scan.lexicon) or said


def _is_thing(scan: Scan, groups: dict[str, tuple[Item, ...]]) -> bool:
    """Whether what would be a limit may as well be something bought, "tope de puerta 8": nothing beside it is said of a budget."""
    folded = [token.folded for token in scan.tokens]
    roles = {role for place in range(len(folded)) if (found := scan.lexicon.gist.at(folded, place)) is not None for role in found[0]}
    if "bound" not in roles or not roles.isdisjoint(("budget", "order", "most", "spend")) or any(name.startswith("period") for name in groups):
        return False
    words = scan.words(groups.get("category") or groups.get("category2") or ())
    return named_category(words, scan.lexicon) is None or not is_outright(scan, folded_words(words))


def _is_told(scan: Scan, shape: Shape, groups: dict[str, tuple[Item, ...]]) -> bool:
    """Whether a group is told of a budget, as "our budget is 300", or of one for what is no category here: neither sets one."""
    limited = _limited(scan, groups)
    if limited is not None:
        return named_category(scan.words(groups.get("category") or groups.get("category2") or ()), scan.lexicon) is None
    return any(item.mark in scan.lexicon.words["leftovers.being"] for item in shape.items) and not frame(scan).orders


def _is_small(scan: Scan, word: str) -> bool:
    words = scan.lexicon.words
    small = words["words.articles"] | words["words.each"] | words["words.leads"] | words["words.owning"]
    return (
        word in small or (word,) in scan.lexicon.edges or any(word in words[f"recurring.{name}"] for name, _ in (*_FREQUENCIES, ("monthly", "month")))
    )


def sized(scan: Scan, items: tuple[Item, ...], *, category: str | None, period: Cycle, score: int) -> Candidate:
    """What a budget is from now on, or ("add 50 to the food budget", "food budget 50 more") by how much it changes."""
    if _adds(scan, items[0]):
        return amounted(scan, "budgets.change", items, partial(changed_by, scan, category=category), score=score)
    return amounted(scan, "budget", items, partial(_limit, category=category, period=period), score=score)


def _adds(scan: Scan, amount: Item) -> bool:
    """By a word beside the amount ("add 50", "50 more"), or by a verb of raising or lowering and how much ("by 50")."""
    words, folded = scan.lexicon.words, [token.folded for token in scan.tokens]
    before, behind = folded[max(0, amount.first - 1) : amount.first], folded[amount.last : amount.last + _MORE_WITHIN]
    if not words["budget_steps.added"].isdisjoint(before) or not words["budget_steps.more"].isdisjoint(behind):
        return True
    steps = words["budget_steps.raised"] | words["budget_steps.less"]
    return not words["budget_steps.by"].isdisjoint(before) and not steps.isdisjoint(folded)


def changed_by(scan: Scan, amount: Money, *, category: str | None) -> Command:
    """By how much a budget is to be more or less than it is."""
    less = scan.lexicon.words["budget_steps.less"] & {token.folded for token in scan.tokens}
    way = "less" if less else "more"
    return Command("change_budget", {"amount": str(amount), "currency": amount.currency, "way": way, **({"category": category} if category else {})})


def _limit(amount: Money, *, category: str | None, period: Cycle) -> SetBudget:
    return SetBudget(category, amount, period)


def amounted(
    scan: Scan,
    rule: str,
    items: tuple[Item, ...],
    build: Callable[[Money], Intent],
    *,
    score: int,
    refusals: tuple[str, str] = ("budget_zero", "budget_negative"),
) -> Candidate:
    """What is meant with the amount; where that can be read in two ways, the question which. `refusals`: of nothing, and of less."""
    amount = items[0].amount
    assert amount is not None, "the patterns name an amount"
    if amount.negative or amount.value == 0:
        return Candidate(rule, Nothing(refusals[amount.negative]), score)
    try:
        meant = _readings(amount, amount.currency or scan.context.currency)
    except DomainError:
        return Candidate(rule, Nothing("not_an_amount"), score)
    options = tuple((f"{money} {money.currency}", build(money)) for money in meant)
    question = Question("ambiguous_amount", {"text": scan.words(items[:1])}, options) if len(options) > 1 else None
    return Candidate(rule, options[0][1], score, question)


def _readings(amount: Amount, code: str) -> tuple[Money, ...]:
    """Raises DomainError where the amount is none of the currency."""
    other = Money.rounded(amount.other, code) if amount.other is not None else None
    return (Money.of(amount.value, code), *((other,) if other else ()))


def _cycle(scan: Scan, groups: dict[str, tuple[Item, ...]]) -> Cycle:
    slots = ("period", "period1", "period2", "span", "category", "category2")
    items = next((groups[slot] for slot in slots if slot in groups and (not slot.startswith("category") or _limited(scan, groups) is None)), ())
    return cycle_of(scan, {token.folded for item in items for token in scan.tokens[item.first : item.last]})


def cycle_of(scan: Scan, words: AbstractSet[str]) -> Cycle:
    """The length of time that folded words name, a month where they name none."""
    return next((cycle for name, cycle in _FREQUENCIES if words & scan.lexicon.words[f"recurring.{name}"]), "month")


# ------------------------------------------------------------------ what is done with budgets that there are


def command(scan: Scan) -> Candidate | None:
    """A sentence about budgets, as a whole."""
    likely = scan.section("budget_talk")
    shape = scan.shape.plain.less((".", "!", "?", "¡", "¿", "~", '"'))
    if not likely or not shape.items or len(shape.text) > _MOST:
        return None
    forms = distinct(trimmed(scan, shape), shape)
    for name, patterns in likely.items():
        for pattern in patterns:
            for form in forms:
                match = pattern.fullmatch(form.text)
                found = _READERS[name](scan, form, name, match) if match is not None else None
                if found is not None:
                    return found if isinstance(found, Candidate) else Candidate(f"budgets.{name}", found, 96)
    return None


Reader = Callable[[Scan, Shape, str, re.Match[str]], Intent | Candidate | None]


def _category(scan: Scan, items: tuple[Item, ...]) -> str | None:
    """The category that words name, `everything`, or none that is known."""
    while len(items) > 1 and items[0].mark in scan.lexicon.words["words.articles"]:
        items = items[1:]
    words = _before_ending(scan, scan.words(items))
    return EVERYTHING if " ".join(folded_words(words)) in scan.lexicon.words["words.everything"] else named_category(words, scan.lexicon)


def _before_ending(scan: Scan, words: str) -> str:
    """What of a word that is written as one with "budget" stands before it, where that names a category: "Essensbudget"."""
    for ending in scan.lexicon.gist_endings:
        before = fold(words).removesuffix(ending).removesuffix("-") if fold(words).endswith(ending) else ""
        for named in (before, before.removesuffix("s")):
            if named and named_category(named, scan.lexicon) is not None:
                return named
    return words


def _of(scan: Scan, shape: Shape, match: re.Match[str]) -> str:
    """The category in a slot: as it is called here, or as it was written where none is known; nothing where none is said."""
    items = next((span for slot in ("category", "category2") if (span := shape.span(match, slot))), ())
    return (_category(scan, items) or scan.words(items)) if items else ""


def _about(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command:
    """A command about the budget of a category; `rollover_on` is `set_rollover` with the value `on`."""
    category = _of(scan, shape, match)
    slots = {"category": category} if category else {}
    if name.startswith("rollover_"):
        return Command("set_rollover", {"value": name.removeprefix("rollover_"), **slots})
    return Command("remove_budget", slots or every_one(scan))


def every_one(scan: Scan) -> dict[str, str]:
    """The slot of a command about all budgets there are, "delete all budgets"; none where it does not say so."""
    return {"all": "yes"} if any(token.folded in scan.lexicon.words["words.without_exception"] for token in scan.tokens) else {}


def _left(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Query | None:
    """Of a known category: "how much is left of the cake" asks after no budget."""
    items = shape.span(match, "category")
    category = _category(scan, items) if items else EVERYTHING
    if category is None:
        return None
    return Query("budget_status", category=None if category == EVERYTHING else category)


def _left_bare(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Query | None:
    """ "Food left": the category's own name alone, since "the bus left" has left."""
    words = folded_words(scan.words(shape.span(match, "category")))
    return _left(scan, shape, name, match) if is_outright(scan, words) else None


def is_outright(scan: Scan, words: Sequence[str]) -> bool:
    """Whether folded words begin with what a category is called itself: "groceries", not "milk"."""
    found = scan.lexicon.categories.at(words, 0) if words else None
    return found is not None and found[0].outright


def _move(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Candidate | None:
    """Between two categories; "move 50 from savings to checking" is none of ours."""
    one, two = (_category(scan, shape.span(match, slot)) for slot in ("one", "two"))
    if one is None or two is None or one == two:
        return None
    return amounted(scan, "budgets.move", shape.span(match, "amount"), partial(_priced, "move_budget", slots={"one": one, "two": two}), score=96)


def _afford(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Candidate | None:
    """Of the category that is named, or that what is bought belongs to. In a group who says so without asking tells the others."""
    if scan.context.chat == "group" and not frame(scan).asks:
        return None
    items = shape.span(match, "category")
    category = _category(scan, items) if items else None
    thing = shape.span(match, "thing") or shape.span(match, "thing2")
    category = category or category_of(folded_words(scan.words(thing)), scan.lexicon)
    slots = {"category": category} if category and category != EVERYTHING else {}
    return amounted(scan, "budgets.afford", shape.span(match, "amount"), partial(_priced, "afford", slots=slots), score=96)


def _priced(name: str, money: Money, *, slots: dict[str, str]) -> Command:
    return Command(name, {"amount": str(money), "currency": money.currency, **slots})


def _payday(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """The day is read from the text itself: as a rule it looks like a date or an amount. Without a number it is the last one, as the words say."""
    if name == "payday_off":
        return Command("set_payday")
    numbers = [int(found[1]) for found in _NUMBER.finditer(scan.text)]
    if name == "payday_last":
        return Command("set_payday", {"day": str(_LAST)}) if not numbers else None
    return Command("set_payday", {"day": str(numbers[0])}) if len(numbers) == 1 else None


_READERS: dict[str, Reader] = {
    "left": _left,
    "left_bare": _left_bare,
    "remove": _about,
    "rollover_on": _about,
    "rollover_off": _about,
    "move": _move,
    "afford": _afford,
    "payday": _payday,
    "payday_last": _payday,
    "payday_off": _payday,
}
