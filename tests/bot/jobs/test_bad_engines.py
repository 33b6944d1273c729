"""Engines that die, hang, fork, take all memory or talk nonsense, under the running desk: whoever sent the photo is answered in time, and once."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from bot.clock import SystemClock
from bot.conversation.engine import Engine
from bot.wiring import Reading, Runtime, assemble
from core.db.session import Database
from core.domain.messages import Attachment, InboundKind
from integrations.receipts.decoding import Decoder
from integrations.receipts.reader import FILE_SECONDS, OfflineReader
from integrations.receipts.sandbox import Child
from tests.integrations.receipts.test_sandbox import BAD, HEAD, linux, processes
from tests.support.doubles import FakeChannel, FakeFiles
from tests.support.receipts import boxes_of, draw
from tests.support.running import message

BILL = (Path(__file__).parents[2] / "journeys" / "photos" / "trattoria.txt").read_text("utf-8")
BOXES = [[[b.left, b.top, b.right, b.top, b.right, b.bottom, b.left, b.bottom], b.text, b.score] for b in boxes_of(BILL)]
GOOD = f"say({{'boxes': json.loads({json.dumps(BOXES)!r})}})"
ANSWER_SECONDS = 25
MODES = {**{name: BAD[name] for name in ("killed", "four gigabytes", "nonsense", "has children")}, "exits with nothing": "sys.exit(0)"}


class Table:
    """A running service with one engine, and Anna who sends photos to it."""

    def __init__(self, channel: FakeChannel, files: FakeFiles, owner: asyncpg.Connection, runtime: Runtime) -> None:
        self.channel, self.files, self.owner, self.runtime = channel, files, owner, runtime

    async def photo(self, number: int, *, seconds: float = ANSWER_SECONDS) -> str:
        """What stands in the place of "Reading…", in time."""
        before = len(self.channel.sent)
        self.files.files[f"file-{number}"] = draw(BILL)
        await self.runtime.accept(message("anna", number, "", kind=InboundKind.PHOTO, attachments=(Attachment(f"file-{number}", "image/jpeg"),)))
        async with asyncio.timeout(seconds):
            while len(self.channel.sent) < before + 2:
                await asyncio.sleep(0.01)
        assert self.channel.sent[before].text == "Reading…"
        return self.channel.sent[-1].text

    async def say(self, number: int, text: str) -> str:
        before = len(self.channel.sent)
        await self.runtime.accept(message("anna", number, text))
        async with asyncio.timeout(5):
            while len(self.channel.sent) == before:
                await asyncio.sleep(0.01)
        return self.channel.sent[-1].text

    async def booked(self) -> int:
        return int(await self.owner.fetchval("SELECT count(*) FROM entries"))


@asynccontextmanager
async def serving(database: Database, dsn: str, code: str, *, seconds: float = 3, files: FakeFiles | None = None) -> AsyncIterator[Table]:
    """`code`: what the engine's child does with its first request. `seconds`: what a file may take."""
    channel, files = FakeChannel(), files or FakeFiles()
    child = Child("test", command=[sys.executable, "-c", HEAD.replace("import os", "import json, os", 1) + code])
    reading = Reading(OfflineReader("tesseract", child=child, seconds=seconds), Decoder(), {"fake": files})
    runtime = assemble(database, clock=SystemClock(), channels={"fake": channel}, engine=Engine(reads=True), reading=reading, limits=None)
    loops, owner = asyncio.create_task(runtime.run()), await asyncpg.connect(dsn)
    try:
        yield Table(channel, files, owner, runtime)
    finally:
        runtime.stop()
        await asyncio.wait_for(loops, 30)
        await owner.close()


@linux
@pytest.mark.parametrize("mode", MODES)
async def test_it_is_asked_for_the_total_in_time_and_nothing_is_left(database: Database, dsn: str, mode: str) -> None:
    before = processes()
    async with serving(database, dsn, MODES[mode]) as table:
        assert "total" in await table.photo(1)
        assert processes() <= before, "neither zombies nor orphans, while the service runs on"
        assert "€28" in await table.say(2, "28")
        assert await table.booked() == 1
    assert processes() <= before
    async with serving(database, dsn, GOOD) as table:
        await asyncio.sleep(1.5)
        assert (await table.booked(), table.channel.sent) == (1, []), "a restart reads nothing again"


@linux
async def test_one_that_hangs_is_given_up_within_the_real_limits(database: Database, dsn: str) -> None:
    before, start = processes(), time.monotonic()
    async with serving(database, dsn, BAD["hangs"], seconds=FILE_SECONDS) as table:
        assert "total" in await table.photo(1)
    assert time.monotonic() - start < ANSWER_SECONDS
    assert processes() <= before


@linux
async def test_one_that_dies_once_is_asked_again_and_it_is_one_bill(database: Database, dsn: str, tmp_path: Path) -> None:
    died = tmp_path / "died"
    before = processes()
    once = f"open({str(died)!r}, 'x') and os.kill(os.getpid(), 9) if not os.path.exists({str(died)!r}) else {GOOD}; time.sleep(600)"
    async with serving(database, dsn, once) as table:
        assert "£51, 4 lines, adds up" in await table.photo(1)
        assert await table.booked() == 1
    assert died.exists()
    assert processes() <= before
    async with serving(database, dsn, GOOD) as table:
        await asyncio.sleep(1.5)
        assert (await table.booked(), table.channel.sent) == (1, [])


@linux
async def test_a_service_that_stops_over_a_photo_leaves_it_to_the_next(database: Database, dsn: str) -> None:
    before, files = processes(), FakeFiles()
    async with serving(database, dsn, BAD["hangs"], files=files) as table:
        files.files["file-1"] = draw(BILL)
        await table.runtime.accept(message("anna", 1, "", kind=InboundKind.PHOTO, attachments=(Attachment("file-1", "image/jpeg"),)))
        while not table.channel.sent:
            await asyncio.sleep(0.01)
        first = table
    assert processes() <= before
    async with serving(database, dsn, GOOD, files=files) as table:
        async with asyncio.timeout(ANSWER_SECONDS):
            while len(first.channel.sent) + len(table.channel.sent) < 2:
                await asyncio.sleep(0.01)
        await asyncio.sleep(1.5)
        said = [sent.text for sent in (*first.channel.sent, *table.channel.sent)]
        assert (len(said), said[0]) == (2, "Reading…"), "one answer, by whichever of the two"
        assert await table.booked() == ("£51" in said[1])
