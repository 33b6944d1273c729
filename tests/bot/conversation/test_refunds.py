"""Money that came back: in a group it is everyone's, alone it moves no balance."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.rehearsal import Rehearsal
from core.db.audit import audit
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("the hotel refunded me 60", "Refund Hotel €60, received by you, for everyone: €20 each. You owe €140 in all."),
        ("got a 60 refund for the hotel", "Refund Hotel €60, received by you, for everyone: €20 each. You owe €140 in all."),
        ("we got 60 back for the hotel", "Refund Hotel €60, received by you, for everyone: €20 each. You owe €140 in all."),
    ],
)
async def test_a_group_shares_what_came_back(play: Rehearsal, dsn: str, text: str, said: str) -> None:
    bob = Chat(play, "bob", "trip")
    assert await bob.says(text) == [said]
    assert await balances(play) == {"anna": "220.00", "bob": "-140.00", "cleo": "-80.00"}
    assert (await audit(dsn))[1] == []
    await bob.says("undo")
    assert await balances(play) == {"anna": "200.00", "bob": "-100.00", "cleo": "-100.00"}


async def test_the_cents_of_a_refund_are_carried_like_those_of_a_bill(play: Rehearsal, dsn: str) -> None:
    bob = Chat(play, "bob", "trip")
    for _ in range(3):
        await bob.says("refund of 10 from the hotel")
    assert await balances(play) == {"anna": "210.00", "bob": "-120.00", "cleo": "-90.00"}
    assert (await audit(dsn))[1] == []


async def test_alone_it_moves_nothing(play: Rehearsal) -> None:
    assert (await Chat(play, "anna").says("got a 60 refund for the shoes"))[0] == "Refund Shoes €60 noted."


async def test_what_was_sold_is_no_bill(play: Rehearsal) -> None:
    bob = Chat(play, "bob", "trip")
    assert await bob.says("sold the leftover beer for 10, for everyone") == []
    assert await bob.says("cleo got a 60 refund from the hotel") == []
    assert await balances(play) == {"anna": "200.00", "bob": "-100.00", "cleo": "-100.00"}
