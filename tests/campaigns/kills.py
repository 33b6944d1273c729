"""Kills real processes of the service, at failpoints and at random, while a platform sends; then counts what was lost, doubled or out of order.

`python -m tests.campaigns.kills --kills 1000` prints the seed, a table of hits and the findings; exit 1 where there are any.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import multiprocessing
import os
import random
import re
import shutil
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Protocol

import asyncpg
import httpx

from bot.failpoints import NAMES
from core.db.migrate import migrate
from integrations.postgres import start_embedded, stop_embedded
from tests.support import service
from tests.support.database import fast_folder
from tests.support.platforms import LoadPlatform, Platform, Post

RANDOM = "random"
POINTS = tuple(name for name in NAMES if "receipt" not in name)  # nobody sends photos here
ARMED_SECONDS = 4.0  # a failpoint that was not reached by then is given up, and the process killed at random
DRAIN_SECONDS = 60.0  # without one row less, and what is left is held to be stuck
UNTOLD = 255  # multiprocessing could not learn how the process ended, which happens to it now and then; the service itself ends with 0, 1 or 2


@dataclass(frozen=True)
class Plan:
    """`points`: the failpoints to kill at, beside random kills. `mutant`: a seeded bug that the campaign is to find."""

    kills: int
    seed: int
    chats: int = 30
    services: int = 2
    points: tuple[str, ...] = POINTS
    random_share: float = 0.2
    mutant: str = ""
    pause: float = 0.05  # seconds a chat waits between two messages, on average
    seconds: float = 3600.0


@dataclass
class Result:
    acked: int = 0
    repeats_sent: int = 0
    refused: collections.Counter[str] = field(default_factory=collections.Counter)
    hits: collections.Counter[str] = field(default_factory=collections.Counter)
    findings: list[str] = field(default_factory=list)
    repeated_replies: int = 0
    seconds: float = 0.0

    def table(self) -> str:
        lines = [f"  {name:<24}{self.hits[name]:>6}" for name in (*POINTS, RANDOM)]
        return "\n".join(["kills:", *lines])


class Script(Protocol):
    """What the chats say, and what must have come of it."""

    def post(self, platform: Platform, chat: str, number: int) -> Post:
        """The chat's message of that number, from 1."""
        ...

    async def check(self, dsn: str, received: list[tuple[str, str]], acked: Mapping[str, list[int]], result: Result) -> None:
        """What does not hold goes to `result.findings`."""
        ...


class Purchases:
    """Each message is an expense of its own amount."""

    def post(self, platform: Platform, chat: str, number: int) -> Post:
        return platform.post(chat, number, text_of(chat, number))

    async def check(self, dsn: str, received: list[tuple[str, str]], acked: Mapping[str, list[int]], result: Result) -> None:
        await check(dsn, received, acked, result)


