"""The service inside a test with a Twilio account at the fake one: real webhooks in, real REST out, the product's own conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import asyncpg

from bot.web.app import create_app
from bot.wiring import Reading, Runtime, assemble
from core.db.contacts import Contacts
from core.db.session import Database
from core.domain.messages import Pace
from core.ports import ReceiptReader
from integrations.channels.twilio.gateway import Account, connect
from tests.support.database import group_balances
from tests.support.doubles import FakeClock, FakePictures
from tests.support.fake_twilio import FakeTwilio, serving, twilio

ANNA, BOB = "+15551230001", "+15551230002"
SMS_FROM, WHATSAPP_FROM = "+15005550006", "whatsapp:+14155238886"


def account_at(fake: FakeTwilio, **fields: object) -> Account:
    values = {"public_url": fake.public_url, "sms_from": SMS_FROM, "whatsapp_from": WHATSAPP_FROM} | fields
    return Account(sid=fake.account_sid, auth_token=fake.auth_token, api_base=fake.base_url, **values)  # type: ignore[arg-type]


@dataclass
class Phones:
    runtime: Runtime
    fake: FakeTwilio
    clock: FakeClock
    owner: asyncpg.Connection

    async def says(self, theirs: str, body: str, **fields: str) -> list[str]:
        """Somebody writes; what they were sent by the time all is quiet."""
        before = len(self.fake.texts(theirs))
        assert await self.fake.writes(theirs, body, **fields) == 200
        await self.quiet()
        return self.fake.texts(theirs)[before:]

    async def sends(self, theirs: str, file: bytes, media_type: str) -> list[str]:
        """Somebody sends a file; what they were sent by the time all is quiet."""
        self.fake.media["sent"] = (media_type, file)
        url = f"{self.fake.base_url}/2010-04-01/Accounts/{self.fake.account_sid}/Messages/MM1/Media/sent"
        return await self.says(theirs, "", NumMedia="1", MediaUrl0=url, MediaContentType0=media_type)

    async def quiet(self) -> None:
        left = """SELECT (SELECT count(*) FROM inbox WHERE state = 'pending') + (SELECT count(*) FROM receipts WHERE state = 'waiting')
        + (SELECT count(*) FROM outbox WHERE state = 'pending' AND next_at <= $1)"""
        async with asyncio.timeout(20):
            while await self.owner.fetchval(left, self.clock()):
                await asyncio.sleep(0.01)

    async def balances(self) -> dict[str, int]:
        """Name to minor units, over all groups."""
        return await group_balances(self.owner)

    async def effects(self) -> list[str]:
        rows = await self.owner.fetch("SELECT description FROM entry_texts JOIN entries USING (book_id, entry_id) ORDER BY recorded_at, entry_id")
        return [row[0] for row in rows]


@asynccontextmanager
async def phones(database: Database, dsn: str, *, reader: ReceiptReader | None = None, **fields: object) -> AsyncIterator[Phones]:
    """`reader`: what reads photos; None: their totals are asked for. `fields` go to the account."""
    clock = FakeClock()
    async with twilio(now=clock.now) as fake:
        gateway = connect(account_at(fake, **fields), contacts=Contacts(database, clock=clock), clock=clock)
        for channel in gateway.channels.values():  # the clock stands still: a pace would wait for it for ever
            channel.capabilities = replace(channel.capabilities, pace=Pace(), day_caps=None)
        roles = frozenset({"web", "worker"})
        reading = Reading(reader, FakePictures(), dict.fromkeys(gateway.channels, gateway.media)) if reader is not None else None
        runtime = assemble(
            database,
            clock=clock,
            channels=gateway.channels,
            roles=roles,
            address=fake.public_url,
            twilio=gateway,
            limits=None,
            reading=reading,
            fetchers=dict.fromkeys(gateway.channels, gateway.media),
        )
        owner = await asyncpg.connect(dsn)
        async with serving(create_app(runtime)) as reach:
            fake.reach = reach
            loops = asyncio.create_task(runtime.run())
            try:
                yield Phones(runtime, fake, clock, owner)
            finally:
                runtime.stop()
                async with asyncio.timeout(20):
                    await loops
                await owner.close()
                await gateway.close()
