"""Goals: set, changed and dropped; money put aside for them and taken out; how they stand. What is put aside is no spending."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import date
from uuid import UUID

from bot.conversation.handlers import facts, made, questions
from bot.conversation.handlers.expenses import undo_button
from bot.conversation.handlers.goal_lines import by_day, called, line, lines
from bot.conversation.handlers.rights import may
from bot.conversation.intents import Command, Nothing, Question, Understanding
from bot.conversation.scene import News, Scene
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.domain.people import Action
from core.services import goals
from core.services.goals import Standing

Slots = dict[str, str]


async def act(scene: Scene, command: Command) -> None:
    """What the slot `do` says. Raises DomainError `goal_amount`, `goal_past`, `goal_currency`, `goal_too_much`, and those of rights."""
    await _DO[command.slots["do"]](scene, command.slots)


# ------------------------------------------------------------------ which goal


async def _all(scene: Scene) -> list[Standing]:
    return await goals.standings(scene.uow, scene.own_books, today=scene.book_today)


async def _again(scene: Scene, standing: Standing) -> Standing:
    """The same as it stands now."""
    return next(each for each in await _all(scene) if each.goal.goal_id == standing.goal.goal_id)


async def _meant(scene: Scene, slots: Slots) -> Standing | None:
    """The one goal that is meant; None where that is asked, or said that there is none."""
    found = await _all(scene)
    if "goal" in slots:
        fitting = [each for each in found if each.goal.goal_id == UUID(slots["goal"])]
    else:
        fitting = goals.called(found, slots["name"]) if slots.get("name") else found
    if len(fitting) == 1:
        if fitting[0].book_id != scene.book_id:
            await scene.move_to(fitting[0].book_id)
        return fitting[0]
    if fitting:
        options = tuple((each.goal.name, Command("goal", {**slots, "goal": str(each.goal.goal_id)})) for each in fitting)
        questions.ask(scene, Understanding(Nothing(), "goal.which", question=Question("goal_which", {}, options)))
    else:
        _tell_none(scene, found, slots)
    return None


def _tell_none(scene: Scene, found: Sequence[Standing], slots: Slots) -> None:
    """That there is no such goal; a sentence that may have meant something else is none of ours where nobody has a goal, or in a group."""
    if "maybe" in slots and (scene.in_group or not found):
        if not scene.in_group:
            scene.reply(scene.say("hint_short"))
        return
    if not found or not slots.get("name"):
        scene.reply(facts.in_book(scene, scene.say("goals_none")))
        return
    there = scene.voice.listing(called(scene.voice, each) for each in found)
    scene.reply(facts.in_book(scene, scene.say("goal_unknown", what=scene.voice.name(slots["name"]), there=there)))


# ------------------------------------------------------------------ setting and changing


def _amount(slots: Slots, standing: Standing | None = None) -> Money | None:
    """The amount that was said; a bare number is in the goal's own currency. Raises DomainError `too_many_decimals`."""
    if "amount" not in slots:
        return None
    said = Money.of(slots["amount"], slots["currency"])
    return said if standing is None or "said" in slots else Money.of(said.decimal.normalize(), standing.goal.amount.currency)


def _due(slots: Slots) -> date | None:
    return date.fromisoformat(slots["due"]) if "due" in slots else None


