"""One person over several channels: linking by a code that both sides confirm, unlinking, and where the person is written to."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bot.conversation.handlers import checks, mail
from bot.conversation.handlers.telling import label, voice_in
from bot.conversation.intents import Command
from bot.conversation.replies.formats import Voice
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import addresses, ledger, linking, people
from core.db.addresses import OwnAddress
from core.domain.people import name_key
from core.errors import DomainError
from core.services import linking as links

Action = dict[str, Any]


async def link(scene: Scene, command: Command) -> None:
    """ "link": a code to be written elsewhere. "link CODE": written here."""
    code = "".join(character for character in command.slots.get("code", "").upper() if character.isalnum())
    if code:
        await propose(scene, code)
        return
    if checks.is_due(scene):
        checks.hold(scene, {"action": {"do": "link_start", **command.slots}, "outbox": None, "button": ""}, scene.say("check_link_start"))
        return
    await show_code(scene, command.slots.get("channel", ""))


async def show_code(scene: Scene, channel: str) -> None:
    code = await links.start(scene.uow, scene.person, chat=scene.chat_id, now=scene.now)
    wanted = named_channel(scene, channel)
    where = label(scene.voice, wanted) if wanted else scene.say("channel_other")
    scene.reply(scene.say("link_code", channel=where, code=f"{code[:5]}-{code[5:]}"))


async def propose(scene: Scene, code: str) -> None:
    """Both sides see who the other is; nothing is linked before both have said yes."""
    proposed = await links.propose(scene.uow, code, scene.person, chat=scene.chat_id, now=scene.now)
    if proposed is None:
        scene.reply(scene.say("no_such_link_code"))
        return
    name, language = await linking.person_facts(scene.uow, proposed.starter_id)
    where = await linking.chat_channel(scene.uow, proposed.starter_chat)
    question = scene.say("link_question", name=scene.voice.name(name), place=await place(scene, scene.voice, where, proposed.starter_id))
    action: Action = {"do": "link_yes", "link": str(proposed.link_id)}
    if checks.is_due(scene):  # the code proves what a yes could not: that the true owner of the number has read who is joining
        checks.hold_press(scene, action, question)
    else:
        scene.reply(question, *answers(scene.voice, action, scene.person.person_id, yes="button_link_join", no="button_plain_no"))
    there = voice_in(scene, where, language)
    asked = there.say(
        "link_asked",
        name=there.name(scene.person.name),
        place=await place(scene, there, scene.turn.message.address.channel, scene.person.person_id),
    )
    scene.reply(
        asked, *answers(there, action, proposed.starter_id, yes="button_its_me", no="button_not_me"), to=proposed.starter_chat, urgency="safety"
    )


def answers(voice: Voice, action: Action, person_id: UUID, *, yes: str, no: str) -> tuple[Button, ...]:
    return (
        Button(voice.say(yes), action, (person_id,)),
        Button(voice.say(no), {**action, "do": "link_no"}, (person_id,)),
    )


async def place(scene: Scene, voice: Voice, channel: str, person_id: UUID) -> str:
    """ "WhatsApp (…34)": the channel, and what tells this number from others."""
    hints = [each.hint for each in await addresses.addresses_of(scene.uow, person_id) if each.channel == channel and each.hint]
    return f"{label(voice, channel)} ({hints[0]})" if hints else label(voice, channel)


async def agree(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """One side's yes; with the second the two are one."""
    mine = scene.person.personal_book_id
    agreed = await links.agree(scene.uow, UUID(action["link"]), scene.person.person_id, chat=scene.chat_id, now=scene.now)
    link = agreed.link
    other_chat = link.joiner_chat if scene.chat_id == link.starter_chat else link.starter_chat
    assert other_chat is not None, "an agreed link has two sides"
    other_channel = await linking.chat_channel(scene.uow, other_chat)
    if not agreed.linked:
        scene.reply(scene.say("link_half", channel=label(scene.voice, other_channel)), edits=outbox_id)
        return
    owns = await addresses.addresses_of(scene.uow, link.starter_id)
    for chat, voice in ((None, scene.voice), (other_chat, voice_in(scene, other_channel, scene.voice.language))):
        text = await linked_text(scene, voice, [each.channel for each in owns], agreed.twice, apart=agreed.old_book_id)
        scene.reply(text, edits=outbox_id if chat is None else None, to=chat, urgency="reply" if chat is None else "notification")
    await mail.warn(scene, link.starter_id, text)
    await mail.tell_left(scene, agreed.mailbox, link.starter_id)
    if scene.person.person_id != link.starter_id and scene.book_id == mine:
        scene.state.pop("entered", None)


async def linked_text(scene: Scene, voice: Voice, channels: list[str], twice: list[UUID], *, apart: UUID | None) -> str:
    """What is one now, whether an older book is read along, and the groups in which the person was twice."""
    text = [voice.say("linked", channels=[label(voice, channel) for channel in dict.fromkeys(channels)])]
    if apart is not None and await ledger.bills(scene.uow, apart, kinds=ledger.ALL_KINDS, limit=1):
        text.append(voice.say("linked_books"))
    text += [voice.say("linked_twice", book=voice.name(scene.uow.book(book).name)) for book in twice]
    return " ".join(text)