class Campaign:
    def __init__(self, plan: Plan, platform: Platform | None = None, script: Script | None = None) -> None:
        self.plan = plan
        self.script = script or Purchases()
        self.random = random.Random(plan.seed)
        self.home = Path(tempfile.mkdtemp(prefix="tuppence-kills-", dir=fast_folder()))  # processes are killed here, not machines
        self.platform = platform or LoadPlatform(self.home / "received")
        self.result = Result()
        self.acked: dict[str, list[int]] = collections.defaultdict(list)
        self.ports = [_free_port() for _ in range(plan.services)]
        self.killed = 0
        self.over = False
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.support.warm_service"])

    async def run(self) -> Result:
        start = time.monotonic()
        dsn = await asyncio.to_thread(start_embedded, self.home / "home")
        try:
            await asyncio.to_thread(migrate, dsn)
            self.environment = {
                "DATABASE_URL": dsn,
                "TUPPENCE_MASTER_KEY": "11" * 32,
                "TUPPENCE_HOME": str(self.home),
                "TEST_MUTANT": self.plan.mutant,
                "TEST_LOG": str(self.home / "log"),
                **self.platform.environment,
            }
            await self._storm()
            await self._calm(dsn)
            await self.script.check(dsn, self.platform.received(), self.acked, self.result)
            self.result.findings += [f"the platform would not have it: {each}" for each in self.platform.violations()[:5]]
        finally:
            await asyncio.to_thread(stop_embedded, self.home / "home")
            shutil.rmtree(self.home, ignore_errors=True)
        self.result.acked = sum(len(ids) for ids in self.acked.values())
        self.result.seconds = time.monotonic() - start
        return self.result

    async def _storm(self) -> None:
        async with httpx.AsyncClient(timeout=3, limits=httpx.Limits(max_connections=200)) as client:
            senders = [
                asyncio.create_task(self._send(client, f"chat{number}", random.Random(self.random.random()))) for number in range(self.plan.chats)
            ]
            await asyncio.gather(*(self._reap(slot) for slot in range(self.plan.services)))
            self.over = True
            await asyncio.gather(*senders)

    def _start(self, slot: int, failpoints: str) -> BaseProcess:
        environment = self.environment | {"TUPPENCE_PORT": str(self.ports[slot]), "TUPPENCE_FAILPOINTS": failpoints}
        process = self.context.Process(target=service.main, args=(environment,))
        process.start()
        return process

    async def _reap(self, slot: int) -> None:
        """Start the service and see it killed, again and again."""
        deadline = time.monotonic() + self.plan.seconds
        while self.killed < self.plan.kills and time.monotonic() < deadline:
            point = RANDOM if self.random.random() < self.plan.random_share or not self.plan.points else self.random.choice(self.plan.points)
            process = self._start(slot, "" if point == RANDOM else f"{point}:{self.random.randint(1, 12)}")
            patience = self.random.uniform(0.1, 1.2) if point == RANDOM else ARMED_SECONDS
            until = time.monotonic() + patience
            if point == RANDOM:
                await self._ready(slot)
                until = time.monotonic() + patience
            while process.is_alive() and time.monotonic() < until:
                await asyncio.sleep(0.01)
            if process.is_alive():
                point = RANDOM
                os.kill(process.pid or 0, signal.SIGKILL)
            await asyncio.to_thread(process.join)
            if process.exitcode not in (-signal.SIGKILL, UNTOLD):
                self.result.findings.append(f"a process ended by itself with {process.exitcode}, see its log: {self._log()}")
                return
            self.killed += 1
            self.result.hits[point] += 1

    def _log(self) -> str:
        return (self.home / "log").read_text(errors="replace")[-2000:]

    async def _ready(self, slot: int) -> None:
        for _ in range(1000):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.ports[slot])) == 0:
                    return
            await asyncio.sleep(0.01)

    async def _send(self, client: httpx.AsyncClient, chat: str, chance: random.Random) -> None:
        """One chat of a platform: in order, each message again until it is acknowledged, sometimes once more than needed."""
        number = 0
        while not self.over:
            number += 1
            post = self.script.post(self.platform, chat, number)
            if not await self._post(client, post, chance):
                return
            self.acked[chat].append(number)
            if chance.random() < 0.1:
                self.result.repeats_sent += 1
                await self._post(client, post, chance)
            await asyncio.sleep(chance.expovariate(1 / self.plan.pause))

    async def _post(self, client: httpx.AsyncClient, post: Post, chance: random.Random) -> bool:
        while not self.over:
            try:
                answer = await client.post(f"http://127.0.0.1:{chance.choice(self.ports)}{post.path}", content=post.body, headers=post.headers)
                if answer.status_code in (200, 204):
                    return True
                self.result.refused[str(answer.status_code)] += 1
            except httpx.HTTPError as error:
                self.result.refused[type(error).__name__] += 1
            await asyncio.sleep(0.05)
        return False

    async def _calm(self, dsn: str) -> None:
        """A service that nobody kills works off what is left and stops when told."""
        process = self._start(0, "")
        connection = await asyncpg.connect(dsn)
        until, left, least = time.monotonic() + DRAIN_SECONDS, -1, sys.maxsize
        while left and time.monotonic() < until:
            await asyncio.sleep(0.2)
            left = await connection.fetchval(
                "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending') + (SELECT count(*) FROM outbox WHERE state = 'pending')"
            )
            if left < least:
                until, least = time.monotonic() + DRAIN_SECONDS, left
        await connection.close()
        if left:
            self.result.findings.append(f"{left} rows still pending, none less for {DRAIN_SECONDS} s: {self._log()}")
        process.terminate()
        await asyncio.to_thread(process.join, 30)
        if process.exitcode != 0:
            self.result.findings.append(f"SIGTERM ended the service with {process.exitcode}: {self._log()}")
            process.kill()


def article(chat: str) -> str:
    """What a chat buys again and again; the amount says which message it was."""
    tens, ones = divmod(int(chat.removeprefix("chat")), 10)
    return f"gadget{chr(ord('a') + tens)}{chr(ord('a') + ones)}"


def text_of(chat: str, number: int) -> str:
    """What the chat's message of that number says."""
    return f"paid {number}.00 EUR for {article(chat)}"


