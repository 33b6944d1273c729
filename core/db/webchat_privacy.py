"""The web chat's copies of what belongs to a person: handed over, erased, and taken out of what Tuppence said to others.

Knows web people and their chats, not the bot's people: whom to erase it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from core.db.session import UnitOfWork
from core.db.webchat import WAKE_CHANNEL, new_web_id
from core.db.webchat_files import blob_key
from core.domain.people import FORMER

NAMELESS = "You"  # as the page calls whoever opens it for the first time
PAGE = 500  # messages looked at together: what is decrypted is not all held at once
EMPTY: dict[str, Any] = {"text": ""}

Rewrite = Callable[[str], str]
AboutBill = Callable[[str], bool]


@dataclass(slots=True)
class Left:
    """What is left of an erased web person: the names they had, and the blobs that nobody can read any more."""

    names: list[str] = field(default_factory=list)
    blob_keys: list[str] = field(default_factory=list)


# ------------------------------------------------------------------ everything out


async def export_web_person(uow: UnitOfWork, web_id: str) -> dict[str, Any] | None:
    """Name, chats with the messages written there (in the private one also what Tuppence said), and all files. JSON values.

    None where the web chat knows no such person.
    """
    person = await uow.connection.fetchrow("SELECT name, data_key, created_at FROM web_people WHERE id = $1 AND session_id IS NOT NULL", web_id)
    if person is None:
        return None
    chats = await uow.connection.fetch(
        """SELECT c.id, c.kind, c.title, c.data_key, m.joined_at, m.left_at FROM web_members m JOIN web_chats c ON c.id = m.chat_id
        WHERE m.person_id = $1 ORDER BY m.joined_at, c.id""",
        web_id,
    )
    files = await uow.connection.fetch("SELECT id, media_type, bytes, created_at FROM web_files WHERE person_id = $1 ORDER BY created_at", web_id)
    return {
        "name": uow.keys.decrypt(person["data_key"], person["name"]).decode(),
        "since": person["created_at"].isoformat(),
        "chats": [await _export_chat(uow, chat, web_id) for chat in chats],
        "photos": [{"id": file["id"], "type": file["media_type"], "bytes": file["bytes"], "at": _time(file["created_at"])} for file in files],
    }


async def _export_chat(uow: UnitOfWork, chat: asyncpg.Record, web_id: str) -> dict[str, Any]:
    rows = await uow.connection.fetch(
        """SELECT kind, sender_id, body, created_at, edited_at FROM web_messages
        WHERE chat_id = $1 AND kind <> 'cleared' AND (sender_id = $2 OR only_for = $2 OR $3 AND sender_id IS NULL) ORDER BY seq""",
        chat["id"],
        web_id,
        chat["kind"] == "private",
    )
    return {
        "kind": chat["kind"],
        "title": uow.keys.decrypt(chat["data_key"], chat["title"]).decode(),
        "joined": _time(chat["joined_at"]),
        "left": _time(chat["left_at"]),
        "messages": [_export_message(orjson.loads(uow.keys.decrypt(chat["data_key"], row["body"])), row) for row in rows],
    }


def _export_message(body: dict[str, Any], row: asyncpg.Record) -> dict[str, Any]:
    by = "Tuppence" if row["sender_id"] is None else "you"
    shown = {"at": _time(row["created_at"]), "by": by, "kind": row["kind"], "text": body.get("text", "")}
    if row["edited_at"] is not None:
        shown["edited"] = _time(row["edited_at"])
    if body.get("files"):
        shown["photos"] = [file[0] for file in body["files"]]
    return shown


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


# ------------------------------------------------------------------ everything gone


async def erase_web_person(uow: UnitOfWork, web_id: str, *, about_bill: Callable[[str], Any], now: datetime) -> Left:
    """Take a person out of the web chat: the private chat is cleared for whoever comes next, in groups a nameless former member stays.

    The browser keeps its chat and gets a new person in it. `about_bill(chat_id)` gives the test whether a message of ours in that chat speaks
    of a bill; other answers to the person echo what they wrote, and go with it. Nothing happens where the web chat knows no such person.
    """
    keys, left = uow.keys, Left()
    person = await uow.connection.fetchrow(
        "SELECT session_id, name, data_key FROM web_people WHERE id = $1 AND session_id IS NOT NULL FOR UPDATE", web_id
    )
    if person is None:
        return left
    left.names.append(keys.decrypt(person["data_key"], person["name"]).decode())
    new_key = keys.new_data_key()
    await uow.execute(
        "UPDATE web_people SET session_id = NULL, request_id = '', data_key = $2, name = $3 WHERE id = $1",
        web_id,
        new_key,
        keys.encrypt(new_key, FORMER.encode()),
    )
    chats = await uow.connection.fetch(
        """SELECT c.id, c.kind, c.data_key, c.last_change, m.left_at, EXISTS (
          SELECT 1 FROM web_members o JOIN web_people p ON p.id = o.person_id WHERE o.chat_id = c.id AND p.session_id IS NOT NULL) AS others
        FROM web_members m JOIN web_chats c ON c.id = m.chat_id WHERE m.person_id = $1 ORDER BY c.id FOR UPDATE OF c""",
        web_id,
    )
    for chat in chats:
        if chat["kind"] == "private":
            await _clear(uow, chat, web_id, left, session_id=person["session_id"], now=now)
        elif chat["others"]:
            await _leave(uow, chat, web_id, left, about_bill=await about_bill(chat["id"]), now=now)
        else:
            await _delete_chat(uow, chat["id"], left)
    await uow.execute("SELECT pg_notify($1, $2)", WAKE_CHANNEL, person["session_id"])
    return left


async def _clear(uow: UnitOfWork, chat: asyncpg.Record, web_id: str, left: Left, *, session_id: str, now: datetime) -> None:
    """An empty chat with a new key and a new person in it. One line of kind "cleared" tells pages that still show what was there."""
    keys, key, fresh_key, fresh_id = uow.keys, uow.keys.new_data_key(), uow.keys.new_data_key(), new_web_id()
    await _delete_content(uow, chat["id"], left)
    await uow.execute("DELETE FROM web_members WHERE chat_id = $1", chat["id"])
    await uow.execute(
        "INSERT INTO web_people (id, session_id, request_id, data_key, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        fresh_id, session_id, f"after/{fresh_id}", fresh_key, keys.encrypt(fresh_key, NAMELESS.encode()), now,
    )  # fmt: skip
    await uow.execute("INSERT INTO web_members (chat_id, person_id, joined_at) VALUES ($1, $2, $3)", chat["id"], fresh_id, now)
    await uow.execute(
        "UPDATE web_chats SET data_key = $2, title = $3, request_id = $4, created_at = $5 WHERE id = $1",
        chat["id"], key, keys.encrypt(key, b""), f"private/{fresh_id}", now,
    )  # fmt: skip
    await _add_line(uow, chat, kind="cleared", sealed=keys.encrypt(key, orjson.dumps(EMPTY)), now=now)


async def _leave(uow: UnitOfWork, chat: asyncpg.Record, web_id: str, left: Left, *, about_bill: AboutBill, now: datetime) -> None:
    """The person's messages keep their place in the group without what they said; answers that quote them go too."""
    await _delete_files(uow, "chat_id = $1 AND person_id = $2", left, chat["id"], web_id)
    answers = await uow.connection.fetch(
        """SELECT w.id FROM web_messages w JOIN web_messages own ON own.id = w.to_message AND own.sender_id = $2
        WHERE w.chat_id = $1 AND w.sender_id IS NULL AND w.kind = 'reply'""",
        chat["id"],
        web_id,
    )
    await uow.execute("DELETE FROM web_messages WHERE chat_id = $1 AND (sender_id = $2 AND kind = 'press' OR only_for = $2)", chat["id"], web_id)
    own = await uow.connection.fetch(
        "SELECT id FROM web_messages WHERE chat_id = $1 AND sender_id = $2 AND kind IN ('text', 'photo') ORDER BY seq", chat["id"], web_id
    )
    gone = [row["id"] for row in own] + [row["id"] for row in answers if not about_bill(row["id"])]
    empty = orjson.dumps(EMPTY)
    change = await _change(uow, chat, [(each, uow.keys.encrypt(chat["data_key"], empty)) for each in gone], removed=True)
    if chat["left_at"] is None:
        await uow.execute("UPDATE web_members SET left_at = $3 WHERE chat_id = $1 AND person_id = $2", chat["id"], web_id, now)
        sealed = uow.keys.encrypt(chat["data_key"], empty)
        await _add_line(uow, {**chat, "last_change": change}, kind="leave", sealed=sealed, now=now, sender_id=web_id)


