"""What the core and the bot need from outside, as protocols. Each has one fake in tests/support/doubles.py."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from core.domain.imports import GroupFile
from core.domain.mail import Mail
from core.domain.messages import Attachment, Capabilities, ChatAddress, Document, InboundMessage, OutboundMessage
from core.domain.rates import Sheet
from core.domain.receipts import Reading
from core.domain.recurrence import Event
from core.domain.remarks import Guess, Remark


class Channel(Protocol):
    """One way to reach people. `name` is the value of `ChatAddress.channel`."""

    @property
    def name(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    async def send(self, message: OutboundMessage) -> str:
        """Hand over one message and return the platform's id of it. Raises SendError."""
        ...


class Mailer(Protocol):
    """Hands mail over to be delivered."""

    async def send(self, mail: Mail) -> None:
        """The server has taken it. Raises SendError: `opted_out` where it knows no such address."""
        ...


class ChatSizes(Protocol):
    """How many people a group chat has and what it lets us do, for channels that can tell."""

    async def size_of(self, chat: ChatAddress) -> int | None:
        """People without ourselves; None where the channel cannot tell."""
        ...

    async def hears_all(self, chat: ChatAddress) -> bool | None:
        """Whether we get every message of a group, not only those meant for us; None where the channel cannot tell."""
        ...

    async def may_pin(self, chat: ChatAddress) -> bool | None:
        """Whether a group lets us keep a message at its top; None where the channel cannot tell."""
        ...


class UpdateReader(Protocol):
    """Turns what a platform posts to us into messages."""

    async def read(self, body: bytes, *, now: datetime) -> Sequence[InboundMessage]:
        """Nothing for what is not wanted. Raises DomainError `unreadable` for what is no update, ServiceUnavailable where it should come again."""
        ...


class BlobStore(Protocol):
    """Encrypted bytes under a key. Knows nothing of what they are."""

    async def put(self, key: str, data: bytes) -> None: ...

    async def get(self, key: str) -> bytes:
        """Raises KeyError where there is none."""
        ...

    async def delete(self, key: str) -> None: ...


class DeletionList(Protocol):
    """Who was erased and when, kept apart from the database: a restored backup may not know it."""

    async def add(self, erased: Mapping[UUID, datetime]) -> None:
        """Durable when it returns; who is on it already stays as they are."""
        ...

    async def read(self) -> dict[UUID, datetime]: ...


class Clock(Protocol):
    """Where `now` comes from: the system's clock, or a simulated one."""

    def __call__(self) -> datetime:
        """An aware datetime in UTC."""
        ...


class Wake(Protocol):
    """Tells sleeping loops (worker, delivery) that there is work. In-process by default, LISTEN/NOTIFY between processes."""

    def notify(self, topic: str) -> None: ...

    async def wait(self, topic: str, *, timeout_seconds: int) -> None:
        """Return when notified or when the time is over, whichever is first."""
        ...


class FileFetcher(Protocol):
    """Fetches what a message carried."""

    async def fetch(self, attachment: Attachment) -> bytes: ...

    async def forget(self, attachment: Attachment) -> None:
        """We keep it ourselves now: what the channel keeps for us is deleted there. Raises ServiceUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Picture:
    """The first page of a file as a JPEG with nothing of the file in it. `fingerprint`: 64 bits, alike for pictures that look alike."""

    jpeg: bytes
    thumbnail: bytes
    fingerprint: int


class PictureMaker(Protocol):
    """Makes a picture that can be kept and shown of whatever file somebody sent."""

    async def picture(self, data: bytes) -> Picture:
        """DomainError("unreadable_file", reason=...) for what is no picture, too large or hostile."""
        ...

    async def close(self) -> None: ...


class ReceiptReader(Protocol):
    """Reads the picture or PDF of a receipt. Believes no file and keeps none."""

    @property
    def name(self) -> str: ...

    async def read(self, data: bytes, *, today: date) -> Reading:
        """What it says.

        DomainError("unreadable_file", reason=...) for what is no picture, too large or hostile; ServiceUnavailable where the engine fails.
        """
        ...

    async def close(self) -> None: ...


class ImportReader(Protocol):
    """Reads what another program exported, whichever it is. Believes no file, runs nothing in it and keeps none."""

    async def read(self, data: bytes, *, currency: str) -> GroupFile:
        """`currency`: of a file that names none. DomainError("unreadable_import", reason=...) for what cannot be taken over at all."""
        ...


class ExportWriter(Protocol):
    """Makes files of a book."""

    def write(self, file: GroupFile, form: str, *, title: str, currency: str) -> Document:
        """`form`: csv, xlsx, json, beancount or hledger; `currency`: the book's own."""
        ...


class CalendarWriter(Protocol):
    """Makes a file that calendars read."""

    def write(self, events: Sequence[Event], *, now: datetime) -> Document:
        """All of them as whole days. `now`: when the file was made."""
        ...


class Interpreter(Protocol):
    """Says what a message may mean that no rule understood. Nobody believes it: what it says is held against the message."""

    async def interpret(self, remark: Remark) -> Guess:
        """Raises ServiceUnavailable where there is no answer, or one that is not of the agreed form. Sets no deadline of its own."""
        ...

    async def close(self) -> None: ...


class RateHistory(Protocol):
    """Exchange rates of days gone by, without asking anybody."""

    async def sheet(self, day: date) -> Sheet | None:
        """The rates of the newest day that is not after `day`; None where there are none so old."""
        ...


class RateSource(Protocol):
    """Exchange rates as they are published now. `name` is the `source` of its sheets."""

    @property
    def name(self) -> str: ...

    async def newest(self) -> Sheet:
        """Raises ServiceUnavailable where there is no answer, or one that is not of the agreed form."""
        ...

    async def close(self) -> None: ...
