"""The same transcripts in the web chat: its own routes, its live stream and its people, word for word.

Left out: what needs another channel, time that passes, a reaction or a repeated delivery (the page has neither).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from core.db.session import Database
from tests.support.transcripts import read_transcript
from tests.support.web_plays import WITHOUT, web_play

FOLDER = Path(__file__).parent
LEFT_OUT = (
    "40-receipts",
    "45-photo-in-a-group",  # their photos are read; a photo of the page is nothing but a photo here
    "56-who-left",  # who left a group of the page does not see it any more
    "70-what-was-agreed",  # reactions, of which the page has none
    "71-said-from-elsewhere",  # who is told first is another here
    "68-tips",  # a history of many messages, more than the page lets anybody write in a minute
    "86-undo-among-others",  # the same
)


def plays_here(path: Path) -> bool:
    """Not in other languages, which come over the same routes."""
    transcript = read_transcript(path.read_text("utf-8"))
    if path.stem in LEFT_OUT or path.stem.startswith("3") or transcript.variables:
        return False
    joined: set[tuple[str, str]] = set()
    for act in transcript.acts:
        joined |= {(act.chat.name, act.who)} if act.kind == "join" else set()
        if act.chat.kind == "group" and (act.chat.name, act.who) not in joined and act.kind != "join":
            return False  # somebody writes in a group without having joined it, which the page does not let them
    return all(act.chat.channel == "telegram" and act.kind not in WITHOUT | {"tick"} for act in transcript.acts)


HERE = [path for path in sorted(FOLDER.glob("*.txt")) if plays_here(path)]


def test_there_are_journeys_for_the_page() -> None:
    assert len(HERE) >= 9


@pytest.mark.parametrize("path", HERE, ids=lambda path: path.stem)
async def test_the_journey_in_the_web_chat(path: Path, database: Database) -> None:
    transcript = read_transcript(path.read_text("utf-8"))
    async with web_play(transcript, database) as play:
        for act in transcript.acts:
            assert await play.act(act) == list(act.said), f"{act.who} {act.kind} {act.text!r}"
