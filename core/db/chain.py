"""The hash chain of a book: one link a transaction, over everything its entries say except erasable text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import orjson

from core.domain.ledger import JournalEntry

GENESIS = bytes(32)


def commitment(salt: bytes, description: str) -> bytes:
    """What the ledger keeps of a text: SHA-256 of salt and text. Erasing both leaves the chain intact."""
    return hashlib.sha256(salt + description.encode()).digest()


def link(previous: bytes, chain_no: int, entries: Iterable[bytes]) -> bytes:
    """SHA-256 over the previous hash, the link's number and the canonical entries, each with its length, in the order of their ids."""
    digest = hashlib.sha256(previous + chain_no.to_bytes(8, "big"))
    for body in entries:
        digest.update(len(body).to_bytes(4, "big") + body)
    return digest.digest()


def link_of(previous: bytes, chain_no: int, entries: Iterable[tuple[JournalEntry, bytes]]) -> bytes:
    """The link over new entries with the commitments to their texts."""
    ordered = sorted(entries, key=lambda pair: pair[0].entry_id.bytes)
    return link(previous, chain_no, (_canonical_entry(entry, text) for entry, text in ordered))


def _canonical_entry(entry: JournalEntry, text_commitment: bytes) -> bytes:
    return canonical(
        book_id=entry.book_id,
        entry_id=entry.entry_id,
        bill_id=entry.bill_id,
        kind=entry.kind.value,
        reverses=entry.reverses,
        category=entry.category,
        occurred_on=entry.occurred_on,
        recorded_at=entry.recorded_at,
        actor_id=entry.actor_id,
        split=entry.split,
        reason=entry.reason,
        effect_key=entry.effect_key,
        text_commitment=text_commitment,
        legs=[[leg.member_id, leg.role.value, leg.amount.currency, leg.amount.minor, leg.remainder] for leg in entry.postings],
    )


def canonical(
    *,
    book_id: UUID,
    entry_id: UUID,
    bill_id: UUID,
    kind: str,
    reverses: UUID | None,
    category: str | None,
    occurred_on: date,
    recorded_at: datetime,
    actor_id: UUID | None,
    split: Mapping[str, Any],
    reason: str,
    effect_key: bytes,
    text_commitment: bytes,
    legs: list[list[Any]],
) -> bytes:
    """An entry as compact JSON in a fixed order, keys sorted; `legs` are [member, role, currency, minor units, remainder] in their order.

    `split` holds texts, whole numbers, lists and objects only: what the database's jsonb gives back unchanged.
    """
    return orjson.dumps(
        [
            book_id,
            entry_id,
            bill_id,
            kind,
            reverses,
            category,
            occurred_on,
            recorded_at.astimezone(UTC),
            actor_id,
            dict(split),
            reason,
            effect_key.hex(),
            text_commitment.hex(),
            legs,
        ],
        default=str,  # asyncpg's own kind of UUID
        option=orjson.OPT_SORT_KEYS,
    )
