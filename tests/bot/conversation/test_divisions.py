"""A receipt divided by its lines, in one group: taps and words, what they come to, and back again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from core.domain.messages import Attachment, ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.domain.receipts import Line, Reading, Receipt
from integrations.channels.limits import capabilities_of
from tests.support.doubles import FakePictures, FakeReader

START = datetime(2025, 3, 14, 12, tzinfo=UTC)
LINES = (Line("Margherita", 900), Line("Wine", 3000), Line("Beer", 1200, 3000, 400), Line("Water", 300))
BILL = Reading(Receipt("Da Mario", date=date(2025, 3, 14), currency="EUR", lines=LINES, total=5400), {}, (), "it", "fake")


class Table:
    """Anna, Bob and Carl, and a bill of 54.00 that Bob paid."""

    def __init__(self, play: Rehearsal, reader: FakeReader) -> None:
        self.play, self.reader, self.at = play, reader, START

    async def say(self, who: str, text: str = "", *, kind: InboundKind = InboundKind.TEXT, **fields) -> str:
        self.at += timedelta(seconds=1)
        address = ChatAddress("telegram", "", "trip")
        message = InboundMessage(
            address, ChatKind.GROUP, Person(who, who.title()), uuid4().hex, kind, self.at, position=int(self.at.timestamp()), text=text, **fields
        )
        return "\n".join(sent.message.text for sent in await self.play.play(message, at=self.at))

    async def tap(self, who: str, label: str) -> str:
        sent, choice = next((s, c) for s in reversed(self.play.sent) for c in s.message.choices if c.label == label)
        return await self.say(who, kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id)

    async def owed(self) -> dict[str, str]:
        final = (await self.play.final({("telegram", "trip"): "trip"}))["trip"]
        return {name.casefold(): amount for name, amount in final["expenses"][0]["shares"].items()}


@pytest.fixture
async def table(database: Database) -> AsyncIterator[Table]:
    reader = FakeReader(otherwise=BILL)
    async with Rehearsal(database, start=START, capabilities=capabilities_of, reader=reader, pictures=FakePictures()) as play:
        table = Table(play, reader)
        for who in ("anna", "bob", "carl"):
            await table.say(who, kind=InboundKind.JOIN)
        await table.say("bob", kind=InboundKind.PHOTO, attachments=(Attachment(str(Path(__file__)), "image/png"),))
        yield table


async def test_taps_are_claims_and_a_second_tap_takes_one_back(table: Table) -> None:
    await table.tap("anna", "2")
    assert await table.owed() == {"anna": "38.00", "bob": "8.00", "carl": "8.00"}
    await table.tap("carl", "2")
    assert await table.owed() == {"anna": "23.00", "bob": "8.00", "carl": "23.00"}
    await table.tap("anna", "2")
    await table.tap("carl", "2")
    assert await table.owed() == {"anna": "18.00", "bob": "18.00", "carl": "18.00"}


async def test_words_say_it_all(table: Table) -> None:
    assert "(Anna)" in await table.say("bob", "1 4 anna, 2 bob and carl, rest all")
    assert await table.owed() == {"anna": "16.00", "bob": "19.00", "carl": "19.00"}
    await table.say("carl", "2 of the 3 beers are mine")
    assert await table.owed() == {"anna": "13.33", "bob": "16.34", "carl": "24.33"}


async def test_a_tip_falls_on_each_by_what_they_had(table: Table) -> None:
    await table.say("anna", "2 anna, rest bob")
    assert "€5.40 on top" in await table.say("bob", "tip 10 %")
    assert await table.owed() == {"anna": "33.00", "bob": "26.40"}


async def test_another_tip_takes_the_place_of_the_first(table: Table) -> None:
    await table.say("bob", "tip 10 %")
    await table.say("bob", "tip 10 %")
    assert await table.owed() == {"anna": "19.80", "bob": "19.80", "carl": "19.80"}
    await table.tap("anna", "2")
    await table.tap("anna", "2")
    assert "€6 on top" in await table.say("bob", "tip 6")
    assert await table.owed() == {"anna": "20.00", "bob": "20.00", "carl": "20.00"}
    await table.say("bob", "total is 60, tip 10 %")
    assert await table.owed() == {"anna": "22.00", "bob": "22.00", "carl": "22.00"}
    await table.say("bob", "tip 3")
    assert await table.owed() == {"anna": "21.00", "bob": "21.00", "carl": "21.00"}
    await table.say("bob", "undo")
    assert await table.owed() == {"anna": "22.00", "bob": "22.00", "carl": "22.00"}


async def test_wrong_lines_are_put_right_and_come_back_by_undo(table: Table) -> None:
    await table.say("anna", "1 anna, 2 bob, 3 carl, 4 carl")
    await table.say("anna", "line 1 is 2x pizza 18.00")
    assert await table.owed() == {"anna": "15.43", "bob": "25.72", "carl": "12.85"}  # 54 over lines of 63, the odd cent is the payer's
    await table.say("anna", "delete line 1")
    assert await table.owed() == {"bob": "36.00", "carl": "18.00"}
    assert "Back to" in await table.say("anna", "undo")
    await table.say("anna", "undo")
    assert await table.owed() == {"anna": "9.00", "bob": "30.00", "carl": "15.00"}


async def test_the_total_is_what_is_said(table: Table) -> None:
    await table.say("bob", "total is 60")
    assert await table.owed() == {"anna": "20.00", "bob": "20.00", "carl": "20.00"}


async def test_back_to_equal_parts(table: Table) -> None:
    await table.tap("anna", "2")
    await table.tap("carl", "Split equally")
    assert await table.owed() == {"anna": "18.00", "bob": "18.00", "carl": "18.00"}


async def test_what_nobody_can_know_is_asked(table: Table) -> None:
    assert await table.say("anna", "2 of line 1 is mine") == "How many does line 1 count? Write it as “2 of the 3 beers are mine”."
    assert await table.owed() == {"anna": "18.00", "bob": "18.00", "carl": "18.00"}


async def test_after_something_else_numbers_are_no_lines(table: Table) -> None:
    await table.say("anna", "taxi 12")
    assert await table.say("anna", "1 anna") == ""


async def test_money_without_a_currency_is_the_groups(table: Table) -> None:
    bare = replace(BILL, receipt=replace(BILL.receipt, currency=None, merchant="Izakaya"))
    table.reader.otherwise = bare
    await table.say("anna", "my currency is yen")
    assert "Izakaya · Fri 14 Mar · ¥54, 4 lines" in await table.say("bob", kind=InboundKind.PHOTO, attachments=(Attachment(__file__, "image/png"),))


async def test_after_an_undo_numbers_mean_the_lines_that_were_shown(table: Table) -> None:
    assert "1 Margherita €9 · 2 3× Beer €12 · 3 Water €3" in await table.say("anna", "delete line 2")
    await table.say("anna", "undo")
    assert "3 3× Beer €12 · 4 Water €3 (Anna)" in await table.say("anna", "3 anna")
    assert await table.owed() == {"anna": "20.00", "bob": "17.00", "carl": "17.00"}


async def test_a_line_that_an_undo_took_away_is_nobodys_and_the_lines_are_shown_again(table: Table) -> None:
    assert "1 pizza €10" in await table.say("anna", "line 1 is pizza 10.00")
    await table.say("anna", "undo")
    assert "4 lines, adds up.\n1 Margherita €9 · 2 Wine €30 · " in await table.say("anna", "1 anna")
    assert await table.owed() == {"anna": "18.00", "bob": "18.00", "carl": "18.00"}
    assert "1 Margherita €9 (Anna)" in await table.say("anna", "1 anna")


async def test_a_line_put_right_and_undone_is_there_once(table: Table) -> None:
    await table.say("anna", "line 1 is pizza 10.00")
    await table.say("anna", "undo")
    assert "4 lines, adds up.\n1 Margherita €9 · 2 Wine €30 (Anna) · 3 3× Beer €12 · 4 Water €3\n" in await table.say("anna", "2 anna")
    assert await table.owed() == {"anna": "38.00", "bob": "8.00", "carl": "8.00"}
