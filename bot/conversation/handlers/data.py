"""What belongs to the person: everything out ("export me"), everything gone ("delete me")."""

from __future__ import annotations

import json
from uuid import UUID

from bot.conversation.handlers import facts, mail
from bot.conversation.handlers.telling import voice_in
from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import addresses, privacy
from core.db.erasure import erase_person
from core.domain.messages import Document
from core.services import exports

FORMS = {"csv": "csv", "xlsx": "xlsx", "excel": "xlsx", "json": "json", "beancount": "beancount", "hledger": "hledger"}


async def export(scene: Scene, command: Command) -> None:
    """All that is kept of the person, as one JSON document in a private chat; in a group, or where a form is named, the book at hand alone."""
    form = FORMS.get(command.slots.get("form", ""), "csv" if scene.in_group or scene.elsewhere is not None else None)
    if not scene.turn.capabilities.documents:
        scene.reply(scene.say("export_no_files"))
    elif form is not None:
        await export_book(scene, form)
    else:
        await export_person(scene)


async def export_book(scene: Scene, form: str) -> None:
    """The book at hand as a file for a spreadsheet, for plain-text accounting, or for another Tuppence."""
    if scene.writer is None:
        return
    file = await exports.book_file(scene.uow, scene.book_id)
    document = scene.writer.write(file, form, title=scene.book.name, currency=scene.book.currency)
    scene.reply_file(facts.in_book(scene, scene.say("export_book", count=len(file.rows), file=document.name)), document)


async def export_person(scene: Scene) -> None:
    await scene.uow.load_books(scene.person.books, lock=False)
    await scene.uow.flush()
    kept = await privacy.export_person(scene.uow, scene.person.person_id)
    count = sum(len(book.get("entries", [])) for book in kept.get("books", []))
    books = len(kept.get("books", []))
    said = scene.say("export_ready", books=scene.say("books_counted", count=books), count=count)
    document = json.dumps(kept, ensure_ascii=False, indent=1, default=str)
    scene.reply_file(said, Document("tuppence.json", "application/json", document))


async def ask_delete(scene: Scene, command: Command) -> None:
    """Nothing is deleted before the person says so once more."""
    if scene.in_group:
        return
    if scene.verified:  # the code that was sent back is the yes
        await delete(scene)
        return
    mine = (scene.person.person_id,)
    scene.state["pending"] = {"kind": "delete", "asker": str(scene.person.person_id)}
    scene.reply(
        scene.say("delete_ask"),
        Button(scene.say("button_delete"), {"do": "delete_me"}, mine),
        Button(scene.say("button_keep"), {"do": "keep_me"}, mine),
    )


async def delete(scene: Scene, *, edits: UUID | None = None) -> None:
    """The goodbye is the last letter to the person: their chat's address is kept until it is delivered, and no longer."""
    said = scene.say("delete_done")
    await scene.uow.load_books(scene.person.books)
    await scene.uow.flush()
    scene.reply(said, edits=edits)
    for address in await addresses.addresses_of(scene.uow, scene.person.person_id):
        if address.conversation_id not in (None, scene.chat_id):
            scene.reply(voice_in(scene, address.channel, scene.voice.language).say("delete_done"), to=address.conversation_id, urgency="safety")
    await mail.warn(scene, scene.person.person_id, said)
    scene.state.clear()
    await erase_person(scene.uow, scene.person.person_id, now=scene.now)
