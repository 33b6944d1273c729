"""What a bill says after it was corrected, by words or by reply."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

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
        yield play


async def bill(play: Rehearsal) -> dict[str, Any]:
    expenses: list[dict[str, Any]] = (await play.final({("telegram", "trip"): "trip"}))["trip"]["expenses"]
    return expenses[-1]


@pytest.mark.parametrize(
    ("said", "then", "amount", "currency"),
    [
        ("taxi 90", "no, it was 80 USD", "80.00", "USD"),
        ("taxi 90 USD", "change the taxi to 80 EUR", "80.00", "EUR"),
        ("taxi 90", "sorry, 7000 yen", "7000", "JPY"),
        ("taxi 90 CAD", "no, it was $80", "80.00", "CAD"),  # dollars of that bill
        ("taxi 90 CAD", "no, it was 80 AUD", "80.00", "AUD"),
        ("taxi 90 GBP", "no, it was 80", "80.00", "GBP"),
        ("taxi 90", "nein, es waren 80 Franken", "80.00", "CHF"),
        ("taxi 90", "no, fueron 80 dólares", "80.00", "USD"),
        ("taxi 90", "non, c'était 80 dollars", "80.00", "USD"),
    ],
)
async def test_an_amount_in_another_currency_is_taken_in_it(play: Rehearsal, said: str, then: str, amount: str, currency: str) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says(said)
    await anna.says(then)
    found = await bill(play)
    assert (found["amount"], found["currency"]) == (amount, currency)


async def test_parts_stand_in_the_other_currency_too(play: Rehearsal) -> None:
    anna = Chat(play, "anna", "trip")
    await anna.says("villa 700: bob 300, me 400")
    await anna.says("no, it was 700 USD")
    assert (await bill(play))["shares"] == {"anna": "400.00", "bob": "300.00"}
    assert "do not add up" in (await anna.says("no, it was 800 GBP"))[0]


async def test_a_payment_keeps_its_currency(play: Rehearsal) -> None:
    anna, bob = Chat(play, "anna", "trip"), Chat(play, "bob", "trip")
    await anna.says("taxi 90")
    await bob.says("paid anna 5")
    assert "another currency" in (await bob.says("no, it was 6 USD"))[0]
