"""Forged, changed and replayed webhooks of Twilio against the whole service: none may leave a row behind.

`python -m tests.campaigns.forged_twilio` tries 10,000 changes and 10,000 replays.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

import httpx

from core.db.migrate import migrate
from core.db.session import Database
from integrations.postgres import start_embedded, stop_embedded
from tests.support.database import KEYS
from tests.support.phones import ANNA, Phones, phones

PATH = "/webhooks/twilio/sms"
AT_ONCE = 32
COUNTED = ("inbox_keys", "inbox", "conversations", "people", "entries", "outbox")


async def rows(stage: Phones) -> list[int]:
    return [await stage.owner.fetchval(f"SELECT count(*) FROM {table}") for table in COUNTED]


def changed(stage: Phones, random_: random.Random) -> tuple[str, bytes, dict[str, str]]:
    """A fresh signed message with one change: address, body, headers."""
    pairs = stage.fake.form(ANNA, f"taxi {random_.randrange(1, 99)}")
    signature, body = stage.fake.signature(f"{stage.fake.public_url}{PATH}", pairs), urlencode(pairs).encode()
    path, kind, at = PATH, "application/x-www-form-urlencoded", random_.randrange(len(body))
    match random_.randrange(9):
        case 0:  # another byte: of a letter its neighbour, so that it does not only write the same otherwise
            body = body[:at] + (b"z" if body[at : at + 1] != b"z" else b"y") + body[at + 1 :]
        case 1:
            body += b"&" + random_.choice([b"Body=x", b"x=y", b"From=%2B1", b"MediaUrl0=http://x"])
        case 2:
            body = urlencode([pair for pair in pairs if pair[0] != random_.choice(["From", "Body", "To", "AccountSid"])]).encode() + b"&z=1"
        case 3:
            signature = random_.choice(["", "x" * 28, signature[::-1], signature.swapcase(), signature[:-2]])
        case 4:
            signature = stage.fake.signature(f"http://tuppence.example{PATH}", pairs)
        case 5:
            path = PATH + random_.choice(["?x=1", "?bodySHA256=0", "?letter=1"])
        case 6:
            kind = random_.choice(["application/json", "text/plain", "multipart/form-data; boundary=x"])
        case 7:
            path = random_.choice(["/webhooks/twilio/whatsapp", "/webhooks/twilio/status"])
        case _:
            signature = stage.fake.signature(f"{stage.fake.public_url}{PATH}", [*pairs, ("x", "y")])
    return path, body, {"X-Twilio-Signature": signature, "Content-Type": kind, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "tuppence.example"}


async def forge(stage: Phones, *, times: int, seed: int) -> list[str]:
    """Findings: changes that were taken, or that left something behind."""
    random_ = random.Random(seed)
    before = await rows(stage)
    findings: list[str] = []
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(0, times, AT_ONCE):
            forged = [changed(stage, random_) for _ in range(AT_ONCE)]
            answers = await asyncio.gather(*(client.post(stage.fake.reach + path, content=body, headers=headers) for path, body, headers in forged))
            findings += [
                f"{answer.status_code} for {path} {body!r}"
                for answer, (path, body, _) in zip(answers, forged, strict=True)
                if answer.status_code != 403
            ]
    if await rows(stage) != before:
        findings.append(f"rows were {before}, are {await rows(stage)}")
    return findings


async def replay(stage: Phones, *, times: int) -> list[str]:
    """The same good messages again and again, at once, a day and 90 days later."""
    captured = [stage.fake.form(ANNA, text) for text in ("taxi 24", "STOP", "START", "undo")]
    for pairs in captured:
        await stage.fake.deliver(pairs, PATH)
        await stage.quiet()
        stage.clock.forward(seconds=1)
    before = await rows(stage)
    for later in ({"seconds": 1}, {"days": 1}, {"days": 89}):
        stage.clock.forward(**later)
        for _ in range(0, times // 3 + 1, AT_ONCE):
            await asyncio.gather(*(stage.fake.deliver(captured[number % len(captured)], PATH) for number in range(AT_ONCE)))
    await stage.quiet()
    stopped = await stage.owner.fetchval("SELECT count(*) FROM conversations WHERE stopped_at IS NOT NULL")
    after = await rows(stage)
    return ([f"rows were {before}, are {after}"] if after != before else []) + (["an old STOP stops again"] if stopped else [])


async def run(dsn: str, *, times: int, seed: int) -> list[str]:
    database = await Database.open(dsn, keys=KEYS, durable=False)
    try:
        async with phones(database, dsn) as stage:
            return await forge(stage, times=times, seed=seed) + await replay(stage, times=times)
    finally:
        await database.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20250314)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="tuppence-forged-"))
    dsn = start_embedded(home, durable=False)
    try:
        migrate(dsn)
        findings = asyncio.run(run(dsn, times=options.times, seed=options.seed))
    finally:
        stop_embedded(home)
        shutil.rmtree(home, ignore_errors=True)
    print(f"{options.times} changed and {options.times} replayed webhooks: {len(findings)} findings")
    for finding in findings[:20]:
        print(f"  {finding}")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
