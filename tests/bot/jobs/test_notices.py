"""What people and groups are told of their own accord: their own affairs alone, once, by day, and nothing of payments or of others' money."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat, Flat, told

CODE = re.compile(r"\b[A-Z0-9]{5}-[A-Z0-9]{5}\b")
NEARLY = "Heads-up: Eating out is at €{} of €100, €{} left until Mon 31 Mar."


@pytest.fixture
async def flat(database: Database) -> AsyncIterator[Flat]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        flat = Flat(play)
        await flat.move_in()
        yield flat


async def test_what_another_wrote_in_the_group_is_told_alone_the_next_look(flat: Flat) -> None:
    await flat.anna.says("budget food 100")
    await flat.later(minutes=1)
    assert [text for text in await flat.bens.says("dinner 160") if "Heads-up" in text] == []
    assert await flat.later(hours=1) == []
    assert await flat.later(days=1) == [("alone-anna", NEARLY.format(81, 19))]
    assert await flat.later(days=1) == []


async def test_a_payment_is_no_spending_and_others_money_is_none_of_ours(flat: Flat) -> None:
    await flat.anna.says("budget food 100")
    await flat.annas.says("paid 300 for dinner for ben")
    await flat.bens.says("I paid anna 300")
    await flat.anna.says("paid 95 for pizza for ben in flat")
    assert await flat.later(days=1) == []


async def test_a_group_hears_of_its_own_budget_alone(flat: Flat) -> None:
    await flat.anna.says("budget food 40")
    await flat.bens.says("budget food 100")
    [answer] = await flat.annas.says("dinner 90")
    assert answer.endswith("\n" + NEARLY.format(90, 10)), "of the group's budget, and not that Anna's own is over"
    assert await flat.later(days=1) == [("alone-anna", "Eating out is over its budget: €46 of €40, €6 over until Mon 31 Mar.")]


async def test_a_groups_budget_is_told_in_its_chat_where_it_was_spent_elsewhere(flat: Flat) -> None:
    await flat.bens.says("budget food 100")
    [(_, alone), (chat, text)] = told(await flat.ben.sends("in flat: dinner 90"))
    assert chat == "flat" and text.endswith("\n" + NEARLY.format(90, 10))
    assert "Heads-up" not in alone, "the group's budget is told in the group"
    assert await flat.later(days=1) == []


async def test_a_goal_that_falls_behind_is_told_where_it_is_kept_once_and_not_where_that_is_muted(flat: Flat) -> None:
    await flat.anna.says("save 600 for a bike by 6 June")
    await flat.bens.says("goal sofa 900 by 6 June")
    await flat.ben.says("save 300 for a boat by 6 June")
    await flat.ben.says("mute goals")
    assert await flat.later(days=6) == []
    behind = [(chat, text.split(":")[0]) for chat, text in await flat.later(days=2)]
    assert behind == [("alone-anna", "Bike falls behind"), ("flat", "Sofa falls behind")]
    assert await flat.later(days=7) == []


async def test_never_at_night_where_they_live(flat: Flat) -> None:
    await flat.anna.says("I live in Tokyo")  # where it is nine in the evening
    await flat.anna.says("budget food 100")
    await flat.bens.says("dinner 160")
    assert await flat.later(minutes=1) == []
    assert await flat.later(hours=11) == []
    assert await flat.later(hours=1) == [("alone-anna", NEARLY.format(81, 19))]


async def test_what_the_group_does_waits_for_the_end_of_ones_quiet_hours(flat: Flat) -> None:
    cleo = Chat(flat.play, "cleo")
    await cleo.says(f"join {CODE.findall(' '.join(await flat.bens.says('invite')))[0]}")
    assert [chat for chat, _ in told(await flat.bens.sends("taxi 9"))] == ["alone-cleo", "flat"]
    await cleo.says("back")
    await cleo.says("quiet 11 to 15")
    assert [chat for chat, _ in told(await flat.bens.sends("taxi 12"))] == ["flat"]
    assert await flat.later(hours=2) == []
    [(chat, text)] = await flat.later(hours=1)
    assert chat == "alone-cleo" and "Taxi €12" in text
    assert await cleo.says("settings") != [], "an answer comes at any hour"


async def test_a_chat_that_cannot_be_written_to_keeps_it_for_later(flat: Flat, database: Database) -> None:
    await flat.anna.says("budget food 100")
    await flat.bens.says("dinner 160")
    async with database.pool.acquire() as connection:
        await connection.execute("UPDATE conversations SET stopped_at = now() WHERE kind = 'private'")
    assert await flat.later(days=1) == []
    async with database.pool.acquire() as connection:
        await connection.execute("UPDATE conversations SET stopped_at = NULL")
        assert await connection.fetchval("SELECT count(*) FROM notices") == 0, "what was not said was not told"
    assert await flat.later(days=1) == [("alone-anna", NEARLY.format(81, 19))]


async def test_mutes_of_one_are_none_of_another(flat: Flat) -> None:
    for each in (flat.anna, flat.ben):
        await each.says("budget food 100")
    await flat.anna.says("mute budgets")
    await flat.annas.says("dinner 160")
    assert await flat.later(days=1) == [("alone-ben", NEARLY.format(81, 19))]


async def test_only_whoever_may_arrange_things_mutes_a_group(flat: Flat) -> None:
    await flat.annas.says("make ben a viewer")
    assert "No more alerts" not in (await flat.bens.says("mute budgets"))[0]
    assert (await flat.annas.says("mute budgets")) == ["No more alerts about budgets. “unmute” brings them back."]