async def check(dsn: str, received: list[tuple[str, str]], acked: Mapping[str, list[int]], result: Result) -> None:
    """I1 no loss, I2 no double, I3 sums, I4 replies, I5 order; what does not hold goes to `result.findings`."""
    connection = await asyncpg.connect(dsn)
    found = result.findings
    states = await connection.fetch("SELECT state, count(*), min(reason) FROM inbox WHERE state <> 'done' GROUP BY state")
    found += [f"I1: {row[1]} messages ended as {row[0]} ({row[2]})" for row in states]
    rows = await connection.fetch(
        """SELECT description, amount / 100 FROM entries JOIN entry_texts USING (book_id, entry_id) JOIN postings USING (book_id, entry_id)
        WHERE kind = 'expense' AND role = 'paid' ORDER BY book_id, chain_no"""
    )
    effects: dict[str, list[int]] = collections.defaultdict(list)
    chats = {article(chat): chat for chat in acked}
    for row in rows:
        effects[chats.get(row[0], row[0])].append(row[1])
    for chat, numbers in acked.items():
        lost = set(numbers) - set(effects[chat])
        doubled = [number for number, times in collections.Counter(effects[chat]).items() if times > 1]
        found += [f"I1: {len(lost)} acknowledged messages of {chat} have no effect"] if lost else []
        found += [f"I2: {len(doubled)} messages of {chat} have more than one effect"] if doubled else []
        found += [f"I5: effects of {chat} out of order"] if effects[chat] != sorted(effects[chat]) else []
    found += await wrong_sums(connection)
    await _check_replies(connection, received, effects, result)
    await connection.close()


async def wrong_sums(connection: asyncpg.Connection) -> list[str]:
    """I3: entries and balances that do not add up."""
    found: list[str] = []
    for sums in (
        "SELECT entry_id::text FROM postings GROUP BY entry_id, currency HAVING sum(amount) <> 0",
        "SELECT book_id::text FROM balances GROUP BY book_id, currency HAVING sum(amount) <> 0",
        """SELECT coalesce(b.book_id, p.book_id)::text FROM balances b FULL JOIN
           (SELECT book_id, member_id, currency, sum(amount) AS amount FROM postings GROUP BY 1, 2, 3) p USING (book_id, member_id, currency)
           WHERE b.amount IS DISTINCT FROM p.amount""",
    ):
        wrong = await connection.fetch(sums)
        found += [f"I3: {len(wrong)} sums are wrong, such as of {wrong[0][0]}"] if wrong else []
    return found


async def _check_replies(connection: asyncpg.Connection, received: list[tuple[str, str]], effects: dict[str, list[int]], result: Result) -> None:
    seen: collections.Counter[tuple[str, int]] = collections.Counter()
    order: dict[str, list[int]] = collections.defaultdict(list)
    for chat, text in received:
        amount = re.search(rf"^{article(chat)} €([0-9,]+)", text, re.IGNORECASE)
        if amount is None:
            result.findings.append(f"I4: {chat} was told: {text}")
            continue
        number = int(amount[1].replace(",", ""))
        if not seen[chat, number]:
            order[chat].append(number)
        seen[chat, number] += 1
    for chat, numbers in effects.items():
        missing = [number for number in set(numbers) if not seen[chat, number]]
        result.findings += [f"I4: {len(missing)} effects of {chat} were never answered"] if missing else []
        result.findings += [f"I5: replies of {chat} out of order"] if order[chat] != sorted(order[chat]) else []
    result.repeated_replies = sum(times - 1 for times in seen.values())
    # A reply may come twice only where a delivery was begun and its end is unknown; each such delivery was counted when its letter was claimed again.
    begun = await connection.fetchval("SELECT coalesce(sum(tries), 0) FROM outbox")
    if result.repeated_replies > begun:
        result.findings.append(f"I4: {result.repeated_replies} replies repeated, {begun} explained by deliveries cut off")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def main() -> int:
    return run(lambda plan: Campaign(plan).run(), kills=1000)


def run(storm: Callable[[Plan], Awaitable[Result]], *, kills: int) -> int:
    """A campaign as a command: how often (`kills` where nothing is said), its seed, a bug that it is to find. The exit status."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=kills)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--mutant", default="")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)

    async def go() -> Result:
        return await storm(Plan(kills=options.kills, seed=options.seed, mutant=options.mutant))

    return report(asyncio.run(go()))


def report(result: Result) -> int:
    """Print it; the exit status."""
    print(result.table())
    print(
        f"{sum(result.hits.values())} kills in {result.seconds:.0f} s, {result.acked} messages acknowledged, {result.repeats_sent} of them repeated"
    )
    print(f"not acknowledged at first: {dict(result.refused)}; replies repeated: {result.repeated_replies}")
    print("\n".join(result.findings) or "0 lost, 0 double, every sum 0, order kept")
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
