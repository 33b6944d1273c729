"""Plays chat events in simulated time through the real inbox, conversation and outbox, and keeps what would have been sent."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.jobs.schedule import Schedule, jobs_with
from bot.pictures import Reading
from bot.wiring import Runtime, assemble
from core.db import inbox
from core.db.queues import outlook
from core.db.session import Database
from core.domain.mail import CHANNEL as MAIL
from core.domain.messages import Attachment, Capabilities, InboundMessage, OutboundMessage, Pace
from core.errors import DomainError, ServiceUnavailable
from core.ports import Channel, FileFetcher, Interpreter, PictureMaker, ReceiptReader
from core.services.reports import chat_report
from integrations.rates.ecb import History
from integrations.receipts.decoding import Decoder

Json = dict[str, Any]
QUIET_POLL_SECONDS = 0.004  # an answer takes some ten times as long
QUIET_MOST_SECONDS = 60


@dataclass(slots=True)
class SimulatedClock:
    """Stands still until it is moved; never goes back."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def move_to(self, moment: datetime) -> None:
        self.now = max(self.now, moment)


@dataclass(slots=True)
class Sent:
    """One message that reached a channel, with the id that the channel gave it."""

    at: datetime
    message_id: str
    message: OutboundMessage


@dataclass(slots=True)
class RecordingChannel:
    """A channel that keeps what it is given (but for toasts that say nothing); a reaction is an emoji by itself.

    Ids count up over all channels of one rehearsal: bot-1, bot-2, ...
    """

    name: str
    capabilities: Capabilities
    clock: SimulatedClock
    sent: list[Sent] = field(default_factory=list)

    async def send(self, message: OutboundMessage) -> str:
        if message.toast and not message.text:
            return ""
        message_id = f"bot-{len(self.sent) + 1}"
        reacts = bool(message.reaction and self.capabilities.reactions)
        self.sent.append(Sent(self.clock(), message_id, replace(message, text=message.reaction, choices=()) if reacts else message))
        return "" if reacts else message_id


class PathFiles:
    """A FileFetcher whose handles are paths of this machine."""

    async def fetch(self, attachment: Attachment) -> bytes:
        """DomainError file_gone where there is no such file."""
        try:
            return await asyncio.to_thread(Path(attachment.handle).read_bytes)
        except OSError:
            raise DomainError("file_gone") from None

    async def forget(self, attachment: Attachment) -> None:
        """The file is somebody's own: it stays."""


class Rehearsal:
    """One run over one fresh database. `play` returns after everything that the event set off has been answered and delivered."""

    def __init__(
        self,
        database: Database,
        *,
        start: datetime,
        capabilities: Callable[[str], Capabilities],
        reader: ReceiptReader | None = None,
        pictures: PictureMaker | None = None,
        interpreter: Interpreter | None = None,
    ) -> None:
        """`reader`: what reads photos, whose handles are paths here (None: photos are kept unread); `pictures`: what keeps them.

        `interpreter`: see bot.wiring.assemble; without one nothing outside is asked.
        """
        self.clock = SimulatedClock(start)
        self.sent: list[Sent] = []
        self._capabilities = capabilities
        self._channels: dict[str, Channel] = {}
        self._fetchers: dict[str, FileFetcher] = {}
        reading = Reading(reader, pictures or Decoder(), self._fetchers) if reader is not None else None
        self.runtime: Runtime = assemble(
            database,
            clock=self.clock,
            channels=self._channels,
            roles=frozenset({"web", "worker"}),
            limits=None,  # time stands still
            reading=reading,
            fetchers=self._fetchers,
            interpreter=interpreter,
        )
        self._schedule = Schedule(database, clock=self.clock, jobs=jobs_with(self._channels, history=History()))
        self._loops: asyncio.Task[None] | None = None
        self._open(MAIL)

    async def __aenter__(self) -> Rehearsal:
        self._loops = asyncio.create_task(self.runtime.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self.runtime.stop()
        if self._loops is not None:
            await self._loops

    async def play(self, message: InboundMessage | None, *, at: datetime) -> list[Sent]:
        """Move the clock, hand over the message (None: only the time passes) and wait; returns what was sent meanwhile.

        Raises ServiceUnavailable where a queue does not become empty.
        """
        before = len(self.sent)
        self.clock.move_to(at)
        self.runtime.nudge()
        if message is None:
            await self._schedule.run_due()
            self.runtime.nudge()
        else:
            name = message.address.channel
            self._open(name)
            self._fetchers.setdefault(name, PathFiles())
            await self.runtime.accept(message)
        await self._quiet()
        return self.sent[before:]

    def _open(self, name: str) -> None:
        """A channel is there from its first message on. Nothing leaves the house, and time does not pass by itself, so nothing is slow there."""
        unhurried = replace(self._capabilities(name), pace=Pace(), day_caps=None)
        self._channels.setdefault(name, RecordingChannel(name, unhurried, self.clock, self.sent))

    async def trouble_with(self, message: InboundMessage) -> str | None:
        """Why a message that was played was given up; None where it was not."""
        async with self.runtime.database.pool.acquire() as connection:
            return await inbox.trouble_with(connection, self.runtime.database.keys, message)

    async def _quiet(self) -> None:
        """Until nothing is due any more; for a message that failed time passes until it is answered or given up.

        Raises ServiceUnavailable where that takes a minute.
        """
        async with self.runtime.database.pool.acquire() as connection:
            for _ in range(int(QUIET_MOST_SECONDS / QUIET_POLL_SECONDS)):
                quiet, retry = await outlook(connection, now=self.clock())
                if retry is not None and retry > self.clock():
                    self.clock.move_to(retry)
                    self.runtime.nudge()
                elif quiet and retry is None:
                    return
                assert self._loops is not None, "the rehearsal runs"
                if self._loops.done():
                    self._loops.result()
                await asyncio.sleep(QUIET_POLL_SECONDS)
        raise ServiceUnavailable("rehearsal")

    def choice_id(self, message_id: str | None, said: str) -> str:
        """The id of a pressed button, given as such or by its label on the message that bore it."""
        for sent in reversed(self.sent):
            if message_id in (None, sent.message_id):
                for choice in sent.message.choices:
                    if said == choice.id or said.casefold() == choice.label.casefold():
                        return choice.id
        return said

    async def final(self, chats: dict[tuple[str, str], str]) -> Json:
        """For each chat, by its (channel, chat): balances and the expenses that stand."""
        return {name: await chat_report(self.runtime.database, channel=channel, chat=chat) for (channel, chat), name in chats.items()}
