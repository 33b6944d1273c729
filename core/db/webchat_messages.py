"""The web chat's messages and files: the only queries on those tables. Every change draws the next number of its chat under the chat's lock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from core.db.bodies import decode_receipt, encode_receipt
from core.db.crypto import Keys
from core.db.session import Connection, Database
from core.db.webchat import MEMBERS_LIMIT, WAKE_CHANNEL, new_web_id
from core.domain.messages import ChatKind, Choice, OutboundMessage, ShownReceipt
from core.domain.webchat import WebFile, WebMessage, WebPerson
from core.errors import DomainError, SendError, SendErrorKind


@dataclass(frozen=True, slots=True)
class _Chat:
    chat_id: str
    data_key: bytes
    change: int


class WebMessages:
    """Asked for on behalf of a browser (its session), except `deliver` and `unaccepted`, which are Tuppence's own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def post(
        self, session_id: str, *, chat_id: str, person_id: str, request_id: str, kind: str, text: str = "", to_message: str | None = None,
        button: str | None = None, file_id: str | None = None, now: datetime,
    ) -> WebMessage:  # fmt: skip
        """Store a text, a photo or a press. The same `request_id` again returns the first. DomainError not_found."""
        async with self._database.unit_of_work() as uow:
            connection = uow.connection
            chat = await _lock_as_member(connection, chat_id=chat_id, person_id=person_id, session_id=session_id)
            message_id = await connection.fetchval(
                "SELECT id FROM web_messages WHERE chat_id = $1 AND sender_id = $2 AND request_id = $3", chat_id, person_id, request_id
            )
            if message_id is None:
                if to_message is not None:
                    await _refuse_unknown(connection, chat_id=chat_id, message_id=to_message)
                files = await _own_files(connection, chat_id=chat_id, person_id=person_id, file_id=file_id)
                message_id = await _insert(
                    connection, self._keys, chat, kind=kind, sender_id=person_id, request_id=request_id, to_message=to_message,
                    body=_body(text=text, button=button, files=files), now=now,
                )  # fmt: skip
            return await self._read(connection, message_id)

    async def edit(self, session_id: str, *, chat_id: str, person_id: str, message_id: str, text: str, now: datetime) -> WebMessage:
        """Replace the text of an own message; the same text again changes nothing. DomainError not_found."""
        async with self._database.unit_of_work() as uow:
            chat = await _lock_as_member(uow.connection, chat_id=chat_id, person_id=person_id, session_id=session_id)
            row = await uow.connection.fetchrow(
                "SELECT body FROM web_messages WHERE id = $1 AND chat_id = $2 AND sender_id = $3 AND kind IN ('text', 'photo')",
                message_id, chat_id, person_id,
            )  # fmt: skip
            if row is None:
                raise DomainError("not_found")
            body = orjson.loads(self._keys.decrypt(chat.data_key, row["body"]))
            if body.get("text", "") != text:
                await _replace(uow.connection, self._keys, chat, message_id=message_id, body={**body, "text": text}, now=now)
            return await self._read(uow.connection, message_id)

    async def join(self, session_id: str, *, chat_id: str, person_id: str, code: str | None, now: datetime) -> WebMessage:
        """Add one's person to a group: by its invite, or to one that one made or is in. Again: the first. DomainErrors not_found, group_full."""
        async with self._database.unit_of_work() as uow:
            connection = uow.connection
            chat = await _lock(connection, chat_id)
            invite_hash = self._keys.digest("web invite", code) if code is not None else None
            if chat is None or not await connection.fetchval(_MAY_JOIN, chat_id, session_id, person_id, invite_hash):
                raise DomainError("not_found")
            earlier = await connection.fetchval(_JOINED, chat_id, person_id)
            if earlier is not None:
                return await self._read(connection, earlier)
            if await connection.fetchval("SELECT count(*) FROM web_members WHERE chat_id = $1 AND left_at IS NULL", chat_id) >= MEMBERS_LIMIT:
                raise DomainError("group_full", limit=MEMBERS_LIMIT)
            await connection.execute(
                "INSERT INTO web_members (chat_id, person_id, joined_at) VALUES ($1, $2, $3)"
                " ON CONFLICT (chat_id, person_id) DO UPDATE SET joined_at = $3, left_at = NULL", chat_id, person_id, now,
            )  # fmt: skip
            message_id = await _insert(connection, self._keys, chat, kind="join", sender_id=person_id, body={}, now=now)
            await connection.execute("SELECT pg_notify($1, $2)", WAKE_CHANNEL, session_id)
            return await self._read(connection, message_id)

    async def leave(self, session_id: str, *, chat_id: str, person_id: str, now: datetime) -> WebMessage:
        """DomainError not_found where the person is not in the group (any more)."""
        async with self._database.unit_of_work() as uow:
            chat = await _lock_as_member(uow.connection, chat_id=chat_id, person_id=person_id, session_id=session_id, kind="group")
            message_id = await _insert(uow.connection, self._keys, chat, kind="leave", sender_id=person_id, body={}, now=now)
            await uow.connection.execute(
                "UPDATE web_members SET left_at = $3 WHERE chat_id = $1 AND person_id = $2", chat_id, person_id, now
            )  # fmt: skip
            return await self._read(uow.connection, message_id)

    async def history(self, session_id: str, *, chat_id: str, before: int | None, limit: int) -> tuple[WebMessage, ...]:
        """The newest `limit` messages before place `before`, oldest first; toasts and presses are not among them. DomainError not_found."""
        async with self._database.pool.acquire() as connection:
            if not await connection.fetchval(_SEES, chat_id, session_id):
                raise DomainError("not_found")
            rows = await connection.fetch(_HISTORY, chat_id, before if before is not None else 2**62, limit)
            return tuple(_message(self._keys, row) for row in reversed(rows))

    async def positions(self, session_id: str) -> dict[str, int]:
        """The newest change of every chat that this browser sees."""
        return {row["id"]: row["last_change"] for row in await self._database.pool.fetch(_POSITIONS, session_id)}

    async def changes(self, session_id: str, *, after: dict[str, int], limit: int) -> tuple[WebMessage, ...]:
        """What changed in the chats of `after` since those numbers, in order within each chat. Only chats that this browser sees."""
        rows = await self._database.pool.fetch(_CHANGES, list(after), list(after.values()), session_id, limit)
        return tuple(_message(self._keys, row) for row in rows)

    async def reply(self, session_id: str, message_id: str) -> WebMessage:
        """A message of Tuppence's in a chat that this browser sees. DomainError not_found."""
        row = await self._database.pool.fetchrow(_SEEN_REPLY, message_id, session_id)
        if row is None:
            raise DomainError("not_found")
        return _message(self._keys, row)

    async def accepted(self, message: WebMessage) -> None:
        await self._database.pool.execute(
            "UPDATE web_messages SET accepted_version = greatest(accepted_version, $2) WHERE id = $1", message.message_id, message.version
        )

    async def unaccepted(self, *, before: datetime, limit: int = 100) -> tuple[WebMessage, ...]:
        """People's messages stored before that time which the inbox never took (the process died in between), oldest first."""
        rows = await self._database.pool.fetch(_UNACCEPTED, before, limit)
        return tuple(_message(self._keys, row) for row in rows)

    async def deliver(self, message: OutboundMessage, *, files: tuple[WebFile, ...], now: datetime) -> str:
        """Store one message of Tuppence's, or put it in place of the one it edits. Returns its id. SendError rejected where there is no such chat."""
        async with self._database.unit_of_work() as uow:
            connection = uow.connection
            chat = await _lock(connection, message.address.chat)
            if chat is None:
                raise SendError(SendErrorKind.REJECTED, "no such chat")
            body = _body(text=message.text, choices=message.choices, files=files, receipt=message.receipt)
            if message.edits is not None and not message.toast:
                edited = await self._edit_reply(connection, chat, message_id=message.edits, body=body, now=now)
                if edited:
                    return message.edits
            only_for = await _presser(connection, message) if message.toast else None
            if message.key:
                again = await connection.fetchval(
                    "SELECT id FROM web_messages WHERE chat_id = $1 AND sender_id IS NULL AND request_id = $2", chat.chat_id, message.key
                )
                if again is not None:
                    return str(again)
            return await _insert(
                connection, self._keys, chat, kind="toast" if message.toast else "reply", request_id=message.key or None,
                to_message=message.to_press if message.toast else message.reply_to, only_for=only_for, body=body, now=now,
            )  # fmt: skip

    async def _edit_reply(self, connection: Connection, chat: _Chat, *, message_id: str, body: dict[str, Any], now: datetime) -> bool:
        sealed = await connection.fetchval(
            "SELECT body FROM web_messages WHERE id = $1 AND chat_id = $2 AND sender_id IS NULL AND kind = 'reply'", message_id, chat.chat_id
        )
        if sealed is None:
            return False
        if orjson.loads(self._keys.decrypt(chat.data_key, sealed)) != body:
            await _replace(connection, self._keys, chat, message_id=message_id, body=body, now=now)
        return True

    async def _read(self, connection: Connection, message_id: str) -> WebMessage:
        row = await connection.fetchrow(f"{_SELECT} WHERE w.id = $1", message_id)
        assert row is not None, "a message is only deleted with its sender, and its chat is locked"
        return _message(self._keys, row)


