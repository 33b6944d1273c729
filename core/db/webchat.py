"""The web chat's browsers, people, groups and memberships: the only queries on those tables. Messages are in webchat_messages."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import asyncpg

from core.db.crypto import Keys
from core.db.session import Connection, Database
from core.domain.messages import ChatKind
from core.domain.webchat import WebChat, WebPerson
from core.errors import DomainError

WAKE_CHANNEL = "tuppence_webchat"
PEOPLE_LIMIT = 30  # a browser's; enough to try a group alone, little enough that nobody fills the disk with names
CHATS_LIMIT = 100
MEMBERS_LIMIT = 50


def new_web_id() -> str:
    """128 random bits: ids of this channel are shown to other browsers, so they carry no time and no order."""
    return secrets.token_urlsafe(16)


class WebPeople:
    """Everything is asked for on behalf of a browser: what it may not see does not exist (DomainError "not_found")."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def open_session(self, *, name: str, now: datetime) -> tuple[str, str]:
        """A new browser with one person and that person's chat with Tuppence. Returns (session id, the token for its cookie)."""
        session_id, token = new_web_id(), secrets.token_urlsafe(32)
        async with self._database.unit_of_work() as uow:
            await uow.connection.execute(
                "INSERT INTO web_sessions (id, token_hash, created_at) VALUES ($1, $2, $3)", session_id, self._token_hash(token), now
            )
            await _add_person(uow.connection, self._keys, session_id=session_id, request_id="first", name=name, now=now)
        return session_id, token

    async def session_of(self, token: str) -> str | None:
        found: str | None = await self._database.pool.fetchval("SELECT id FROM web_sessions WHERE token_hash = $1", self._token_hash(token))
        return found

    async def people(self, session_id: str) -> tuple[WebPerson, ...]:
        rows = await self._database.pool.fetch("SELECT id, name, data_key FROM web_people WHERE session_id = $1 ORDER BY created_at, id", session_id)
        return tuple(_person(self._keys, row) for row in rows)

    async def create_person(self, session_id: str, *, request_id: str, name: str, now: datetime) -> WebPerson:
        """One more person to write as, with a private chat. DomainError too_many_people."""
        async with self._database.unit_of_work() as uow:
            await _lock_session(uow.connection, session_id)
            person = await _add_person(uow.connection, self._keys, session_id=session_id, request_id=request_id, name=name, now=now)
            await _wake(uow.connection, session_id)
        return person

    async def rename_person(self, session_id: str, *, person_id: str, name: str) -> WebPerson:
        async with self._database.unit_of_work() as uow:
            await _own_person(uow.connection, self._keys, session_id=session_id, person_id=person_id)
            await uow.connection.execute(
                "UPDATE web_people SET name = $2 WHERE id = $1", person_id, await _sealed_name(uow.connection, self._keys, person_id, name)
            )
            await _wake(uow.connection, session_id)
        return WebPerson(person_id, name)

    async def chats(self, session_id: str) -> tuple[WebChat, ...]:
        """All chats that a person of this browser is in: private ones first, each kind in order of making."""
        rows = await self._database.pool.fetch(_CHATS, session_id)
        members = await self._members([row["id"] for row in rows], session_id)
        return tuple(self._chat(row, members[row["id"]]) for row in rows)

    async def create_group(
        self, session_id: str, *, request_id: str, title: str, person_id: str, names: tuple[str, ...], now: datetime
    ) -> tuple[str, tuple[str, ...]]:
        """A group of `person_id` and of this browser's people called `names`, made where missing. Returns (chat id, ids of its members).

        DomainErrors: not_found, too_many_people, too_many_chats.
        """
        async with self._database.unit_of_work() as uow:
            await _lock_session(uow.connection, session_id)
            await _own_person(uow.connection, self._keys, session_id=session_id, person_id=person_id)
            known = {
                row.name.casefold(): row.person_id for row in (_person(self._keys, each) for each in await uow.connection.fetch(_PEOPLE, session_id))
            }
            chat_id = await uow.connection.fetchval("SELECT id FROM web_chats WHERE session_id = $1 AND request_id = $2", session_id, request_id)
            if chat_id is None:
                chat_id = await _add_chat(
                    uow.connection, self._keys, session_id=session_id, request_id=request_id, kind=ChatKind.GROUP, title=title, now=now
                )
            members = [person_id]
            for no, name in enumerate(names):
                other = known.get(name.casefold())
                if other is None:
                    made = await _add_person(
                        uow.connection,
                        self._keys,
                        session_id=session_id,
                        request_id=f"{request_id}/{no}",
                        name=name,
                        now=now + timedelta(microseconds=no + 1),
                    )
                    other = known[name.casefold()] = made.person_id
                members.append(other)
            await _wake(uow.connection, session_id)
        return chat_id, tuple(dict.fromkeys(members))

    async def group_of_invite(self, code: str) -> tuple[str, str]:
        """(chat id, title) of the group that the invite opens. DomainError not_found."""
        row = await self._database.pool.fetchrow("SELECT id, title, data_key FROM web_chats WHERE invite_hash = $1", self._invite_hash(code))
        if row is None:
            raise DomainError("not_found")
        return row["id"], self._keys.decrypt(row["data_key"], row["title"]).decode()

    async def is_private(self, chat_id: str) -> bool:
        """Whether a chat is somebody's own; False too for one that does not exist."""
        kind: str | None = await self._database.pool.fetchval("SELECT kind FROM web_chats WHERE id = $1", chat_id)
        return kind == ChatKind.PRIVATE.value

    async def _members(self, chat_ids: list[str], session_id: str) -> dict[str, list[tuple[WebPerson, bool]]]:
        found: dict[str, list[tuple[WebPerson, bool]]] = {chat_id: [] for chat_id in chat_ids}
        for row in await self._database.pool.fetch(_MEMBERS, chat_ids, session_id):
            found[row["chat_id"]].append((_person(self._keys, row), row["own"]))
        return found

    def _chat(self, row: asyncpg.Record, members: list[tuple[WebPerson, bool]]) -> WebChat:
        key = row["data_key"]
        return WebChat(
            chat_id=row["id"],
            kind=ChatKind(row["kind"]),
            title=self._keys.decrypt(key, row["title"]).decode(),
            members=tuple(person for person, _ in members),
            own=tuple(person.person_id for person, own in members if own),
            invite=self._keys.decrypt(key, row["invite"]).decode() if row["invite"] is not None else None,
            last_change=row["last_change"],
        )

    def _token_hash(self, token: str) -> bytes:
        return self._keys.digest("web session", token)

    def _invite_hash(self, code: str) -> bytes:
        return self._keys.digest("web invite", code)


