"""The same transcripts at the wire: acts as Telegram's updates into the real service, and what it then asked Telegram to show.

Left out: what needs another channel, or a clock that stands at a given time of day (the service's own clock is the real one).
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import zip_longest
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
    "48-currencies": "counts by the rates of a day, and the service's own clock says another",
    "45-photo-in-a-group": "its photos are pictures that no engine reads",
    "57-group-log": "tells days in German",
    "67-questions": "asks about months, which are others by the service's own clock; so do the next two",
    "68-tips": "a history of months",
    "58-paid-in-another-currency": "counts by the rates of a day",
    "69-afford-with-bills": "says what is due until the end of a month",
    "70-what-was-agreed": "tells days in German and Spanish",
    "71-said-from-elsewhere": "a private chat is told what its group is told, and days in German",
    "77-undone-as-a-whole": "tells days in Spanish",
    "81-plans-taken-back": "says what is left a day",
    "86-undo-among-others": "the same",
    "82-paid-and-large": "asks about months, and so do the next two",
    "83-one-question-after-another": "the same",
    "84-another-price": "the same",
}


def plays_here(path: Path) -> bool:
    """Not in other languages, which go over the same wire."""
    transcript = read_transcript(path.read_text("utf-8"))
    other = {act.chat.channel for act in transcript.acts} != {"telegram"} or transcript.variables
    first_of_month = datetime.now(UTC).day == 1  # "yesterday" is in another month then, and the month's sum another
    left_out = path.stem in LEFT_OUT or path.stem.startswith("3") or (first_of_month and path.stem == "01-alone")
    return not (left_out or other or any(act.kind == "tick" for act in transcript.acts))


async def test_the_journeys_run_unchanged_on_telegram(place: tuple[Path, str]) -> None:
    """All side by side, an act of each at a time, for each has people and chats of its own. The platform's pace is kept by others."""
    home, dsn = place
    transcripts = {path.stem: read_transcript(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.txt")) if plays_here(path)}
    wrong: list[str] = []
    async with FakeTelegram(privacy=False).running() as fake, telegram_service(fake, dsn, home, webhook=True) as service:
        plays = {name: Play(service, transcript, name) for name, transcript in transcripts.items()}
        for acts in zip_longest(*(transcript.acts for transcript in transcripts.values())):
            at_once = [(name, act) for name, act in zip(transcripts, acts, strict=True) if act is not None and name in plays]
            for name, act in at_once:
                try:
                    await plays[name].do(act)
                except AssertionError as problem:  # it is another conversation by now: the others go on
                    wrong.append(f"{name}: {act.who} {act.kind} {act.text!r}: {problem}")
                    del plays[name]
            await service.quiet()
            for name, act in at_once:
                if name not in plays:
                    continue
                said, expected = plays[name].answers(act), [line for each in act.said for line in as_lines(each)]
                if said != expected:
                    wrong.append(f"{name}: {act.who} {act.kind} {act.text!r}\n  expected {expected}\n  said     {said}")
    assert not wrong, "\n".join(wrong)
    assert len(transcripts) >= 8
