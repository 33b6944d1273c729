"""What was read of banks follows the person: when two become one, and nobody reads the same message twice at once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID

from core.db import banking, people
from core.db.addresses import addresses_of
from core.db.session import Database
from core.domain.messages import ChatAddress, Person

NOW = datetime(2025, 3, 14, 12, tzinfo=UTC)
KEYS = [b"a" * 32, b"b" * 32]


async def person(database: Database, name: str) -> UUID:
    async with database.unit_of_work() as uow:
        made = await people.create_person(
            uow, sender=Person(name, name), address=ChatAddress("telegram", "", name), language="en", time_zone=None, now=NOW
        )
    return made.person_id


async def test_one_of_two_messages_at_once_is_the_first(database: Database) -> None:
    anna = await person(database, "anna")

    async def read(keys: list[bytes]) -> bool:
        async with database.unit_of_work() as uow:
            return await banking.take(uow, anna, keys, now=NOW)

    assert sorted(await asyncio.gather(*(read(KEYS), read(KEYS[::-1]), read(KEYS)))) == [False, False, True]
    assert not await read([KEYS[0], b"c" * 32])  # one key that is known is enough


async def test_what_two_people_read_and_forwarded_is_ones_when_they_become_one(database: Database) -> None:
    stays, goes = await person(database, "anna"), await person(database, "anna-elsewhere")
    mine, theirs = (banking.forward_address(database.keys, token) for token in ("token-of-anna", "token-of-the-other"))
    async with database.unit_of_work() as uow:
        await banking.take(uow, stays, KEYS[:1], now=NOW)
        await banking.take(uow, goes, KEYS, now=NOW)
        await banking.open_forward(uow, stays, mine, now=NOW)
        await banking.open_forward(uow, goes, theirs, now=NOW)
        assert await banking.is_open(uow, theirs)
        await banking.move_person(uow, stays=stays, goes=goes, now=NOW)
        assert (await banking.is_open(uow, mine), await banking.is_open(uow, theirs)) == (True, False)
        assert not await banking.take(uow, stays, KEYS[1:], now=NOW)
        assert await banking.take(uow, goes, KEYS, now=NOW)
        assert len((await banking.export_rows(uow, stays))["sms_forwards"]) == 2


async def test_a_forwarder_is_no_place_to_talk(database: Database) -> None:
    anna = await person(database, "anna")
    address = banking.forward_address(database.keys, "token-of-anna")
    async with database.unit_of_work() as uow:
        await banking.open_forward(uow, anna, address, now=NOW)
        assert [each.channel for each in await addresses_of(uow, anna)] == ["telegram"]
        assert await banking.close_forward(uow, anna, now=NOW)
        assert not await banking.is_open(uow, address)
        assert not await banking.close_forward(uow, anna, now=NOW)
