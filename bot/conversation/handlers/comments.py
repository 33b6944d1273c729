"""What people say about a bill: kept beside it, shown with it, told to who paid."""

from __future__ import annotations

from uuid import UUID

from bot.conversation.handlers import facts, telling
from bot.conversation.handlers.corrections import target_of
from bot.conversation.handlers.rights import may
from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from core.db import addresses, comments
from core.db.comments import Comment
from core.domain.bills import payers_of
from core.domain.ledger import EntryKind, JournalEntry
from core.domain.people import Action, Member
from core.errors import DomainError

TEXT_MOST = 500
SHOWN_MOST = 20


async def comment(scene: Scene, command: Command) -> None:
    """Raises `no_such_bill`, `nothing_here`, `nothing_said`."""
    text = " ".join(command.slots.get("text", "").split())[:TEXT_MOST]
    if not text:
        raise DomainError("nothing_said")
    entry = await target_of(scene, command.slots.get("target", "last"))
    if scene.shared:
        may(scene, Action.COMMENT)
    said = Comment(entry.bill_id, scene.me.member_id, text, scene.now)
    await comments.add(scene.uow, scene.book_id, said, person_id=scene.person.person_id)
    scene.reply(facts.in_book(scene, scene.say("commented", what=facts.titled(scene, entry))), about=entry.bill_id)
    await tell_payer(scene, entry, said)


async def tell_payer(scene: Scene, entry: JournalEntry, said: Comment) -> None:
    """In their own chat, unless they read it in the group's just now."""
    if not scene.shared or entry.kind is not EntryKind.EXPENSE:
        return
    here = scene.in_group and scene.book_id == scene.home_id
    payers = [scene.book.member(scene.first(member)) for member in payers_of(entry)]
    wanted: dict[UUID | None, Member] = {
        m.person_id: m for m in payers if m.active and m.person_id not in (None, scene.person.person_id) and not (here and m.in_chat)
    }
    chats = await addresses.private_chats(scene.uow, [person for person in wanted if person is not None], silent=telling.silent_since(scene))
    for reader in chats:
        voice = telling.voice_in(scene, reader.channel, reader.language or scene.book.language)
        view = scene.seen_by(wanted.get(reader.person_id), book_id=scene.book_id, voice=voice)
        text = view.say("comment_told", name=view.name(said.member_id), what=facts.titled(view, entry), text=voice.quoted(said.text))
        scene.reply(facts.in_book(view, text), about=entry.bill_id, to=reader.conversation_id, urgency="notification", not_before=scene.quiet_until)


async def lines(scene: Scene, bill_id: UUID) -> list[str]:
    """A line a comment, the newest ones."""
    found = await comments.of_bill(scene.uow, scene.book_id, bill_id)
    return [_line(scene, each) for each in found[-SHOWN_MOST:]]


def _line(scene: Scene, said: Comment) -> str:
    when = scene.voice.day(said.said_at.date())
    return scene.say("comment_line", when=when, who=scene.you_or_name(said.member_id), text=scene.voice.quoted(said.text))
