"""The FileFetcher port: what people sent, by the handle of their message. No address of a file is ever shown or kept: it holds the token."""

from __future__ import annotations

from telegram.error import TelegramError

from core.domain.messages import Attachment
from core.errors import DomainError, ServiceUnavailable
from integrations.channels.telegram.client import Api
from integrations.channels.telegram.failures import says

DOWNLOAD_BYTES = 20 * 1024 * 1024
_STARTS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
    b"GIF8": "image/gif",
    b"PK\x03\x04": "application/zip",
}
_HEIC = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")


class TelegramFiles:
    """Fetches by getFile."""

    def __init__(self, bot: Api) -> None:
        self._bot = bot

    async def fetch(self, attachment: Attachment) -> bytes:
        """Raises DomainError `file_too_large` (limit) or `file_gone`, ServiceUnavailable where it may come later."""
        if attachment.bytes > DOWNLOAD_BYTES:
            raise DomainError("file_too_large", limit=DOWNLOAD_BYTES)
        try:
            file = await self._bot.get_file(attachment.handle)
            if (file.file_size or 0) > DOWNLOAD_BYTES:
                raise DomainError("file_too_large", limit=DOWNLOAD_BYTES)
            data = bytes(await file.download_as_bytearray())
        except TelegramError as error:
            if says(error, "file is too big"):
                raise DomainError("file_too_large", limit=DOWNLOAD_BYTES) from None
            if says(error, ""):
                raise DomainError("file_gone") from None
            raise ServiceUnavailable("telegram") from None
        if len(data) > DOWNLOAD_BYTES:
            raise DomainError("file_too_large", limit=DOWNLOAD_BYTES)
        return data

    async def forget(self, attachment: Attachment) -> None:
        """Telegram's own copy stays in the chat, where its sender can delete it."""


def media_type_of(data: bytes) -> str:
    """By the first bytes, whatever the sender called it; application/octet-stream for what is not known."""
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        return "image/heic"
    return next((kind for start, kind in _STARTS.items() if data.startswith(start)), "application/octet-stream")
