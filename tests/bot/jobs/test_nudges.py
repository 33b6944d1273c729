"""Reminders with manners: asked for by who is owed, to the debtor alone, by their day, seldom, never unwanted, and only of what is open."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from bot.jobs import nudges
from bot.rehearsal import Rehearsal
from core.db.session import Database, UnitOfWork
from core.domain.people import Member
from core.ports import Channel
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat, Flat

REMINDER = "[flat] A gentle reminder: €12.50 to anna is still open. “pay anna” shows how, “stop reminding me” ends these."


@pytest.fixture
async def flat(database: Database) -> AsyncIterator[Flat]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        flat = Flat(play)
        await flat.move_in()
        await flat.annas.says("dinner 25")
        yield flat


async def test_the_debtor_is_written_to_alone_and_once(flat: Flat) -> None:
    assert await flat.later(days=1) == [], "nobody asked"
    assert await flat.annas.says("remind ben") == ["I remind ben."]
    assert await flat.later(minutes=1) == [("alone-ben", REMINDER)]
    assert await flat.later(days=1) == []
    assert await flat.annas.says("remind ben") == ["ben was reminded already. From Tue 18 Mar on I can do it again."]
    await flat.later(days=2)
    assert await flat.anna.says("remind ben") == ["[flat] I remind ben."]
    assert await flat.later(minutes=1) == [("alone-ben", REMINDER)]
    said = await flat.ben.presses("anna €12.50")
    assert any(sent.message.text.startswith("[flat] You owe anna €12.50.") for sent in said)


async def test_never_at_night_where_the_debtor_lives(flat: Flat) -> None:
    await flat.ben.says("I live in Tokyo")  # where it is nine in the evening
    assert await flat.annas.says("remind ben") == ["I remind ben in the morning of Sat 15 Mar: nobody is written to at night."]
    assert await flat.later(hours=11) == []
    assert await flat.later(hours=1) == [("alone-ben", REMINDER)]


async def test_not_of_what_is_paid_meanwhile(flat: Flat) -> None:
    await flat.annas.says("remind ben")
    await flat.bens.says("I paid anna 12.50")
    assert await flat.later(minutes=1) == []


async def test_not_while_the_payer_says_that_it_is_paid(flat: Flat) -> None:
    await flat.ben.says("pay")
    await flat.annas.says("remind ben")
    await flat.ben.presses("In cash")
    assert await flat.later(minutes=1) == []
    assert await flat.annas.says("remind ben") == ["ben owes anna nothing."]


async def test_a_word_ends_them_and_another_brings_them_back(flat: Flat) -> None:
    await flat.annas.says("remind ben")
    assert await flat.ben.says("stop reminding me") == ["I remind you of no payment any more. “remind me again” brings it back."]
    assert await flat.later(minutes=1) == []
    assert await flat.annas.says("remind ben") == ["ben wants no reminders from me."]
    assert await flat.ben.says("remind me again") == ["From now on I may remind you again."]
    assert await flat.annas.says("remind ben") == ["I remind ben."]


async def test_only_who_is_owed_may_ask(flat: Flat) -> None:
    assert await flat.bens.says("remind anna") == ["anna owes ben nothing."]
    await flat.annas.says("add Carl")
    await flat.annas.says("taxi 9 for Carl")
    assert await flat.annas.says("remind Carl") == ["Carl has no chat with me, so I cannot remind anybody there."]


async def test_the_button_of_the_answer_does_the_same(flat: Flat) -> None:
    await flat.anna.says("did ben pay me")
    assert [sent.message.text for sent in await flat.anna.presses("Remind")] == ["[flat] I remind ben."]
    assert await flat.later(minutes=1) == [("alone-ben", REMINDER)]


async def test_who_has_no_chat_alone_is_reminded_in_the_group(flat: Flat) -> None:
    cleo = Chat(flat.play, "cleo", group="flat")
    await cleo.joins()
    await flat.annas.says("paid 10 for cleo")
    await flat.annas.says("remind cleo")
    [(chat, text)] = await flat.later(minutes=1)
    assert chat == "flat" and text.startswith("cleo: A gentle reminder: €10 to anna")


async def test_not_to_a_chat_that_stopped(flat: Flat, database: Database) -> None:
    await flat.annas.says("remind ben")
    async with database.pool.acquire() as connection:
        await connection.execute("UPDATE conversations SET stopped_at = now() WHERE kind = 'private'")
    assert await flat.later(minutes=1) == []


async def test_one_that_fails_holds_up_no_other_and_is_tried_again(flat: Flat, monkeypatch: pytest.MonkeyPatch) -> None:
    cleo = Chat(flat.play, "cleo", group="flat")
    await cleo.joins()
    await flat.annas.says("paid 10 for cleo")
    await flat.annas.says("remind ben")
    await flat.annas.says("remind cleo")
    place_of = nudges.place_of

    async def failing(uow: UnitOfWork, channels: Mapping[str, Channel], book_id: UUID, member: Member, *, now: datetime) -> Any:
        if member.name == "ben":
            await uow.connection.execute("SELECT 1 / 0")
        return await place_of(uow, channels, book_id, member, now=now)

    monkeypatch.setattr(nudges, "place_of", failing)
    assert [chat for chat, _ in await flat.later(minutes=1)] == ["flat"]
    monkeypatch.undo()
    assert await flat.later(minutes=58) == []
    assert [chat for chat, _ in await flat.later(minutes=3)] == ["alone-ben"]
