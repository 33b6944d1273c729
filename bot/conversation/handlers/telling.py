"""Tells others of a shared book what somebody did: the group's own chat, and alone each member who is not in that chat. Never the doer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from bot.conversation.handlers import facts
from bot.conversation.replies.formats import Voice
from bot.conversation.scene import News, Scene
from core.db import addresses, conversations
from core.db.addresses import Reader


async def tell_news(scene: Scene) -> None:
    """One message a chat and piece of news, in the language and the letters of who reads it."""
    for news in scene.news:
        for reader in await readers(scene, news.book_id):
            await tell(scene, news, reader)


async def tell(scene: Scene, news: News, reader: Reader) -> None:
    book = scene.uow.book(news.book_id)
    member = book.member_of(reader.person_id) if reader.person_id is not None else None
    view = scene.seen_by(member, book_id=news.book_id, voice=voice_in(scene, reader.channel, reader.language or book.language))
    text = await news.text(view)
    if news.signed:
        actor = book.member_of(scene.person.person_id)
        text = view.say("told", name=view.voice.name(actor.name if actor is not None else scene.person.name), text=text)
    text = text if news.names_book else facts.in_book(view, text)
    scene.reply(text, *news.buttons(view), about=news.about, to=reader.conversation_id, urgency="notification", not_before=view.quiet_until)
    if news.card is not None:
        await conversations.note_card(scene.uow, reader.conversation_id, news.card)


async def readers(scene: Scene, book_id: UUID) -> list[Reader]:
    """The chats in which it is told. Whoever is in the group's chat reads it there; the others are written to alone."""
    return await readers_of(scene, book_id, without=scene.person.person_id)


async def readers_of(scene: Scene, book_id: UUID, *, without: UUID) -> list[Reader]:
    at_home = scene.in_group and scene.home_id == book_id
    chats = [] if at_home else await addresses.group_chats(scene.uow, book_id)
    outside = [
        member.person_id
        for member in scene.uow.book(book_id).members
        if member.active and member.person_id not in (None, without) and not member.in_chat
    ]
    alone = await addresses.private_chats(scene.uow, [person for person in outside if person is not None], silent=silent_since(scene))
    return [reader for reader in (*chats, *alone) if reader.conversation_id != scene.chat_id]


async def step_aside(scene: Scene) -> Reader | None:
    """What comes of a message from where nobody reads is told in the person's own chat, in its letters; None where there is none."""
    chats = await addresses.private_chats(scene.uow, [scene.person.person_id], silent=silent_since(scene))
    reader = chats[0] if chats else None
    if reader is not None:
        scene.voice = voice_in(scene, reader.channel, reader.language or scene.book.language)
    scene.state["noted"] = True
    return reader


def answer_in(scene: Scene, reader: Reader | None) -> None:
    """The answers go to that chat, as what nobody asked for just now."""
    ours = [reply for reply in scene.replies if reply.conversation_id is None]
    others = [reply for reply in scene.replies if reply.conversation_id is not None]
    scene.replies = others + [replace(each, conversation_id=reader.conversation_id, urgency="notification") for each in ours if reader is not None]


def silent_since(scene: Scene) -> dict[str, datetime]:
    """Addresses that have not written since then may be somebody else's by now: nothing is told there."""
    days = {name: channel.recycled_days for name, channel in scene.turn.channels.items()}
    return {name: scene.now - timedelta(days=count) for name, count in days.items() if count is not None}


def voice_in(scene: Scene, channel: str, language: str) -> Voice:
    shown = scene.turn.channels.get(channel)
    return Voice(language, plain=shown is not None and not shown.emoji)


def label(voice: Voice, channel: str) -> str:
    """What people call a channel; its own name where the catalogue has no other."""
    code = f"channel_{channel}"
    return voice.say(code) if voice.has(code) else voice.name(channel)
