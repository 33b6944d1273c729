"""Files that came with a message: fetched from Twilio's own hosts only, looked at before they are believed, deleted there when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from core.domain.messages import TABLE_TYPES, Attachment
from core.errors import DomainError, ServiceUnavailable
from integrations.channels.twilio.client import TwilioClient

LIMIT_BYTES = 16 * 1024 * 1024  # WhatsApp's own; an MMS is smaller
REDIRECTS_MOST = 3
WAITS_SECONDS = (1.0, 2.0, 4.0)  # the webhook may be faster than the file
# Where the API sends those who ask for a file. The storage's host serves others too: there only Twilio's own folder.
_HOSTS = ("twiliocdn.com",)
_STORAGE = ("s3-external-1.amazonaws.com", "/media.twiliocdn.com/")
_TABLES_TOO = ("text/plain", "application/vnd.ms-excel")
_KINDS = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", 0, "image/png"),
    (b"GIF8", 0, "image/gif"),
    (b"WEBP", 8, "image/webp"),
    (b"ftyphei", 4, "image/heic"),
    (b"ftypmif1", 4, "image/heic"),
    (b"%PDF-", 0, "application/pdf"),
)


def is_table(attachment: Attachment) -> bool:
    """Whether a file may be another program's table: WhatsApp tells no names of files, and says "plain text" of many."""
    return attachment.media_type in (*TABLE_TYPES, *_TABLES_TOO)


class TwilioMedia:
    """The FileFetcher port."""

    def __init__(self, client: TwilioClient, *, waits_seconds: Sequence[float] = WAITS_SECONDS) -> None:
        self._client = client
        self._waits_seconds = waits_seconds

    async def fetch(self, attachment: Attachment) -> bytes:
        """The file. Raises DomainError `file_refused` (host, size, type) and ServiceUnavailable."""
        if not self._client.owns(attachment.handle):
            raise DomainError("file_refused", reason="host")
        for wait in (*self._waits_seconds, None):
            data = await self._get(attachment.handle)
            if data is not None:
                if real_type(data) is None and not is_table(attachment):
                    raise DomainError("file_refused", reason="type")
                return data
            if wait is None:
                raise ServiceUnavailable("media")
            await asyncio.sleep(wait)
        raise AssertionError("the last wait is None")

    async def forget(self, attachment: Attachment) -> None:
        """Delete the file at Twilio, once it is stored here. Raises SendError; a foreign address is left alone."""
        if self._client.owns(attachment.handle):
            await self._client.delete(attachment.handle)

    async def _get(self, url: str) -> bytes | None:
        """None where there is nothing yet. Our credentials go to the API alone, never along with a redirect."""
        http, errors = self._client.http, self._client.errors
        try:
            for _ in range(REDIRECTS_MOST + 1):
                auth = self._client.auth if self._client.owns(url) else None
                async with http.stream("GET", url, auth=auth) as response:
                    if response.is_redirect:
                        url = self._led_to(url, response.headers.get("location", ""))
                        continue
                    if response.status_code == 404:
                        return None
                    if response.status_code != 200:
                        raise ServiceUnavailable("media", retryable=response.status_code == 429 or response.status_code >= 500)
                    return await _read(response)
        except errors as problem:
            raise ServiceUnavailable("media") from problem
        raise DomainError("file_refused", reason="redirects")

    def _led_to(self, url: str, location: str) -> str:
        target = urljoin(url, location)
        if not (self._client.owns(target) or is_storage(target)):
            raise DomainError("file_refused", reason="host")
        return target


def is_storage(url: str) -> bool:
    """Whether an address is one where Twilio keeps files: https, on its usual port, without a user in it."""
    parts = urlsplit(url)
    try:
        host, port = (parts.hostname or ""), parts.port
    except ValueError:
        return False
    if parts.scheme != "https" or port not in (None, 443) or "@" in parts.netloc or "\\" in url:
        return False
    return any(host == name or host.endswith(f".{name}") for name in _HOSTS) or (host == _STORAGE[0] and parts.path.startswith(_STORAGE[1]))


def real_type(data: bytes) -> str | None:
    """By the first bytes, whatever its sender called it; None for what is neither a picture nor a PDF."""
    return next((kind for mark, offset, kind in _KINDS if data[offset : offset + len(mark)] == mark), None)


async def _read(response: Any) -> bytes:
    parts, size = [], 0
    async for part in response.aiter_bytes():
        size += len(part)
        if size > LIMIT_BYTES:
            raise DomainError("file_refused", reason="size")
        parts.append(part)
    return b"".join(parts)
