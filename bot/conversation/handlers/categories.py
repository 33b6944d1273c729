"""The categories of a book: own ones, other names, emoji and colours, merged and hidden ones. The ledger is never written for it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from bot.conversation.handlers import facts, questions
from bot.conversation.intents import Command, Question, SetBudget, Understanding
from bot.conversation.scene import Scene
from core.db import budgets, categories
from core.db.ids import new_id
from core.domain.budgets import Budget
from core.domain.categories import OTHER, OWN_MOST, Category, is_own
from core.errors import DomainError

KEPT = ("income", OTHER)  # what is counted apart, and what takes what is nowhere else
NAME_MOST = 40


async def code_for(scene: Scene, said: str) -> str:
    """The code of a category that a correction names; one that is new becomes the book's own."""
    kinds = scene.book.categories
    if kinds.knows(said):
        return kinds.resolve(said)
    return (await _add(scene, said[:NAME_MOST], "")).code


async def _add(scene: Scene, name: str, emoji: str) -> Category:
    """Raises DomainError `too_many_categories`."""
    kinds = scene.book.categories
    if sum(map(is_own, kinds.changed)) >= OWN_MOST:
        raise DomainError("too_many_categories", most=OWN_MOST)
    added = Category(categories.new_code(), name, emoji)
    await categories.keep(scene.uow, scene.book_id, added)
    return added


async def _change(scene: Scene, category: Category) -> str:
    """Keep it; what it is called now."""
    await categories.keep(scene.uow, scene.book_id, category)
    return scene.category(category.code)


def _found(scene: Scene, said: str) -> Category:
    """Raises DomainError `kind_unknown` for words that name none here."""
    kinds = scene.book.categories
    if not kinds.knows(said):
        raise DomainError("kind_unknown", name=said, known=scene.voice.listing(map(scene.category, kinds.offered), last="or"))
    return kinds.get(said)


def _taken(scene: Scene, name: str, *, by_other_than: str = "") -> Category | None:
    """The category that bears a name already: as the book calls it, or as this language does."""
    plain = replace(scene.voice, plain=True)  # without emoji
    wanted = name.casefold()
    return next((each for each in scene.book.categories.shown if each.code != by_other_than and plain.category(each).casefold() == wanted), None)


def _answer(scene: Scene, code: str, **params: object) -> None:
    scene.reply(facts.in_book(scene, scene.say(code, **params)))


# ------------------------------------------------------------------ what can be said


async def show(scene: Scene, command: Command) -> None:
    kinds = scene.book.categories
    lines = [scene.say("kinds_list", list=" · ".join(map(scene.category, kinds.offered)))]
    hidden = [scene.category(each.code) for each in kinds.changed.values() if each.hidden and each.merged_into is None]
    lines += [scene.say("kinds_hidden", list=" · ".join(hidden))] if hidden else []
    merged = [each for each in kinds.changed.values() if each.merged_into is not None and not (is_own(each.code) and not each.name)]
    lines += [scene.say("kind_merged", one=scene.voice.category(each), two=scene.category(each.code)) for each in merged]
    scene.reply(facts.in_book(scene, "\n".join(lines)))


async def add(scene: Scene, command: Command) -> None:
    name, emoji = command.slots["name"], command.slots["emoji"]
    there = _taken(scene, name)
    if there is None:
        added = await _add(scene, name, emoji)
        _answer(scene, "kind_added", what=scene.category(added.code))
    elif emoji:
        _answer(scene, "kind_now", what=await _change(scene, replace(there, emoji=emoji)))
    else:
        _answer(scene, "kind_there", what=scene.category(there.code))


async def rename(scene: Scene, command: Command) -> None:
    category, name = _found(scene, command.slots["one"]), command.slots["new"]
    there = _taken(scene, name, by_other_than=category.code)
    if there is not None:
        _answer(scene, "kind_there", what=scene.category(there.code))
        return
    before = scene.category(category.code)
    emoji = command.slots["emoji"] or category.emoji
    _answer(scene, "kind_renamed", before=before, what=await _change(scene, replace(category, name=name, emoji=emoji)))


async def hide(scene: Scene, command: Command) -> None:
    category = _changeable(scene, command.slots["one"])
    _answer(scene, "kind_hidden", what=await _change(scene, replace(category, hidden=True)))


