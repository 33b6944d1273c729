"""What became of a group itself: who came and went, what they are called and may do, what was agreed. Rows are only added; names go with a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.people import BookKind


class Kind(StrEnum):
    """What happened; `before` and `after` of a change are given behind it."""

    JOINED = "joined"
    ADDED = "added"  # as a guest
    LEFT = "left"
    REMOVED = "removed"
    RENAMED = "renamed"  # names
    GROUP_RENAMED = "group_renamed"  # names
    MERGED = "merged"  # the two names
    PARTED = "parted"  # the two names
    ROLE = "role"  # values of Role
    OWN_ONLY = "own_only"  # "on" or ""
    APPROVAL = "approval"  # "100.00 EUR" or ""
    QUIET = "quiet"  # "22:00-08:00" or ""
    CURRENCY = "currency"  # codes
    LANGUAGE = "language"  # codes
    DEFAULT_SPLIT = "default_split"  # values of DefaultSplit
    WEIGHTS = "weights"  # "<member>:60 <member>:40" or "", of what `what` names or (empty) of any bill
    HOUSEHOLDS = "households"  # all there are: "<member>+<member> <member>+<member>" or ""
    SETTLES_IN = "settles_in"  # a code or ""
    ANSWERS = "answers"  # "react" or "words"
    ARCHIVED = "archived"
    REOPENED = "reopened"


OF_NAMES = (Kind.RENAMED, Kind.GROUP_RENAMED, Kind.MERGED, Kind.PARTED)


@dataclass(frozen=True, slots=True)
class Change:
    """`actor_id`: who did it, `about_id`: to whom (None: to the group), `other_id`: who they are the same as; `what`: of which bills it holds.

    Words that were erased are empty.
    """

    kind: Kind
    actor_id: UUID | None = None
    about_id: UUID | None = None
    other_id: UUID | None = None
    before: str = ""
    after: str = ""
    what: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """A change as it was written down; `change_id` compares with ids of entries by time."""

    change_id: UUID
    change: Change
    at: datetime


async def add(uow: UnitOfWork, book_id: UUID, change: Change, *, now: datetime) -> None:
    """One more row; the book is loaded, and the members that it names are in it. In a book of one's own there is nobody to ask what changed."""
    if uow.book(book_id).kind is BookKind.PERSONAL:
        return
    data_key = uow.keys.new_data_key()
    await uow.execute(
        """INSERT INTO group_log (book_id, change_id, kind, actor_id, about_id, other_id, data_key, content, happened_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)""",
        book_id,
        new_id(),
        change.kind.value,
        change.actor_id,
        change.about_id,
        change.other_id,
        data_key,
        uow.keys.encrypt(data_key, orjson.dumps([change.before, change.after, change.what])),
        now,
    )


async def newest(uow: UnitOfWork, book_id: UUID, *, since: datetime | None, before: UUID | None, limit: int) -> list[Logged]:
    """Changes since then and before an entry or a change, the newest first."""
    await uow.flush()
    rows = await uow.connection.fetch(
        """SELECT * FROM group_log WHERE book_id = $1 AND ($2::timestamptz IS NULL OR happened_at >= $2)
        AND ($3::uuid IS NULL OR change_id < $3) ORDER BY change_id DESC LIMIT $4""",
        book_id,
        since,
        before,
        limit,
    )
    return [_logged(uow, row) for row in rows]


def _logged(uow: UnitOfWork, row: asyncpg.Record) -> Logged:
    words = orjson.loads(uow.keys.decrypt(row["data_key"], row["content"])) if row["content"] is not None else ()
    change = Change(Kind(row["kind"]), row["actor_id"], row["about_id"], row["other_id"], *words)
    return Logged(row["change_id"], change, row["happened_at"])


async def erase(uow: UnitOfWork, book_id: UUID, member_ids: Sequence[UUID]) -> None:
    """The names that these positions were given or gave."""
    await uow.execute(
        """UPDATE group_log SET data_key = NULL, content = NULL WHERE book_id = $1 AND kind = ANY($2::text[])
        AND (actor_id = ANY($3::uuid[]) OR about_id = ANY($3::uuid[]) OR other_id = ANY($3::uuid[]))""",
        book_id,
        [kind.value for kind in OF_NAMES],
        list(member_ids),
    )


async def erase_all(uow: UnitOfWork, book_id: UUID) -> None:
    await uow.execute("UPDATE group_log SET data_key = NULL, content = NULL WHERE book_id = $1", book_id)


async def export_rows(uow: UnitOfWork, book_id: UUID, member_ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """What these positions did, and what happened to them, as JSON values, oldest first."""
    rows = await uow.connection.fetch(
        """SELECT * FROM group_log WHERE book_id = $1 AND (actor_id = ANY($2::uuid[]) OR about_id = ANY($2::uuid[])) ORDER BY change_id""",
        book_id,
        list(member_ids),
    )
    told = [_logged(uow, row) for row in rows]
    return [
        {"what": each.change.kind.value, "at": each.at.isoformat(), "before": each.change.before, "after": each.change.after, "of": each.change.what}
        for each in told
    ]
