"""The hash chain of a book: one link a transaction, over everything its entries say except erasable text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC

from core.domain.ledger import JournalEntry

GENESIS = bytes(32)


def commitment(salt: bytes, description: str) -> bytes:
    """What the ledger keeps of a text: SHA-256 of salt and text. Erasing both leaves the chain intact."""
    return hashlib.sha256(salt + description.encode()).digest()


def link(previous: bytes, chain_no: int, entries: Iterable[tuple[JournalEntry, bytes]]) -> bytes:
    """SHA-256 over the previous hash, the link's number and the entries with their commitments, in the order of their ids."""
    body = [canonical(entry, text) for entry, text in sorted(entries, key=lambda pair: pair[0].entry_id.bytes)]
    return hashlib.sha256(previous + chain_no.to_bytes(8, "big") + json.dumps(body, sort_keys=True, separators=(",", ":")).encode()).digest()


def canonical(entry: JournalEntry, text_commitment: bytes) -> list[object]:
    """The entry as JSON values in a fixed order."""
    return [
        entry.book_id.hex,
        entry.entry_id.hex,
        entry.bill_id.hex,
        entry.kind.value,
        entry.reverses.hex if entry.reverses else None,
        entry.category,
        entry.occurred_on.isoformat(),
        entry.recorded_at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_id.hex if entry.actor_id else None,
        dict(entry.split),
        entry.reason,
        entry.effect_key.hex(),
        text_commitment.hex(),
        [[posting.member_id.hex, posting.role.value, posting.amount.currency, posting.amount.minor, posting.remainder] for posting in entry.postings],
    ]
