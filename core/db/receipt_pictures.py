"""The pictures of receipts: sealed in the blob store, opened for whoever holds a link that has not expired."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from core.db import receipts
from core.db.crypto import Keys
from core.db.receipts import Kept
from core.db.session import Database
from core.db.signed_links import opened, signed
from core.errors import DomainError
from core.ports import BlobStore

LINK_LASTS = timedelta(hours=24)
PURPOSE = "receipt link"


def link_token(keys: Keys, receipt_id: UUID, *, number: int = 0, now: datetime) -> str:
    """What opens one picture for a day. Kept nowhere: it is signed."""
    return signed(keys, PURPOSE, f"{receipt_id.hex}.{number}", now=now, lasts=LINK_LASTS)


async def open_link(database: Database, blobs: BlobStore, token: str, *, now: datetime) -> bytes:
    """The JPEG. DomainError not_found for a token that is not ours or has expired, and where the picture is gone."""
    said, _, number_said = opened(database.keys, PURPOSE, token, now=now).partition(".")
    receipt_id, number = UUID(said), int(number_said)
    row = await database.pool.fetchrow("SELECT data_key, pictures FROM receipts WHERE id = $1", receipt_id)
    if row is None:
        raise DomainError("not_found")
    return await _open(database.keys, blobs, receipt_id, row["data_key"], number=number, pictures=row["pictures"])


async def open_picture(keys: Keys, blobs: BlobStore, kept: Kept, number: int) -> bytes:
    """The JPEG of picture `number` (0 the first) of a receipt. DomainError not_found."""
    return await _open(keys, blobs, kept.receipt_id, kept.data_key, number=number, pictures=kept.pictures)


async def _open(keys: Keys, blobs: BlobStore, receipt_id: UUID, data_key: bytes, *, number: int, pictures: int) -> bytes:
    if not 0 <= number < pictures:
        raise DomainError("not_found")
    try:
        sealed = await blobs.get(receipts.blob_keys(receipt_id, pictures)[2 * number])
    except KeyError:
        raise DomainError("not_found") from None
    return keys.decrypt(data_key, sealed)
