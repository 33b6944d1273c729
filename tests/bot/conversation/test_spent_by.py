"""What one of a group spent: what they paid, and what their own part was."""

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
            await Chat(play, who, "flat").joins()
        await Chat(play, "anna", "flat").says("rent 900")
        await Chat(play, "bob", "flat").says("pizza 30 with anna")
        yield play


@pytest.mark.parametrize(
    ("who", "text", "said"),
    [
        ("anna", "how much did bob pay?", "Spent (bob), in all: paid €30 · share €315."),
        ("anna", "how much has bob spent on housing", "Housing (bob), in all: paid nothing · share €300."),
        ("anna", "how much did I spend?", "Spent (anna), in all: paid €900 · share €315."),
        ("cleo", "how much have I paid so far", "Spent (cleo), in all: paid nothing · share €300."),
        ("cleo", "wie viel habe ich ausgegeben?", "share €300"),
        ("cleo", "cuánto he gastado", "share €300"),
        ("cleo", "combien ai-je dépensé ?", "share €300"),
        ("cleo", "quanto ho speso", "share €300"),
        ("cleo", "quanto gastei", "share €300"),
        ("anna", "how much have we spent", "Spent, in all: €930 in 2 expenses."),
        ("anna", "total kitna kharch hua", "€930"),
        ("anna", "how much did everyone spend", "Spent, in all: €930 in 2 expenses."),
    ],
)
async def test_what_one_of_a_group_spent_is_theirs(play: Rehearsal, who: str, text: str, said: str) -> None:
    assert said in (await Chat(play, who, "flat").says(text))[0]


async def test_alone_it_is_ones_own_part_of_every_book(play: Rehearsal) -> None:
    assert "€315 in 2 expenses" in (await Chat(play, "anna").says("how much did I spend this month"))[0]
