"""Who counts as one, said again and otherwise: whoever joins another household leaves their own, and takes nobody along."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of

START = datetime(2025, 3, 14, 12, tzinfo=UTC)


class Flat:
    """Anna, Bob, Cleo and Dan, who share equally what names nobody."""

    def __init__(self, play: Rehearsal) -> None:
        self.play, self.at = play, START

    async def say(self, who: str, text: str = "", *, kind: InboundKind = InboundKind.TEXT) -> str:
        self.at += timedelta(seconds=1)
        address, position = ChatAddress("telegram", "", "flat"), int(self.at.timestamp())
        message = InboundMessage(address, ChatKind.GROUP, Person(who, who), uuid4().hex, kind, self.at, position=position, text=text)
        return "\n".join(sent.message.text for sent in await self.play.play(message, at=self.at))

    async def shares(self) -> dict[str, str]:
        final = (await self.play.final({("telegram", "flat"): "flat"}))["flat"]
        return final["expenses"][-1]["shares"]


@pytest.fixture
async def flat(database: Database) -> AsyncIterator[Flat]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        flat = Flat(play)
        for who in ("anna", "bob", "cleo", "dan"):
            await flat.say(who, kind=InboundKind.JOIN)
        yield flat


@pytest.mark.parametrize("couple", ["anna and cleo", "cleo and anna"])
async def test_who_joins_another_leaves_the_first_behind(flat: Flat, couple: str) -> None:
    await flat.say("anna", "anna and bob are a couple")
    await flat.say("anna", f"{couple} are a couple")
    await flat.say("dan", "pizza 30")
    assert await flat.shares() == {"anna": "5.00", "bob": "10.00", "cleo": "5.00", "dan": "10.00"}


async def test_two_couples_stay_two(flat: Flat) -> None:
    await flat.say("anna", "anna and bob are a couple")
    await flat.say("anna", "cleo and dan are a couple")
    await flat.say("dan", "pizza 20")
    assert await flat.shares() == {"anna": "5.00", "bob": "5.00", "cleo": "5.00", "dan": "5.00"}
    await flat.say("anna", "bob and cleo are a couple")
    await flat.say("dan", "pizza 30")
    assert await flat.shares() == {"anna": "10.00", "bob": "5.00", "cleo": "5.00", "dan": "10.00"}
