"""What the last messages made of budgets and goals, kept in the chat's state: "undo" and an edited message find it again. Decides nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from bot.conversation.handlers import facts
from bot.conversation.handlers.alerts import label
from bot.conversation.handlers.goal_lines import called, lines
from bot.conversation.intents import Command, Intent, SetBudget
from bot.conversation.scene import Scene
from core.db import budgets
from core.db import goals as rows
from core.db.ids import new_id
from core.domain.budgets import Budget, Cycle
from core.domain.goals import Goal
from core.domain.money import Money
from core.services import goals

Change = dict[str, Any]  # {kind, book, id, before: what there was, None where it is new}
KEPT_MOST = 5  # messages
MEANT = timedelta(days=1)  # so long "undo" means it
_WHICH = ("kind", "book", "id")
_MADE, _NOW = "made", "made_now"


# ------------------------------------------------------------------ keeping


def note(scene: Scene, book_id: UUID, now: Budget | Goal, *, before: Budget | Goal | None) -> None:
    """That this message made one, or changed it. `before` equal to `now`: it was removed. What it was before the message is kept of each."""
    change = {"kind": _kind(now), "book": str(book_id), "id": _key(now), "before": _packed(before) if before is not None else None}
    message = scene.turn.message.message_id
    kept = [each for each in scene.state.get(_MADE, []) if each["message"] != message]
    own: list[Change] = next((each["changes"] for each in scene.state.get(_MADE, []) if each["message"] == message), [])
    first = all(any(each[name] != change[name] for name in _WHICH) for each in own)
    scene.state[_MADE] = [*kept, {"message": message, "changes": [*own, *([change] if first else [])]}][-KEPT_MOST:]
    scene.state[_NOW] = {"message": message, "person": str(scene.person.person_id), "at": scene.now.isoformat()}


def _kind(plan: Budget | Goal) -> Literal["budget", "goal"]:
    return "budget" if isinstance(plan, Budget) else "goal"


def _key(plan: Budget | Goal) -> str:
    """Of a budget what it is of: one that is set again takes the row of the last one."""
    return f"{plan.cycle.value} {plan.category or ''}" if isinstance(plan, Budget) else str(plan.goal_id)


def _packed(plan: Budget | Goal) -> dict[str, Any]:
    amount = {"amount": str(plan.amount), "currency": plan.amount.currency}
    if isinstance(plan, Budget):
        rest = {"category": plan.category, "cycle": plan.cycle.value, "rollover": plan.rollover, "carried": plan.carried}
        return {**amount, **rest, "starts_on": plan.starts_on.isoformat()}
    days = {name: day.isoformat() if (day := getattr(plan, name)) is not None else None for name in ("due_on", "planned_on", "reached_on")}
    return {**amount, **days, "name": plan.name, "planned_aside": plan.planned_aside}


def _budget(change: Change) -> Budget:
    was = change["before"]
    amount, starts_on = Money.of(was["amount"], was["currency"]), date.fromisoformat(was["starts_on"])
    return Budget(new_id(), was["category"], amount, Cycle(was["cycle"]), starts_on, was["rollover"], was["carried"])


def _goal(change: Change) -> Goal:
    was = change["before"]
    due, planned, reached = (date.fromisoformat(was[name]) if was[name] else None for name in ("due_on", "planned_on", "reached_on"))
    assert planned is not None, "every goal was planned on a day"
    return Goal(UUID(change["id"]), was["name"], Money.of(was["amount"], was["currency"]), due, planned, was["planned_aside"], reached)


# ------------------------------------------------------------------ taking back


async def undone(scene: Scene) -> bool:
    """ "Undo" where that was the last thing the same person did here: it is what is meant. False where nothing of it is left."""
    now = scene.state.get(_NOW, {})
    if now.get("person") != str(scene.person.person_id):
        return False
    del scene.state[_NOW]
    if scene.now - datetime.fromisoformat(now["at"]) > MEANT:
        return False
    told = await _reverted(scene, _changes(scene, now["message"]))
    if told:
        scene.reply(facts.in_book(scene, "\n".join(told)))
    return bool(told)


def outdated(scene: Scene) -> None:
    """The same person recorded something since: from now on "undo" means that."""
    if scene.bill_ids and scene.state.get(_NOW, {}).get("person") == str(scene.person.person_id):
        del scene.state[_NOW]


async def not_said_any_more(scene: Scene, intent: Intent) -> None:
    """An edited message: what its earlier words made and the present ones do not is as it was before them."""
    changes = _changes(scene, scene.turn.message.message_id, keep=True)
    sets_goal = isinstance(intent, Command) and intent.name == "goal" and intent.slots.get("do") == "set"
    if not changes or (sets_goal and goal_of_message(scene) is not None) or await _is_same(scene, intent, changes):
        return
    told = await _reverted(scene, _changes(scene, scene.turn.message.message_id))
    if told:
        scene.reply(facts.in_book(scene, "\n".join(told)))


async def _is_same(scene: Scene, intent: Intent, changes: Sequence[Change]) -> bool:
    """Whether the one budget that was new is spoken of again."""
    if not isinstance(intent, SetBudget) or len(changes) != 1 or changes[0]["kind"] != "budget" or changes[0]["before"] is not None:
        return False
    there = await budgets.of_book(scene.uow, UUID(changes[0]["book"]))
    same = next((each for each in there if _key(each) == changes[0]["id"]), None)
    return same is not None and (same.category, same.cycle.value) == (intent.category, intent.period)


def goal_of_message(scene: Scene) -> tuple[UUID, UUID] | None:
    """The book and id of the goal that earlier words of this message set."""
    changes = _changes(scene, scene.turn.message.message_id, keep=True)
    found = next((each for each in changes if each["kind"] == "goal" and each["before"] is None), None)
    return (UUID(found["book"]), UUID(found["id"])) if found is not None else None


def _changes(scene: Scene, message: str, *, keep: bool = False) -> list[Change]:
    """Of a message; it is forgotten, but for `keep`. Only of books that the sender still has."""
    found = next((each for each in scene.state.get(_MADE, []) if each["message"] == message), None)
    if found is None:
        return []
    if not keep:
        scene.state[_MADE] = [each for each in scene.state[_MADE] if each is not found]
    return [each for each in found["changes"] if UUID(each["book"]) in scene.person.books]


async def _reverted(scene: Scene, changes: Sequence[Change]) -> list[str]:
    """The newest first; what each says of it."""
    await scene.uow.load_books([UUID(each["book"]) for each in changes], lock=False)
    told = [await (_revert_budget if each["kind"] == "budget" else _revert_goal)(scene, each) for each in reversed(changes)]
    return [text for text in told if text]


async def _revert_budget(scene: Scene, change: Change) -> str:
    book_id = UUID(change["book"])
    there = next((each for each in await budgets.of_book(scene.uow, book_id) if _key(each) == change["id"]), None)
    if change["before"] is not None:
        before = _budget(change)
        await budgets.keep(scene.uow, book_id, before)
        known = {"before": there.amount} if there is not None and there.amount != before.amount else {}
        return scene.say("budget_changed" if known else "budget_set", **_sized(scene, before), **known)
    if there is None:
        return ""
    await budgets.remove(scene.uow, book_id, there.budget_id)
    return scene.say("budget_removed", **_sized(scene, there))


def _sized(scene: Scene, budget: Budget) -> dict[str, object]:
    named = label(scene.voice, budget.category, scene.book.categories)
    return {"what": named, "amount": budget.amount, "cycle": scene.say(f"budget_{budget.cycle}")}


async def _revert_goal(scene: Scene, change: Change) -> str:
    """One with which something lies stays."""
    book_id = UUID(change["book"])
    if change["before"] is not None:
        await rows.keep(scene.uow, book_id, _goal(change))
        await rows.revive(scene.uow, book_id, UUID(change["id"]))
    there = next((each for each in await goals.standings(scene.uow, [book_id], today=scene.book_today) if _key(each.goal) == change["id"]), None)
    if there is None or (change["before"] is None and there.progress.aside):
        return ""
    if change["before"] is not None:
        return "\n".join(lines(scene, there))
    await rows.drop(scene.uow, book_id, there.goal.goal_id, on=scene.book_today)
    return scene.say("goal_dropped", what=called(scene.voice, there))
