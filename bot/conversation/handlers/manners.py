"""How somebody, or a group, wants to be told what nobody asked for: muted, less, in one letter, and at which hours not. Tells nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from bot.conversation.handlers import alerts
from bot.conversation.handlers.alerts import owner_of, zone_of
from bot.conversation.handlers.rights import may
from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from core.db import notices
from core.domain.notices import TOPICS, Manners, Pace, Topic, Wish, checked_quiet, next_look
from core.domain.people import Action
from core.domain.reminders import DAY_BEGINS

LATELY = timedelta(days=60)  # what was told before is not what "less of this" means


async def _change(scene: Scene, change: Callable[[Manners], Manners]) -> Manners:
    """Of the sender; in a group's chat of the group, by whoever may arrange things there."""
    if scene.in_group:
        may(scene, Action.ARRANGE)
    changed = change(await notices.manners(scene.uow, owner_of(scene)))
    await notices.keep(scene.uow, owner_of(scene), changed, look_at=next_look(changed, scene.now, zone=zone_of(scene)))
    return changed


def _topic_text(scene: Scene, topic: Topic) -> str:
    return scene.say(f"alerts_topic_{topic}")


async def mute(scene: Scene, command: Command) -> None:
    """Everything or a topic, until a day or until it is taken back."""
    topic = Topic(command.slots["topic"]) if "topic" in command.slots else None
    if "until" in command.slots:
        await _mute_until(scene, topic, date.fromisoformat(command.slots["until"]))
    elif topic is not None:
        await _wish(scene, topic, Wish.MUTED)
    else:
        await _change(scene, lambda manners: replace(manners, pace=Pace.OFF))
        scene.reply(scene.say("alerts_off"))


async def _mute_until(scene: Scene, topic: Topic | None, until: date) -> None:
    """In the morning of that day what still holds is told."""
    morning = datetime.combine(until, DAY_BEGINS, tzinfo=zone_of(scene))
    if morning <= scene.now:
        scene.reply(scene.say("alerts_muted_past"))
    elif topic is None:
        await _change(scene, lambda manners: replace(manners, muted_until=morning))
        scene.reply(scene.say("alerts_muted_until", day=until))
    else:
        await _change(scene, lambda manners: replace(manners, rests={**manners.rests, topic: morning}))
        scene.reply(scene.say("alerts_muted_topic_until", topic=_topic_text(scene, topic), day=until))


async def less(scene: Scene, command: Command) -> None:
    """Of a topic, or of what was told last."""
    if "topic" in command.slots:
        await _less_of(scene, Topic(command.slots["topic"]))
        return
    told = await notices.kinds_since(scene.uow, owner_of(scene), scene.now - LATELY)
    if told:
        await _less_of(scene, TOPICS[list(told)[-1]])
    elif not scene.in_group:  # there people say that of other things
        scene.reply(scene.say("alerts_less_what"))


async def less_pressed(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    await _less_of(scene, Topic(action["topic"]))


async def _less_of(scene: Scene, topic: Topic) -> None:
    """Who wanted less already wants none."""
    before = await notices.manners(scene.uow, owner_of(scene))
    await _wish(scene, topic, Wish.MUTED if topic in before.wishes else Wish.LESS)


async def _wish(scene: Scene, topic: Topic, wish: Wish) -> None:
    await _change(scene, lambda manners: replace(manners, wishes={**manners.wishes, topic: wish}))
    scene.reply(scene.say("alerts_less" if wish is Wish.LESS else "alerts_muted_topic", topic=_topic_text(scene, topic)))


async def unmute(scene: Scene, command: Command) -> None:
    """Of a topic, or all that was ever muted or wanted less."""
    topic = Topic(command.slots["topic"]) if "topic" in command.slots else None

    def louder(manners: Manners) -> Manners:
        wishes = {each: wish for each, wish in manners.wishes.items() if topic not in (None, each)}
        rests = {each: until for each, until in manners.rests.items() if topic not in (None, each)}
        return replace(manners, wishes=wishes, rests=rests, muted_until=None, pace=Pace.ONCE if manners.pace is Pace.OFF else manners.pace)

    await _change(scene, louder)
    scene.reply(scene.say("alerts_on"))


async def set_pace(scene: Scene, command: Command) -> None:
    pace = Pace(command.slots["pace"])
    await _change(scene, lambda manners: replace(manners, pace=pace))
    scene.reply(scene.say(f"alerts_{pace}"))


async def set_quiet(scene: Scene, command: Command) -> None:
    """Hours in which the sender is written to only to answer. Raises DomainError `quiet_hours_same`."""
    hours = hours_of(command)
    await _change(scene, lambda manners: replace(manners, quiet=hours))
    scene.reply(_quiet_text(scene, "quiet_own", hours) if hours is not None else scene.say("quiet_own_none"))


def hours_of(command: Command) -> tuple[time, time] | None:
    """From when until when; None: no more. Raises DomainError `quiet_hours_same`."""
    if not command.slots:
        return None
    return checked_quiet(time.fromisoformat(command.slots["from"]), time.fromisoformat(command.slots["until"]))


def _quiet_text(scene: Scene, code: str, hours: tuple[time, time]) -> str:
    begins, ends = (f"{hour:%H:%M}" for hour in hours)
    return scene.say(code, begins=begins, ends=ends)


async def settings(scene: Scene) -> str:
    """What differs from how everybody is told, in sentences; nothing where nothing does."""
    manners = await notices.manners(scene.uow, owner_of(scene))
    said = [_quiet_text(scene, "settings_quiet", manners.quiet)] if manners.quiet is not None else []
    said += [scene.say(f"settings_alerts_{manners.pace}")] if manners.pace is not Pace.ONCE else []
    if manners.muted_until is not None and manners.muted_until > scene.now:
        said.append(scene.say("settings_alerts_muted", day=manners.muted_until.astimezone(zone_of(scene)).date()))
    for wish, code in ((Wish.MUTED, "settings_alerts_without"), (Wish.LESS, "settings_alerts_less")):
        topics = [_topic_text(scene, topic) for topic in Topic if manners.wishes.get(topic) is wish]
        said += [scene.say(code, topics=topics)] if topics else []
    for topic, until in manners.rests.items():
        if until > scene.now:
            said.append(scene.say("settings_alerts_resting", topic=_topic_text(scene, topic), day=until.astimezone(zone_of(scene)).date()))
    return " ".join(said)


COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[Any, Any, None]]] = {
    "mute_alerts": mute,
    "less_alerts": less,
    "unmute_alerts": unmute,
    "pace_alerts": set_pace,
}
ACTIONS: dict[str, Callable[[Scene, dict[str, Any], UUID | None], Coroutine[Any, Any, None]]] = {
    "alert_show": alerts.show,
    "alert_less": less_pressed,
    "alert_budget": alerts.say_how,
}
