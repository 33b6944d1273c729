"""Where people can be paid: kept and sealed, told whole to nobody else, what is wrong is named, and on a forgeable channel only with a code."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat

IBAN = "AT61 1904 3002 3457 3201"


@pytest.fixture
async def play(database: Database) -> AsyncIterator[Rehearsal]:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as rehearsal:
        yield rehearsal


async def test_kept_shown_and_forgotten(play: Rehearsal) -> None:
    alone = Chat(play, "anna")
    assert await alone.says("how can I be paid") == [
        f"I do not know yet where you can be paid. Write “my IBAN is {IBAN}”, “my PayPal is anna” or “pay me in cash”."
    ]
    assert await alone.says(f"my iban is {IBAN}") == [f"Kept: IBAN {IBAN}. Whoever owes you gets it with what to pay. “forget my IBAN” removes it."]
    assert await alone.says("my paypal is annam") == ["Kept: PayPal annam. Whoever owes you gets it with what to pay. “forget my PayPal” removes it."]
    assert await alone.says("my zelle is anna@example.com") != []
    assert await alone.says("pay me in cash") == ["Kept: you like to be paid in cash."]
    assert await alone.says("my payment methods") == [f"You can be paid here: Cash, Zelle anna@example.com, PayPal annam, IBAN {IBAN}."]
    assert await alone.says("forget my iban") == ["Forgotten: IBAN …3201."]
    assert await alone.says("forget my iban") == ["I keep no IBAN of yours."]


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("my iban is ZZ61 1904 3002 3457 3201", "No IBAN begins with ZZ, so I kept nothing."),
        ("my iban is AT61 1904 3002 3457 320", "An IBAN of AT has 20 characters, that one has 19. I kept nothing."),
        (
            "my iban is AT61 1904 3002 3457 3202",
            "The check digits of that IBAN do not fit: a character is wrong, or two changed places. I kept nothing.",
        ),
        ("my swish is 12345 67", "That is no number of Swish: look for a missing or wrong digit. I kept nothing."),
        ("my upi is anna@bank.com", "A UPI address looks like anna@bank; that is none. I kept nothing."),
        ("my paypal is an_na", "PayPal has no names like that. I kept nothing."),
    ],
)
async def test_what_is_wrong_is_named(play: Rehearsal, said: str, answer: str) -> None:
    alone = Chat(play, "anna")
    assert await alone.says(said) == [answer]
    assert "I do not know yet" in (await alone.says("how can I be paid"))[0]


async def test_in_a_group_it_is_never_told_whole(play: Rehearsal) -> None:
    group = Chat(play, "anna", group="trip")
    said = [*await group.says(f"my iban is {IBAN}"), *await group.says("how can I be paid"), *await group.says("forget my iban")]
    assert "I keep IBAN …3201 for who owes you." in said[0]
    assert [text for text in said if IBAN in text or IBAN.replace(" ", "") in text] == []


async def test_by_sms_a_code_is_needed_and_nothing_is_told_whole(play: Rehearsal) -> None:
    phone = Chat(play, "+9995550001", channel="sms")
    [asked] = await phone.says(f"my iban is {IBAN}")
    assert asked.startswith("Keep IBAN ...3201 as where you are paid?") or "3201 as where you are paid? To confirm, send" in asked
    assert "1904" not in asked
    assert "I do not know" in (await phone.says("how can I be paid"))[0]
    [kept] = await phone.says(asked.rpartition(" ")[2])
    assert "Kept: IBAN" in kept and "1904" not in kept
    assert "1904" not in (await phone.says("how can I be paid"))[0]


async def test_nothing_of_it_lies_open_in_the_database(play: Rehearsal, database: Database) -> None:
    await Chat(play, "anna").says(f"my iban is {IBAN}")
    async with database.pool.acquire() as connection:
        tables = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for table in tables:
            rows = await connection.fetch(f'SELECT * FROM "{table}"') if table != "alembic_version" else []
            assert IBAN.replace(" ", "") not in repr(rows) and "1904 3002" not in repr(rows), table
