"""Reports that come by themselves: planned, listed, stopped. They are sent by a job."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.handlers import facts, mail
from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from core.db import report_schedules
from core.db.ids import new_id
from core.db.report_schedules import Standing
from core.domain.mail import veiled
from core.domain.recurrence import Every
from core.domain.reports import next_moment

MORNING = time(9)
_MONDAY = 1
_FORMS = {"chart": "png"}
_LENGTHS = {(Every.MONTH, 3): "quarter", (Every.MONTH, 6): "half"}


async def plan(scene: Scene, command: Command) -> None:
    """From now on; another one of the same length takes the earlier one's place. Raises DomainError of mail.mailbox."""
    there = await mail.mailbox(scene) if "mail" in command.slots else None
    slots, own = command.slots, not scene.in_group and scene.book_id == scene.home_id
    every, interval = Every(slots["every"]), int(slots.get("interval", 1))
    weekday = int(slots.get("weekday", _MONDAY)) if every is Every.WEEK else None
    at = time.fromisoformat(slots["at"]) if "at" in slots else MORNING
    zone = (scene.person.time_zone if own else None) or scene.book.time_zone
    wish = Standing(
        schedule_id=new_id(),
        person_id=scene.person.person_id,
        conversation_id=scene.chat_id,
        book_id=None if own else scene.book_id,
        every=every,
        weekday=weekday,
        at=at,
        zone=zone,
        form=_FORMS.get(slots.get("form", ""), slots.get("form", "text")),
        language=scene.voice.language,
        next_at=next_moment(every, weekday=weekday, at=at, zone=ZoneInfo(zone), after=scene.now, interval=interval),
        interval=interval,
        by_mail=there is not None,
    )
    await report_schedules.keep(scene.uow, wish)
    day = wish.next_at.astimezone(ZoneInfo(zone)).date()
    if there is None:
        said = scene.say("reports_planned", rhythm=rhythm(scene, wish), day=day)
    else:
        said = scene.say("reports_planned_mail", rhythm=rhythm(scene, wish), day=day, address=veiled(there.address))
    scene.reply(facts.in_book(scene, said))


async def show(scene: Scene, command: Command) -> None:
    found = await report_schedules.of_chat(scene.uow, scene.chat_id)
    codes = {False: "reports_line", True: "reports_line_mail"}
    days = [each.next_at.astimezone(ZoneInfo(each.zone)).date() for each in found]
    lines = [scene.say(codes[each.by_mail], rhythm=rhythm(scene, each), day=day) for each, day in zip(found, days, strict=True)]
    scene.reply("\n".join(lines) or scene.say("reports_none"))


async def stop(scene: Scene, command: Command) -> None:
    """All of this chat."""
    found = await report_schedules.of_chat(scene.uow, scene.chat_id)
    await report_schedules.stop(scene.uow, scene.chat_id)
    scene.reply(scene.say("reports_stopped" if found else "reports_none"))


def rhythm(scene: Scene, wish: Standing) -> str:
    """ "Every Monday at 09:00"."""
    named = {"weekday": scene.voice.weekday(wish.weekday)} if wish.weekday is not None else {}
    code = _LENGTHS.get((wish.every, wish.interval), wish.every if wish.interval == 1 else f"{wish.every}s")
    return scene.say(f"reports_every_{code}", at=f"{wish.at:%H:%M}", count=wish.interval, **named)


COMMANDS: dict[str, Callable[[Scene, Command], Coroutine[Any, Any, None]]] = {
    "schedule_report": plan,
    "show_reports": show,
    "stop_reports": stop,
}