async def _lock(connection: Connection, chat_id: str) -> _Chat | None:
    row = await connection.fetchrow("SELECT data_key, last_change FROM web_chats WHERE id = $1 FOR UPDATE", chat_id)
    return None if row is None else _Chat(chat_id, row["data_key"], row["last_change"] + 1)


async def _lock_as_member(connection: Connection, *, chat_id: str, person_id: str, session_id: str, kind: str | None = None) -> _Chat:
    """Membership is looked at under the lock, so that nobody writes into a group just left."""
    chat = await _lock(connection, chat_id)
    if chat is None or not await connection.fetchval(_IS_MEMBER, chat_id, person_id, session_id, kind):
        raise DomainError("not_found")
    return chat


async def _refuse_unknown(connection: Connection, *, chat_id: str, message_id: str) -> None:
    if not await connection.fetchval(
        "SELECT true FROM web_messages WHERE id = $1 AND chat_id = $2 AND kind NOT IN ('press', 'toast', 'cleared')", message_id, chat_id
    ):
        raise DomainError("not_found")


async def _own_files(connection: Connection, *, chat_id: str, person_id: str, file_id: str | None) -> tuple[WebFile, ...]:
    if file_id is None:
        return ()
    row = await connection.fetchrow(
        "SELECT media_type, bytes FROM web_files WHERE id = $1 AND chat_id = $2 AND person_id = $3", file_id, chat_id, person_id
    )
    if row is None:
        raise DomainError("not_found")
    return (WebFile(file_id, row["media_type"], row["bytes"]),)


