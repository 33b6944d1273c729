"""What is learned of a correction, for whom and until when; and what becomes an example of whom."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.rehearsal import Rehearsal
from core.db import learning
from core.db.retention import erase_bodies
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from integrations.channels.twilio.alphabet import cost
from integrations.channels.twilio.rendering import sms_text
from tests.bot.conversation.test_linking import START, Phone

REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
async def phone(database: Database):
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        yield Phone(play)


async def said(phone: Phone, who: str, text: str, **where: Any) -> str:
    return (await phone.says(who, text, **where))[0].text


async def lines(database: Database) -> list[dict[str, Any]]:
    async with database.unit_of_work() as uow:
        return await learning.examples(uow)


# ------------------------------------------------------------------ categories


async def test_one_correction_holds_for_the_merchant_and_for_nobody_else(phone: Phone) -> None:
    for who in ("anna", "bob"):
        assert "Groceries" in await said(phone, who, "tesco 20")
    await phone.says("anna", "that was pets")
    assert "Pets" in await said(phone, "anna", "tesco express 9")
    assert "Groceries" in await said(phone, "bob", "tesco express 9")
    assert "Transport" in await said(phone, "anna", "petrol at tesco 40")


async def test_the_newest_lesson_counts_and_each_undo_takes_one_back(phone: Phone) -> None:
    await phone.says("anna", "cake 12")
    await phone.says("anna", "that was gifts")
    await phone.says("anna", "that was fees")
    for category in ("Fees", "Gifts", "Eating out"):
        assert category in await said(phone, "anna", "cake 3"), category
        await phone.says("anna", "delete the cake")
        await phone.says("anna", "undo")


async def test_a_category_of_ones_own_is_learned_too(phone: Phone) -> None:
    await phone.says("anna", "glimmerwort 12")
    await phone.says("anna", "category magic")
    assert "magic" in (await said(phone, "anna", "glimmerwort 4")).lower()


async def test_what_is_said_now_counts_before_what_was_taught(phone: Phone) -> None:
    await phone.says("anna", "cake 12")
    await phone.says("anna", "that was gifts")
    assert "Eating out" in await said(phone, "anna", "cake 3 #food")


async def test_a_lesson_from_a_group_holds_for_who_taught_it(phone: Phone) -> None:
    for who in ("anna", "bob"):
        await phone.says(who, "museum 3", group="trip")
    await phone.says("anna", "cake 12", group="trip")
    await phone.says("anna", "that was gifts", group="trip")
    assert "Gifts" in await said(phone, "anna", "cake 3")
    assert "Eating out" in await said(phone, "bob", "cake 3")


async def test_a_shop_that_a_bank_names_is_learned_however_it_is_numbered(phone: Phone) -> None:
    bought = "Purchase of EUR {} with Debit Card ending 4321 at QWXZ HOLDINGS {} on 14-03-2025. Available balance EUR {}"
    assert "Other" in await said(phone, "anna", bought.format("31.00", 11, "80.10"))
    await phone.says("anna", "that was pets")
    assert "Pets" in await said(phone, "anna", bought.format("12.00", 27, "68.10"))


async def test_a_bank_may_tell_the_kind_of_shop(phone: Phone) -> None:
    bought = "Purchase of EUR 31.00 with Debit Card ending 4321 at QWXZ HOLDINGS on 14-03-2025. MCC: 5812. Available balance EUR 80.10"
    assert "Eating out" in await said(phone, "anna", bought)


async def test_the_lesson_is_read_by_nobody_without_the_key(phone: Phone, dsn: str) -> None:
    await phone.says("anna", "glimmerwort 12")
    await phone.presses("anna", "Shopping")
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT * FROM category_lessons")
    await connection.close()
    assert len(rows) == 1 and "glimmerwort" not in repr(rows)


async def test_linked_channels_know_what_either_was_taught(phone: Phone) -> None:
    await phone.says("anna", "glimmerwort 12")
    await phone.says("anna", "that was gifts")
    await phone.says("anna", "snorkwimble 12", on="whatsapp")
    await phone.says("anna", "that was fees", on="whatsapp")
    code = (await said(phone, "anna", "link")).split("link ")[1][:11]
    await phone.says("anna", f"link {code}", on="whatsapp")
    await phone.presses("anna", "It's me")
    await phone.says("anna", "yes", on="whatsapp")
    for channel in ("telegram", "whatsapp"):
        assert "Gifts" in await said(phone, "anna", "glimmerwort 4", on=channel)
        assert "Fees" in await said(phone, "anna", "snorkwimble 4", on=channel)


async def test_three_buttons_by_sms_only_where_they_cost_nothing(phone: Phone) -> None:
    first = (await phone.says("anna", "bumbershoot quagwarp manglewurzel 12", on="sms"))[0]  # with a line about currency and time zone
    assert [choice.label for choice in first.choices] == ["Undo", "Change"]
    short = (await phone.says("anna", "bumbershoot quagwarp manglewurzel 13", on="sms"))[0]
    assert [choice.label for choice in short.choices] == ["Eating out", "Groceries", "Shopping", "Undo", "Change"]
    assert [cost(sms_text(said.text, said.choices)).segments for said in (first, short)] == [1, 1]


# ------------------------------------------------------------------ examples


async def test_an_example_has_what_was_written_and_what_it_became_without_anybody(phone: Phone, database: Database) -> None:
    await phone.says("Wilhelmina", "share my corrections")
    await phone.says("Wilhelmina", "paid 45.50 for dinner with Bartholomew, call +49 170 1234567 or b@example.org")
    await phone.says("Wilhelmina", "no, it was 61.50")
    found = await lines(database)
    assert [line["expect"]["expenses"][0]["amount"] for line in found] == ["61.50"]
    assert found[0]["expect"]["expenses"][0]["shares"] == {"A": "30.75", "B": "30.75"}
    assert found[0]["input"]["members"] == ["A", "B"]
    assert found[0]["input"]["text"].startswith("paid 45.50 for dinner with B, call NUMBER")
    text = json.dumps(found).casefold()
    assert [word for word in ("wilhelmina", "bartholomew", "1234567", "example.org") if word in text] == []


async def test_nothing_of_who_did_not_agree_or_no_longer_does(phone: Phone, database: Database) -> None:
    await phone.says("bob", "cake 12")
    await phone.says("bob", "that was gifts")
    await phone.says("anna", "share my corrections")
    for who in ("anna", "bob"):
        await phone.says(who, "museum 3", group="trip")
    await phone.says("bob", "taxi 24", group="trip")
    await phone.says("anna", "the taxi was 30", group="trip")  # bob's words
    assert await lines(database) == []
    await phone.says("anna", "cake 12")
    await phone.says("anna", "that was gifts")
    assert len(await lines(database)) == 1
    await phone.says("anna", "stop sharing my corrections")
    assert await lines(database) == []
    await phone.says("anna", "share my corrections")
    assert await lines(database) == []


async def test_what_is_taken_back_is_no_example_and_an_erased_message_makes_none(phone: Phone, database: Database) -> None:
    await phone.says("anna", "share my corrections")
    await phone.says("anna", "cake 12")
    await phone.says("anna", "that was gifts")
    await phone.says("anna", "undo")
    assert await lines(database) == []
    async with database.unit_of_work() as uow:
        await erase_bodies(uow, before=datetime(2030, 1, 1, tzinfo=UTC))
    await phone.says("anna", "that was fees")
    assert await lines(database) == []


async def test_the_consent_of_one_channel_is_not_that_of_the_other(database: Database, phone: Phone) -> None:
    await phone.says("anna", "share my corrections", on="whatsapp")
    await phone.says("anna", "cake 12", on="whatsapp")
    await phone.says("anna", "that was gifts", on="whatsapp")
    code = (await said(phone, "anna", "link")).split("link ")[1][:11]
    await phone.says("anna", f"link {code}", on="whatsapp")
    await phone.presses("anna", "It's me")
    await phone.says("anna", "yes", on="whatsapp")
    assert await lines(database) == []


async def test_the_operator_gets_lines(phone: Phone, database: Database, dsn: str, tmp_path: Path) -> None:
    await phone.says("anna", "share my corrections")
    await phone.says("anna", "cake 12")
    await phone.says("anna", "that was gifts")
    environment = os.environ | {"DATABASE_URL": dsn, "TUPPENCE_HOME": str(tmp_path), "TUPPENCE_MASTER_KEY": bytes(range(32)).hex()}
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "bot", "corrections", "export"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=environment,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [json.loads(line)["expect"]["expenses"][0]["category"] for line in done.stdout.splitlines()] == ["gifts"]
