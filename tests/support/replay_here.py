"""`tuppence replay` within this process: the same play on a database of its own, without a start of seconds a transcript."""

from __future__ import annotations

import asyncio

from bot.cli.replay import EPOCH, Play
from bot.rehearsal import Rehearsal
from core.db.audit import audit
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from integrations.receipts.choice import installed
from integrations.receipts.reader import OfflineReader
from tests.support.database import KEYS
from tests.support.transcripts import Json, TranscriptError


class Here:
    """A replay that has begun. That the command does the same is shown by the journeys that are played through it."""

    def __init__(self, dsn: str) -> None:
        self.outputs: list[Json] = []
        self._dsn = dsn
        self._runner = asyncio.Runner()

    def __enter__(self) -> Here:
        self._runner.run(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._close())
        self._runner.close()

    async def _open(self) -> None:
        self._database = await Database.open(self._dsn, keys=KEYS, durable=False)
        reader = OfflineReader("tesseract") if installed("tesseract") else None
        self._stage = Rehearsal(self._database, start=EPOCH, capabilities=capabilities_of, reader=reader)
        self._play = Play(await self._stage.__aenter__())

    async def _close(self) -> None:
        await self._stage.__aexit__()
        await self._database.close()

    def send(self, event: Json) -> None:
        async def said() -> list[Json]:
            return [shown async for shown in self._play.event(event)]

        self.outputs += self._runner.run(said())

    def wait(self, count: int | None) -> None:
        """Everything was said when the event was over."""

    def finish(self) -> Json:
        """What stands in the end. TranscriptError where the ledger does not hold."""
        return self._runner.run(self._finish())

    async def _finish(self) -> Json:
        if violations := (await audit(self._dsn))[1]:
            raise TranscriptError("\n".join(f"the ledger does not hold: {each.name} {each.where}" for each in violations))
        return await self._stage.final(self._play.chats)
