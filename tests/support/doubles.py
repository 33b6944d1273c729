"""One fake a port: a clock that is moved by hand, a channel that keeps what it is given, a model that says what it is told to say."""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from core.domain.messages import Capabilities, OutboundMessage
from core.domain.remarks import Guess, Remark


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
