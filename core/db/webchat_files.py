"""The web chat's photos and files: their rows, and the bytes encrypted before the blob store sees them."""

from __future__ import annotations

from datetime import datetime

from core.db.session import Database
from core.db.webchat import new_web_id
from core.domain.messages import Attachment
from core.domain.webchat import WebFile
from core.errors import DomainError
from core.ports import BlobStore


class WebFiles:
    """Also a FileFetcher: what a web chat's message carried is fetched by its file's id."""

    def __init__(self, database: Database, blobs: BlobStore) -> None:
        self._database = database
        self._blobs = blobs

    async def put(self, *, chat_id: str, person_id: str | None, media_type: str, data: bytes, name: str = "", now: datetime) -> WebFile:
        """Store a file for one chat. Membership is the caller's to check; `person_id` None: Tuppence's own.

        DomainError not_found where the person was erased while the bytes came in.
        """
        file_id, keys = new_web_id(), self._database.keys
        data_key = keys.new_data_key()
        await self._blobs.put(blob_key(file_id), keys.encrypt(data_key, data))
        stored = await self._database.pool.execute(_ADD_FILE, file_id, chat_id, person_id, media_type, len(data), data_key, now)
        if stored == "INSERT 0 0":
            await self._blobs.delete(blob_key(file_id))
            raise DomainError("not_found")
        return WebFile(file_id, media_type, len(data), name)

    async def get(self, session_id: str, file_id: str) -> tuple[str, bytes]:
        """(media type, bytes) for a browser that sees the file's chat. DomainError not_found."""
        row = await self._database.pool.fetchrow(_SEEN_FILE, file_id, session_id)
        if row is None:
            raise DomainError("not_found")
        return row["media_type"], await self._open(file_id, row["data_key"])

    async def may_put(self, session_id: str, *, chat_id: str, person_id: str) -> bool:
        return bool(await self._database.pool.fetchval(_MAY_PUT, chat_id, person_id, session_id))

    async def fetch(self, attachment: Attachment) -> bytes:
        data_key = await self._database.pool.fetchval("SELECT data_key FROM web_files WHERE id = $1", attachment.handle)
        if data_key is None:
            raise DomainError("not_found")
        return await self._open(attachment.handle, data_key)

    async def forget(self, attachment: Attachment) -> None:
        """The page shows it in the chat: it stays."""

    async def _open(self, file_id: str, data_key: bytes) -> bytes:
        try:
            sealed = await self._blobs.get(blob_key(file_id))
        except KeyError:
            raise DomainError("not_found") from None
        return self._database.keys.decrypt(data_key, sealed)


def blob_key(file_id: str) -> str:
    return f"web/{file_id}"


# The lock makes an erasure of the same person wait for this file, or this file find the person erased.
_ADD_FILE = """
WITH owner AS (SELECT 1 FROM web_people WHERE id = $3 AND session_id IS NOT NULL FOR SHARE)
INSERT INTO web_files (id, chat_id, person_id, media_type, bytes, data_key, created_at)
SELECT $1::text, $2::text, $3::text, $4::text, $5::integer, $6::bytea, $7::timestamptz WHERE $3 IS NULL OR EXISTS (SELECT 1 FROM owner)
"""
_SEEN_FILE = """
SELECT f.media_type, f.data_key FROM web_files f WHERE f.id = $1 AND f.chat_id IN
  (SELECT m.chat_id FROM web_members m JOIN web_people p ON p.id = m.person_id WHERE p.session_id = $2 AND m.left_at IS NULL)
"""
_MAY_PUT = """
SELECT true FROM web_members m JOIN web_people p ON p.id = m.person_id
WHERE m.chat_id = $1 AND m.person_id = $2 AND p.session_id = $3 AND m.left_at IS NULL
"""
