"""What the last messages made of budgets and goals, kept in the chat's state: "undo" and an edited message find it again. Decides nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from bot.conversation.handlers import facts
from bot.conversation.handlers.alerts import label
from bot.conversation.handlers.goal_lines import called, lines
from bot.conversation.handlers.rights import may
from bot.conversation.intents import Command, Intent, SetBudget, TakeBack
from bot.conversation.replies.formats import opening
from bot.conversation.scene import Scene
from core.db import budgets
from core.db import goals as rows
from core.db.ids import new_id
from core.domain.budgets import Budget, Cycle
from core.domain.goals import Goal
from core.domain.money import Money
from core.domain.people import Action
from core.errors import DomainError
from core.services import goals
from core.services.goals import Standing

Change = dict[str, Any]  # {kind, book, id, before: what there was, None where it is new; after: what the message left, None where it removed it}
KEPT_MOST = 5  # messages, besides the last one of each person
MEANT = timedelta(days=1)  # so long "undo" means it
_WHICH = ("kind", "book", "id")
_MADE, _NOW = "made", "made_now"  # by person the message whose changes "undo" means
_UNDOES, _BOOKS = ("undo", "import_undo"), "import_yes"  # presses


# ------------------------------------------------------------------ keeping


def note(scene: Scene, book_id: UUID, *, before: Budget | Goal | None, after: Budget | Goal | None) -> None:
    """That this message made one (`before` None), changed it or removed it (`after` None). Of several changes the first `before` is kept."""
    plan = after or before
    assert plan is not None, "there was one, or there is"
    change = {"kind": _kind(plan), "book": str(book_id), "id": _key(plan), "before": _packed(before), "after": _packed(after)}
    message, kept = scene.turn.message.message_id, scene.state.get(_MADE, [])
    changes: list[Change] = next((each["changes"] for each in kept if each["message"] == message), [])
    earlier = next((each for each in changes if all(each[name] == change[name] for name in _WHICH)), None)
    if earlier is not None and earlier["after"] == change["before"]:  # else somebody else changed it in between: that is what was there
        change["before"] = earlier["before"]
    own = {"message": message, "changes": [*(each for each in changes if each is not earlier), change]}
    last = {person: now for person, now in scene.state.get(_NOW, {}).items() if _is_meant(scene, now)}
    scene.state[_NOW] = {**last, str(scene.person.person_id): {"message": message, "at": scene.now.isoformat()}}
    meant = {now["message"] for now in scene.state[_NOW].values()}
    rest = [each for each in kept if each["message"] != message]
    scene.state[_MADE] = [*(each for each in rest[:-KEPT_MOST] if each["message"] in meant), *rest[-KEPT_MOST:], own]


def _is_meant(scene: Scene, now: dict[str, str]) -> bool:
    return scene.now - datetime.fromisoformat(now["at"]) <= MEANT


def _kind(plan: Budget | Goal) -> Literal["budget", "goal"]:
    return "budget" if isinstance(plan, Budget) else "goal"


def _key(plan: Budget | Goal) -> str:
    """Of a budget what it is of: one that is set again takes the row of the last one."""
    return f"{plan.cycle.value} {plan.category or ''}" if isinstance(plan, Budget) else str(plan.goal_id)


def _packed(plan: Budget | Goal | None) -> dict[str, Any] | None:
    if plan is None:
        return None
    amount = {"amount": str(plan.amount), "currency": plan.amount.currency}
    if isinstance(plan, Budget):
        rest = {"category": plan.category, "cycle": plan.cycle.value, "rollover": plan.rollover, "carried": plan.carried}
        return {**amount, **rest, "starts_on": plan.starts_on.isoformat()}
    days = {name: day.isoformat() if (day := getattr(plan, name)) is not None else None for name in ("due_on", "planned_on", "reached_on")}
    return {**amount, **days, "name": plan.name, "planned_aside": plan.planned_aside}


def _budget(was: dict[str, Any] | None) -> Budget | None:
    if was is None:
        return None
    amount, starts_on = Money.of(was["amount"], was["currency"]), date.fromisoformat(was["starts_on"])
    return Budget(new_id(), was["category"], amount, Cycle(was["cycle"]), starts_on, was["rollover"], was["carried"])


def _goal(change: Change) -> Goal:
    was = change["before"]
    due, planned, reached = (date.fromisoformat(was[name]) if was[name] else None for name in ("due_on", "planned_on", "reached_on"))
    assert planned is not None, "every goal was planned on a day"
    return Goal(UUID(change["id"]), was["name"], Money.of(was["amount"], was["currency"]), due, planned, was["planned_aside"], reached)


# ------------------------------------------------------------------ taking back


async def undone(scene: Scene) -> bool:
    """ "Undo" where that was the last thing the same person did here: it is what is meant, also where nothing of it is left. False elsewhere."""
    now = forget(scene)
    if now is None or not _is_meant(scene, now):
        return False
    changes = _changes(scene, now["message"])  # none any more where an edit of the message told of them
    told = await _reverted(scene, changes)
    scene.reply("\n".join(told) or scene.say("already_gone" if changes else "nothing_to_undo"))
    return True


def outdated(scene: Scene, intent: Intent) -> None:
    """The same person recorded something since: from now on "undo" means that. To take something else back is no such thing."""
    pressed = scene.turn.button.action.get("do") if scene.turn.button is not None else None
    takes_back = isinstance(intent, TakeBack) or pressed in _UNDOES
    now = scene.state.get(_NOW, {}).get(str(scene.person.person_id))
    if now is None or takes_back or not (scene.bill_ids or scene.effects.count or pressed == _BOOKS):
        return
    message = scene.turn.message.message_id
    if now["message"] != message or not _changes(scene, message, keep=True):  # else it is what this message came to mean
        forget(scene)


def forget(scene: Scene) -> dict[str, str] | None:
    """From now on "undo" of the same person means something else; returns what it would have meant."""
    people = dict(scene.state.get(_NOW, {}))
    now: dict[str, str] | None = people.pop(str(scene.person.person_id), None)
    if now is not None:
        scene.state[_NOW] = people
    return now


async def not_said_any_more(scene: Scene, intent: Intent) -> None:
    """An edited message: what its earlier words made and the present ones do not is as it was before them."""
    changes = _changes(scene, scene.turn.message.message_id, keep=True)
    sets_goal = isinstance(intent, Command) and intent.name == "goal" and intent.slots.get("do") == "set"
    if not changes or (sets_goal and goal_of_message(scene) is not None) or await _is_same(scene, intent, changes):
        return
    told = await _reverted(scene, _changes(scene, scene.turn.message.message_id))
    if told:
        scene.reply("\n".join(told))


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
    found = next((each for each in changes if each["kind"] == "goal" and each["before"] is None and UUID(each["book"]) in scene.own_books), None)
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
    """The newest first; what each says of it, with its book. Who may not arrange things there any more takes nothing back."""
    here, told = scene.book_id, []
    await scene.uow.load_books([UUID(each["book"]) for each in changes], lock=False)
    for book_id in dict.fromkeys(UUID(each["book"]) for each in reversed(changes)):
        try:
            await _enter(scene, book_id)
        except DomainError as problem:
            told.append(scene.refusal(problem))
            continue
        own = [each for each in reversed(changes) if UUID(each["book"]) == book_id]
        texts = [await (_revert_budget if each["kind"] == "budget" else _revert_goal)(scene, each) for each in own]
        if any(texts):
            told.append(facts.in_book(scene, "\n".join(filter(None, texts))))
    if scene.book_id != here:
        await scene.move_to(here)
    return told


async def _enter(scene: Scene, book_id: UUID) -> None:
    """Raises as move_to and rights.may."""
    if book_id not in scene.own_books:
        await scene.move_to(book_id)
    if scene.shared:
        may(scene, Action.ARRANGE)


async def _revert_budget(scene: Scene, change: Change) -> str:
    """Only what still is as the message left it: what somebody made of it since stays. Nothing is said where it is as before the message."""
    book_id, before = UUID(change["book"]), _budget(change["before"])
    there = next((each for each in await budgets.of_book(scene.uow, book_id) if _key(each) == change["id"]), None)
    if _packed(there) == change["before"]:
        return ""
    merged = before is not None and before.category is not None and scene.book.categories.resolve(before.category) != before.category
    if _packed(there) != change["after"] or merged:
        named = before or _budget(change["after"])
        return scene.say("budget_changed_since", what=_label(scene, named)) if named is not None else ""
    if before is not None:
        await budgets.keep(scene.uow, book_id, before)
        known = {"before": there.amount} if there is not None and there.amount != before.amount else {}
        return scene.say("budget_changed" if known else "budget_set", **_sized(scene, before), **known)
    assert there is not None, "else it would be as before"
    await budgets.remove(scene.uow, book_id, there.budget_id)
    return scene.say("budget_removed", **_sized(scene, there))


def _label(scene: Scene, budget: Budget) -> str:
    return label(scene.voice, budget.category, scene.book.categories)


def _sized(scene: Scene, budget: Budget) -> dict[str, object]:
    return {"what": _label(scene, budget), "amount": budget.amount, "cycle": scene.say(f"budget_{budget.cycle}")}


async def _revert_goal(scene: Scene, change: Change) -> str:
    """The same of a goal. A new one with which something lies stays."""
    book_id, before = UUID(change["book"]), change["before"]
    there = await _standing(scene, change)
    stands = _packed(there.goal) if there is not None else None
    if stands == before:
        return ""
    if stands != change["after"] or (before is None and there is not None and there.progress.aside):
        named = there.goal.name if there is not None else (before or change["after"])["name"]
        return scene.say("goal_changed_since", what=opening(scene.voice.name(named)))
    if before is None:
        assert there is not None, "else it would be as before"
        await rows.drop(scene.uow, book_id, there.goal.goal_id, on=scene.book_today)
        return scene.say("goal_dropped", what=called(scene.voice, there))
    await rows.keep(scene.uow, book_id, _goal(change))
    await rows.revive(scene.uow, book_id, UUID(change["id"]))
    there = await _standing(scene, change)
    return "\n".join(lines(scene, there)) if there is not None else ""


async def _standing(scene: Scene, change: Change) -> Standing | None:
    found = await goals.standings(scene.uow, [UUID(change["book"])], today=scene.book_today)
    return next((each for each in found if _key(each.goal) == change["id"]), None)