async def _change(uow: UnitOfWork, chat: Any, bodies: Sequence[tuple[str, bytes]], *, removed: bool) -> int:
    """Give messages of a locked chat new bodies and the next numbers, so that live readers learn of it. Returns the chat's newest number."""
    change: int = chat["last_change"]
    if not bodies:
        return change
    also = ", kind = 'removed', version = 0, accepted_version = 0, edited_at = NULL, request_id = NULL" if removed else ""
    await uow.execute(
        f"""UPDATE web_messages w SET body = n.body, change = n.change{also}
        FROM unnest($1::text[], $2::bigint[], $3::bytea[]) n (id, change, body) WHERE w.id = n.id""",
        [message_id for message_id, _ in bodies],
        [change + number for number in range(1, len(bodies) + 1)],
        [body for _, body in bodies],
    )
    await _advance(uow, chat["id"], change + len(bodies))
    return change + len(bodies)


async def _add_line(uow: UnitOfWork, chat: Any, *, kind: str, sealed: bytes, now: datetime, sender_id: str | None = None) -> None:
    """A line that the inbox is not told of: what it stands for has happened already."""
    change = chat["last_change"] + 1
    await uow.execute(
        "INSERT INTO web_messages (chat_id, seq, id, change, kind, sender_id, accepted_version, body, created_at)"
        " VALUES ($1, $2, $3, $2, $4, $5, 0, $6, $7)",
        chat["id"], change, new_web_id(), kind, sender_id, sealed, now,
    )  # fmt: skip
    await _advance(uow, chat["id"], change)


