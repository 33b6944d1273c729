"""Who paid the rest of a bill whose amount is said in another message."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat


@pytest.fixture
async def play(database: Database) -> AsyncIterator[Rehearsal]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        for who in ("anna", "bob", "cleo"):
            await Chat(play, who, "trip").joins()
        yield play


async def bills(play: Rehearsal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await play.final({("telegram", "trip"): "trip"}))["trip"]["expenses"]
    return found


async def test_of_a_bill_that_is_answered(play: Rehearsal) -> None:
    at = play.clock() + timedelta(seconds=1)
    address, person = ChatAddress("telegram", "", "trip"), Person("anna", "anna")
    position = int(at.timestamp() * 1000)
    first = InboundMessage(address, ChatKind.GROUP, person, "first", InboundKind.TEXT, at, text="hotel 300", chat_title="trip", position=position)
    await play.play(first, at=at)
    await Chat(play, "anna", "trip").sends("bob paid 100 and I paid the rest", reply_to="first")
    (bill,) = await bills(play)
    assert (bill["amount"], bill["payers"]) == ("300.00", {"anna": "200.00", "bob": "100.00"})


async def test_the_amount_that_is_asked_for_is_that_of_the_whole(play: Rehearsal) -> None:
    anna = Chat(play, "anna", "trip")
    assert await anna.says("bob paid 40, I paid the rest") == ["How much was it?"]
    assert await bills(play) == []
    await anna.says("100")
    (bill,) = await bills(play)
    assert (bill["amount"], bill["payers"]) == ("100.00", {"anna": "60.00", "bob": "40.00"})
