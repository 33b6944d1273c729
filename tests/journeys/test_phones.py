"""The journeys by phone: word for word over WhatsApp and SMS where they are private chats, and what all of their replies cost as SMS."""

from __future__ import annotations

import re
from datetime import UTC
from pathlib import Path

import pytest

from bot.conversation.replies.catalogue import catalogue, languages
from core.db.session import Database
from core.domain.messages import Choice
from integrations.channels.twilio.alphabet import cost, plain
from integrations.channels.twilio.forms import consent_of
from integrations.channels.twilio.rendering import whatsapp_texts
from tests.support.advertised import examples
from tests.support.database import copy_of_template
from tests.support.phones import Phones, phones
from tests.support.short_replies import FOLDER, on_channel, replies_of
from tests.support.transcripts import Said, Transcript, read_transcript

JOURNEYS = sorted(FOLDER.glob("*.txt"))
IN_LANGUAGES = {
    "en": "[012]",
    "de": "30",
    "es": "31",
    "fr": "32",
    "pt": "33",
    "it": "34",
    "hi": "35",
}  # language to the numbers of its journeys
NOBODYS = "+9995550"  # a calling code of no country: nothing is guessed from it, as in the transcripts


def is_for_phones(transcript: Transcript) -> bool:
    """Nothing is said there that time alone brings: no jobs run."""
    acts = transcript.acts
    plain_acts = all(act.chat.kind == "private" and act.kind in ("text", "button", "tick", "again") for act in acts)
    return plain_acts and not transcript.variables and not any(act.kind == "tick" and act.said for act in acts)


def is_for_one_channel(transcript: Transcript) -> bool:
    """And sends nothing that is no picture, which phones cannot."""
    return all(act.chat.channel == "telegram" and act.kind != "file" for act in transcript.acts)


BY_CODE = ("51-merged-people",)  # presses what SMS shows only once a code was sent back
ELSEWHERE = [path for path in JOURNEYS if path.stem not in BY_CODE and is_for_one_channel(read_transcript(path.read_text("utf-8")))]
PRIVATE = [path for path in ELSEWHERE if is_for_phones(read_transcript(path.read_text("utf-8")))]


def test_there_are_journeys_for_phones() -> None:
    assert len(PRIVATE) >= 4


async def play(stage: Phones, transcript: Transcript, prefix: str) -> list[list[str]]:
    """Everything that was sent, an act. A press is the number of its button."""
    people: dict[str, str] = {}
    last: list[tuple[str, str]] = []
    sent: list[list[str]] = []
    for act in transcript.acts:
        stage.clock.now = stage.fake.now = act.at.replace(tzinfo=UTC)
        if act.kind == "tick":
            sent.append([])
            continue
        theirs = people.setdefault(act.who, f"{prefix}{NOBODYS}{len(people):03}") if act.kind != "again" else dict(last)["From"]
        before = len(stage.fake.texts(theirs))
        if act.kind == "again":
            await stage.fake.deliver(last, "/webhooks/twilio/sms")
        else:
            body = str(int(act.text[1:]) + 1) if act.kind == "button" else act.text
            last = stage.fake.form(theirs, body, ProfileName=act.who if prefix else "")
            stage.fake.take_in(last)
            await stage.fake.deliver(last, "/webhooks/twilio/sms")
        await stage.quiet()
        sent.append(stage.fake.texts(theirs)[before:])
    return sent


@pytest.fixture(scope="module")
def sms_replies(server: str, photos: Path) -> dict[Path, list[str]]:
    """What is said by SMS in every journey that could be played there and is looked at."""
    found = {}
    for path in ELSEWHERE:
        if path not in PRIVATE and not any(re.match(pattern, path.stem) for pattern in IN_LANGUAGES.values()):
            continue
        with copy_of_template(server) as dsn:
            found[path] = replies_of(path, channel="sms", dsn=dsn, photos=photos)
    return found


def shown(said: Said) -> str:
    (text,) = whatsapp_texts(said.text, [Choice(label, label) for label in said.buttons])
    return text


@pytest.mark.parametrize("path", PRIVATE, ids=lambda path: path.stem)
async def test_word_for_word_on_whatsapp(path: Path, database: Database, dsn: str) -> None:
    transcript = read_transcript(path.read_text("utf-8"))
    expected = [[shown(said) for said in act.said] for act in transcript.acts]
    async with phones(database, dsn) as stage:
        assert await play(stage, on_channel(transcript, "whatsapp"), "whatsapp:") == expected
        assert stage.fake.violations == []


@pytest.mark.parametrize("path", PRIVATE, ids=lambda path: path.stem)
async def test_the_same_on_sms(path: Path, database: Database, dsn: str, sms_replies: dict[Path, list[str]]) -> None:
    transcript = on_channel(read_transcript(path.read_text("utf-8")), "sms")
    async with phones(database, dsn) as stage:
        sent = await play(stage, transcript, "")
        assert [text for texts in sent for text in texts] == sms_replies[path]
        assert [len(texts) for texts in sent] == [len(act.said) for act in transcript.acts], "as many answers as everywhere"
        assert stage.fake.violations == []


def test_replies_by_sms_cost_one_segment(sms_replies: dict[Path, list[str]]) -> None:
    """Of every language that journeys are in."""
    for language, pattern in IN_LANGUAGES.items():
        replies = [text for path, texts in sms_replies.items() if re.match(pattern, path.stem) for text in texts]
        costs = [cost(text) for text in replies]
        assert len(replies) > (90 if language == "en" else 15), language
        assert [text for text, each in zip(replies, costs, strict=True) if not each.plain or each.segments > 2] == []
        dear = [text for text, each in zip(replies, costs, strict=True) if each.segments > 1]
        assert len(dear) <= 0.05 * len(replies), (language, dear)


@pytest.mark.parametrize("language", languages())
def test_no_word_of_ours_is_one_that_carriers_take(language: str) -> None:
    """Nobody may be asked to answer with a word that opts them out or in: no button says one, and no sentence quotes one."""
    words = catalogue(language)
    asked = [plain(each.text) for each in examples(language)]
    asked += [plain(words.sentence(code, short=True)) for code in words.codes() if code.startswith("button_")]
    assert len(asked) > 40
    assert [said for said in asked if consent_of("sms", said) is not None] == []
