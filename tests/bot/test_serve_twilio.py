"""`tuppence serve` as a process, with Twilio's address turned to the fake one: the whole way by wire, and through a restart."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx

from tests.support.fake_twilio import FakeTwilio, shuffled, twilio

ROOT = Path(__file__).parents[2]
ANNA, BOB = "+353851234567", "whatsapp:+353851234568"  # Irish: English and euros


def environment(fake: FakeTwilio, home: Path, dsn: str, port: int) -> dict[str, str]:
    return os.environ | {
        "TUPPENCE_HOME": str(home),
        "DATABASE_URL": dsn,
        "TUPPENCE_PORT": str(port),
        "TUPPENCE_MASTER_KEY": "11" * 32,
        "PUBLIC_URL": fake.public_url,
        "TWILIO_ACCOUNT_SID": fake.account_sid,
        "TWILIO_AUTH_TOKEN": fake.auth_token,
        "TWILIO_API_BASE": fake.base_url,
        "TWILIO_SMS_FROM": "+15005550006",
        "TWILIO_WHATSAPP_FROM": "whatsapp:+14155238886",
    }


@asynccontextmanager
async def service(fake: FakeTwilio, home: Path, dsn: str) -> AsyncIterator[asyncio.subprocess.Process]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    fake.reach = f"http://127.0.0.1:{port}"
    log = (home / "serve.log").open("wb")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=ROOT, env=environment(fake, home, dsn, port), stdout=log, stderr=log
    )
    try:
        await until(lambda: ready(fake.reach), seconds=60)
        yield process
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        log.close()


async def ready(address: str) -> bool:
    try:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{address}/readyz")).status_code == 200
    except httpx.HTTPError:
        return False


async def until(holds: Callable[[], object], *, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while True:
            value = holds()
            if await value if asyncio.iscoroutine(value) else value:
                return
            await asyncio.sleep(0.05)


async def says(fake: FakeTwilio, theirs: str, body: str, **fields: str) -> str:
    """The next thing that this person is sent."""
    before = len(fake.texts(theirs))
    assert await fake.writes(theirs, body, **fields) == 200
    await until(lambda: len(fake.texts(theirs)) > before)
    return fake.texts(theirs)[-1]


async def test_a_day_by_phone(place: tuple[Path, str]) -> None:
    home, dsn = place
    async with twilio(states=shuffled(("queued", "sent", "delivered"), 5)) as fake:
        async with service(fake, home, dsn):
            assert (await says(fake, ANNA, "taxi 24")).startswith("Taxi EUR 24")
            assert (await says(fake, ANNA, "2")).startswith("What should change?")
            assert (await says(fake, ANNA, "26")).startswith("Now Taxi EUR 26")
            assert (await says(fake, BOB, "paid 12 for lunch", ProfileName="Bob")).startswith("Lunch €12")
            made = await says(fake, ANNA, "new group Lisbon")
            code = made.partition("join ")[2].split('"')[0]
            await says(fake, BOB, f"join {code}", ProfileName="Bob")
            await says(fake, BOB, "dinner 30", ProfileName="Bob")
            await until(lambda: "Dinner" in fake.texts(ANNA)[-1])
            assert await fake.writes(ANNA, "STOP") == 200
            count = len(fake.texts(ANNA))
            assert await fake.writes(ANNA, "coffee 3") == 200
            await asyncio.sleep(1)
            assert len(fake.texts(ANNA)) == count
            assert "coffee" in await says(fake, ANNA, "START")
        async with service(fake, home, dsn):  # what was lost while it was away is found when it is back
            assert "EUR 13.50" in await says(fake, ANNA, "who owes whom")
    owner = await asyncpg.connect(dsn)
    assert await owner.fetchval("SELECT count(*) FROM entries WHERE kind = 'expense' AND reason = 'recorded'") == 4
    assert await owner.fetchval("SELECT count(*) FROM outbox WHERE state = 'sent' AND carriage = 'delivered'") > 5
    await owner.close()
    assert fake.violations == []


async def test_a_message_that_came_while_the_service_was_away_is_found(place: tuple[Path, str]) -> None:
    home, dsn = place
    async with twilio() as fake:
        fake.reach = "http://127.0.0.1:1"
        lost = "+4915112345680"
        assert await fake.writes(lost, "museum 12") is None
        age(fake, minutes=10)
        async with service(fake, home, dsn):
            await until(lambda: fake.texts(lost), seconds=30)
            assert fake.texts(lost)[0].startswith("Museum EUR 12")


def age(fake: FakeTwilio, *, minutes: int) -> None:
    """The newest row of the list is older than it is."""
    from datetime import timedelta
    from email.utils import format_datetime

    at = fake.rows[-1]["at"] - timedelta(minutes=minutes)
    fake.rows[-1] |= {"at": at, "date_sent": format_datetime(at), "date_created": format_datetime(at)}
