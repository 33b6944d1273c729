"""Every transcript in this folder, on a real database, some through the real command. TUPPENCE_JOURNEYS=write records the bot's lines anew."""

from __future__ import annotations

import difflib
import os
from pathlib import Path

import pytest

from integrations.receipts.choice import installed
from tests.support.database import copy_of_template
from tests.support.replay_here import Here
from tests.support.replays import QUIET_SECONDS, Played, play, played
from tests.support.transcripts import Transcript, read_transcript, write_transcript

FOLDER = Path(__file__).parent
READING_SECONDS = 6.0  # a photo takes a while
# As a process, as its users start it: one a channel, with pictures, in another script, with jobs, and the longest. The others in this one.
BY_COMMAND = ("01-alone", "20-linking", "23-sms-codes", "35-hindi", "40-receipts", "53-archive", "55-whole-trip", "60-budgets")
RECORDING = os.environ.get("TUPPENCE_JOURNEYS") == "write"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
def test_journey(path: Path, server: str, replay_environment: dict[str, str], photos: Path):
    written = path.read_text(encoding="utf-8")
    transcript = read_transcript(written)
    photographed = any(act.kind == "photo" for act in transcript.acts)
    if photographed and not installed("tesseract"):
        pytest.skip("Tesseract is not installed")
    if path.stem in BY_COMMAND:
        how = {"recording": RECORDING, "quiet_seconds": READING_SECONDS if photographed else QUIET_SECONDS}
        outcome = play(transcript, folder=photos, environment=replay_environment, **how)
    else:
        outcome = played_here(transcript, server, photos)
    said = write_transcript(transcript, outcome.said, outcome.finals)
    if RECORDING:
        path.write_text(said, encoding="utf-8")
        return
    difference = difflib.unified_diff(written.splitlines(), said.splitlines(), f"{path.name} as written", "as it went", lineterm="", n=2)
    if said != written:
        pytest.fail("\n".join(difference), pytrace=False)


def played_here(transcript: Transcript, server: str, photos: Path) -> Played:
    with copy_of_template(server) as dsn, Here(dsn) as replay:
        return played(transcript, replay, folder=photos, recording=RECORDING)
