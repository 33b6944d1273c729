"""Budgets: set and changed, how they stand, moved, rolled over, removed; what can be afforded. Of one's own parts, in a group of whole bills."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from bot.conversation.codec import unpack
from bot.conversation.handlers import exchange, facts, made, queries
from bot.conversation.handlers.alerts import label
from bot.conversation.handlers.rights import may
from bot.conversation.intents import Command, ExpenseDraft, Query, SetBudget
from bot.conversation.parsing.budgeting import EVERYTHING
from bot.conversation.scene import Scene
from core.db import budgets, figures, people
from core.db.figures import Asked
from core.db.ids import new_id
from core.db.recurring import Recurring
from core.domain.ahead.forecast import Basis, Forecast
from core.domain.budgets import Budget, Cycle, Status, about, changed, checked_payday, moved, period_of, renewed
from core.domain.categories import OTHER
from core.domain.money import Money
from core.domain.people import Action
from core.domain.rates import convert, unknown
from core.errors import DomainError
from core.services import recurring as repeats
from core.services.budgets import Standing, standings


async def answer(scene: Scene, intent: SetBudget | Query) -> None:
    """Set one, or tell how they stand."""
    await (set_budget(scene, intent) if isinstance(intent, SetBudget) else tell(scene, intent))


# ------------------------------------------------------------------ which budgets, and what counts for them


async def _found(scene: Scene) -> list[tuple[UUID, Budget]]:
    """Each with its book: at home also those of channels that were linked since."""
    return [(book, each) for book in scene.own_books for each in await budgets.of_book(scene.uow, book)]


async def _standings(scene: Scene, found: Sequence[Budget]) -> list[Standing]:
    return await standings(scene.uow, found, await queries.whose(scene), today=scene.book_today, payday=scene.book.payday, history=scene.rates)


async def _status(scene: Scene, budget: Budget) -> Status:
    return (await _standings(scene, [budget]))[0].status


def _about(found: Sequence[tuple[UUID, Budget]], said: str) -> list[tuple[UUID, Budget]]:
    """Those of the category that a command names; where it names none, the only one or that of everything."""
    category = None if said in ("", EVERYTHING) else said
    if not said and len(found) == 1:
        return list(found)
    return [(book, each) for book, each in found if each.category == category]


def _label(scene: Scene, category: str | None) -> str:
    return label(scene.voice, category, scene.book.categories)


def _sized(scene: Scene, budget: Budget) -> dict[str, object]:
    return {"what": _label(scene, budget.category), "amount": budget.amount, "cycle": scene.say(f"budget_{budget.cycle}")}


def _none_of(scene: Scene, found: Sequence[tuple[UUID, Budget]], said: str) -> str:
    """That there is no such budget, and which there are."""
    if not found:
        return scene.say("budgets_none")
    there = scene.voice.listing(dict.fromkeys(_label(scene, each.category) for _, each in found))
    return scene.say("budget_none_of", what=_label(scene, None if said in ("", EVERYTHING) else said), there=there)


# ------------------------------------------------------------------ setting


async def set_budget(scene: Scene, intent: SetBudget) -> None:
    """A new one, or another amount for one that there is."""
    if scene.shared:
        may(scene, Action.ARRANGE)
    if intent.category is not None and not await _is_known(scene, intent.category):
        known = scene.voice.listing([scene.category(name) for name in scene.book.categories.offered], last="or")
        scene.reply(scene.say("budget_unknown_category", category=scene.voice.name(intent.category), known=known))
        return
    cycle, today = Cycle(intent.period), scene.book_today
    found = await _found(scene)
    same = next(((book, each) for book, each in found if (each.category, each.cycle) == (intent.category, cycle)), None)
    if same is not None:
        await _keep_changed(scene, *same, intent.amount)
        return
    begins = period_of(cycle, today, payday=scene.book.payday).first
    budget = Budget(new_id(), intent.category, intent.amount, cycle, begins)
    made.note(scene, scene.book_id, before=None, after=budget)
    await _keep(scene, scene.book_id, budget, scene.say("budget_set", **_sized(scene, budget)))


async def _keep_changed(scene: Scene, book_id: UUID, before: Budget, amount: Money) -> None:
    budget = changed(before, await _status(scene, before), amount)
    made.note(scene, book_id, before=before, after=budget)
    await _keep(scene, book_id, budget, scene.say("budget_changed", **_sized(scene, budget), before=before.amount))


async def _keep(scene: Scene, book_id: UUID, budget: Budget, text: str) -> None:
    """With how it stands now below the text."""
    await budgets.keep(scene.uow, book_id, budget)
    standing = (await _standings(scene, [budget]))[0]
    scene.reply(facts.in_book(scene, f"{text}\n{_line(scene, standing)}"))


async def _is_known(scene: Scene, category: str) -> bool:
    """One of ours, or one that somebody has used here."""
    if scene.book.categories.knows(category):
        return True
    since = scene.today - timedelta(days=366)
    spent = await figures.by_day(scene.uow, await queries.whose(scene), Asked(first=since))
    return any(row.category == category for row in spent)


# ------------------------------------------------------------------ how they stand


async def tell(scene: Scene, query: Query) -> None:
    """All of them in a line each; where there is one, or one is asked about, also how fast it goes and where to."""
    found = await _found(scene)
    wanted = [pair for pair in found if query.category is None or pair[1].category == query.category]
    if not wanted:
        scene.reply(facts.in_book(scene, _none_of(scene, found, query.category or "")))
        return
    told = await _standings(scene, [each for _, each in wanted])
    lines = [_line(scene, each) for each in told]
    if len(told) == 1 and told[0].status.days_left > 1:
        lines.append(f"{_pace(scene, told[0])} {_ahead(scene, told[0])}".lstrip())
    lines += _rates(scene, told)
    scene.reply(facts.in_book(scene, "\n".join(lines)))


def _line(scene: Scene, standing: Standing) -> str:
    """ "Eating out: ███░░░░░░░ €120.50 of €400, €279.50 left, €15.52 a day until Mon 31 Mar." """
    now, code = standing.status, standing.budget.amount.currency
    common = {
        "what": _label(scene, standing.budget.category),
        "bar": facts.bar(now.share),
        "spent": Money(now.spent, code),
        "limit": Money(now.limit, code),
    }
    if now.left < 0:
        text = scene.say("budget_over", **common, over=Money(-now.left, code), until=now.period.last)
    elif now.days_left == 1:
        text = scene.say("budget_left_today", **common, left=Money(now.left, code))
    else:
        text = scene.say("budget_left", **common, left=Money(now.left, code), each=Money(now.each_day, code), until=now.period.last)
    if now.carried:
        text += " " + scene.say("budget_carried" if now.carried > 0 else "budget_carried_less", amount=Money(abs(now.carried), code))
    return text


def _pace(scene: Scene, standing: Standing) -> str:
    """How far from an even pace; nothing where that is next to nothing."""
    now, apart = standing.status, about(Money(abs(standing.status.ahead), standing.budget.amount.currency))
    return scene.say("budget_pace_more" if now.ahead > 0 else "budget_pace_less", amount=apart) if apart.minor else ""


def _ahead(scene: Scene, standing: Standing, more: Money | None = None) -> str:
    """What the period will come to; `more`: with so much besides."""
    ahead, common = standing.forecast, {"until": standing.status.period.last}
    if ahead.basis is Basis.NOTHING:
        return scene.say("budget_ahead_none", **common)
    low, expected, high = (about(_with(minor, standing.budget.amount.currency, more)) for minor in (ahead.low, ahead.expected, ahead.high))
    named = {"what": _label(scene, standing.budget.category)} if more is not None else {}
    code = "budget_ahead" if more is None else "afford_ahead"
    if ahead.basis is Basis.LITTLE:
        return scene.say(f"{code}_guess", **common, **named, expected=expected)
    return scene.say(code, **common, **named, expected=expected, low=low, high=high)


def _with(minor: int, code: str, more: Money | None) -> Money:
    return Money(minor, code) + more if more is not None else Money(minor, code)


def _rates(scene: Scene, told: Sequence[Standing]) -> list[str]:
    """By which rates other currencies were counted, and which could not be."""
    sheet = next((each.sheet for each in told if each.sheet is not None), None)
    without = sorted({code for each in told for code in each.without})
    lines = [scene.say("budget_rates", rates=exchange.by_rates(scene, sheet))] if sheet is not None else []
    return lines + ([scene.say("without_rate", currency=", ".join(without))] if without else [])


# ------------------------------------------------------------------ changing what there is


async def remove(scene: Scene, command: Command) -> None:
    found, said = await _found(scene), command.slots.get("category", "")
    gone = found if "all" in command.slots else _about(found, said)
    if not gone:
        scene.reply(facts.in_book(scene, _none_of(scene, found, said)))
        return
    for book_id, budget in gone:
        made.note(scene, book_id, before=budget, after=None)
        await budgets.remove(scene.uow, book_id, budget.budget_id)
    scene.reply(facts.in_book(scene, " ".join(scene.say("budget_removed", **_sized(scene, each)) for _, each in gone)))


async def change_by(scene: Scene, command: Command) -> None:
    """So much more or less than it is; where there are several of a category, that of each month."""
    found, said = await _found(scene), command.slots.get("category", "")
    meant = sorted(_about(found, said), key=lambda pair: pair[1].cycle is not Cycle.MONTH)
    if not meant:
        scene.reply(facts.in_book(scene, _none_of(scene, found, said)))
        return
    book_id, before = meant[0]
    standing = (await _standings(scene, [before]))[0]
    step = await _cost(scene, Money.of(command.slots["amount"], command.slots["currency"]), standing)
    amount = before.amount - step if command.slots["way"] == "less" else before.amount + step
    if amount.minor <= 0:
        scene.reply(scene.say("budget_zero"))
        return
    await _keep_changed(scene, book_id, before, amount)


async def move(scene: Scene, command: Command) -> None:
    """Between two budgets, of the same cycle where there are such."""
    found, amount = await _found(scene), Money.of(command.slots["amount"], command.slots["currency"])
    pairs = {}
    for slot in ("one", "two"):
        pairs[slot] = _about(found, command.slots[slot])
        if not pairs[slot]:
            scene.reply(facts.in_book(scene, _none_of(scene, found, command.slots[slot])))
            return
    both = [(giver, taker) for giver in pairs["one"] for taker in pairs["two"]]
    (book_one, one), (book_two, two) = next((pair for pair in both if pair[0][1].cycle is pair[1][1].cycle), both[0])
    less, more = moved(one, two, amount, (await _status(scene, one), await _status(scene, two)))
    for book_id, before, now in ((book_one, one, less), (book_two, two, more)):
        made.note(scene, book_id, before=before, after=now)
        await budgets.keep(scene.uow, book_id, now)
    names = {"one": _label(scene, one.category), "two": _label(scene, two.category)}
    lines = [_line(scene, each) for each in await _standings(scene, [less, more])]
    scene.reply(facts.in_book(scene, "\n".join([scene.say("budget_moved", amount=amount, **names), *lines])))


async def set_rollover(scene: Scene, command: Command) -> None:
    """For one category, or for all budgets."""
    found, said = await _found(scene), command.slots.get("category", "")
    meant = _about(found, said) if said else found
    if not meant:
        scene.reply(facts.in_book(scene, _none_of(scene, found, said)))
        return
    on = command.slots["value"] == "on"
    for book_id, budget in meant:
        now = replace(renewed(budget, await _status(scene, budget)), rollover=on)
        made.note(scene, book_id, before=budget, after=now)
        await budgets.keep(scene.uow, book_id, now)
    what = scene.voice.listing(dict.fromkeys(_label(scene, each.category) for _, each in meant))
    scene.reply(facts.in_book(scene, scene.say("rollover_on" if on else "rollover_off", what=what)))


async def set_payday(scene: Scene, command: Command) -> None:
    """From when on months are counted; what was carried into the present one stays."""
    day = checked_payday(int(command.slots["day"])) if "day" in command.slots else None
    present = period_of(Cycle.MONTH, scene.book_today, payday=day)
    for book_id, budget in await _found(scene):
        if budget.cycle is Cycle.MONTH:
            kept = renewed(budget, await _status(scene, budget))
            await budgets.keep(scene.uow, book_id, replace(kept, starts_on=present.first))
    for book_id in scene.own_books:
        await people.update_book(scene.uow, book_id, payday=day)
    text = scene.say("payday_set", first=present.first, last=present.last) if day is not None else scene.say("payday_none")
    scene.reply(facts.in_book(scene, text))


# ------------------------------------------------------------------ what can be afforded


async def afford(scene: Scene, command: Command) -> None:
    """What would be left of the budget that fits and of that of everything, and what the period then comes to."""
    amount, category = Money.of(command.slots["amount"], command.slots["currency"]), command.slots.get("category")
    found = await _found(scene)
    fitting = [each for _, each in found if each.category is None or each.category == category]
    if not fitting and found and category is not None:
        scene.reply(facts.in_book(scene, _none_of(scene, found, category)))
        return
    if not fitting:
        there = scene.voice.listing(dict.fromkeys(_label(scene, each.category) for _, each in found))
        scene.reply(facts.in_book(scene, scene.say("afford_for_what", there=there) if found else scene.say("afford_no_budget")))
        return
    told = await _standings(scene, fitting)
    costs = [await _cost(scene, amount, each) for each in told]
    coming = await repeats.due_until(scene.uow, scene.own_books, max(each.status.period.last for each in told))
    bills = [await _bills(scene, each, coming) for each in told]
    rest = [cost + due for cost, (due, _) in zip(costs, bills, strict=True)]
    fits = all(each.status.after(gone.minor).left >= 0 for each, gone in zip(told, rest, strict=True))
    tight = any(_ends_over(each.forecast, each.status, cost) for each, cost in zip(told, costs, strict=True))
    lines = [scene.say("afford_no" if not fits else "afford_tight" if tight else "afford_yes", amount=amount)]
    lines += [_after(scene, each, gone) for each, gone in zip(told, rest, strict=True)]
    place = min(range(len(told)), key=lambda each: told[each].status.after(rest[each].minor).slack)
    lines += _due(scene, told, bills)
    lines += [_ahead(scene, told[place], costs[place])] if told[place].status.days_left > 1 else []
    lines += _rates(scene, told)
    scene.reply(facts.in_book(scene, "\n".join(lines)))


def _due(scene: Scene, told: Sequence[Standing], bills: Sequence[tuple[Money, list[str]]]) -> list[str]:
    """The most that was taken off any of them for what is still to come."""
    standing, (due, names) = max(zip(told, bills, strict=True), key=lambda pair: len(pair[1][1]))
    return [scene.say("afford_due", amount=due, what=scene.voice.listing(names), until=standing.status.period.last)] if names else []


async def _bills(scene: Scene, standing: Standing, coming: Sequence[tuple[date, Recurring]]) -> tuple[Money, list[str]]:
    """What of that which is coming falls into the rest of the period and counts for the budget, in its currency, and what that is.

    Left out: what has no rate, and alone what is shared with others, of which one's own part is known when it is booked.
    """
    budget, period = standing.budget, standing.status.period
    due, names = Money(0, budget.amount.currency), []
    for day, each in coming:
        draft: ExpenseDraft = unpack(each.draft)
        category = scene.book.categories.resolve(draft.category or OTHER)
        if not period.first <= day <= period.last or budget.category not in (None, category) or (not scene.shared and draft.split.type != "none"):
            continue
        try:
            due += await _cost(scene, each.amount, standing)
        except DomainError:
            continue
        names.append(scene.voice.quoted(each.what) if each.what else scene.say("what_default"))
    return due, list(dict.fromkeys(names))


async def _cost(scene: Scene, amount: Money, standing: Standing) -> Money:
    """In the budget's currency. Raises DomainError `no_rate`."""
    code = standing.budget.amount.currency
    if amount.currency == code:
        return amount
    sheet = await exchange.sheet(scene)
    missing = unknown([code, amount.currency], sheet)
    if sheet is None or missing:
        raise DomainError("no_rate", currency=", ".join(missing))
    return convert(amount, sheet.rate(amount.currency, code))


def _ends_over(ahead: Forecast, now: Status, cost: Money) -> bool:
    """Whether more is expected of the whole period than there is."""
    return ahead.basis is not Basis.NOTHING and _with(ahead.expected, cost.currency, cost).minor > now.limit


def _after(scene: Scene, standing: Standing, cost: Money) -> str:
    after, what = standing.status.after(cost.minor), _label(scene, standing.budget.category)
    if after.left < 0:
        return scene.say("afford_over", what=what, over=Money(-after.left, cost.currency), until=after.period.last)
    left, each = Money(after.left, cost.currency), Money(after.each_day, cost.currency)
    return scene.say("afford_left", what=what, left=left, each=each, until=after.period.last)


COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[Any, Any, None]]] = {
    "remove_budget": remove,
    "change_budget": change_by,
    "move_budget": move,
    "set_rollover": set_rollover,
    "set_payday": set_payday,
    "afford": afford,
}
