"""The pictures that letters bring and links show, each opened by its token, and what reads those that people send. Keeps nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.report_files import open_report
from bot.summary_cards import open_summary
from core.db.pay_links import TOKEN_LENGTH, read_pay_token
from core.db.receipt_pictures import open_link
from core.db.report_links import is_report_token
from core.db.session import Database
from core.db.summary_links import is_summary_token
from core.domain.payments.rails import Rail
from core.errors import DomainError
from core.ports import BlobStore, Clock, FileFetcher, PictureMaker, RateHistory, ReceiptReader
from core.services import payments
from integrations.documents.qr import picture


@dataclass(frozen=True, slots=True)
class Reading:
    """What reads photos of receipts: the engine, what makes pictures to keep, and by channel what fetches a message's files."""

    reader: ReceiptReader
    pictures: PictureMaker
    fetchers: Mapping[str, FileFetcher]


async def open_code(database: Database, token: str, rail: str, *, now: datetime) -> bytes:
    """The PNG of a payment's code for the rail. DomainError `not_found` and `no_such_payment` for a link that opens nothing (any more)."""
    book_id, payment_id = read_pay_token(database.keys, token, now=now)
    async with database.unit_of_work() as uow:
        shown = await payments.show(uow, book_id, payment_id)
    code = next((offer.code for offer in shown.offers if offer.rail == rail and offer.code), "")
    if not code:
        raise DomainError("not_found")
    return await asyncio.to_thread(picture, code, cross=rail == Rail.QR_BILL)


async def open_picture(database: Database, blobs: BlobStore, token: str, *, clock: Clock, history: RateHistory | None = None) -> bytes:
    """What a document's token opens at this moment: a JPEG or PNG, or the file of a report. DomainError where that is nothing."""
    if is_report_token(token):
        return (await open_report(database, token, history=history, now=clock()))[0]
    if is_summary_token(token):
        return await open_summary(database, token, now=clock())
    link, _, rail = token.partition(".")
    if len(link) == TOKEN_LENGTH:
        return await open_code(database, link, rail, now=clock())
    return await open_link(database, blobs, token, now=clock())