async def _presser(connection: Connection, message: OutboundMessage) -> str:
    person_id = await connection.fetchval(
        "SELECT sender_id FROM web_messages WHERE id = $1 AND chat_id = $2 AND kind = 'press'", message.to_press, message.address.chat
    )
    if person_id is None:
        raise SendError(SendErrorKind.REJECTED, "no such press")
    return str(person_id)


async def _insert(
    connection: Connection, keys: Keys, chat: _Chat, *, kind: str, body: dict[str, Any], now: datetime,
    sender_id: str | None = None, request_id: str | None = None, to_message: str | None = None, only_for: str | None = None,
) -> str:  # fmt: skip
    message_id = new_web_id()
    await connection.execute(
        "INSERT INTO web_messages (chat_id, seq, id, change, kind, sender_id, request_id, to_message, only_for, body, created_at)"
        " VALUES ($1, $2, $3, $2, $4, $5, $6, $7, $8, $9, $10)",
        chat.chat_id, chat.change, message_id, kind, sender_id, request_id, to_message, only_for,
        keys.encrypt(chat.data_key, orjson.dumps(body)), now,
    )  # fmt: skip
    await _advance(connection, chat)
    return message_id


async def _replace(connection: Connection, keys: Keys, chat: _Chat, *, message_id: str, body: dict[str, Any], now: datetime) -> None:
    await connection.execute(
        "UPDATE web_messages SET body = $2, change = $3, version = version + 1, edited_at = $4 WHERE id = $1",
        message_id, keys.encrypt(chat.data_key, orjson.dumps(body)), chat.change, now,
    )  # fmt: skip
    await _advance(connection, chat)


async def _advance(connection: Connection, chat: _Chat) -> None:
    await connection.execute("UPDATE web_chats SET last_change = $2 WHERE id = $1", chat.chat_id, chat.change)
    await connection.execute("SELECT pg_notify($1, $2)", WAKE_CHANNEL, chat.chat_id)


