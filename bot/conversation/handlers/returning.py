"""Back from a number that was silent for long: proved by what was recorded last, or by a member of a shared group."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bot.conversation.handlers.linking import answer_waiting, place, this_address
from bot.conversation.handlers.mail import tell_left
from bot.conversation.handlers.telling import readers_of, voice_in
from bot.conversation.intents import Command, ParseContext, RecordExpenses
from bot.conversation.parsing import parse
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import linking, mailboxes
from core.errors import DomainError
from core.services import linking as links
from core.services.linking import Proof

Action = dict[str, Any]


async def come_back(scene: Scene, command: Command) -> None:
    """ "It's me", with or without the last thing recorded. Also a yes to a link that waits, since people say it so."""
    if scene.in_group or await answer_waiting(scene, yes=True):
        return
    address = this_address(scene)
    said = command.slots.get("proof", "")
    if said:
        proof = proof_in(said, scene)
        before = await mailboxes.of_person(scene.uow, scene.person.person_id)
        proved = proof is not None and await links.prove(scene.uow, scene.person, address, proof, now=scene.now)
        scene.reply(scene.say("welcome_back" if proved else "not_recorded_last"))
        if proved:
            await tell_left(scene, before, await linking.owner_of(scene.uow, address))
        return
    was = await links.detached(scene.uow, address)
    name, _ = await linking.person_facts(scene.uow, was.person_id)
    for book_id in await links.ask_to_vouch(scene.uow, was, now=scene.now):
        await ask_group(scene, book_id, was.person_id, name)
    scene.reply(scene.say("vouch_waiting"))


def proof_in(said: str, scene: Scene) -> Proof | None:
    """ "taxi 24" as words and a number."""
    understood = parse(said, ParseContext(now=scene.now))
    if not isinstance(understood.intent, RecordExpenses) or len(understood.intent.expenses) != 1:
        return None
    draft = understood.intent.expenses[0]
    return Proof(draft.description, draft.amount.decimal)


async def ask_group(scene: Scene, book_id: UUID, person_id: UUID, name: str) -> None:
    """In the group's own chat, and alone to whoever is not in it; never to the one who asks."""
    book = scene.uow.book(book_id)
    who = links.vouchers(scene.uow, book_id, person_id)
    action = {"book": str(book_id), "address": this_address(scene).hex(), "fresh": str(scene.person.person_id)}
    for reader in await readers_of(scene, book_id, without=person_id):
        voice = voice_in(scene, reader.channel, reader.language or book.language)
        where = await place(scene, voice, scene.turn.message.address.channel, scene.person.person_id)
        text = voice.say("vouch_ask", name=voice.name(name), place=where, book=voice.name(book.name))
        buttons = (
            Button(voice.say("button_vouch", name=voice.name(name)), {"do": "vouch", **action}, who),
            Button(voice.say("button_plain_no"), {"do": "vouch_no", **action}, who),
        )
        scene.reply(text, *buttons, to=reader.conversation_id, urgency="safety")


async def vouch(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await answer_vouch(scene, action, outbox_id, yes=True)


async def vouch_no(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await answer_vouch(scene, action, outbox_id, yes=False)


async def answer_vouch(scene: Scene, action: Action, outbox_id: UUID | None, *, yes: bool) -> None:
    """A member says who it is: the newcomer hears what came of it."""
    fresh = UUID(action["fresh"])
    if fresh == scene.person.person_id:
        raise DomainError("vouch_gone")
    before = await mailboxes.of_person(scene.uow, fresh)
    was = await links.vouched(scene.uow, bytes.fromhex(action["address"]), fresh_id=fresh, book_id=scene.book_id, yes=yes, now=scene.now)
    name, language = await linking.person_facts(scene.uow, was.person_id)
    shown = scene.voice.name(name)
    scene.reply(scene.say("vouched" if yes else "vouched_not", name=shown), edits=outbox_id)
    voice = voice_in(scene, await linking.chat_channel(scene.uow, was.conversation_id), language)
    told = voice.say("welcome_back" if yes else "not_welcomed_back")
    scene.reply(told, to=was.conversation_id, urgency="safety")
    if yes:
        await tell_left(scene, before, was.person_id)
