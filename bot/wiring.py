"""The composition root: settings in, a runtime of connected parts out. The only place that knows which part serves which port."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.answering import Conversant
from bot.clock import SystemClock
from bot.conversation.engine import Engine
from bot.conversation.replies.catalogue import FALLBACK, introductions
from bot.delivery import Delivery
from bot.failpoints import arm
from bot.inbox import Inbox
from bot.jobs.introducing import Introducer, Introduction
from bot.jobs.polling import Poller, Source
from bot.jobs.rounds import Rounds
from bot.jobs.schedule import Schedule
from bot.jobs.stragglers import Stragglers
from bot.metrics import Metrics
from bot.settings import Settings
from bot.wake import INBOX, OUTBOX, DatabaseWake, LocalWake, Waker
from bot.worker import Worker
from core.db.crypto import Keys
from core.db.leases import Lease
from core.db.migrate import migrate
from core.db.queues import measure
from core.db.session import Database
from core.db.webchat_files import WebFiles
from core.db.webchat_messages import WebMessages
from core.domain.messages import InboundMessage
from core.ports import BlobStore, Channel, ChatSizes, Clock, UpdateReader
from integrations.channels.webchat import WebChatChannel
from integrations.postgres import start_embedded
from integrations.storage.local import LocalBlobs
from integrations.storage.memory import MemoryBlobs

ROLES = ("web", "worker", "scheduler")


class Loop(Protocol):
    """One of the service's endless tasks: `run` goes on until `close` was called and what was begun is finished."""

    async def run(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class TelegramWebhook:
    """What the route that takes updates needs."""

    channel: str
    secret: str
    reader: UpdateReader


@dataclass(frozen=True, slots=True)
class Telegram:
    """One bot. `polling` is None where updates are posted to us."""

    channel: Channel
    sizes: ChatSizes
    webhook: TelegramWebhook
    introduction: Introduction
    polling: Source | None


@dataclass(slots=True)
class Runtime:
    """All parts of one process, connected. `public_url` and `secure_cookies` are what the web pages need of the settings."""

    database: Database
    clock: Clock
    wake: Waker
    metrics: Metrics
    inbox: Inbox
    channels: Mapping[str, Channel]
    loops: tuple[Loop, ...]
    public_url: str
    secure_cookies: bool
    blobs: BlobStore
    telegram: TelegramWebhook | None = None
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    def nudge(self) -> None:
        """Let the loops look for what has become due."""
        self.wake.notify(INBOX)
        self.wake.notify(OUTBOX)

    async def accept(self, message: InboundMessage) -> None:
        """See bot.inbox.Inbox.accept."""
        await self.inbox.accept(message)

    async def not_ready(self) -> str | None:
        """What is missing to serve: None where all is well."""
        if self.stopping.is_set():
            return "stopping"
        await self.database.check_schema()
        return None

    async def render_metrics(self) -> bytes:
        """The metrics with the queues as they are now; without them while the database is away."""
        try:
            async with asyncio.timeout(2), self.database.pool.acquire() as connection:
                queues = await measure(connection)
        except Exception:
            queues = {}
        return self.metrics.render(queues, now=self.clock())

    async def run(self) -> None:
        """Run the loops of this process until `stop`; an error of one that it cannot get over ends all."""
        waking = asyncio.create_task(self.wake.run())
        try:
            async with asyncio.TaskGroup() as loops:
                for loop in self.loops:
                    loops.create_task(loop.run())
        finally:
            waking.cancel()
            await asyncio.gather(waking, return_exceptions=True)

    def stop(self) -> None:
        """Let `run` end when what was begun is finished."""
        self.stopping.set()
        for loop in self.loops:
            loop.close()

    async def close(self) -> None:
        await self.database.close()


async def open_runtime(
    settings: Settings, *, roles: frozenset[str], engine: Conversant | None = None, channels: Mapping[str, Channel] | None = None
) -> Runtime:
    """Reach the database (the embedded one where none is named), bring its schema up to date and connect the parts.

    `engine` and `channels` are for tests; None takes the product's own.
    """
    arm(settings.failpoints)
    keys = Keys(settings.master_key)
    dsn = settings.database_url if settings.database_url else await asyncio.to_thread(start_embedded, settings.home)
    await asyncio.to_thread(migrate, dsn)
    database = await Database.open(dsn, keys=keys)
    clock, blobs = SystemClock(), LocalBlobs(settings.home / "blobs")
    telegram = connect_telegram(settings, keys) if channels is None else None
    if channels is None:
        channels = own_channels(settings, database, clock=clock, blobs=blobs) | ({telegram.channel.name: telegram.channel} if telegram else {})
    return assemble(
        database,
        clock=clock,
        channels=channels,
        blobs=blobs,
        roles=roles,
        engine=engine,
        address=settings.address,
        telegram=telegram,
    )


def assemble(
    database: Database,
    *,
    clock: Clock,
    channels: Mapping[str, Channel],
    roles: frozenset[str] = frozenset(ROLES),
    engine: Conversant | None = None,
    address: str = "",
    blobs: BlobStore | None = None,
    telegram: Telegram | None = None,
) -> Runtime:
    """Connect the parts over an open database. Without `blobs` files last as long as the process."""
    wake: Waker = LocalWake() if {"web", "worker"} <= roles else DatabaseWake(database)
    metrics = Metrics()
    inbox = Inbox(database, clock=clock, wake=wake, metrics=metrics)
    loops: list[Loop] = [inbox]
    if "worker" in roles:
        engine = engine or Engine({telegram.channel.name: telegram.sizes} if telegram else {})
        loops.append(Worker(database, engine, channels=channels, clock=clock, wake=wake, metrics=metrics))
        loops.append(Delivery(database, channels, clock=clock, wake=wake, metrics=metrics))
    if "scheduler" in roles:
        loops.append(Rounds("schedule", Schedule(database, clock=clock).run_due))
    if "web" in roles:
        loops.append(Rounds("stragglers", Stragglers(WebMessages(database), accept=inbox.accept, clock=clock).hand_over))
    if "web" in roles and telegram is not None:
        loops += telegram_loops(telegram, database, inbox, clock=clock)
    return Runtime(
        database=database,
        clock=clock,
        wake=wake,
        metrics=metrics,
        inbox=inbox,
        channels=channels,
        loops=tuple(loops),
        public_url=address,
        secure_cookies=address.startswith("https://"),
        blobs=blobs or MemoryBlobs(),
        telegram=telegram.webhook if telegram is not None else None,
    )


def connect_telegram(settings: Settings, keys: Keys) -> Telegram | None:
    """The bot of TELEGRAM_BOT_TOKEN; None without one, and then its library is not even loaded.

    The webhook's secret, where none is set, comes from the master key: always there, the same in every process, kept nowhere.
    """
    if settings.telegram_bot_token is None:
        return None
    from integrations.channels.telegram.connection import connect

    token, chosen = settings.telegram_bot_token.get_secret_value(), settings.telegram_webhook_secret
    secret = chosen.get_secret_value() if chosen is not None else keys.digest("telegram webhook", token).hex()
    webhook = settings.telegram_webhook
    bot = connect(token, api_base=settings.telegram_api_base, wordings=introductions(), fallback=FALLBACK, webhook=webhook, secret=secret)
    return Telegram(
        channel=bot.channel,
        sizes=bot.channel,
        webhook=TelegramWebhook(bot.channel.name, secret, bot.updates),
        introduction=bot.introduction,
        polling=bot.polling if webhook is None else None,
    )


def telegram_loops(telegram: Telegram, database: Database, inbox: Inbox, *, clock: Clock) -> list[Loop]:
    loops: list[Loop] = [Introducer(telegram.introduction)]
    if telegram.polling is not None:
        lease = Lease(database.pool, f"poll {telegram.channel.name}")
        loops.append(Poller(telegram.polling, accept=inbox.accept, lease=lease, clock=clock))
    return loops


def own_channels(_settings: Settings, database: Database, *, clock: Clock, blobs: BlobStore) -> dict[str, Channel]:
    """The channels that the settings allow, by name."""
    web = WebChatChannel(WebMessages(database), clock=clock, files=WebFiles(database, blobs))
    return {web.name: web}
