"""Questions that people put to a group's book, in words of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat

PLAN = "cleo → anna €130 · bob → anna €70. 2 payments and everyone is even."


@pytest.fixture
async def play(database: Database) -> AsyncIterator[Rehearsal]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        for who in ("anna", "bob", "cleo"):
            await Chat(play, who, "oslo").joins()
        await Chat(play, "anna", "oslo").says("cabin 300")
        await Chat(play, "bob", "oslo").says("boat 60 with cleo")
        yield play


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("what's everyone's balance?", PLAN),
        ("can you calculate who owes what", PLAN),
        ("how do we settle this?", PLAN),
        ("what is left to pay", PLAN),
        ("do I owe anything?", "bob → anna €70."),
        ("what's the total so far", "Spent, in all: €360 in 2 expenses. Biggest: Cabin €300."),
        ("total per person", "In all: anna €300 · bob €60."),
        ("who paid for the boat?", "oslo, newest first:\nFri 14 Mar  Boat €60 (you)"),
        ("when did we pay for the cabin", "Cabin €300 (anna)"),
        ("show me the boat", "oslo, newest first:\nFri 14 Mar  Boat €60 (you)"),
        ("wer hat das Boot bezahlt?", None),
        ("wer hat das boat bezahlt?", "Boat €60"),
        ("quién pagó la cabin", "Cabin €300"),
        ("qui a payé le boat ?", "Boat €60"),
        ("chi ha pagato la cabin?", "Cabin €300"),
        ("quem pagou a cabin", "Cabin €300"),
        ("who paid for the pizza?", None),  # of one that nobody wrote of they ask each other
        ("how do we split this?", None),
    ],
)
async def test_what_is_asked_of_the_book_is_answered(play: Rehearsal, text: str, said: str | None) -> None:
    answers = await Chat(play, "bob", "oslo").says(text)
    assert answers == [] if said is None else said in answers[0]