async def _set(scene: Scene, slots: Slots) -> None:
    """A new one; of a name that there is, another amount or day."""
    if scene.shared:
        may(scene, Action.ARRANGE)
    found = await _all(scene)
    same = [each for each in goals.called(found, slots["name"]) if each.goal.name.casefold() == slots["name"].casefold()]
    if (edited := next((each for each in found if (each.book_id, each.goal.goal_id) == made.goal_of_message(scene)), None)) is not None:
        await _said_anew(scene, edited, slots, taken=bool(same) and same[0].goal != edited.goal)
        return
    alike = same or (goals.called(found, slots["name"]) if slots.get("verb") == "save" else [])
    if alike and slots.get("verb") == "save" and "due" not in slots:
        _ask_what(scene, alike[0], slots)
    elif same:
        await _changed(scene, same[0], slots)
    else:
        amount = _amount(slots)
        assert amount is not None, "a goal is set with its amount"
        goal = await goals.set_up(scene.uow, scene.book_id, name=slots["name"], amount=amount, due_on=_due(slots), today=scene.book_today)
        made.note(scene, scene.book_id, before=None, after=goal)
        standing = next(each for each in await _all(scene) if each.goal.goal_id == goal.goal_id)
        how = [] if goal.due_on is not None else [scene.say("goal_by_when")]
        scene.reply(facts.in_book(scene, "\n".join([_sized(scene, "goal_set", standing), *lines(scene, standing)[1:], *how])))


def _sized(scene: Scene, code: str, standing: Standing, **more: object) -> str:
    """With the day, where it has one."""
    common = {"what": called(scene.voice, standing), "amount": standing.goal.amount}
    if standing.goal.due_on is None:
        return scene.say(f"{code}_open", **common, **more)
    return scene.say(code, **common, due=by_day(scene, standing), **more)


def _ask_what(scene: Scene, standing: Standing, slots: Slots) -> None:
    """ "Save 50 for the bike", where there is that goal: so much is put aside, or that is what it costs now."""
    one = {"goal": str(standing.goal.goal_id), "name": standing.goal.name}
    rest = {name: value for name, value in slots.items() if name != "verb"}
    options = (("goal_aside", Command("goal", {**rest, **one, "do": "aside"})), ("goal_anew", Command("goal", {**rest, **one, "do": "change"})))
    amount, shown = _amount(slots, standing), called(scene.voice, standing)
    assert amount is not None, "the sentence has one"
    question = Question("goal_or_aside", {}, options)
    questions.ask(scene, Understanding(Nothing(), "goal.or_aside", question=question), what=shown, amount=scene.voice.amount(amount))


async def _said_anew(scene: Scene, standing: Standing, slots: Slots, *, taken: bool) -> None:
    """The goal that earlier words of this message set, in its present ones. `taken`: another goal is called so."""
    if standing.book_id != scene.book_id:
        await scene.move_to(standing.book_id)
    text, earlier = "", standing.goal
    if slots["name"] != standing.goal.name and not taken:
        await goals.rename(scene.uow, standing, slots["name"])
        standing, before = await _again(scene, standing), standing
        text = scene.say("goal_renamed", before=called(scene.voice, before), what=called(scene.voice, standing))
    amount, due = _amount(slots, standing), _due(slots) or standing.goal.due_on
    if (amount, due) != (standing.goal.amount, standing.goal.due_on):
        was = _sized(scene, "goal_sized", standing)
        await goals.change(scene.uow, standing, today=scene.book_today, amount=amount, due_on=due)
        standing = await _again(scene, standing)
        text = "\n".join([*([text] if text else []), _sized(scene, "goal_changed", standing, was=was)])
    made.note(scene, standing.book_id, before=earlier, after=standing.goal)
    scene.reply(facts.in_book(scene, "\n".join([*([text] if text else []), *lines(scene, standing)])))


async def _change(scene: Scene, slots: Slots) -> None:
    if (standing := await _meant(scene, slots)) is not None:
        if scene.shared:
            may(scene, Action.ARRANGE)
        await _changed(scene, standing, slots)


async def _changed(scene: Scene, standing: Standing, slots: Slots) -> None:
    """Another amount, day or name, with what it was."""
    if "new" in slots:
        await goals.rename(scene.uow, standing, slots["new"])
        now = await _again(scene, standing)
        text = scene.say("goal_renamed", before=called(scene.voice, standing), what=called(scene.voice, now))
    else:
        await goals.change(scene.uow, standing, today=scene.book_today, amount=_amount(slots, standing), due_on=_due(slots))
        now = await _again(scene, standing)
        text = _sized(scene, "goal_changed", now, was=_sized(scene, "goal_sized", standing))
    made.note(scene, now.book_id, before=standing.goal, after=now.goal)
    scene.reply(facts.in_book(scene, "\n".join([text, *lines(scene, now)])))