async def _advance(uow: UnitOfWork, chat_id: str, change: int) -> None:
    await uow.execute("UPDATE web_chats SET last_change = $2 WHERE id = $1", chat_id, change)
    await uow.execute("SELECT pg_notify($1, $2)", WAKE_CHANNEL, chat_id)


async def _delete_chat(uow: UnitOfWork, chat_id: str, left: Left) -> None:
    """A group that nobody is left in."""
    await _delete_content(uow, chat_id, left)
    await uow.execute("DELETE FROM web_members WHERE chat_id = $1", chat_id)
    await uow.execute("DELETE FROM web_chats WHERE id = $1", chat_id)


async def _delete_content(uow: UnitOfWork, chat_id: str, left: Left) -> None:
    await _delete_files(uow, "chat_id = $1", left, chat_id)
    await uow.execute("DELETE FROM web_messages WHERE chat_id = $1", chat_id)


async def _delete_files(uow: UnitOfWork, where: str, left: Left, *values: str) -> None:
    """The rows hold the keys: from the commit on the blobs are noise, and they are deleted after it."""
    left.blob_keys += [blob_key(row["id"]) for row in await uow.connection.fetch(f"SELECT id FROM web_files WHERE {where}", *values)]
    await uow.execute(f"DELETE FROM web_files WHERE {where}", *values)


# ------------------------------------------------------------------ what others were told


async def rewrite_replies(uow: UnitOfWork, chat_id: str, rewrite: Rewrite) -> None:
    """Pass every text and button label of Tuppence's in a chat through `rewrite`. Nothing happens where there is no such chat."""
    row = await uow.connection.fetchrow("SELECT id, data_key, last_change FROM web_chats WHERE id = $1 FOR UPDATE", chat_id)
    if row is None:
        return
    chat = dict(row)
    after = 0
    while True:
        rows = await uow.connection.fetch(
            "SELECT id, seq, body FROM web_messages WHERE chat_id = $1 AND sender_id IS NULL AND kind IN ('reply', 'toast') AND seq > $2"
            " ORDER BY seq LIMIT $3", chat_id, after, PAGE,
        )  # fmt: skip
        if not rows:
            return
        after = rows[-1]["seq"]
        bodies = [(row["id"], orjson.loads(uow.keys.decrypt(chat["data_key"], row["body"]))) for row in rows]
        changed = [(message_id, new) for message_id, body in bodies if (new := rewritten(body, rewrite)) != body]
        last = await _change(
            uow, chat, [(message_id, uow.keys.encrypt(chat["data_key"], orjson.dumps(new))) for message_id, new in changed], removed=False
        )
        chat["last_change"] = last


def rewritten(body: dict[str, Any], rewrite: Rewrite) -> dict[str, Any]:
    """A stored body of ours with its text, the labels of its buttons and the lines of its receipt passed through `rewrite`."""
    new = {**body, "text": rewrite(body.get("text", ""))}
    if "choices" in body:
        new["choices"] = [[choice[0], rewrite(choice[1])] for choice in body["choices"]]
    if "receipt" in body:
        new["receipt"] = {**body["receipt"], "lines": [[number, rewrite(words)] for number, words in body["receipt"]["lines"]]}
    return new
