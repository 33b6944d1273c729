"""The web chat as a channel: its messages as the bot knows messages, and the bot's answers put into its chats."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from core.domain.messages import Attachment, ChatAddress, InboundKind, InboundMessage, OutboundMessage, Person
from core.domain.webchat import WebFile, WebMessage
from core.ports import Clock
from integrations.channels.limits import capabilities_of

NAME = "webchat"
_KINDS = {
    "text": InboundKind.TEXT,
    "photo": InboundKind.PHOTO,
    "press": InboundKind.BUTTON,
    "join": InboundKind.JOIN,
    "leave": InboundKind.LEAVE,
}


class WebChatStorage(Protocol):
    """Where the web chat keeps its messages; storing one tells whoever looks at the chat."""

    async def deliver(self, message: OutboundMessage, *, files: tuple[WebFile, ...], now: datetime) -> str: ...


class WebFileStorage(Protocol):
    """Where the web chat keeps its files."""

    async def put(self, *, chat_id: str, person_id: str | None, media_type: str, data: bytes, name: str = "", now: datetime) -> WebFile: ...


class WebChatChannel:
    """The Channel port. A message with a `key` is shown once however often it is sent; one that edits a message gone is shown as new."""

    name = NAME
    capabilities = capabilities_of(NAME)

    def __init__(self, storage: WebChatStorage, *, clock: Clock, files: WebFileStorage) -> None:
        self._storage = storage
        self._clock = clock
        self._files = files

    async def send(self, message: OutboundMessage) -> str:
        """Raises SendError rejected where the chat, or the press that a toast answers, does not exist."""
        now, chat = self._clock(), message.address.chat
        files = [
            await self._files.put(chat_id=chat, person_id=None, media_type=each.media_type, data=each.contents, name=each.name, now=now)
            for each in message.documents
        ]
        return await self._storage.deliver(message, files=tuple(files), now=now)


def _kind(message: WebMessage) -> InboundKind:
    """What was sent with a file that is no picture is a file."""
    is_file = message.kind == "photo" and any(not file.media_type.startswith("image/") for file in message.files)
    return InboundKind.FILE if is_file else _KINDS[message.kind]


def to_inbound(message: WebMessage, *, language: str | None = None, time_zone: str | None = None) -> InboundMessage:
    """A person's message, press, edit or membership change. `message` must have a sender; an edit is one whose `version` is above 0.

    `language` and `time_zone` (an IANA name) are what the browser told with this request; they are not stored with the message.
    """
    assert message.sender is not None, "Tuppence's own messages are not told to Tuppence"
    edited = message.version > 0
    return InboundMessage(
        address=ChatAddress(channel=NAME, account="", chat=message.chat_id),
        chat_kind=message.chat_kind,
        sender=Person(user=message.sender.person_id, name=message.sender.name),
        message_id=message.message_id,
        kind=InboundKind.EDIT if edited else _kind(message),
        sent_at=message.edited_at if edited and message.edited_at is not None else message.created_at,
        version=message.version,
        position=message.change,
        text=message.text,
        reply_to=message.to_message,
        button=message.button,
        chat_title=message.chat_title,
        attachments=tuple(Attachment(file.file_id, file.media_type, file.bytes) for file in message.files),
        language=language,
        time_zone=time_zone,
    )
