"""What the journeys' replies cost as SMS: plays every transcript as if its chats were on another channel, pressing buttons by their place."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from bot.cli.replay import EPOCH, Play
from bot.rehearsal import Rehearsal
from core.db.session import Database
from core.domain.messages import Choice
from integrations.channels.limits import capabilities_of
from integrations.channels.twilio.rendering import sms_text
from integrations.receipts.choice import installed
from integrations.receipts.reader import OfflineReader
from tests.support.database import KEYS
from tests.support.replays import played
from tests.support.transcripts import Act, Json, Said, Transcript, read_transcript

FOLDER = Path(__file__).parents[1] / "journeys"


def on_channel(transcript: Transcript, channel: str) -> Transcript:
    """The same conversation elsewhere: labels differ there, so a press names the place of its button."""
    for index, part in enumerate(transcript.parts):
        if not isinstance(part, Act):
            continue
        part = replace(part, chat=replace(part.chat, channel=channel))
        if part.kind == "button":
            places = [said.buttons.index(part.text) for said in _said_before(transcript, index) if part.text in said.buttons]
            part = replace(part, text=f"#{places[-1]}")
        transcript.parts[index] = part
    return transcript


def _said_before(transcript: Transcript, index: int) -> list[Said]:
    return [said for part in transcript.parts[:index] if isinstance(part, Act) for said in part.said]


def replies_of(path: Path, *, channel: str, dsn: str, photos: Path) -> list[str]:
    """Everything that the bot says in one journey, as SMS. `photos`: the folder of the pictures that are sent; `dsn`: a database of its own."""
    with Here(dsn) as replay:
        done = played(on_channel(read_transcript(path.read_text("utf-8")), channel), replay, folder=photos)
    return [sms_text(said.text, [Choice(label, label) for label in said.buttons]) for act in done.said for said in act]


class Here:
    """A replay within this process, for what is played to read its words: that the command does the same is shown by the journeys themselves."""

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
        return self._runner.run(self._stage.final(self._play.chats))
