"""Questions in seven languages, asked of one ledger: the numbers beside each were counted by hand from `ledger.csv`, not by the product."""

from __future__ import annotations

import csv
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.conversation.replies.formats import Voice
from bot.rehearsal import Rehearsal
from core.db import people
from core.db.session import Database
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.domain.money import Money
from integrations.channels.limits import capabilities_of
from tests.support.builders import expense

FOLDER = Path(__file__).with_name("questions")
CASES: list[dict[str, Any]] = [json.loads(line) for line in (FOLDER / "questions.jsonl").read_text("utf-8").splitlines()]
LANGUAGES = ("en", "de", "es", "fr", "it", "pt", "hi")
START = datetime(2025, 3, 14, 12, tzinfo=UTC)


class Talk:
    """One person who writes in one language, with the ledger of `ledger.csv` as their own."""

    def __init__(self, play: Rehearsal, language: str) -> None:
        self.play, self.language, self.at = play, language, START

    async def say(self, text: str) -> str:
        self.at += timedelta(seconds=1)
        message = InboundMessage(
            ChatAddress("telegram", "", f"chat-{self.language}"),
            ChatKind.PRIVATE,
            Person(f"user-{self.language}", "Zoe"),
            uuid4().hex,
            InboundKind.TEXT,
            self.at,
            text=text,
            language=self.language,
            position=int(self.at.timestamp()),
        )
        return "\n".join(sent.message.text for sent in await self.play.play(message, at=self.at))

    async def keep_ledger(self, database: Database) -> None:
        await self.say("hi")
        async with database.unit_of_work() as uow:
            address = ChatAddress("telegram", "", f"user-{self.language}")
            found = await people.find_person(uow, people.person_hash(uow.keys, address, f"user-{self.language}"))
            assert found is not None
            await uow.load_books([found.personal_book_id])
            await people.update_book(uow, found.personal_book_id, currency="EUR")
            book = uow.book(found.personal_book_id)
            for row in csv.DictReader((FOLDER / "ledger.csv").read_text("utf-8").splitlines()):
                minor = Money.of(row["amount"], "EUR").minor
                uow.post(expense(book, minor, description=row["words"], on=date.fromisoformat(row["on"]), category=row["category"]))


def test_there_are_two_hundred_in_all_languages() -> None:
    assert len(CASES) >= 200
    assert {case["language"] for case in CASES} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_answers_have_the_numbers_of_the_ledger(language: str, database: Database) -> None:
    voice, wrong = Voice(language), []
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        talk = Talk(play, language)
        await talk.keep_ledger(database)
        for case in CASES:
            if case["language"] != language:
                continue
            if "after" in case:
                await talk.say(case["after"])
            said = await talk.say(case["text"])
            wanted = [voice.amount(Money.of(amount, "EUR")) for amount in case["amounts"]]
            wanted += [voice.say("expenses_counted", count=case["count"])] if case.get("count") else []
            missing = [each for each in wanted if each not in said]
            if missing:
                wrong.append(f"{case['text']}\n  says {said!r}\n  without {missing}")
    assert not wrong, "\n".join(wrong)
