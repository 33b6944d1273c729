"""The composition root: settings in, a runtime of connected parts out. The only place that knows which part serves which port."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from bot.answering import Conversant
from bot.clock import SystemClock
from bot.conversation.data import load_data
from bot.conversation.door import Door
from bot.conversation.engine import Engine
from bot.conversation.files import Files
from bot.conversation.parsing import add_languages
from bot.conversation.replies.catalogue import FALLBACK, add_sentences, introductions
from bot.deadline import within
from bot.delivery import Delivery
from bot.failpoints import arm
from bot.inbox import Inbox
from bot.jobs.clockwork import Clockwork
from bot.jobs.erasures import Erasures
from bot.jobs.introducing import Introducer, Introduction
from bot.jobs.polling import Poller, Source
from bot.jobs.rates import Rates
from bot.jobs.receipts import ReceiptDesk
from bot.jobs.reconcile import EVERY_SECONDS, Reconcile
from bot.jobs.schedule import Schedule, jobs_with
from bot.jobs.stragglers import Stragglers
from bot.metrics import Metrics
from bot.parts import open_blobs, open_reading, own_interpreter, own_mail
from bot.pictures import Reading, open_picture
from bot.second_reading import Bounds, SecondReading
from bot.settings import Settings
from bot.throttle import LIMITS, Limits
from bot.wake import INBOX, OUTBOX, DatabaseWake, LocalWake, Waker
from bot.worker import Worker
from core.db.contacts import Contacts
from core.db.conversations import move_chat
from core.db.crypto import Keys
from core.db.leases import Lease
from core.db.migrate import migrate
from core.db.queues import ChannelState, QueueState, measure, measure_channels
from core.db.session import Database
from core.db.webchat_files import WebFiles
from core.db.webchat_messages import WebMessages
from core.domain.messages import InboundMessage
from core.domain.payments.rails import Rail
from core.ports import BlobStore, Channel, ChatSizes, Clock, DeletionList, FileFetcher, Interpreter, RateSource, UpdateReader
from integrations.channels.sms_forward import ForwardedSms
from integrations.channels.twilio.gateway import Account, TwilioGateway, connect
from integrations.channels.webchat import WebChatChannel
from integrations.documents.calendars import Calendars
from integrations.exports.writer import BookWriter
from integrations.imports.detection import FileReader
from integrations.postgres import start_embedded
from integrations.rates.ecb import History
from integrations.rates.live import LiveRates
from integrations.storage.deletions import DeletionFile
from integrations.storage.memory import MemoryBlobs, MemoryDeletions

ERASURE_SECONDS = 10

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
    files: FileFetcher


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
    twilio: TwilioGateway | None = None
    telegram: TelegramWebhook | None = None
    payment_links: frozenset[Rail] = frozenset()
    second: SecondReading | None = None
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
            queues, channels = await within(2, self._queues())
        except Exception:
            queues, channels = {}, {}
        return self.metrics.render(queues, channels, now=self.clock())

    async def _queues(self) -> tuple[dict[str, QueueState], dict[str, ChannelState]]:
        async with self.database.pool.acquire() as connection:
            return await measure(connection), await measure_channels(connection, now=self.clock())

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
        for part in (self.twilio, self.second):
            if part is not None:
                await part.close()
        await self.database.close()


async def open_runtime(
    settings: Settings,
    *,
    roles: frozenset[str],
    engine: Conversant | None = None,
    channels: Mapping[str, Channel] | None = None,
    limits: Limits | None = LIMITS,
) -> Runtime:
    """Reach the database (the embedded one where none is named), bring its schema up to date and connect the parts.

    `engine`, `channels` and `limits` are for tests; None for the first two takes the product's own.
    """
    arm(settings.failpoints)
    if settings.languages is not None:
        add_languages(settings.languages)
    if settings.templates is not None:
        add_sentences(settings.templates)
    load_data()
    keys = Keys(settings.master_key)
    dsn = settings.database_url if settings.database_url else await asyncio.to_thread(start_embedded, settings.home)
    await asyncio.to_thread(migrate, dsn)
    database = await Database.open(dsn, keys=keys)
    clock, blobs, deletions = SystemClock(), open_blobs(settings), DeletionFile(settings.deletion_list)
    await Erasures(database, blobs=blobs, deletions=deletions).repeat()  # before anything is served of who was erased
    twilio = own_twilio(settings, database, clock=clock) if channels is None else None
    telegram = connect_telegram(settings, keys) if channels is None else None
    if channels is None:
        channels = own_channels(database, clock=clock, blobs=blobs, twilio=twilio, telegram=telegram, mail=own_mail(settings, keys))
    fetchers = own_fetchers(database, blobs=blobs, twilio=twilio, telegram=telegram)
    return assemble(
        database,
        clock=clock,
        channels=channels,
        blobs=blobs,
        deletions=deletions,
        roles=roles,
        engine=engine,
        address=settings.address,
        limits=limits,
        countries={"sms": settings.sms_countries},
        twilio=twilio,
        telegram=telegram,
        interpreter=own_interpreter(settings) if "worker" in roles else None,
        reading=open_reading(settings, fetchers) if "worker" in roles else None,
        payment_links=settings.payment_links,
        door=Door(known_only=settings.groups == "known"),
        fetchers=fetchers,
        rates=LiveRates(settings.rates_url) if settings.rates_url is not None and "scheduler" in roles else None,
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
    deletions: DeletionList | None = None,
    limits: Limits | None = LIMITS,
    countries: Mapping[str, tuple[str, ...]] | None = None,
    twilio: TwilioGateway | None = None,
    telegram: Telegram | None = None,
    interpreter: Interpreter | None = None,
    bounds: Bounds | None = None,
    reading: Reading | None = None,
    payment_links: frozenset[Rail] = frozenset(),
    door: Door = Door(),
    fetchers: Mapping[str, FileFetcher] | None = None,
    rates: RateSource | None = None,
) -> Runtime:
    """Connect the parts over an open database. Without `blobs` and `deletions` these last as long as the process; `reading`: of photos.
    `limits`: how fast people may write (None: no limit); `countries`: see bot.caps.Purse; `payment_links`: see core.domain.payments.rails.
    `interpreter`: asked about what no rule understood, within `bounds` (None: as the data file says). `fetchers`: by channel; `rates`: of today.
    """
    blobs, deletions = blobs or MemoryBlobs(), deletions or MemoryDeletions()
    wake: Waker = LocalWake() if {"web", "worker"} <= roles else DatabaseWake(database)
    metrics = Metrics()
    second = SecondReading(interpreter, database, clock=clock, metrics=metrics, bounds=bounds) if interpreter is not None else None
    inbox = Inbox(database, clock=clock, wake=wake, metrics=metrics, waiting_most=limits.waiting_most if limits else None)
    loops: list[Loop] = [inbox]
    if "worker" in roles:
        files = Files({} if fetchers is None else fetchers, FileReader(), BookWriter(), Calendars())
        sizes: dict[str, ChatSizes] = {telegram.channel.name: telegram.sizes} if telegram else {}
        engine = engine or Engine(sizes, address=address, reads=bool(reading), files=files, rates=History(), pay_links=payment_links, door=door)
        loops.append(Worker(database, engine, channels=channels, clock=clock, wake=wake, metrics=metrics, limits=limits, second=second))
        picture = partial(open_picture, database, blobs, clock=clock, history=History())
        mail = Delivery(database, channels, clock=clock, wake=wake, metrics=metrics, countries=countries, move_chat=move_chat, open_picture=picture)
        loops += [mail, Clockwork("erasures", Erasures(database, blobs=blobs, deletions=deletions).finish, every_seconds=ERASURE_SECONDS)]
    if "worker" in roles and reading is not None:
        reader, pictures, fetchers = reading.reader, reading.pictures, reading.fetchers
        desk = ReceiptDesk(database, reader=reader, pictures=pictures, fetchers=fetchers, blobs=blobs, clock=clock, wake=wake, metrics=metrics)
        loops.append(desk)
    if "scheduler" in roles:
        jobs = jobs_with(channels, address=address, history=History())
        loops.append(Clockwork("schedule", Schedule(database, clock=clock, jobs=jobs).run_due))
        loops += [Rates(rates, database, clock=clock).clockwork()] if rates is not None else []
        if twilio is not None:
            reconcile = Reconcile(twilio.history, missing=Contacts(database, clock=clock).missing, accept=inbox.accept, clock=clock)
            loops.append(Clockwork("reconcile", reconcile.catch_up, every_seconds=EVERY_SECONDS))
    if "web" in roles:
        loops.append(Clockwork("stragglers", Stragglers(WebMessages(database), accept=inbox.accept, clock=clock).hand_over))
        loops += telegram_loops(telegram, database, inbox, clock=clock) if telegram is not None else []
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
        blobs=blobs,
        twilio=twilio,
        telegram=telegram.webhook if telegram is not None else None,
        payment_links=payment_links,
        second=second,
    )


def own_twilio(settings: Settings, database: Database, *, clock: Clock) -> TwilioGateway | None:
    """The account that the settings name; None where they name none."""
    if settings.twilio_account_sid is None or settings.twilio_auth_token is None:
        return None
    account = Account(
        sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        api_base=settings.twilio_api_base,
        content_base=settings.twilio_content_base,
        public_url=settings.public_url,
        sms_from=settings.twilio_sms_from,
        whatsapp_from=settings.twilio_whatsapp_from,
        templates=settings.twilio_whatsapp_templates,
    )
    return connect(account, contacts=Contacts(database, clock=clock), clock=clock)


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
        files=bot.files,
    )


def telegram_loops(telegram: Telegram, database: Database, inbox: Inbox, *, clock: Clock) -> list[Loop]:
    loops: list[Loop] = [Introducer(telegram.introduction)]
    if telegram.polling is not None:
        loops.append(Poller(telegram.polling, accept=inbox.accept, lease=Lease(database.pool, f"poll {telegram.channel.name}"), clock=clock))
    return loops


def own_channels(
    database: Database,
    *,
    clock: Clock,
    blobs: BlobStore,
    twilio: TwilioGateway | None = None,
    telegram: Telegram | None = None,
    mail: Channel | None = None,
) -> dict[str, Channel]:
    """The channels that the settings allow, by name."""
    web = WebChatChannel(WebMessages(database), clock=clock, files=WebFiles(database, blobs))
    own: tuple[Channel, ...] = (web, ForwardedSms(), *([telegram.channel] if telegram is not None else []), *([mail] if mail is not None else []))
    return {each.name: each for each in own} | (twilio.channels if twilio else {})


def own_fetchers(
    database: Database, *, blobs: BlobStore, twilio: TwilioGateway | None = None, telegram: Telegram | None = None
) -> dict[str, FileFetcher]:
    """What fetches the files of each channel's messages."""
    bot: dict[str, FileFetcher] = {telegram.channel.name: telegram.files} if telegram is not None else {}
    return {WebChatChannel.name: WebFiles(database, blobs)} | bot | (dict.fromkeys(twilio.channels, twilio.media) if twilio else {})
