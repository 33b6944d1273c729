"""`tuppence replay`: chat events in, replies and final balances out, in simulated time on a fresh database."""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot import log
from bot.cli.jsonl import Refused, dump, read_lines
from bot.parts import open_reader
from bot.rehearsal import Rehearsal, Sent
from bot.settings import Settings
from core.db.audit import audit
from core.db.crypto import Keys
from core.db.migrate import migrate
from core.db.scratch import scratch_database
from core.db.session import Database
from core.domain.messages import Attachment, ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.errors import DomainError
from core.ports import ReceiptReader
from integrations.channels.limits import capabilities_of
from integrations.postgres import start_embedded, stop_embedded
from integrations.receipts.choice import NoEngine

HELP = "play chat events from stdin in simulated time on a fresh database (JSON Lines)"

KEYS = frozenset(["at", "channel", "chat", "chat_kind", "from", "message_id", "kind", "text", "reply_to", "file", "button"])
TICK = "tick"
KINDS = tuple(kind for kind in InboundKind if kind not in (InboundKind.RECEIPT, InboundKind.RECURRING))  # these are our own
ENCLOSED = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".pdf": "application/pdf",
    ".csv": "text/csv",
}
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
Json = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "One event a line, as docs/command-line.md says. The last line of the output holds the balances and the expenses that stand."


def run(options: argparse.Namespace) -> int:
    log.configure(level=logging.ERROR)
    return asyncio.run(_replay(Settings.load()))


@asynccontextmanager
async def fresh_database(settings: Settings) -> AsyncIterator[tuple[Database, str]]:
    """With its address: a scratch database on the server of DATABASE_URL, or on an embedded server of its own that is gone afterwards."""
    home = None
    dsn = settings.database_url
    if dsn is None:
        home = Path(tempfile.mkdtemp(prefix="tuppence-replay-"))
        dsn = await asyncio.to_thread(start_embedded, home, durable=False)
    try:
        async with scratch_database(dsn) as scratch:
            await asyncio.to_thread(migrate, scratch)
            database = await Database.open(scratch, keys=Keys(settings.master_key), durable=False)
            try:
                yield database, scratch
            finally:
                await database.close()
    finally:
        if home is not None:
            await asyncio.to_thread(stop_embedded, home)
            shutil.rmtree(home, ignore_errors=True)


def own_reader(settings: Settings) -> ReceiptReader | None:
    """None where no engine can run: photos are kept unread then, as they are by the service."""
    try:
        return open_reader(settings)
    except NoEngine:
        return None


async def _replay(settings: Settings) -> int:
    reader = own_reader(settings)
    async with fresh_database(settings) as (database, dsn), Rehearsal(database, start=EPOCH, capabilities=capabilities_of, reader=reader) as stage:
        play = Play(stage)
        lines = read_lines(sys.stdin.buffer, keys=KEYS)
        while (line := await asyncio.to_thread(next, lines, None)) is not None:
            try:
                if line.record is None:
                    raise Refused(line.error)
                async for shown in play.event(line.record):
                    print(dump(shown), flush=True)
            except (Refused, DomainError) as problem:
                play.status = 1
                print(f"line {line.number}: {problem}", file=sys.stderr, flush=True)
                print(dump({"id": name_of(line.record), "error": str(problem)}), flush=True)
        for violation in (await audit(dsn))[1]:
            play.status = 1
            print(f"the ledger does not hold: {violation.name} {violation.where}", file=sys.stderr, flush=True)
        print(dump({"final": await stage.final(play.chats)}), flush=True)
    return play.status


def name_of(event: Json | None) -> str | None:
    """The message's own id, as the name of a refused line."""
    name = event.get("message_id") if event is not None else None
    return name if isinstance(name, str) else None


class Play:
    """The run of one input: which chats there were, and who is meant by an answer to one person."""

    def __init__(self, stage: Rehearsal) -> None:
        self.stage = stage
        self.status = 0
        self.chats: dict[tuple[str, str], str] = {}
        self._alone: dict[tuple[str, str], str] = {}  # private chat -> whose it is
        self._presses: dict[str, str] = {}  # press -> who pressed

    async def event(self, event: Json) -> AsyncIterator[Json]:
        """One event and what came of it. Raises Refused, also where its handler failed, after what was said nevertheless."""
        at = moment(event)
        message = inbound(event, at, self.stage)
        if message is not None:
            chat = (message.address.channel, message.address.chat)
            self.chats[chat] = message.address.chat
            self._presses[message.message_id] = message.sender.name
            if message.chat_kind is ChatKind.PRIVATE:
                self._alone[chat] = message.sender.name
        for sent in await self.stage.play(message, at=at):
            yield self.shown(sent)
        if message is not None and (trouble := await self.stage.trouble_with(message)) is not None:
            raise Refused(f"the message could not be answered: {trouble}")

    def shown(self, sent: Sent) -> Json:
        """One output line. `to`: the one person who sees it, None for a whole group. `edits` only where the channel can replace a message."""
        message = sent.message
        chat = (message.address.channel, message.address.chat)
        return {
            "at": sent.at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds"),
            "channel": message.address.channel,
            "chat": message.address.chat,
            "to": self._presses.get(message.to_press or "") if message.toast else self._alone.get(chat),
            "message_id": sent.message_id,
            "text": message.text,
            "buttons": [{"id": choice.id, "label": choice.label} for choice in message.choices],
            "files": [document.name for document in message.documents],
            "edits": message.edits if capabilities_of(message.address.channel).edits else None,
        }


def moment(event: Json) -> datetime:
    """`at` as an aware time; a naive one is UTC. Raises Refused."""
    try:
        at = datetime.fromisoformat(event["at"])
    except (KeyError, TypeError, ValueError) as problem:
        raise Refused('"at" is missing or not a time such as 2025-03-14T12:00:00') from problem
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def inbound(event: Json, at: datetime, stage: Rehearsal) -> InboundMessage | None:
    """The event as any channel would hand it over; None for a tick. Raises Refused."""
    kind = event.get("kind", "text")
    if kind == TICK:
        return None
    if kind not in KINDS:
        raise Refused(f'"kind" is one of {", ".join([*KINDS, TICK])}')
    text = {name: _text(event, name) for name in ("channel", "chat", "from", "message_id", "text", "reply_to", "file", "button")}
    for name in ("channel", "chat", "from"):
        if not text[name]:
            raise Refused(f'"{name}" is missing')
    if event.get("chat_kind", "private") not in set(ChatKind):
        raise Refused('"chat_kind" is private or group')
    stamp = int(at.timestamp() * 1000)
    return InboundMessage(
        address=ChatAddress(text["channel"] or "", "", text["chat"] or ""),
        chat_kind=ChatKind(event.get("chat_kind", "private")),
        sender=Person(text["from"] or "", text["from"] or ""),
        message_id=text["message_id"] or f"{kind}-{stamp}",
        kind=InboundKind(kind),
        sent_at=at,
        version=stamp if kind == InboundKind.EDIT else 0,
        position=stamp,
        text=text["text"] or "",
        reply_to=text["reply_to"],
        button=stage.choice_id(text["reply_to"], text["button"]) if text["button"] else None,
        chat_title=text["chat"] or "",
        attachments=(Attachment(text["file"], ENCLOSED.get(Path(text["file"]).suffix.lower(), "application/octet-stream")),) if text["file"] else (),
    )


def _text(event: Json, name: str) -> str | None:
    value = event.get(name)
    if value is not None and not isinstance(value, str):
        raise Refused(f'"{name}" is not a string')
    return value or None
