"""In which language a chat is answered: guessed from the channel, heard in the first messages, said in words, and then kept."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation.intents import BankAlert, Command, Nothing, Understanding
from bot.conversation.parsing import names_of, telling_words
from bot.conversation.parsing.tongues import lead
from bot.conversation.replies.catalogue import languages
from bot.conversation.scene import Scene
from core.db import people
from core.domain.messages import InboundKind

# Leads. A first message beyond doubt decides, and so do two likely ones with none of another language between.
BEYOND_DOUBT, LIKELY = 4, 3
WORDS_LEAST = 2
_KEPT, _HEARD = "language_kept", "language_heard"


async def hear(scene: Scene, understood: Understanding) -> None:
    """Let the first messages decide, in a group those that mean something to us.

    What is clearly in the chat's own language settles it as well, so that it never changes twice.
    """
    message = scene.turn.message
    if scene.state.get(_KEPT) or message.kind is not InboundKind.TEXT or message.forwarded or isinstance(understood.intent, BankAlert):
        return
    if scene.in_group and isinstance(understood.intent, Nothing):
        return
    if isinstance(understood.intent, Command) and "code" in understood.intent.slots:
        return  # the letters of a code are no words
    others = tuple(member.name for member in scene.book.members if member.member_id != scene.me.member_id)
    if len(telling_words(message.text)) < WORDS_LEAST:
        return
    words = telling_words(message.text, names_of(others, ""))
    before = scene.state.get(_HEARD)
    told, ahead = lead(words, scene.voice.language)
    likely = told if ahead >= LIKELY and told in languages() else ""
    if likely and (told == scene.voice.language or (before is None and ahead >= BEYOND_DOUBT) or before == likely):
        await speak(scene, likely)
    else:
        scene.state[_HEARD] = likely or before or ""  # short notes between tell nothing


async def speak(scene: Scene, language: str) -> None:
    """Answer this chat in `language` from now on: a group by its book, alone the person wherever they write."""
    scene.state.pop(_HEARD, None)
    scene.state[_KEPT] = True
    if language == scene.voice.language:
        return
    scene.voice = replace(scene.voice, language=language)
    if scene.in_group:
        await people.update_book(scene.uow, scene.home_id, language=language)
        return
    await people.update_book(scene.uow, scene.person.personal_book_id, language=language)
    scene.person = await people.update_person(scene.uow, scene.person.person_id, language=language)
