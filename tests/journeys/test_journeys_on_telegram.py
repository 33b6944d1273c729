"""The same transcripts at the wire: acts as Telegram's updates into the real service, and what it then asked Telegram to show.

Left out: what needs another channel, or a clock that stands at a given time of day (the service's own clock is the real one).
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tests.support.fake_telegram import FakeTelegram
from tests.support.telegram_plays import Play, as_lines
from tests.support.telegram_service import telegram_service
from tests.support.transcripts import read_transcript

FOLDER = Path(__file__).parent
LEFT_OUT = {
    "06-join-code": "half of it is on another channel",
    "07-settings": "says what time it is in Tokyo",
    "13-photos": "its photos are pictures that no engine reads",
    "40-receipts": "played at the wire with real pictures by tests/bot/test_receipts_on_the_wire.py",
    "43-photo-in-a-group": "its photos are pictures that no engine reads",
}


async def test_the_journeys_run_unchanged_on_telegram(place: tuple[Path, str]) -> None:
    home, dsn = place
    first_of_month = datetime.now(UTC).day == 1  # "yesterday" is in another month then, and the month's sum another
    wrong: list[str] = []
    played = 0
    async with FakeTelegram(privacy=False).running() as fake, telegram_service(fake, dsn, home, webhook=True) as service:
        for path in sorted(FOLDER.glob("*.txt")):
            transcript = read_transcript(path.read_text("utf-8"))
            other = {act.chat.channel for act in transcript.acts} != {"telegram"} or transcript.variables
            passes = any(act.kind == "tick" for act in transcript.acts)
            words_alone = path.stem.startswith("3")  # other languages over the same wire; a chat is written to once a second, so each act takes one
            if path.stem in LEFT_OUT or words_alone or other or passes or (first_of_month and path.stem == "01-alone"):
                continue
            play = Play(service, transcript, path.stem)
            for act in transcript.acts:
                said = await play.act(act)
                expected = [line for each in act.said for line in as_lines(each)]
                if said != expected:
                    wrong.append(f"{path.stem}: {act.who} {act.kind} {act.text!r}\n  expected {expected}\n  said     {said}")
            played += 1
    assert wrong == []
    assert played >= 8
