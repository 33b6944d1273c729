"""Rules in all zones over changes of the clocks, worked by four processes that are killed and stopped; then counts each occurrence.

`python -m tests.campaigns.occurrences --count 100000` prints the seed, what was done and the findings; exit 1 where there are any.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as Time
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import asyncpg

from bot.conversation.codec import pack
from bot.conversation.intents import ExpenseDraft, SplitSpec
from core.db import inbox, people
from core.db.migrate import migrate
from core.db.session import Database
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.domain.money import Money
from core.domain.recurrence import Every, Rule, moment, occurrences
from core.services import recurring
from integrations.postgres import start_embedded, stop_embedded
from tests.support import occurring
from tests.support.builders import repeating
from tests.support.database import KEYS
from tests.support.occurring import FastClock

START = datetime(2024, 9, 20, tzinfo=UTC)  # clocks go back in the north and forward in the south within weeks, and the other way in spring
TIMES = (Time(0, 0), Time(0, 30), Time(1, 30), Time(2, 0), Time(2, 30), Time(3, 0), Time(9, 0), Time(23, 59))
DRAIN_SECONDS = 120.0


@dataclass(frozen=True)
class Plan:
    """`zones`: how many of them; None: all. `speed`: how many times as fast time passes."""

    count: int
    seed: int
    zones: int | None = None
    processes: int = 4
    speed: float = 60_000.0
    rest: float = 1.5  # seconds between two blows, on average
    seconds: float = 3600.0


@dataclass
class Result:
    expected: int = 0
    posted: int = 0
    kills: int = 0
    pauses: int = 0
    zones: int = 0
    seconds: float = 0.0
    findings: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Planned:
    """A rule as it was set, alone in its book."""

    book_id: UUID
    rule: Rule
    at: Time
    zone: str


class Campaign:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.random = random.Random(plan.seed)
        self.home = Path(tempfile.mkdtemp(prefix="tuppence-occurrences-"))
        self.result = Result()
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.support.occurring"])

    async def run(self) -> Result:
        began = time.monotonic()
        dsn = await asyncio.to_thread(start_embedded, self.home, durable=False)
        try:
            await asyncio.to_thread(migrate, dsn)
            planned = await self._plan(dsn)
            last = max(each.rule.until or START.date() for each in planned)
            clock = FastClock(START, datetime.combine(last + timedelta(days=3), Time(), UTC), time.time(), self.plan.speed)
            await self._storm(dsn, clock)
            await self._check(dsn, planned)
        finally:
            await asyncio.to_thread(stop_embedded, self.home)
            shutil.rmtree(self.home, ignore_errors=True)
        self.result.seconds = time.monotonic() - began
        return self.result

    async def _plan(self, dsn: str) -> list[Planned]:
        """A rule a zone, each in a person's own book; how many days each has, so that all come to the count."""
        zones = sorted(available_timezones())
        zones = zones if self.plan.zones is None else self.random.sample(zones, self.plan.zones)
        each = -(-self.plan.count // len(zones))
        database = await Database.open(dsn, keys=KEYS, durable=False)
        planned = [await self._set(database, zone, number, each) for number, zone in enumerate(zones)]
        await database.close()
        self.result.zones = len(zones)
        self.result.expected = sum(len(days_of(one)) for one in planned)
        return planned

    async def _set(self, database: Database, zone: str, number: int, days: int) -> Planned:
        first = START.date() + timedelta(days=2 + self.random.randrange(5))
        rule = self._rule(number, first, days)
        at = self.random.choice(TIMES)
        user = f"user{number}"
        async with database.unit_of_work() as uow:
            person = await people.create_person(
                uow, sender=Person(user, user), address=ChatAddress("fake", "", user), language="en", time_zone=zone, now=START
            )
            message = InboundMessage(ChatAddress("fake", "", user), ChatKind.PRIVATE, Person(user, user), "1", InboundKind.TEXT, START)
            (incoming,) = [inbox.prepare(uow.keys, message, trace_id="", now=START)]
            chats = await inbox.find_conversations(uow, [incoming])
            draft = ExpenseDraft(Money(1000 + number, "EUR"), "rent", "housing", None, (), SplitSpec("none", ("me",)))
            member = uow.book(person.personal_book_id).members[0]
            found = repeating(
                person.personal_book_id,
                member.member_id,
                rule,
                person_id=person.person_id,
                conversation_id=chats[incoming.address_hash],
                amount=draft.amount,
                draft=pack(draft),
                said_by=message.sender,
                at=at,
            )
            await recurring.begin(uow, found, today=first)
        return Planned(person.personal_book_id, rule, at, zone)

    def _rule(self, number: int, first: date, days: int) -> Rule:
        """Mostly daily, so that each change of the clocks is met; some by the week."""
        if number % 4:
            return Rule(Every.DAY, first, until=first + timedelta(days=days - 1))
        weekdays = frozenset(self.random.sample(range(1, 8), 5))
        return Rule(Every.WEEK, first, weekdays=weekdays, until=first + timedelta(days=days * 7 // 5))

    # ------------------------------------------------------------------ the storm

    async def _storm(self, dsn: str, clock: FastClock) -> None:
        """Processes are killed and stopped until nothing is left to be done."""
        owner = await asyncpg.connect(dsn)
        workers = [self._start(dsn, clock) for _ in range(self.plan.processes)]
        until, least = time.monotonic() + DRAIN_SECONDS, sys.maxsize
        try:
            while (left := await _left(owner)) and time.monotonic() < until:
                if left < least or clock() < clock.end:
                    until, least = time.monotonic() + DRAIN_SECONDS, left
                await self._hit(workers, dsn, clock)
                await asyncio.sleep(self.random.uniform(0.2, 1.8) * self.plan.rest)
        finally:
            for each in workers:
                os.kill(each.pid or 0, signal.SIGKILL)
                await asyncio.to_thread(each.join)
            await owner.close()
        if left:
            self.result.findings.append(f"{left} rows still wait, none less for {DRAIN_SECONDS} s")

    async def _hit(self, workers: list[BaseProcess], dsn: str, clock: FastClock) -> None:
        place = self.random.randrange(len(workers))
        process = workers[place]
        if self.random.random() < 0.4:
            os.kill(process.pid or 0, signal.SIGKILL)
            await asyncio.to_thread(process.join)
            workers[place] = self._start(dsn, clock)
            self.result.kills += 1
            return
        os.kill(process.pid or 0, signal.SIGSTOP)
        await asyncio.sleep(self.random.uniform(0.05, 1.0))
        os.kill(process.pid or 0, signal.SIGCONT)
        self.result.pauses += 1

    def _start(self, dsn: str, clock: FastClock) -> BaseProcess:
        process = self.context.Process(target=occurring.main, args=(dsn, clock), daemon=True)
        process.start()
        return process

    # ------------------------------------------------------------------ the count

    async def _check(self, dsn: str, planned: list[Planned]) -> None:
        """Each occurrence once, on its day, not before its moment, and nothing else."""
        owner = await asyncpg.connect(dsn)
        rows = await owner.fetch("SELECT book_id, occurred_on, recorded_at FROM entries WHERE kind = 'expense'")
        dead = await owner.fetchval("SELECT count(*) FROM inbox WHERE state NOT IN ('done')")
        await owner.close()
        self.result.posted = len(rows)
        self.result.findings += [f"{dead} messages were not answered"] if dead else []
        posted = Counter((row["book_id"], row["occurred_on"]) for row in rows)
        wanted = {(one.book_id, day): moment(day, one.at, ZoneInfo(one.zone)) for one in planned for day in days_of(one)}
        early = [row for row in rows if wanted.get((row["book_id"], row["occurred_on"]), row["recorded_at"]) > row["recorded_at"]]
        for name, found in (
            ("missing", [each for each in wanted if each not in posted]),
            ("doubled", [each for each, times in posted.items() if times > 1]),
            ("of no rule", [each for each in posted if each not in wanted]),
            ("early", early),
        ):
            self.result.findings += [f"{len(found)} {name}, such as {found[0]}"] if found else []


def days_of(one: Planned) -> list[date]:
    return list(occurrences(one.rule, one.rule.start, one.rule.until or one.rule.start))


async def _left(owner: asyncpg.Connection) -> int:
    left: int = await owner.fetchval("SELECT (SELECT count(*) FROM recurring_clock) + (SELECT count(*) FROM inbox WHERE state = 'pending')")
    return left


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    result = asyncio.run(Campaign(Plan(count=options.count, seed=options.seed)).run())
    print(f"{result.posted} of {result.expected} occurrences in {result.zones} zones, {result.seconds:.0f} s")
    print(f"{result.kills} processes killed, {result.pauses} stopped for a while")
    print("\n".join(result.findings) or "each exactly once")
    return 1 if result.findings else 0


if __name__ == "__main__":
    sys.exit(main())
