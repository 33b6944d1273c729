"""Money that came back is noted and is no bill: it moves no balance."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat


@pytest.fixture
async def play(database: Database) -> AsyncIterator[Rehearsal]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        for who in ("anna", "bob", "cleo"):
            await Chat(play, who, "trip").joins()
        await Chat(play, "anna", "trip").says("hotel 300")
        yield play


async def balances(play: Rehearsal) -> dict[str, str]:
    found: dict[str, str] = (await play.final({("telegram", "trip"): "trip"}))["trip"]["balances"]["EUR"]
    return found


@pytest.mark.parametrize("text", ["the hotel refunded me 60", "got a 60 refund for the hotel", "refund of 60 from the hotel"])
async def test_it_is_noted_for_who_received_it(play: Rehearsal, text: str) -> None:
    assert await Chat(play, "bob", "trip").says(text) == ["Refund Hotel €60 noted."]
    assert await balances(play) == {"anna": "200.00", "bob": "-100.00", "cleo": "-100.00"}


async def test_alone_it_moves_nothing(play: Rehearsal) -> None:
    assert (await Chat(play, "anna").says("got a 60 refund for the shoes"))[0] == "Refund Shoes €60 noted."


async def test_what_was_sold_is_no_bill(play: Rehearsal) -> None:
    bob = Chat(play, "bob", "trip")
    assert await bob.says("sold the leftover beer for 10, for everyone") == []
    assert await bob.says("cleo got a 60 refund from the hotel") == []
    assert await balances(play) == {"anna": "200.00", "bob": "-100.00", "cleo": "-100.00"}