def _body(
    *, text: str, button: str | None = None, choices: tuple[Choice, ...] = (), files: tuple[WebFile, ...] = (), receipt: ShownReceipt | None = None
) -> dict[str, Any]:
    body: dict[str, Any] = {"text": text}
    if receipt is not None:
        body["receipt"] = encode_receipt(receipt)
    if button is not None:
        body["button"] = button
    if choices:
        body["choices"] = [[choice.id, choice.label] for choice in choices]
    if files:
        body["files"] = [[file.file_id, file.media_type, file.bytes, file.name] for file in files]
    return body


def _message(keys: Keys, row: asyncpg.Record) -> WebMessage:
    body = orjson.loads(keys.decrypt(row["data_key"], row["body"]))
    return WebMessage(
        chat_id=row["chat_id"],
        chat_kind=ChatKind(row["chat_kind"]),
        chat_title=keys.decrypt(row["data_key"], row["title"]).decode(),
        message_id=row["id"],
        seq=row["seq"],
        change=row["change"],
        kind=row["kind"],
        sender=WebPerson(row["sender_id"], keys.decrypt(row["person_key"], row["name"]).decode()) if row["sender_id"] is not None else None,
        version=row["version"],
        created_at=row["created_at"],
        edited_at=row["edited_at"],
        to_message=row["to_message"],
        only_for=row["only_for"],
        request_id=row["request_id"],
        text=body.get("text", ""),
        button=body.get("button"),
        choices=tuple(Choice(*choice) for choice in body.get("choices", ())),
        files=tuple(WebFile(*file) for file in body.get("files", ())),
        receipt=decode_receipt(body.get("receipt")),
    )


_SELECT = """
SELECT w.chat_id, c.kind AS chat_kind, c.title, c.data_key, w.id, w.seq, w.change, w.kind, w.sender_id, p.name, p.data_key AS person_key,
  w.version, w.created_at, w.edited_at, w.to_message, w.only_for, w.request_id, w.body
FROM web_messages w JOIN web_chats c ON c.id = w.chat_id LEFT JOIN web_people p ON p.id = w.sender_id
"""
_OWN_CHATS = "SELECT m.chat_id FROM web_members m JOIN web_people p ON p.id = m.person_id WHERE p.session_id = {} AND m.left_at IS NULL"
_IS_MEMBER = """
SELECT true FROM web_members m JOIN web_people p ON p.id = m.person_id JOIN web_chats c ON c.id = m.chat_id
WHERE m.chat_id = $1 AND m.person_id = $2 AND p.session_id = $3 AND m.left_at IS NULL AND ($4::text IS NULL OR c.kind = $4)
"""
_SEES = f"SELECT $1 IN ({_OWN_CHATS.format('$2')})"
_MAY_JOIN = f"""
SELECT true FROM web_chats c JOIN web_people p ON p.id = $3 AND p.session_id = $2
WHERE c.id = $1 AND c.kind = 'group' AND (c.invite_hash = $4 OR c.session_id = $2 OR c.id IN ({_OWN_CHATS.format("$2")}))
FOR SHARE OF p
"""
_JOINED = """
SELECT w.id FROM web_messages w JOIN web_members m ON m.chat_id = w.chat_id AND m.person_id = w.sender_id AND m.left_at IS NULL
WHERE w.chat_id = $1 AND w.sender_id = $2 AND w.kind = 'join' ORDER BY w.seq DESC LIMIT 1
"""
_HISTORY = f"{_SELECT} WHERE w.chat_id = $1 AND w.seq < $2 AND w.kind NOT IN ('press', 'toast', 'cleared') ORDER BY w.seq DESC LIMIT $3"
_SEEN_REPLY = f"{_SELECT} WHERE w.id = $1 AND w.kind = 'reply' AND w.chat_id IN ({_OWN_CHATS.format('$2')})"
_POSITIONS = f"SELECT id, last_change FROM web_chats WHERE id IN ({_OWN_CHATS.format('$1')})"
_CHANGES = f"""
{_SELECT} JOIN unnest($1::text[], $2::bigint[]) AS seen (chat_id, change) ON seen.chat_id = w.chat_id
WHERE w.change > seen.change AND w.chat_id IN ({_OWN_CHATS.format("$3")}) AND w.kind <> 'press'
  AND (w.only_for IS NULL OR w.only_for IN (SELECT id FROM web_people WHERE session_id = $3))
ORDER BY w.chat_id, w.change LIMIT $4
"""
_UNACCEPTED = (
    f"{_SELECT} WHERE w.accepted_version < w.version AND w.sender_id IS NOT NULL AND w.created_at < $1 ORDER BY w.created_at, w.seq LIMIT $2"
)
