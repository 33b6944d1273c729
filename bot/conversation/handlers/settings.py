"""Currency, language, time zone and name: guessed, shown and changed by a sentence."""

from __future__ import annotations

from bot.conversation.guesses import time_zone_of, zone
from bot.conversation.handlers import chronicle, manners
from bot.conversation.handlers.agreements import agree
from bot.conversation.handlers.telling import label
from bot.conversation.intents import Command
from bot.conversation.language import speak
from bot.conversation.replies.catalogue import languages
from bot.conversation.scene import Scene
from core.db import group_log, people
from core.db.group_log import Change, Kind
from core.domain.currencies import is_currency
from core.domain.people import DefaultSplit
from core.errors import DomainError
from core.services import membership


async def show(scene: Scene, command: Command) -> None:
    common = {
        "currency": scene.book.currency,
        "language": scene.voice.language_name(scene.voice.language),
        "time_zone": scene.person.time_zone or scene.book.time_zone,
    }
    if not scene.shared:
        preferred = scene.person.preferred_channel
        where = " " + scene.say("channel_preferred", channel=label(scene.voice, preferred)) if preferred else ""
        scene.reply(f"{scene.say('settings', **common)}{where} {await manners.settings(scene)}".rstrip())
        return
    split = scene.say("split_everyone" if scene.book.default_split is DefaultSplit.EVERYONE else "split_none")
    text = scene.say("settings_group", book=scene.voice.name(scene.book.name), split=split, **common)
    if scene.book.settles_in is not None:
        text += " " + scene.say("settings_settles_in", currency=scene.book.settles_in)
    scene.reply(text)


async def set_currency(scene: Scene, command: Command) -> None:
    """For the book at hand; in a private chat for the person too."""
    code = command.slots.get("currency", "").upper()
    if not is_currency(code):
        raise DomainError("unknown_currency", currency=scene.voice.name(command.slots.get("said", code)))
    if not scene.shared:
        scene.person = await people.update_person(scene.uow, scene.person.person_id, currency=code)
    counted = people.update_book(scene.uow, scene.book_id, currency=code, currency_said=True)
    await agree(scene, counted, lambda view: view.say("currency_set", currency=code))


async def set_language(scene: Scene, command: Command) -> None:
    language = command.slots.get("language", "")
    if language not in languages():
        scene.reply(scene.say("language_unknown", known=", ".join(scene.voice.language_name(known) for known in languages())))
        return
    spoken = people.update_book(scene.uow, scene.book_id, language=language) if scene.elsewhere is not None else speak(scene, language)
    await agree(scene, spoken, lambda view: view.say("language_set", language=view.voice.language_name(language)))


async def set_time_zone(scene: Scene, command: Command) -> None:
    found = time_zone_of(command.slots.get("time_zone", ""))
    if found is None:
        scene.reply(scene.say("time_zone_unknown", place=scene.voice.quoted(command.slots.get("said", ""))))
        return
    scene.person = await people.update_person(scene.uow, scene.person.person_id, time_zone=found)
    await people.update_book(scene.uow, scene.person.personal_book_id, time_zone=found)
    scene.reply(scene.say("time_zone_set", time_zone=found, time=f"{scene.now.astimezone(zone(found)):%H:%M}"))


async def set_name(scene: Scene, command: Command) -> None:
    """The person's name here; look-alikes in the book are refused."""
    name = membership.checked_name(command.slots.get("name", ""))
    taken = scene.book.named(name)
    if taken is not None and taken.member_id != scene.me.member_id:
        raise DomainError("name_taken", name=scene.voice.name(name))
    scene.person = await people.update_person(scene.uow, scene.person.person_id, name=name, name_said=True)
    await membership.call_oneself(scene.uow, scene.book_id, scene.me, name, now=scene.now)
    scene.reply(scene.say("name_set", name=scene.voice.name(name)))


async def set_default_split(scene: Scene, command: Command) -> None:
    value = DefaultSplit(command.slots.get("value", "everyone"))
    shared_so = people.update_book(scene.uow, scene.book_id, default_split=value, default_weights={})
    await agree(scene, shared_so, lambda view: view.say("default_split_set", split=view.say(f"split_{value}")))


async def set_answers(scene: Scene, command: Command) -> None:
    """How a group is told of what was clear: by a reaction alone, where the channel has them, or by words."""
    if scene.elsewhere is not None:
        raise DomainError("in_its_chat")
    if not scene.in_group or not scene.turn.capabilities.reactions:
        scene.reply(scene.say("answers_set"))
        return
    only_react = command.slots.get("value") == "react"
    changes = await note_answers(scene, before=bool(scene.state.get("only_react")), after=only_react)
    scene.state["only_react"] = only_react
    scene.reply(" ".join([scene.say("react_set" if only_react else "answers_set"), *chronicle.was(scene, changes)]))


async def note_answers(scene: Scene, *, before: bool, after: bool) -> list[Change]:
    """It is the chat's own, so no book tells what it was."""
    if before == after:
        return []
    change = Change(Kind.ANSWERS, scene.me.member_id, before="react" if before else "words", after="react" if after else "words")
    await group_log.add(scene.uow, scene.book_id, change, now=scene.now)
    return [change]
