"""Reminders of what is owed: only where whoever is owed asks for one, by day, seldom, and never to who wants none. Sends none itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.handlers import facts, payments
from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from core.db import payment_manners, payment_reminders
from core.domain.reminders import by_day
from core.services import dues

EVERY = timedelta(days=3)  # of one debt


async def remind(scene: Scene, command: Command) -> None:
    """ "Remind Bob": of what he owes the sender, in the book at hand, or at home in whichever group."""
    said: list[str] = []
    for name in command.slots["people"].split(","):
        said.append(await _remind_named(scene, name))
    scene.reply("\n".join(dict.fromkeys(said)))


async def pressed(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    scene.reply(facts.in_book(scene, await _remind(scene, scene.first(UUID(action["from"])))))


async def _remind_named(scene: Scene, name: str) -> str:
    for book_id in await payments.books(scene):
        debtor, me = payments.named(scene, book_id, name), scene.uow.book(book_id).member_of(scene.person.person_id)
        if debtor is not None and me is not None and await _owes(scene, book_id, debtor, me.member_id):
            await scene.move_to(book_id)
            return facts.in_book(scene, await _remind(scene, debtor))
    return scene.say("no_debt", sender=scene.voice.name(name), receiver=scene.voice.name(scene.person.name))


async def _owes(scene: Scene, book_id: UUID, debtor: UUID, creditor: UUID) -> bool:
    found = await dues.dues(scene.uow, book_id)
    return any((due.sender, due.receiver) == (debtor, creditor) and due.amount for due in found)


async def _remind(scene: Scene, debtor: UUID) -> str:
    """Have a member reminded as soon as manners allow; what is said of that."""
    name, me = scene.name(debtor), scene.me.member_id
    person_id = scene.book.member(debtor).person_id
    if person_id is None:
        return scene.say("remind_guest", name=name)
    if not await _owes(scene, scene.book_id, debtor, me):
        return scene.say("no_debt", sender=name, receiver=scene.name(me))
    manners = await payment_manners.of_person(scene.uow, person_id)
    if manners.quiet:
        return scene.say("remind_unwanted", name=name)
    zone = ZoneInfo(manners.time_zone or scene.book.time_zone)
    asked = await payment_reminders.find(scene.uow, scene.book_id, sender=debtor, receiver=me)
    if asked is not None and asked.reminded_at is not None and scene.now - asked.reminded_at < EVERY:
        return scene.say("remind_lately", name=name, day=(asked.reminded_at + EVERY).astimezone(zone).date())
    at = by_day(scene.now, zone=zone)
    await payment_reminders.plan(scene.uow, scene.book_id, sender=debtor, receiver=me, at=at)
    if at > scene.now:
        return scene.say("remind_will_later", names=name, day=at.astimezone(zone).date())
    return scene.say("remind_will", names=name)


async def stop(scene: Scene, command: Command) -> None:
    """ "Stop reminding me": in all groups."""
    await payment_manners.be_quiet(scene.uow, scene.person.person_id, since=scene.now)
    scene.reply(scene.say("reminders_off"))


async def resume(scene: Scene, command: Command) -> None:
    await payment_manners.be_quiet(scene.uow, scene.person.person_id, since=None)
    scene.reply(scene.say("reminders_on"))
