"""What is said of a payment that somebody was asked about, and what is said of anything else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat

ARRIVAL = ["it didn't arrive", "nothing arrived", "ist nicht angekommen", "no llegó nada", "rien reçu", "non è arrivato", "não chegou", "nahi aaya"]
RECEIPT = [
    "I didn't get it",
    "I never got it",
    "haven't received anything",
    "habe nichts bekommen",
    "no recibí nada",
    "non ho ricevuto niente",
    "kuch nahi mila",
]


@pytest.fixture
async def play(database: Database) -> AsyncIterator[Rehearsal]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        for who in ("anna", "bob"):
            await Chat(play, who, "flat").joins()
        await Chat(play, "anna", "flat").says("rent 600")
        yield play


async def counts(play: Rehearsal) -> bool:
    """Whether the 50 that Bob paid count, of the 300 that he owed (or 290, when he paid for pizza)."""
    return (await play.final({("telegram", "flat"): "flat"}))["flat"]["balances"]["EUR"]["bob"] in ("-250.00", "-240.00")


@pytest.mark.parametrize("text", ["no", *ARRIVAL])
async def test_what_is_said_right_behind_the_question_answers_it(play: Rehearsal, text: str) -> None:
    await Chat(play, "bob", "flat").says("paid anna 50")
    await Chat(play, "bob", "flat").says("look at the dog")
    await Chat(play, "anna", "flat").says(text)
    assert not await counts(play)


@pytest.mark.parametrize("text", ARRIVAL)
async def test_later_it_is_said_of_something_else(play: Rehearsal, text: str) -> None:
    await Chat(play, "bob", "flat").says("paid anna 50")
    await Chat(play, "bob", "flat").says("pizza 20")
    assert await Chat(play, "anna", "flat").says(text) == []
    assert await counts(play)


@pytest.mark.parametrize("text", RECEIPT)
async def test_a_joke_that_nobody_got_is_no_payment(play: Rehearsal, text: str) -> None:
    await Chat(play, "bob", "flat").says("paid anna 50")
    assert await Chat(play, "anna", "flat").says(text) == []
    assert await counts(play)


@pytest.mark.parametrize("text", [*ARRIVAL, *RECEIPT])
async def test_in_reply_to_the_question_it_is_its_answer(play: Rehearsal, text: str) -> None:
    (asked,) = await Chat(play, "bob", "flat").sends("paid anna 50")
    await Chat(play, "bob", "flat").says("pizza 20")
    await Chat(play, "anna", "flat").sends(text, reply_to=asked.message_id)
    assert not await counts(play)