async def _lock_session(connection: Connection, session_id: str) -> None:
    """Makes the browser's own requests queue up, so that its limits hold and a repeated request finds the first."""
    await connection.execute("SELECT 1 FROM web_sessions WHERE id = $1 FOR UPDATE", session_id)


async def _add_person(connection: Connection, keys: Keys, *, session_id: str, request_id: str, name: str, now: datetime) -> WebPerson:
    row = await connection.fetchrow("SELECT id, name, data_key FROM web_people WHERE session_id = $1 AND request_id = $2", session_id, request_id)
    if row is not None:
        return _person(keys, row)
    if await connection.fetchval("SELECT count(*) FROM web_people WHERE session_id = $1", session_id) >= PEOPLE_LIMIT:
        raise DomainError("too_many_people", limit=PEOPLE_LIMIT)
    person_id, key = new_web_id(), keys.new_data_key()
    await connection.execute(
        "INSERT INTO web_people (id, session_id, request_id, data_key, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)",
        person_id, session_id, request_id, key, keys.encrypt(key, name.encode()), now,
    )  # fmt: skip
    chat_id = await _add_chat(connection, keys, session_id=session_id, request_id=f"private/{person_id}", kind=ChatKind.PRIVATE, title="", now=now)
    await connection.execute("INSERT INTO web_members (chat_id, person_id, joined_at) VALUES ($1, $2, $3)", chat_id, person_id, now)
    return WebPerson(person_id, name)


async def _add_chat(connection: Connection, keys: Keys, *, session_id: str, request_id: str, kind: ChatKind, title: str, now: datetime) -> str:
    if await connection.fetchval("SELECT count(*) FROM web_chats WHERE session_id = $1", session_id) >= CHATS_LIMIT:
        raise DomainError("too_many_chats", limit=CHATS_LIMIT)
    chat_id, key, code = new_web_id(), keys.new_data_key(), new_web_id()
    invited = kind is ChatKind.GROUP
    await connection.execute(
        "INSERT INTO web_chats (id, kind, session_id, request_id, data_key, title, invite, invite_hash, created_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        chat_id, kind, session_id, request_id, key, keys.encrypt(key, title.encode()),
        keys.encrypt(key, code.encode()) if invited else None, keys.digest("web invite", code) if invited else None, now,
    )  # fmt: skip
    return chat_id


async def _own_person(connection: Connection, keys: Keys, *, session_id: str, person_id: str) -> WebPerson:
    row = await connection.fetchrow("SELECT id, name, data_key FROM web_people WHERE id = $1 AND session_id = $2", person_id, session_id)
    if row is None:
        raise DomainError("not_found")
    return _person(keys, row)


async def _sealed_name(connection: Connection, keys: Keys, person_id: str, name: str) -> bytes:
    return keys.encrypt(await connection.fetchval("SELECT data_key FROM web_people WHERE id = $1", person_id), name.encode())


async def _wake(connection: Connection, topic: str) -> None:
    await connection.execute("SELECT pg_notify($1, $2)", WAKE_CHANNEL, topic)


def _person(keys: Keys, row: asyncpg.Record) -> WebPerson:
    return WebPerson(row["id"], keys.decrypt(row["data_key"], row["name"]).decode())


_PEOPLE = "SELECT id, name, data_key FROM web_people WHERE session_id = $1"
_CHATS = """
SELECT c.id, c.kind, c.title, c.data_key, c.invite, c.last_change FROM web_chats c
WHERE c.id IN (SELECT m.chat_id FROM web_members m JOIN web_people p ON p.id = m.person_id WHERE p.session_id = $1 AND m.left_at IS NULL)
ORDER BY c.kind DESC, c.created_at, c.id
"""
_MEMBERS = """
SELECT m.chat_id, p.id, p.name, p.data_key, p.session_id = $2 AS own FROM web_members m JOIN web_people p ON p.id = m.person_id
WHERE m.chat_id = ANY($1) AND m.left_at IS NULL ORDER BY m.joined_at, p.created_at, p.id
"""
