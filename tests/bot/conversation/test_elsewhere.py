"""What a private chat says in a group by its name: who may, which group, and in whose people and currency it is read."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.conversation.intents import Command, ParseContext, Query, RecordSettlement, TakeBack
from bot.conversation.parsing import parse, placed
from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat

CONTEXT = ParseContext(now=START, speaker="Bob", members=("Bob", "anna"), groups=("Alps", "Alps 2025", "Home"), language="en")


@pytest.fixture
async def play(database: Database) -> AsyncIterator[Rehearsal]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as rehearsal:
        yield rehearsal


@pytest.mark.parametrize(
    ("text", "group", "rest", "first"),
    [
        ("in Alps: settle", "Alps", "settle", True),
        ("alps, undo", "Alps", "undo", True),
        ("in alps 2025: what changed?", "Alps 2025", "what changed?", True),
        ("who owes whom in Alps?", "Alps", "who owes whom", False),
        ("what did we spend in Home last week", "Home", "what did we spend last week", False),
    ],
)
def test_a_text_is_told_apart_from_the_group_that_it_names(text: str, group: str, rest: str, first: bool):
    found = placed(text, CONTEXT)
    assert found is not None
    assert (found.group, found.text, found.first) == (group, rest, first)


@pytest.mark.parametrize("text", ["alps 20", "the Alps are high", "undo", "we were home at 8", ""])
def test_a_name_alone_says_nothing_there(text: str):
    assert placed(text, CONTEXT) is None


def test_what_is_left_means_what_it_would_mean_alone():
    kinds = {text: type(parse(found.text, CONTEXT).intent) for text in _ORDERS if (found := placed(text, CONTEXT)) is not None}
    assert kinds == _ORDERS


_ORDERS = {
    "in Alps: settle": Command,
    "in Alps: what changed?": Query,
    "in Alps: undo": TakeBack,
    "in Alps: export": Command,
    "I paid anna 5 in Alps": RecordSettlement,
}


@pytest.mark.parametrize(
    ("left", "refused"),
    [("leave", "You are not in Alps any more"), ("", "[Alps] ")],
)
async def test_who_left_may_look_and_not_write(play: Rehearsal, left: str, refused: str):
    anna, bob, alone = Chat(play, "anna", "Alps"), Chat(play, "bob", "Alps"), Chat(play, "bob")
    await anna.joins()
    await bob.joins()
    await anna.says("hut 40")
    if left:
        await bob.says(left)
    assert (await alone.says("in Alps: balance"))[-1].startswith("[Alps] bob → anna €20")
    assert refused in (await alone.says("in Alps: soup 10"))[-1]


async def test_closed_groups_stand_back_behind_open_ones_of_the_same_name(play: Rehearsal):
    old, new, alone = Chat(play, "bob", "Alps"), Chat(play, "bob", "Tatra"), Chat(play, "bob")
    for group in (old, new):
        await group.joins()
    await new.says("rename the group to Alps")
    await old.says("archive the group")
    assert "soup" in (await alone.says("in Alps: soup 10"))[-1].casefold()
    await new.says("archive the group")
    assert "In which one" in (await alone.says("in Alps: balance"))[-1]


async def test_what_is_of_the_person_is_no_matter_of_the_group(play: Rehearsal):
    group, alone = Chat(play, "bob", "Alps"), Chat(play, "bob")
    await group.joins()
    assert (await alone.says("in Alps: delete me"))[-1].startswith("This erases your name")


async def test_an_answer_goes_where_the_question_was_asked(play: Rehearsal):
    anna, bob, alone = Chat(play, "anna", "Alps"), Chat(play, "bob", "Alps"), Chat(play, "bob")
    await anna.joins()
    await bob.joins()
    await anna.says("my currency is yen")
    assert "¥" in (await alone.says("in Alps: 4500"))[-1]
    assert (await alone.says("hut"))[-1].startswith("[Alps] Hut ¥4,500, paid by you, split with everyone: ¥2,250 each.")
    assert (await alone.says("tea 3"))[-1].startswith("Tea €3")
