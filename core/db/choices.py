"""The choices that a chat was offered last, in their order: for channels where people answer with a number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from core.db.bodies import decode_button
from core.db.session import UnitOfWork
from core.domain.messages import Choice


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose choices are looked for: of the chat's newest letter that has some, or of the letter that is named."""

    data_key: bytes | None
    letter_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """A letter's choices as they were shown; `live` are the ids of those that were neither used nor have expired."""

    choices: tuple[Choice, ...]
    live: frozenset[str]
    platform_id: str | None


# A letter on its way counts: its reader may answer before it is marked as sent. One whose choices are used up counts too: a number that was sent
# twice must not press on the letter before it. Ids of letters are in order of time.
_NEWEST = """SELECT w.id AS conversation_id, o.platform_message_id,
  c.id, c.action, c.used_at IS NULL AND c.expires_at >= $3 AS live
FROM unnest($1::uuid[], $2::uuid[]) AS w (id, letter_id) CROSS JOIN LATERAL (
  SELECT l.platform_message_id, l.id FROM buttons b JOIN outbox l ON l.id = b.outbox_id
  WHERE b.conversation_id = w.id AND (w.letter_id IS NULL OR b.outbox_id = w.letter_id) AND b.expires_at >= $3
  AND (l.state = 'sent' OR l.claimed_by IS NOT NULL)
  ORDER BY b.outbox_id DESC LIMIT 1) o JOIN buttons c ON c.outbox_id = o.id AND c.conversation_id = w.id
ORDER BY c.place"""


async def load_offered(uow: UnitOfWork, wanted: Mapping[UUID, Wanted], *, now: datetime) -> dict[UUID, Offered]:
    """By conversation; one that was offered nothing lately is left out."""
    if not wanted:
        return {}
    rows = await uow.connection.fetch(_NEWEST, list(wanted), [each.letter_id for each in wanted.values()], now)
    found: dict[UUID, Offered] = {}
    for row in rows:
        data_key = wanted[row["conversation_id"]].data_key
        if data_key is None:
            continue
        label, _ = decode_button(uow.keys.decrypt(data_key, row["action"]))
        before = found.get(row["conversation_id"], Offered((), frozenset(), row["platform_message_id"]))
        live = before.live | {row["id"]} if row["live"] else before.live
        found[row["conversation_id"]] = replace(before, choices=(*before.choices, Choice(row["id"], label)), live=live)
    return found