async def refuse(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """One side's no: the link is dead, and the other side is told."""
    link = await links.refuse(scene.uow, UUID(action["link"]), scene.person.person_id, chat=scene.chat_id, now=scene.now)
    scene.state.pop("check", None)
    scene.reply(scene.say("link_refused"), edits=outbox_id)
    other = link.joiner_chat if scene.chat_id == link.starter_chat else link.starter_chat
    assert other is not None, "a refused link has two sides"
    voice = voice_in(scene, await linking.chat_channel(scene.uow, other), scene.voice.language)
    scene.reply(voice.say("link_was_refused"), to=other, urgency="safety")


async def answer_waiting(scene: Scene, *, yes: bool) -> bool:
    """ "Yes" and "no" in words, where a link waits for this person's word in this chat. False where none does."""
    waiting = None if scene.in_group else await linking.waiting_link(scene.uow, person_id=scene.person.person_id, chat=scene.chat_id, now=scene.now)
    if waiting is None:
        return False
    action: Action = {"do": "link_yes" if yes else "link_no", "link": str(waiting)}
    if yes and checks.is_due(scene):
        checks.hold_press(scene, action, scene.say("check_link"))
    else:
        await (agree if yes else refuse)(scene, action, None)
    return True


# ------------------------------------------------------------------ which channels, and which first


async def channels(scene: Scene, command: Command) -> None:
    """ "Where am I?": in a private chat alone."""
    if scene.in_group:
        return
    own = await addresses.addresses_of(scene.uow, scene.person.person_id)
    shown = [titled(scene.voice, each) for each in own]
    preferred = scene.person.preferred_channel
    text = scene.say("channels", channels=shown)
    if preferred is not None:
        text += " " + scene.say("channel_preferred", channel=label(scene.voice, preferred))
    scene.reply(text if len(own) > 1 else f"{text} {scene.say('channels_hint')}")


def titled(voice: Voice, address: OwnAddress) -> str:
    return f"{label(voice, address.channel)} {address.hint}".strip()


def named_channel(scene: Scene, words: str) -> str | None:
    """The channel that people call so: by its label, its other names, or its own."""
    wanted = name_key(words)
    if not wanted:
        return None
    for channel in scene.turn.channels:
        also = scene.say(f"channel_also_{channel}") if scene.voice.has(f"channel_also_{channel}") else ""
        if wanted in {name_key(channel), name_key(label(scene.voice, channel)), *map(name_key, also.split(","))}:
            return channel
    return None


async def prefer(scene: Scene, command: Command) -> None:
    """ "Write to me on WhatsApp": what is told to the person alone goes there."""
    words = command.slots.get("channel", "")
    own = {each.channel for each in await addresses.addresses_of(scene.uow, scene.person.person_id)}
    channel = named_channel(scene, words) if words else scene.turn.message.address.channel
    if channel not in own:
        raise DomainError("no_such_channel", channel=label(scene.voice, channel) if channel else scene.voice.name(words))
    assert channel is not None, "one of the person's own"
    scene.person = await people.update_person(scene.uow, scene.person.person_id, preferred_channel=channel)
    scene.reply(scene.say("channel_preferred", channel=label(scene.voice, channel)))


async def unlink(scene: Scene, command: Command) -> None:
    """ "unlink whatsapp", "unlink this": that address leaves the person."""
    words = command.slots.get("channel", "")
    own = await addresses.addresses_of(scene.uow, scene.person.person_id)
    if words:
        channel = named_channel(scene, words)
        found = [each for each in own if each.channel == channel]
        if not found:
            raise DomainError("no_such_channel", channel=label(scene.voice, channel) if channel else scene.voice.name(words))
    else:
        found = [each for each in own if each.address_hash == this_address(scene)]
    if len(found) == 1:
        await drop(scene, found[0])
        return
    mine = (scene.person.person_id,)
    choices = [Button(titled(scene.voice, each), {"do": "unlink", "address": each.address_hash.hex()}, mine) for each in found]
    scene.reply(scene.say("ask_which"), *choices)


async def unlink_chosen(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    own = await addresses.addresses_of(scene.uow, scene.person.person_id)
    found = [each for each in own if each.address_hash.hex() == action["address"]]
    if not found:
        raise DomainError("already_gone")
    await drop(scene, found[0], edits=outbox_id)


async def drop(scene: Scene, address: OwnAddress, *, edits: UUID | None = None) -> None:
    await links.unlink(scene.uow, scene.person, address)
    if address.conversation_id == scene.chat_id:
        scene.state.clear()
    said = scene.say("unlinked", channel=titled(scene.voice, address))
    scene.reply(said, edits=edits)
    await mail.warn(scene, scene.person.person_id, said)


def this_address(scene: Scene) -> bytes:
    """The hash of the address from which this message came."""
    return people.person_hash(scene.uow.keys, scene.turn.message.address, scene.turn.message.sender.user)
