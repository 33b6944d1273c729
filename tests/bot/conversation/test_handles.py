"""Who is meant by an @: by handle whatever the name, and nobody by calling themselves like somebody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.conversation.intents import Command, Nothing, ParseContext, Query, TakeBack
from bot.conversation.parsing import parse
from bot.conversation.replies.catalogue import introductions
from bot.rehearsal import Rehearsal
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of

START = datetime(2025, 3, 14, 12, tzinfo=UTC)


class Group:
    def __init__(self, play: Rehearsal) -> None:
        self.play = play
        self.number = 0

    async def say(self, person: Person, text: str = "", **more) -> str:
        self.number += 1
        at = START + timedelta(minutes=self.number)
        values = {"kind": InboundKind.TEXT if text else InboundKind.JOIN, "position": self.number} | more
        address = ChatAddress("telegram", "", "trip")
        message = InboundMessage(address, ChatKind.GROUP, person, str(self.number), sent_at=at, text=text, **values)
        return " ".join(sent.message.text for sent in await self.play.play(message, at=at))

    async def balances(self):
        return (await self.play.final({("telegram", "trip"): "trip"}))["trip"]["balances"]["EUR"]


@pytest.fixture
async def group(database):
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        yield Group(play)


ANNA, BOB = Person("1", "Annika", "anna_99"), Person("2", "Bob", "the_real_b")


async def test_a_handle_finds_whoever_bears_it(group):
    await group.say(ANNA)
    await group.say(BOB)
    await group.say(BOB, "paid 30 for taxi with @Anna_99")
    assert await group.balances() == {"Annika": "-15.00", "Bob": "15.00"}


async def test_a_handle_that_is_like_a_name_takes_nobodys_place(group):
    await group.say(BOB)
    await group.say(Person("3", "Mallory", "bob"))
    await group.say(ANNA, "paid 30 for taxi with Bob")
    assert await group.balances() == {"Annika": "15.00", "Bob": "-15.00", "Mallory": "0.00"}
    await group.say(ANNA, "paid 10 for bus with @bob")
    assert (await group.balances())["Mallory"] == "-5.00", "behind an @ it is the account that is meant"


async def test_a_guest_who_was_named_by_handle_is_claimed_by_it(group):
    await group.say(BOB, "paid 30 for taxi with @anna_99")
    await group.say(ANNA, "bus 4")
    assert set(await group.balances()) == {"Annika", "Bob"}


async def test_a_handle_that_changes_hands(group):
    await group.say(ANNA)
    await group.say(BOB)
    await group.say(Person("4", "Carla", "anna_99"))
    await group.say(BOB, "paid 30 for taxi with @anna_99")
    assert await group.balances() == {"Annika": "0.00", "Bob": "15.00", "Carla": "-15.00"}


async def test_an_account_that_is_mentioned_by_another_name(group):
    await group.say(ANNA)
    await group.say(BOB)
    await group.say(BOB, "paid 30 for taxi with Anna", mentions=(Person("1", "Anna", ""),))
    assert await group.balances() == {"Annika": "-15.00", "Bob": "15.00"}


async def test_a_reaction_and_a_removal_make_nobody_a_member(group):
    await group.say(ANNA, "taxi 20")
    for kind in (InboundKind.REACTION, InboundKind.REMOVED):
        assert await group.say(Person("9", "Stranger"), kind=kind) == ""
    assert set(await group.balances()) == {"Annika"}


async def test_who_left_is_told_of_once(group):
    await group.say(ANNA)
    await group.say(BOB)
    assert await group.say(BOB, kind=InboundKind.LEAVE) == "Bob left."
    assert await group.say(BOB, kind=InboundKind.LEAVE) == ""


@pytest.mark.parametrize("name", introductions()["en"][0])
@pytest.mark.parametrize("chat", ["private", "group"])
def test_every_command_of_the_menu_is_understood(name, chat):
    context = ParseContext(START, speaker="Anna", members=("Anna", "Bob"), chat=chat)
    for text in (f"/{name}", name.replace("_", " ")):
        understood = parse(text, context)
        assert isinstance(understood.intent, Command | Query | TakeBack), (text, understood)
        assert not isinstance(understood.intent, Nothing)


def test_the_menu_is_within_the_limits():
    commands, about, short = introductions()["en"]
    assert len(commands) >= 9
    assert all(len(name) <= 32 and 1 <= len(text) <= 256 for name, text in commands.items())
    assert len(about) <= 512
    assert len(short) <= 120
