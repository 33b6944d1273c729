"""One fake a port: a clock that is moved by hand, a channel that keeps what it is given, readers and models that say what they were told to."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from core.domain.messages import Attachment, Capabilities, OutboundMessage
from core.domain.rates import Sheet
from core.domain.receipts import Reading, Receipt
from core.domain.remarks import Guess, Remark
from core.errors import DomainError
from core.ports import Picture


@dataclass
class FakeClock:
    """Stands still until moved."""

    now: datetime = datetime(2025, 3, 14, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@dataclass
class FakeChannel:
    """`refuse[chat]` holds the errors of the next sends to a chat; `hold[chat]` keeps a send waiting until it is set."""

    name: str = "fake"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(buttons=8, edits=True, groups=True))
    sent: list[OutboundMessage] = field(default_factory=list)
    refuse: dict[str, deque[Exception]] = field(default_factory=lambda: defaultdict(deque))
    hold: dict[str, asyncio.Event] = field(default_factory=dict)
    attempts: int = 0

    async def send(self, message: OutboundMessage) -> str:
        self.attempts += 1
        chat = message.address.chat
        if chat in self.hold:
            await self.hold[chat].wait()
        if self.refuse[chat]:
            raise self.refuse[chat].popleft()
        self.sent.append(message)
        return f"sent-{len(self.sent)}"

    def texts(self, chat: str | None = None) -> list[str]:
        return [message.text for message in self.sent if chat in (None, message.address.chat)]


@dataclass
class FakeInterpreter:
    """Says of each text what it was told to, else that it means nothing. `trouble` is raised instead; `hold` keeps every answer waiting."""

    guesses: dict[str, Guess] = field(default_factory=dict)
    trouble: Exception | None = None
    hold: asyncio.Event | None = None
    remarks: list[Remark] = field(default_factory=list)
    closed: bool = False

    async def interpret(self, remark: Remark) -> Guess:
        self.remarks.append(remark)
        if self.hold is not None:
            await self.hold.wait()
        if self.trouble is not None:
            raise self.trouble
        return self.guesses.get(remark.text, Guess("none"))

    async def close(self) -> None:
        self.closed = True


UNREAD = Reading(Receipt(), {}, ("total", "date", "merchant"), "en", "fake")


@dataclass
class FakeReader:
    """Says of each file what `readings` has for its bytes, else `otherwise`; first come the errors of `fails`. `hold`: it waits until that is set."""

    readings: dict[bytes, Reading] = field(default_factory=dict)
    otherwise: Reading = UNREAD
    fails: deque[Exception] = field(default_factory=deque)
    hold: asyncio.Event | None = None
    name: str = "fake"
    asked: int = 0

    async def read(self, data: bytes, *, today: date) -> Reading:
        self.asked += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.fails:
            raise self.fails.popleft()
        return self.readings.get(data, self.otherwise)

    async def close(self) -> None:
        self.readings = {}


class FakePictures:
    """Keeps files as they are; what begins with "bad" is no picture."""

    async def picture(self, data: bytes) -> Picture:
        if data.startswith(b"bad"):
            raise DomainError("unreadable_file", reason="broken")
        return Picture(data, data[:4], int.from_bytes(data[:7].ljust(7)))

    async def close(self) -> None:
        """Nothing is open."""


@dataclass
class FakeFiles:
    """The files of a channel, by handle."""

    files: dict[str, bytes] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)

    async def forget(self, attachment: Attachment) -> None:
        self.forgotten.append(attachment.handle)

    async def fetch(self, attachment: Attachment) -> bytes:
        if attachment.handle not in self.files:
            raise DomainError("file_gone")
        return self.files[attachment.handle]


@dataclass
class FakeRates:
    """Publishes the sheet that it was given. `trouble` is raised instead."""

    now: Sheet
    name: str = "ECB"
    trouble: Exception | None = None
    asked: int = 0

    async def newest(self) -> Sheet:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return self.now

    async def close(self) -> None:
        return
