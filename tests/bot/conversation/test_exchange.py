"""Currencies in a conversation: what is shown changes nothing, what is paid leaves nothing, and old buttons and old rates do no harm."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import asyncpg
import pytest

from bot.rehearsal import Rehearsal
from core.db import rates
from core.domain.rates import Sheet
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat


class Table:
    """Anna, Bob and Cleo in a group, on one channel."""

    def __init__(self, play: Rehearsal, *, on: str = "telegram") -> None:
        self.play, self.on = play, on

    def seat(self, who: str, *, alone: bool = False) -> Chat:
        return Chat(self.play, who, "" if alone else "Trip", self.on)

    async def say(self, who: str, text: str, *, alone: bool = False) -> str:
        return "\n".join(await self.seat(who, alone=alone).says(text))

    async def press(self, who: str, label: str) -> str:
        """The newest button whose label begins so, in the chat in which it is."""
        sent, choice = next((s, c) for s in reversed(self.play.sent) for c in s.message.choices if c.label.startswith(label))
        chat = self.seat(who, alone=sent.message.address.chat != "Trip")
        return "\n".join(answer.message.text for answer in await chat.presses(choice.label, on=sent))

    async def gather(self, *lines: str) -> None:
        for who in ("anna", "bob", "cleo"):
            await self.seat(who).joins()
        for line in lines:
            who, _, text = line.partition("> ")
            await self.say(who, text)


@pytest.fixture
async def table(database):
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        yield Table(play)


async def balances(dsn: str) -> dict[tuple[str, str], int]:
    connection = await asyncpg.connect(dsn)
    try:
        found = await connection.fetch(
            "SELECT m.name, b.currency, b.amount FROM balances b JOIN members m USING (book_id, member_id) JOIN books k USING (book_id) "
            "WHERE k.kind = 'group' AND b.amount <> 0"
        )
        return {(row["name"], row["currency"]): row["amount"] for row in found}
    finally:
        await connection.close()


async def kept(dsn: str) -> list[dict]:
    connection = await asyncpg.connect(dsn)
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=__import__("json").loads)
    try:
        found = await connection.fetch("SELECT split FROM entries WHERE kind = 'settlement' AND split ? 'paid' ORDER BY chain_no, entry_id")
        return [row["split"]["paid"] for row in found]
    finally:
        await connection.close()


async def test_showing_changes_nothing(table, dsn):
    await table.gather("anna> ramen 4800 yen", "bob> hotel 240")
    before = await balances(dsn)
    for text in ("who owes whom in dollars", "how much in yen", "settle in euro", "what do i owe in pounds"):
        assert "14 Mar" in await table.say("cleo", text)
    assert await balances(dsn) == before


async def test_a_payment_leaves_nothing_and_keeps_its_rate(table, dsn):
    await table.gather("anna> ramen 4800 yen", "bob> hotel 240", "cleo> esim 33 usd")
    await table.say("bob", "settle in dollars")
    told = await table.press("anna", "anna paid bob")
    assert "anna → bob $" in told and "less ¥3,200" in told
    await table.press("cleo", "cleo paid bob")
    assert await balances(dsn) == {}
    paid = await kept(dsn)
    assert {(each["currency"], each["day"], each["source"]) for each in paid} == {("USD", "2025-03-14", "ECB")}
    assert {each["base"]: each["rate"] for each in paid}["EUR"] == "10889/10000"
    assert {each["base"]: each["rate"] for each in paid}["USD"] == "1"


async def test_half_of_a_payment_is_never_taken_back(table, dsn):
    await table.gather("anna> ramen 4800 yen", "bob> hotel 240")
    before = await balances(dsn)
    for take_back in ("undo", "delete the last one"):
        await table.say("bob", "settle in euro")
        await table.press("anna", "anna paid bob")
        assert await balances(dsn) != before
        await table.say("anna", take_back)
        assert await balances(dsn) == before
    await table.say("bob", "settle in euro")
    await table.press("anna", "anna paid bob")
    await table.say("bob", "no")
    assert await balances(dsn) == before


async def test_an_old_button_books_nothing_that_is_no_longer_owed(table, dsn):
    await table.gather("anna> ramen 4800 yen", "bob> hotel 240")
    await table.say("bob", "settle in euro")
    await table.say("cleo", "taxi 90 usd")
    before = await balances(dsn)
    told = await table.press("anna", "anna paid bob")
    assert "payment" in told
    assert await balances(dsn) == before


async def test_everybody_at_once(table, dsn):
    await table.gather("anna> ramen 4800 yen", "bob> hotel 240", "cleo> esim 33 usd")
    await table.say("bob", "everyone is even in euro")
    told = await table.say("bob", "yes")
    assert "Noted as paid" in told
    assert await balances(dsn) == {}
    await table.say("bob", "undo")
    assert len(await balances(dsn)) == 9


async def test_a_group_that_settles_in_one_currency(table, dsn):
    await table.gather("bob> convert everything to euro", "anna> ramen 4800 yen", "bob> hotel 240")
    plan = await table.say("cleo", "who owes whom")
    assert "¥" not in plan and "at the ECB's rates" in plan
    assert "Everyone is made even in EUR" in await table.say("cleo", "settings")
    await table.say("cleo", "keep currencies apart")
    assert "¥" in await table.say("cleo", "who owes whom")


async def test_a_currency_without_a_rate_stays_as_it_is(table, dsn):
    await table.gather("anna> desert tour 900 aed")
    before = await balances(dsn)
    assert "I know no exchange rate for AED" in await table.say("bob", "who owes whom in euro")
    assert "I know no exchange rate for AED" in await table.say("bob", "convert everything to AED")
    assert "AED" in await table.say("bob", "settle up")
    await table.say("bob", "convert everything to euro")
    assert "AED" in await table.say("bob", "who owes whom")  # the wish waits: nothing is hidden
    assert await balances(dsn) == before


async def test_old_rates_are_shown_as_old(table, database):
    table.play.clock.move_to(datetime(2031, 3, 14, 12, tzinfo=UTC))
    await table.gather("anna> ramen 4800 yen")
    assert "the newest I have" in await table.say("bob", "who owes whom in euro")


async def test_fetched_rates_go_before_those_that_came_along(table, database):
    async with database.unit_of_work() as uow:
        await rates.keep(uow, Sheet(date(2025, 3, 14), "ECB", {"JPY": Decimal(100), "USD": Decimal(2)}), now=START)
    await table.gather("anna> ramen 3000 yen")
    assert "€10," in await table.say("bob", "what do I owe in euro")


async def test_a_month_in_several_currencies_is_summed_at_home(table):
    for text in ("coffee 3.50", "ramen 1500 yen", "taxi 20 usd"):
        await table.say("anna", text, alone=True)
    told = await table.say("anna", "how much this month", alone=True)
    assert "€3.50 + ¥1,500 + $20" in told
    assert "About €31.13 in all, at the ECB's rates of Fri 14 Mar." in told
    assert "About" not in await table.say("anna", "how much on coffee this month", alone=True)
    assert "About" in await table.say("anna", "how much on coffee this month in dollars", alone=True)
    await table.say("anna", "souk 40 aed", alone=True)
    assert "Without AED" in await table.say("anna", "how much this month", alone=True)


async def test_amounts_of_several_currencies_are_compared_by_what_they_are_worth(table):
    for text in ("ramen 9000 yen", "taxi 60 eur"):
        await table.say("anna", text, alone=True)
    assert "Biggest: Taxi €60." in await table.say("anna", "how much this month", alone=True)
    told = await table.say("anna", "show the biggest expenses", alone=True)
    assert told.index("Taxi") < told.index("Ramen")
    told = await table.say("anna", "spending by category", alone=True)
    assert told.index("Transport") < told.index("Eating out")


async def test_a_stated_equivalent_is_booked_and_shown(table, dsn):
    await table.gather("anna> taxi 20 usd = 18.50 eur")
    assert {code for _, code in await balances(dsn)} == {"EUR"}
    assert "€18.50 ($20)" in await table.say("anna", "list")
    assert "€18.50 ($20)" in await table.say("anna", "history of taxi")
    told = await table.say("anna", "no, it was 19")
    assert "€19" in told and "$20" not in told  # of another amount nobody said what it was
    told = await table.say("bob", "I paid anna back 5 usd = 4.60 eur")
    assert "bob → anna $5 for €4.60, as said." in told
    assert (await kept(dsn))[0]["source"] == "said"


async def test_what_was_handed_over_is_not_corrected_by_halves(table, dsn):
    await table.gather("bob> hotel 240")
    await table.say("anna", "settle in dollars")
    await table.press("anna", "anna paid bob")
    before = await balances(dsn)
    assert "another currency" in await table.say("anna", "no, it was 60")
    assert await balances(dsn) == before


async def test_on_a_channel_whose_sender_can_be_forged_paying_needs_the_code(database, dsn):
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        table = Table(play, on="sms")
        await table.say("anna", "new group Trip with Bob", alone=True)
        await table.say("anna", "taxi 20, shared with bob", alone=True)
        before = await balances(dsn)
        await table.say("anna", "settle in dollars", alone=True)
        told = await table.press("anna", "Bob paid anna")
        assert "To confirm, send" in told
        assert await balances(dsn) == before
