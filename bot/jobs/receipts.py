"""Reads photos that wait: fetches files, has them read, keeps pictures, hands what was read to the inbox. Decides nothing about money."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.failpoints import failpoint
from bot.log import error_fields, log
from bot.metrics import Metrics
from bot.wake import INBOX, RECEIPTS, Waker
from core.db import inbox, receipts
from core.db.claims import Identity
from core.db.receipts import Waiting
from core.db.session import Database
from core.domain.albums import joined
from core.domain.messages import ChatKind, InboundKind, InboundMessage
from core.domain.money import Money
from core.domain.receipts import Reading, may_be_one
from core.errors import DomainError, ServiceUnavailable
from core.ports import BlobStore, Clock, FileFetcher, Picture, PictureMaker, ReceiptReader

READ_SECONDS = 20  # of one receipt, from the fetching of its files on: whoever sent it is answered within 25
FILES_MOST = 4
KEEP_SECONDS = 5  # of storing the pictures: then the bill goes on without them
FORGET_SECONDS = 5
TRIES = 3
RETRY_SECONDS = 6  # what failed is tried again as long as that leaves time for an answer
CAPTION_MOST = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """What came of the files of one receipt; `reason` where there is no reading. `passing`: it may go well the next time."""

    reading: Reading | None
    reason: str | None
    pictures: Sequence[Picture] = ()
    passing: bool = False


class ReceiptDesk:
    """`run` until `close`; one receipt at a time in each process. `fetchers`: by the name of the channel. Starts no engine before the first photo."""

    def __init__(
        self,
        database: Database,
        *,
        reader: ReceiptReader,
        pictures: PictureMaker,
        fetchers: Mapping[str, FileFetcher],
        blobs: BlobStore,
        clock: Clock,
        wake: Waker,
        metrics: Metrics,
    ) -> None:
        self._database = database
        self._reader = reader
        self._pictures = pictures
        self._fetchers = fetchers
        self._blobs = blobs
        self._clock = clock
        self._wake = wake
        self._metrics = metrics
        self._identity = Identity(database.pool)
        self._closing = False

    async def run(self) -> None:
        try:
            while not self._closing:
                try:
                    found = await self.work()
                except Exception as error:  # the database is away: try again until it is back
                    log.error("no receipt read", stage="receipts", **error_fields(error))
                    found = False
                    await asyncio.sleep(0.5)
                if not found and not self._closing:
                    await self._wake.wait(RECEIPTS, timeout_seconds=1)
        finally:
            await asyncio.gather(self._reader.close(), self._pictures.close())
            await self._identity.close()

    def close(self) -> None:
        """Claim no more; the receipt at hand is finished first."""
        self._closing = True
        self._wake.notify(RECEIPTS)

    async def work(self) -> bool:
        """Read one receipt that is due. False where there is none."""
        worker = await self._identity.number()
        async with self._database.unit_of_work() as uow:
            waiting = await receipts.claim(uow, worker=worker, now=self._clock())
        if waiting is None:
            return False
        failpoint("after_receipt_claim")
        start = self._clock()
        found = await self._found(waiting)
        if found.passing and waiting.tries < TRIES and self._clock() - waiting.created_at < timedelta(seconds=RETRY_SECONDS):
            async with self._database.unit_of_work() as uow:
                await receipts.let_wait(uow, waiting, next_at=self._clock() + timedelta(seconds=1))
            return True
        await self._hand_over(waiting, found)
        self._metrics.took("receipt", start=start, now=self._clock())
        return True

    async def _found(self, waiting: Waiting) -> Found:
        """Fetch and read, in time. Whatever goes wrong is told in the answer."""
        if waiting.tries > TRIES:  # whoever tried before died over it
            return Found(None, "crashed")
        pictures: list[Picture] = []
        try:
            async with asyncio.timeout(READ_SECONDS if waiting.tries == 1 else READ_SECONDS - RETRY_SECONDS):
                files = await self._fetch(waiting.message)
                for data in files:
                    pictures.append(await self._pictures.picture(data))
                readings = [await self._reader.read(data, today=waiting.message.sent_at.date()) for data in files]
        except DomainError as problem:
            return Found(None, str(problem.params.get("reason", problem.code)), pictures)
        except TimeoutError:
            return Found(None, "timeout", pictures)
        except ServiceUnavailable as problem:
            return Found(None, problem.service, pictures, passing=True)
        except Exception as error:  # a channel's library raises what it likes
            log.error("receipt failed", stage="receipts", trace_id=waiting.trace_id, **error_fields(error))
            return Found(None, type(error).__name__, pictures, passing=True)
        return Found(joined(readings), None, pictures) if readings else Found(None, "no_file")

    async def _fetch(self, message: InboundMessage) -> list[bytes]:
        fetcher = self._fetchers.get(message.address.channel)
        if fetcher is None:
            return []
        return [await fetcher.fetch(each) for each in receipts.files_of(message)[:FILES_MOST]]

    async def _hand_over(self, waiting: Waiting, found: Found) -> None:
        """The pictures first, then what was read and the message that says so, in one commit: from then on the inbox answers, exactly once."""
        found = replace(found, pictures=() if is_nothing(waiting.message, found.reading) else await self._kept(waiting, found.pictures))
        failpoint("before_receipt_commit")
        now = self._clock()
        async with self._database.unit_of_work() as uow:
            finished = await receipts.finish(uow, waiting, found.reading, reason=found.reason, pictures=found.pictures, now=now)
            if finished:
                incoming = [inbox.prepare(uow.keys, told(waiting.message, found.reading), trace_id=waiting.trace_id, now=now)]
                await inbox.store(uow, incoming, await inbox.find_conversations(uow, incoming))
            erased = not finished and not await receipts.exists(uow, waiting.receipt_id)
        failpoint("after_receipt_commit")
        if erased:
            for key in receipts.blob_keys(waiting.receipt_id, len(found.pictures)):
                await self._blobs.delete(key)
        if finished and found.pictures:
            await self._forget(waiting.message)
        self._metrics.messages.labels("receipt_read" if found.reading else "receipt_unread", waiting.message.address.channel).inc()
        log.info("receipt", stage="receipts", trace_id=waiting.trace_id, reason=found.reason or "read")
        self._wake.notify(INBOX)

    async def _kept(self, waiting: Waiting, pictures: Sequence[Picture]) -> Sequence[Picture]:
        """Those that the store has from now on: all, or none where it is away. Whoever waits for the bill does not wait for that."""
        parts = [part for picture in pictures for part in (picture.jpeg, picture.thumbnail)]
        try:
            async with asyncio.timeout(KEEP_SECONDS):
                for key, part in zip(receipts.blob_keys(waiting.receipt_id, len(pictures)), parts, strict=True):
                    await self._blobs.put(key, self._database.keys.encrypt(waiting.data_key, part))
        except Exception as error:  # a store raises what it likes
            log.error("pictures not kept", stage="receipts", trace_id=waiting.trace_id, **error_fields(error))
            return ()
        return pictures

    async def _forget(self, message: InboundMessage) -> None:
        """The channel need not keep what we keep; that it still does is no reason to fail."""
        fetcher = self._fetchers.get(message.address.channel)
        if fetcher is None:
            return
        for each in receipts.files_of(message)[:FILES_MOST]:
            try:
                async with asyncio.timeout(FORGET_SECONDS):
                    await fetcher.forget(each)
            except Exception as error:
                log.warning("file not deleted", stage="receipts", channel=message.address.channel, **error_fields(error))


def is_nothing(message: InboundMessage, reading: Reading | None) -> bool:
    """Whether it is a group's picture without words that turned out to be no receipt: of those nothing is kept."""
    return message.chat_kind is ChatKind.GROUP and not message.text.strip() and not may_be_one(reading)


def told(message: InboundMessage, reading: Reading | None) -> InboundMessage:
    """That a photo was read, in the photo's own place and under its own id. Its words are completed by the total, so that they are an expense."""
    caption = message.text[:CAPTION_MOST].strip()
    total = None if reading is None or reading.receipt.total is None else reading.receipt
    if caption and total is not None and total.total is not None:
        amount = Money(total.total, total.currency or "EUR")
        caption = f"{caption} {amount}" + (f" {total.currency}" if total.currency else "")
    return replace(message, kind=InboundKind.RECEIPT, version=0, text=caption, attachments=(), album=None, button=None, consent=None)