async def _drop(scene: Scene, slots: Slots) -> None:
    """What lay with it is free again, which can be taken back."""
    if (standing := await _meant(scene, slots)) is None:
        return
    if scene.shared:
        may(scene, Action.ARRANGE)
    entries = await goals.drop(scene.uow, standing, today=scene.book_today, effects=scene.effects, now=scene.now)
    if not entries:
        made.note(scene, standing.book_id, before=standing.goal, after=None)  # else it is what "undo" brings back
    freed = [scene.say("goal_freed", amount=standing.aside)] if entries else []
    _tell_moved(scene, entries, " ".join([scene.say("goal_dropped", what=called(scene.voice, standing)), *freed]))


# ------------------------------------------------------------------ money


async def _aside(scene: Scene, slots: Slots) -> None:
    """Of the sender; what reaches the goal is said once."""
    if (standing := await _meant(scene, slots)) is None:
        return
    amount = _amount(slots, standing)
    assert amount is not None, "the sentence has one"
    entry = goals.put_aside(scene.uow, standing, amount, member=scene.me.member_id, on=_on(scene, slots), effects=scene.effects, now=scene.now)
    now = await _again(scene, standing)
    reached = [scene.say("goal_reached", what=called(scene.voice, now))] if await goals.reach(scene.uow, now, today=scene.book_today) else []
    _tell_moved(scene, [entry], "\n".join([_moved_text(scene, [entry]), *lines(scene, now), *reached]), now)


async def _out(scene: Scene, slots: Slots) -> None:
    if (standing := await _meant(scene, slots)) is None:
        return
    amount = _amount(slots, standing)
    assert amount is not None, "the sentence has one"
    on, me = _on(scene, slots), scene.me.member_id
    entries = await goals.take_out(scene.uow, standing, amount, member=me, on=on, effects=scene.effects, now=scene.now)
    now = await _again(scene, standing)
    _tell_moved(scene, entries, "\n".join([_moved_text(scene, entries), *lines(scene, now)]), now)


def _on(scene: Scene, slots: Slots) -> date:
    """The day that was said, of those that are over or today."""
    return min(date.fromisoformat(slots["on"]), scene.book_today) if "on" in slots else scene.book_today


def _moved_text(scene: Scene, entries: Sequence[JournalEntry]) -> str:
    return f"{facts.saved(scene, entries)}{facts.when(scene, entries[0])}."


def _tell_moved(scene: Scene, entries: Sequence[JournalEntry], text: str, now: Standing | None = None) -> None:
    """The answer, with the way back; those who do not read the group's chat are told too."""
    scene.bill_ids += [entry.bill_id for entry in entries]
    buttons = (undo_button(scene, [entry.bill_id for entry in entries]),) if entries else ()
    scene.reply(facts.in_book(scene, text), *buttons, about=entries[0].bill_id if entries else None)

    async def told(view: Scene) -> str:
        return "\n".join([_moved_text(view, entries), *([line(view, now)] if now is not None else [])])

    if scene.shared and entries:
        scene.news.append(News(scene.book_id, told, about=entries[0].bill_id))


# ------------------------------------------------------------------ how they stand


async def _show(scene: Scene, slots: Slots) -> None:
    """Those that are meant, or all."""
    found = await _all(scene)
    shown = goals.called(found, slots["name"]) if "name" in slots else found
    if shown:
        scene.reply(facts.in_book(scene, "\n".join(text for each in shown for text in lines(scene, each))))
    else:
        _tell_none(scene, found, slots)


_DO: dict[str, Callable[[Scene, Slots], Coroutine[None, None, None]]] = {
    "set": _set,
    "change": _change,
    "drop": _drop,
    "aside": _aside,
    "out": _out,
    "show": _show,
}
COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[None, None, None]]] = {"goal": act}
