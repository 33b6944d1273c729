"""Tips: what could be saved, the best one first, with the bills that show it; what somebody thinks of one is kept. Of one's own parts, alone."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bot.conversation.handlers import facts, queries
from bot.conversation.intents import Command
from bot.conversation.replies.formats import Voice, opening
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import tips as rows
from core.domain.budgets import about
from core.domain.categories import Categories
from core.domain.money import Money
from core.domain.tips.history import What
from core.domain.tips.ranking import Tip
from core.services import tips
from core.services.tips import Reader, Said

MORE = 3  # at a time
EVIDENCE_MOST = 10
_LAST, _MEANT = "last_tip", timedelta(days=1)


async def best(scene: Scene, command: Command) -> None:
    """ "Any tips?": the one that is worth most."""
    await _tell(scene, most=1)


async def more(scene: Scene, command: Command) -> None:
    await _tell(scene, most=MORE)


async def answered(scene: Scene, command: Command) -> None:
    """What was said of the tip that was told last, in words; where none was, it means nothing."""
    last = scene.state.get(_LAST)
    if last is None or scene.now - datetime.fromisoformat(last["at"]) > _MEANT:
        scene.reply(scene.say("hint_short"))
    elif command.slots["value"] == "more":
        await _tell(scene, most=MORE)
    else:
        del scene.state[_LAST]
        await scene.move_to(scene.home_id)
        await _answer(scene, last["rule"], liked=command.slots["value"] == "good")


async def _tell(scene: Scene, *, most: int) -> None:
    reader = await _reader(scene)
    said = await tips.find(scene.uow, reader, today=scene.today, history=scene.rates)
    if not said.tips:
        scene.reply(_nothing(scene, said))
        return
    shown = said.tips[:most]
    scene.state[_LAST] = {"rule": shown[-1].rule.name, "at": scene.now.isoformat()}
    await tips.keep_shown(scene.uow, reader, shown, today=scene.today)
    for tip in shown:
        scene.reply(sentence(scene.voice, scene.book.categories, tip, said.currency), *buttons(scene.voice, scene.home_id, tip))


async def _reader(scene: Scene) -> Reader:
    """The sender at home, whatever group they look at."""
    await scene.move_to(scene.home_id)
    books = await queries.all_books(scene)
    own = {book: [position.member_id for position in scene.uow.book(book).positions_of(scene.person.person_id)] for book in books}
    return Reader(own, scene.own_books, scene.book.currency, scene.book.payday)


def _nothing(scene: Scene, said: Said) -> str:
    if said.ready_on is not None:
        return scene.say("tips_early", day=said.ready_on)
    return scene.say("tips_none") if said.again_on is None else scene.say("tips_again", day=said.again_on)


# ------------------------------------------------------------------ the words of one


def sentence(voice: Voice, kinds: Categories, tip: Tip, currency: str) -> str:
    """What was counted, and what could be left a month. `kinds`: the categories of the reader's own book."""
    found = tip.found
    amounts = {name: Money(minor, currency) for name, minor in found.amounts.items()}
    what, other = (opening(named(voice, kinds, each)) for each in (found.what, _other(tip)))
    text = voice.say(f"tip_{tip.rule.measure}", what=what, other=other, count=len(found.evidence), **amounts, **found.counts)
    return f"{text} {_saving(voice, tip, currency)}"


def _saving(voice: Voice, tip: Tip, currency: str) -> str:
    low, saving, high = (about(Money(minor, currency)) for minor in (tip.found.low, tip.found.saving, tip.found.high))
    if tip.rule.measure in _ONCE:
        return voice.say("tip_once")
    if saving.minor == 0:
        return voice.say("tip_saves", amount=Money(tip.found.saving, currency))
    return voice.say("tip_saves", amount=saving) if low == high else voice.say("tip_saves_range", amount=saving, low=low, high=high)


_ONCE = ("twice", "owed")  # money that comes back once, and no sum a month


def _other(tip: Tip) -> What:
    """What a swap compares with."""
    return What("occasion", tip.rule.other_occasion) if tip.rule.other_occasion else What("category", tip.rule.other_category)


def named(voice: Voice, kinds: Categories, what: What) -> str:
    """As people of the language call it."""
    match what.kind:
        case "category":
            return voice.category(kinds.get(what.name))
        case "occasion":
            return voice.say(f"occasion_{what.name}")
        case "place":
            return opening(voice.name(what.name) or voice.say("what_default"))
    return voice.say("budget_all")


def buttons(voice: Voice, home_id: UUID, tip: Tip) -> tuple[Button, ...]:
    """Under a tip. `home_id`: the reader's own book."""
    target = {"book": str(home_id), "rule": tip.rule.name}
    labels = (("button_tip_show", "tip_show"), ("button_tip_good", "tip_good"), ("button_tip_bad", "tip_bad"))
    return tuple(Button(voice.say(label), {"do": action, **target}) for label, action in labels)


# ------------------------------------------------------------------ pressed


async def show(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    """The bills by which it was counted, newest first, with one's own parts of them."""
    tip = await tips.found_by(scene.uow, await _reader(scene), action["rule"], today=scene.today, history=scene.rates)
    if tip is None:
        scene.reply(scene.say("tip_gone"))
        return
    newest = sorted(tip.found.evidence, key=lambda each: (each.on, each.bill_id), reverse=True)
    lines = [scene.say("list_title", book=opening(named(scene.voice, scene.book.categories, tip.found.what)))]
    for part in newest[:EVIDENCE_MOST]:
        day = scene.voice.day(part.on, year=part.on.year != scene.today.year)
        amount = Money(part.minor, scene.book.currency)
        lines.append(scene.say("list_line_alone", day=day, what=facts.what(scene, part.title), amount=amount, category=scene.category(part.category)))
    if len(newest) > EVIDENCE_MOST:
        lines.append(scene.say("tip_evidence_more", count=len(newest) - EVIDENCE_MOST))
    scene.reply("\n".join(lines))


async def like(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    await _answer(scene, action["rule"], liked=True)


async def dislike(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    await _answer(scene, action["rule"], liked=False)


async def _answer(scene: Scene, rule: str, *, liked: bool) -> None:
    await rows.keep_answer(scene.uow, scene.book_id, rule, liked=liked)
    scene.reply(scene.say("tip_liked" if liked else "tip_disliked"))


COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[Any, Any, None]]] = {
    "tips": best,
    "more_tips": more,
    "tip_said": answered,
}
ACTIONS: dict[str, Callable[[Scene, dict[str, Any], UUID | None], Coroutine[Any, Any, None]]] = {
    "tip_show": show,
    "tip_good": like,
    "tip_bad": dislike,
}
SINGLE_USE = frozenset({"tip_good", "tip_bad"})
