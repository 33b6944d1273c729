"""What the settings name besides channels, opened: where files lie, what reads photos, the language model."""

from __future__ import annotations

from collections.abc import Mapping

from bot.clock import SystemClock
from bot.log import log
from bot.mailing import MailChannel
from bot.pictures import Reading
from bot.second_reading import read_bounds
from bot.settings import Settings
from core.db.crypto import Keys
from core.ports import BlobStore, FileFetcher, Interpreter, ReceiptReader
from integrations.llm.interpreter import ModelInterpreter
from integrations.mail import SmtpMailer, server_of
from integrations.receipts.choice import NoEngine, choose
from integrations.receipts.decoding import Decoder
from integrations.receipts.reader import OfflineReader
from integrations.receipts.vision import VisionReader
from integrations.storage.local import LocalBlobs
from integrations.storage.s3 import Bucket, S3Blobs

DEFAULT_MODEL = "gpt-4o-mini"


def own_interpreter(settings: Settings) -> Interpreter | None:
    """The language model that the settings name; None where they name none."""
    if not settings.asks_model:
        return None
    key = settings.openai_api_key.get_secret_value() if settings.openai_api_key is not None else None
    return ModelInterpreter(
        base_url=settings.openai_base_url, api_key=key, model=settings.openai_model or DEFAULT_MODEL, seconds=read_bounds().seconds
    )


def own_mail(settings: Settings, keys: Keys) -> MailChannel | None:
    """The channel that is e-mail; None where the settings name no server for it."""
    if settings.smtp_url is None or settings.mail_from is None:
        return None
    server = server_of(settings.smtp_url.get_secret_value(), sender=settings.mail_from)
    return MailChannel(SmtpMailer(server), keys=keys, clock=SystemClock(), address=settings.address)


def open_blobs(settings: Settings) -> BlobStore:
    """Where files lie: the bucket of TUPPENCE_BLOBS, else a folder."""
    if settings.blobs is None or settings.aws_access_key_id is None or settings.aws_secret_access_key is None:
        return LocalBlobs(settings.blob_folder)
    name, _, prefix = settings.blobs.removeprefix("s3://").partition("/")
    endpoint = settings.aws_endpoint or f"https://s3.{settings.aws_region}.amazonaws.com"
    secret = settings.aws_secret_access_key.get_secret_value()
    return S3Blobs(Bucket(endpoint, name, prefix, settings.aws_region, settings.aws_access_key_id, secret), clock=SystemClock())


def open_reading(settings: Settings, fetchers: Mapping[str, FileFetcher]) -> Reading | None:
    """None where no engine can run: photos are kept and their totals asked for, and the operator is told once."""
    try:
        return Reading(open_reader(settings), Decoder(), fetchers)
    except NoEngine as problem:
        log.warning("photos are not read", stage="receipts", reason=str(problem))
        return None


def open_reader(settings: Settings, engine: str | None = None) -> ReceiptReader:
    """What reads receipts here; `engine` goes before the settings. Starts no process yet. Raises NoEngine, whose words are for the operator."""
    wanted = engine or settings.receipt_engine
    if wanted == "openai":
        if settings.openai_api_key is None or settings.openai_model is None:
            raise NoEngine("the engine openai needs OPENAI_API_KEY and OPENAI_MODEL")
        return VisionReader(base_url=settings.openai_base_url, api_key=settings.openai_api_key.get_secret_value(), model=settings.openai_model)
    return OfflineReader(choose(wanted))
