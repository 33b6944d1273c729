"""What the journeys' replies cost as SMS: plays every transcript as if its chats were on another channel, pressing buttons by their place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.domain.messages import Choice
from integrations.channels.twilio.rendering import sms_text
from tests.support.replay_here import Here
from tests.support.replays import played
from tests.support.transcripts import Act, Said, Transcript, read_transcript

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