async def bring_back(scene: Scene, command: Command) -> None:
    """One that was hidden, or counts as another: it stands for itself again."""
    code, said = command.slots["code"], command.slots["one"].casefold()
    away = [each for each in scene.book.categories.changed.values() if each.hidden or each.merged_into is not None]
    named = next((each for each in away if said and each.name.casefold() == said), None)
    category = named or next((each for each in away if each.code == code), None) or _found(scene, code or said)
    await categories.keep(scene.uow, scene.book_id, replace(category, hidden=False, merged_into=None))
    _answer(scene, "kind_back", what=scene.category(category.code))


def _changeable(scene: Scene, said: str) -> Category:
    """Raises DomainError `kind_fixed`."""
    category = _found(scene, said)
    if category.code in KEPT:
        raise DomainError("kind_fixed", what=scene.category(category.code))
    return category


async def set_emoji(scene: Scene, command: Command) -> None:
    category = _found(scene, command.slots["one"])
    _answer(scene, "kind_now", what=await _change(scene, replace(category, emoji=command.slots["emoji"])))


async def set_colour(scene: Scene, command: Command) -> None:
    category, colour = _found(scene, command.slots["one"]), command.slots["colour"]
    if not colour:
        _answer(scene, "colour_unknown", name=scene.voice.name(command.slots["said"]))
        return
    _answer(
        scene, "kind_coloured", what=await _change(scene, replace(category, colour=colour)), colour=scene.voice.name(command.slots["said"] or colour)
    )


# ------------------------------------------------------------------ merging


async def merge(scene: Scene, command: Command) -> None:
    """One counts as the other, also in what was written before. Its budget goes along; where both have one, which of them holds is asked."""
    one, two = _changeable(scene, command.slots["one"]), _found(scene, command.slots["two"])
    if two.code == "income":
        raise DomainError("kind_fixed", what=scene.category(two.code))
    if one.code == two.code:
        _answer(scene, "kind_same", what=scene.category(two.code))
        return
    before = scene.category(one.code)
    await categories.keep(scene.uow, scene.book_id, scene.book.categories.merged(one.code, two.code))
    lines = [scene.say("kind_merged", one=before, two=scene.category(two.code))]
    found = await budgets.of_book(scene.uow, scene.book_id)
    both = [(each, same) for each in found if each.category == one.code for same in _budgets(found, two.code) if same.cycle is each.cycle]
    for each in _budgets(found, one.code):
        lines += await _move_budget(scene, each, two.code, there=any(each is left for left, _ in both))
    lines += [  # one is asked about; of the others the one that stays holds, and it is said which goes
        scene.say("budget_removed", what=before, amount=gone.amount, cycle=scene.say(f"budget_{gone.cycle}")) for gone, _ in both[1:]
    ]
    scene.reply(facts.in_book(scene, "\n".join(lines)))
    if both:
        ask_budget(scene, *both[0])


def _budgets(found: list[Budget], code: str) -> list[Budget]:
    return [each for each in found if each.category == code]


async def _move_budget(scene: Scene, budget: Budget, code: str, *, there: bool) -> list[str]:
    await budgets.remove(scene.uow, scene.book_id, budget.budget_id)
    if there:
        return []
    await budgets.keep(scene.uow, scene.book_id, replace(budget, budget_id=new_id(), category=code))
    return [scene.say("kind_budget_moved", amount=budget.amount, what=scene.category(code))]


def ask_budget(scene: Scene, gone: Budget, kept: Budget) -> None:
    """Both had one: what was kept, or both together."""
    amounts = [kept.amount, gone.amount]
    if kept.amount.currency == gone.amount.currency:
        amounts.append(kept.amount + gone.amount)
    options = tuple((str(amount), SetBudget(kept.category, amount, kept.cycle.value)) for amount in dict.fromkeys(amounts))
    if len(options) > 1:
        questions.ask(
            scene,
            Understanding(
                SetBudget(kept.category, kept.amount, kept.cycle.value), "merged_budgets", question=Question("merged_budgets", {}, options)
            ),
        )


COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[Any, Any, None]]] = {
    "categories": show,
    "new_category": add,
    "rename_category": rename,
    "merge_category": merge,
    "hide_category": hide,
    "show_category": bring_back,
    "set_emoji": set_emoji,
    "set_colour": set_colour,
}
