"""The message at the top of a group's chat that shows who owes whom: put there, renewed elsewhere, taken down."""

from __future__ import annotations

from uuid import UUID

from bot.conversation.handlers import facts
from bot.conversation.intents import Command
from bot.conversation.replies.formats import Voice
from bot.conversation.scene import Scene
from core.db import pins
from core.db.ids import new_id
from core.db.pins import Pinned
from core.domain.messages import Pin
from core.domain.people import Book
from core.domain.settlement import Transfer
from core.errors import DomainError

LINES_MOST = 20


async def pin(scene: Scene, command: Command) -> None:
    """Raises `no_pins` where the channel has none, `pin_in_group` where this is not the group's own chat."""
    if not scene.in_group or scene.book_id != scene.home_id:
        raise DomainError("pin_in_group")
    if not scene.turn.capabilities.pins:
        raise DomainError("no_pins")
    await take_down(scene)
    text = shown(scene.voice, scene.book, await facts.plans(scene))
    letter_id = new_id()
    await pins.put(scene.uow, Pinned(scene.book_id, scene.chat_id, letter_id, pins.words_of(scene.uow, text)), now=scene.now)
    scene.reply(text, pin=Pin.UP, letter_id=letter_id)
    if scene.view is not None and scene.view.may_pin is False:
        scene.reply(scene.say("pin_how"))


async def unpin(scene: Scene, command: Command) -> None:
    """Raises `nothing_pinned`."""
    if not await take_down(scene):
        raise DomainError("nothing_pinned")
    scene.reply(facts.in_book(scene, scene.say("unpinned")))


async def take_down(scene: Scene) -> bool:
    """What is at the top of the group's chat goes from there, and says for the last time what is so. Whether there was anything."""
    pinned = await pins.of_book(scene.uow, scene.book_id)
    if pinned is None:
        return False
    await pins.remove(scene.uow, scene.book_id)
    voice = Voice(scene.book.language)
    scene.reply(
        shown(voice, scene.book, await facts.plans(scene)), edits=pinned.outbox_id, to=pinned.conversation_id, urgency="notification", pin=Pin.DOWN
    )
    return True


def shown(voice: Voice, book: Book, moves: list[Transfer[UUID]]) -> str:
    """A line a payment."""
    names = {member.member_id: voice.name(member.name) for member in book.members}
    lines = [voice.say("transfer", sender=names[move.sender], receiver=names[move.receiver], amount=move.amount) for move in moves[:LINES_MOST]]
    return "\n".join([voice.say("pinned_title", book=voice.name(book.name)), *(lines or [voice.say("balances_even")])])
