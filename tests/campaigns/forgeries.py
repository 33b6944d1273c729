"""10,000 forged webhook deliveries, then 10,000 replays of a good one, against the real service: not a row of the database may change."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import httpx

from core.db.migrate import migrate
from integrations.postgres import start_embedded, stop_embedded
from tests.support.fake_telegram import FakeTelegram
from tests.support.forgeries import HEADER, forge
from tests.support.telegram_service import SECRET, TelegramService, telegram_service

COUNT = 10_000
AT_ONCE = 16


async def main(home: Path, dsn: str, *, count: int = COUNT) -> bool:
    async with FakeTelegram().running() as fake, telegram_service(fake, dsn, home, webhook=True, TELEGRAM_WEBHOOK_SECRET=SECRET) as service:
        chat = fake.chat(7)
        good = {"update_id": 5, "message": fake._kept(chat, {"from": fake.person(7, "Anna"), "text": "taxi 24"})}
        assert await fake.post(good) == 200
        await service.quiet()
        before = await service.counts()
        forged = await barrage(service, [(f.headers, f.body) for f in forgeries(good, count)])
        replayed = await barrage(service, [([(HEADER.encode(), SECRET.encode())], json.dumps(good).encode())] * count)
        await service.quiet()
        after = await service.counts()
    print(f"forged: {dict(forged)}; replayed: {dict(replayed)}; rows before {before}, after {after}")
    return before == after and set(forged) == {403} and set(replayed) == {200}


def forgeries(good, count):
    chance = random.Random(7)
    return [forge(SECRET, good, chance) for _ in range(count)]


async def barrage(service: TelegramService, requests) -> Counter:
    statuses: Counter = Counter()
    left = iter(requests)
    async with httpx.AsyncClient(timeout=60) as client:

        async def one() -> None:
            for headers, body in left:
                answer = await client.post(f"http://127.0.0.1:{service.port}/webhooks/telegram", headers=headers, content=body)
                statuses[answer.status_code] += 1

        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
    return statuses


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp(prefix="tuppence-forgeries-"))
    address = start_embedded(folder)
    try:
        migrate(address)
        held = asyncio.run(main(folder, address))
    finally:
        stop_embedded(folder)
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if held else 1)
