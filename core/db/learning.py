"""What people taught by correcting: the category of a topic, each for themselves, and examples that they agreed to share. Reads no text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from core.db.answers import message_hash
from core.db.bodies import decode_inbound
from core.db.crypto import Keys
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.messages import InboundMessage

LATEST = 200  # messages of a person that are looked through for the one that recorded a bill


async def teach(uow: UnitOfWork, person_id: UUID, topic: str, *, category: str, bill_id: UUID, now: datetime) -> None:
    """From now on the topic is of this category for this person: the newest lesson counts."""
    await uow.execute(
        """INSERT INTO category_lessons (person_id, topic_hash, bill_id, category, topic, learned_at) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (person_id, topic_hash, bill_id, category) DO UPDATE SET learned_at = excluded.learned_at""",
        person_id,
        _topic_hash(uow.keys, topic),
        bill_id,
        category,
        uow.keys.encrypt(await _data_key(uow, person_id), topic.encode()),
        now,
    )


async def forget(uow: UnitOfWork, person_id: UUID, *, bill_id: UUID, category: str) -> None:
    """The correction that taught it was taken back: what was learned before counts again."""
    await uow.execute("DELETE FROM category_lessons WHERE person_id = $1 AND bill_id = $2 AND category = $3", person_id, bill_id, category)


async def lesson(uow: UnitOfWork, person_id: UUID, topics: Sequence[str]) -> str | None:
    """The category that the person taught for the first of these topics that they taught anything about."""
    hashes = [_topic_hash(uow.keys, topic) for topic in topics]
    found: str | None = await uow.connection.fetchval(
        """SELECT category FROM category_lessons WHERE person_id = $1 AND topic_hash = ANY($2::bytea[])
        ORDER BY array_position($2::bytea[], topic_hash), learned_at DESC, bill_id DESC LIMIT 1""",
        person_id,
        hashes,
    )
    return found


def _topic_hash(keys: Keys, topic: str) -> bytes:
    return keys.digest("category topic", topic)


async def _data_key(uow: UnitOfWork, person_id: UUID) -> bytes | None:
    key: bytes | None = await uow.connection.fetchval("SELECT data_key FROM people WHERE id = $1", person_id)
    return key


# ------------------------------------------------------------------ examples of what was corrected


async def consent(uow: UnitOfWork, person_id: UUID, *, now: datetime) -> None:
    """The person agrees that what they correct is kept as examples."""
    await uow.execute(
        "INSERT INTO correction_consents (person_id, consented_at) VALUES ($1, $2) ON CONFLICT (person_id) WHERE revoked_at IS NULL DO NOTHING",
        person_id,
        now,
    )


async def revoke(uow: UnitOfWork, person_id: UUID, *, now: datetime) -> bool:
    """Take the consent back, and the examples with it. False where there was none."""
    row = await uow.connection.fetchrow(
        "UPDATE correction_consents SET revoked_at = $2 WHERE person_id = $1 AND revoked_at IS NULL RETURNING person_id", person_id, now
    )
    await uow.execute("DELETE FROM corrected_messages WHERE person_id = $1", person_id)
    return row is not None


async def is_sharing(uow: UnitOfWork, person_id: UUID) -> bool:
    """Whether the person agreed, and still does."""
    found: bool = await uow.connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM correction_consents WHERE person_id = $1 AND revoked_at IS NULL)", person_id
    )
    return found


async def keep_example(uow: UnitOfWork, person_id: UUID, bill_id: UUID, line: dict[str, Any], *, now: datetime) -> None:
    """One example a bill: what it was corrected to last."""
    sealed = uow.keys.encrypt(await _data_key(uow, person_id), orjson.dumps(line))
    await uow.execute(
        """INSERT INTO corrected_messages (id, person_id, bill_id, line, made_at) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (person_id, bill_id) DO UPDATE SET line = excluded.line, made_at = excluded.made_at""",
        new_id(),
        person_id,
        bill_id,
        sealed,
        now,
    )


async def drop_example(uow: UnitOfWork, person_id: UUID, bill_id: UUID) -> None:
    """Where there is one of this bill."""
    await uow.execute("DELETE FROM corrected_messages WHERE person_id = $1 AND bill_id = $2", person_id, bill_id)


async def recording_message(uow: UnitOfWork, person_id: UUID, bill_id: UUID) -> tuple[InboundMessage, tuple[UUID, ...]] | None:
    """The message by which the person recorded a bill, in its newest version, and all the bills that it recorded; None where it is erased by now.

    What corrected the bill is an effect on it too, so the oldest message with such an effect is meant.
    """
    rows = await uow.connection.fetch(
        """SELECT conversation_id, body FROM inbox WHERE sender_hash IN (SELECT address_hash FROM addresses WHERE person_id = $1)
        AND body IS NOT NULL AND state = 'done' ORDER BY no DESC LIMIT $2""",
        person_id,
        LATEST,
    )
    found: dict[bytes, InboundMessage] = {}  # newest first; of several versions the newest stays
    for row in rows:
        message = decode_inbound(uow.keys.decrypt(None, row["body"]))
        if message.text.strip():
            found.setdefault(message_hash(uow.keys, row["conversation_id"], message.message_id), message)
    effects = await uow.connection.fetch(
        """SELECT message_hash, bill_ids FROM message_effects
        WHERE conversation_id = ANY($1::uuid[]) AND message_hash = ANY($2::bytea[]) AND bill_ids @> ARRAY[$3::uuid]""",
        list({row["conversation_id"] for row in rows}),
        list(found),
        bill_id,
    )
    bills = {row["message_hash"]: tuple(row["bill_ids"]) for row in effects}
    oldest = next((digest for digest in reversed(found) if digest in bills), None)
    return (found[oldest], bills[oldest]) if oldest is not None else None


async def examples(uow: UnitOfWork) -> list[dict[str, Any]]:
    """The lines of everybody who still agrees, oldest first. For the operator; they say nothing of who wrote them."""
    rows = await uow.connection.fetch(
        """SELECT m.line, p.data_key FROM corrected_messages m JOIN people p ON p.id = m.person_id
        WHERE p.erased_at IS NULL AND EXISTS (SELECT 1 FROM correction_consents c WHERE c.person_id = m.person_id AND c.revoked_at IS NULL)
        ORDER BY m.made_at, m.id"""
    )
    return [orjson.loads(uow.keys.decrypt(row["data_key"], row["line"])) for row in rows]


# ------------------------------------------------------------------ when people become one, leave, or ask what is kept


async def move_person(uow: UnitOfWork, *, stays: UUID, goes: UUID, now: datetime) -> None:
    """What either taught is known of the one who stays. What was agreed to on one side does not hold for the other: it has to be said again."""
    lessons = await uow.connection.fetch("SELECT * FROM category_lessons WHERE person_id = $1", goes)
    old, new = (await _data_key(uow, goes), await _data_key(uow, stays)) if lessons else (None, None)
    for row in lessons:
        await uow.execute(
            "INSERT INTO category_lessons VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            stays,
            row["topic_hash"],
            row["bill_id"],
            row["category"],
            uow.keys.encrypt(new, uow.keys.decrypt(old, row["topic"])),
            row["learned_at"],
        )
    if lessons:
        await uow.execute("DELETE FROM category_lessons WHERE person_id = $1", goes)
    await uow.execute("DELETE FROM corrected_messages WHERE person_id = $1", goes)
    await uow.execute("UPDATE correction_consents SET person_id = $2, revoked_at = coalesce(revoked_at, $3) WHERE person_id = $1", goes, stays, now)


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    """All of these tables that is the person's."""
    for table in ("category_lessons", "corrected_messages", "correction_consents"):
        await uow.execute(f"DELETE FROM {table} WHERE person_id = $1", person_id)


async def export_rows(uow: UnitOfWork, person_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """What the person taught, when sharing was agreed to and taken back, and the examples as they are shared."""
    key = await _data_key(uow, person_id)
    lessons = await uow.connection.fetch("SELECT * FROM category_lessons WHERE person_id = $1 ORDER BY learned_at, bill_id", person_id)
    consents = await uow.connection.fetch("SELECT * FROM correction_consents WHERE person_id = $1 ORDER BY consented_at", person_id)
    lines = await uow.connection.fetch("SELECT * FROM corrected_messages WHERE person_id = $1 ORDER BY made_at, id", person_id)
    return {
        "lessons": [
            {
                "about": uow.keys.decrypt(key, row["topic"]).decode(),
                "category": row["category"],
                "bill": str(row["bill_id"]),
                "at": row["learned_at"].isoformat(),
            }
            for row in lessons
        ],
        "sharing_corrections": [
            {"since": row["consented_at"].isoformat(), "until": row["revoked_at"].isoformat() if row["revoked_at"] else None} for row in consents
        ],
        "shared_corrections": [
            {"line": orjson.loads(uow.keys.decrypt(key, row["line"])), "bill": str(row["bill_id"]), "at": row["made_at"].isoformat()} for row in lines
        ],
    }
