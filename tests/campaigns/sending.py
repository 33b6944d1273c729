"""Sends through a platform that refuses, fails, hangs and loses answers; then counts what was lost, out of order, or sent against its word.

`python -m tests.campaigns.sending [--seconds N]` prints the figures of a calm run and of one under faults; exit 1 where something does not hold.
Time runs faster than the clock on the wall, and jumps where nothing is due.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import rmtree
from uuid import UUID

import asyncpg

import bot.delivery
from bot.delivery import Delivery
from bot.metrics import Metrics
from bot.wake import LocalWake
from core.db.crypto import Keys
from core.db.migrate import migrate
from core.db.session import Database
from core.domain.messages import Capabilities, OutboundMessage, Pace
from core.errors import SendError, SendErrorKind
from integrations.postgres import start_embedded, stop_embedded
from tests.support.letters import chat, letter, post

PACE = Pace(a_second=30, chat_seconds=1, group_a_minute=20)
START = datetime(2025, 3, 14, 12, 0, tzinfo=UTC)


class FastClock:
    """Runs `speed` times as fast as the wall's, and can be moved forward."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._begun = time.monotonic()
        self._jumped = timedelta()

    def __call__(self) -> datetime:
        return START + timedelta(seconds=(time.monotonic() - self._begun) * self.speed) + self._jumped

    def jump_to(self, moment: datetime) -> None:
        self._jumped += max(timedelta(), moment - self())


@dataclass(frozen=True)
class Faults:
    """Shares of the calls to chats whose name begins with "t" (troubled); all other chats are served well."""

    refused: float = 0.30
    failed: float = 0.20
    hang: float = 0.05
    lost: float = 0.04


@dataclass
class Platform:
    """A channel with Telegram's limits that writes down every call. It finds what an earlier try brought, when told that there may be one."""

    clock: FastClock
    faults: Faults | None
    chance: random.Random
    name: str = "fake"
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(buttons=8, edits=True, groups=True, pace=PACE))
    calls: list[tuple[datetime, str]] = field(default_factory=list)
    performed: dict[str, list[tuple[str, str, datetime]]] = field(default_factory=lambda: defaultdict(list))
    closed_until: dict[str, datetime] = field(default_factory=dict)
    within_pause: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)

    async def send(self, message: OutboundMessage) -> str:
        now, name = self.clock(), message.address.chat
        self.calls.append((now, name))
        if now < self.closed_until.get(name, START):
            self.within_pause += 1
        fault = self._draw() if name.startswith("t") else "taken"
        self.outcomes[fault] += 1
        if fault == "refused":
            seconds = self.chance.randint(1, 8)
            self.closed_until[name] = self.clock() + timedelta(seconds=seconds)
            raise SendError(SendErrorKind.RETRY, "429", retry_after_seconds=seconds)
        if fault == "failed":
            raise SendError(SendErrorKind.RETRY, "502", unknown=False)
        performs = fault != "hang" or self.chance.random() < 0.5
        known = any(key == message.key for key, _, _ in self.performed[name])
        if performs and not (message.again and known):
            self.performed[name].append((message.key, message.text, now))
        if fault == "hang":
            await asyncio.sleep(120 / self.clock.speed)
        if fault == "lost":
            raise SendError(SendErrorKind.RETRY, "reset", unknown=True)
        return message.key

    def _draw(self) -> str:
        if self.faults is None:
            return "taken"
        shares = {"refused": self.faults.refused, "failed": self.faults.failed, "hang": self.faults.hang, "lost": self.faults.lost}
        (fault,) = self.chance.choices([*shares, "taken"], [*shares.values(), 1 - sum(shares.values())])
        return fault


@dataclass(frozen=True)
class Plan:
    seconds: float  # of simulated time in which letters are posted
    chats: int = 60
    groups: int = 8
    a_second: float = 6.0
    burst: int = 60  # letters posted at once in the middle: more than a second may see
    processes: int = 2
    speed: float = 5.0
    seed: int = 1


@dataclass
class Result:
    posted: int = 0
    calls: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    delivered: int = 0
    doubled: int = 0
    within_pause: int = 0
    most_a_second: int = 0
    most_a_chat_second: int = 0
    most_a_group_minute: int = 0
    out_of_order: int = 0
    calm_p95_seconds: float = 0.0
    findings: list[str] = field(default_factory=list)

    def shown(self) -> str:
        return (
            f"{self.delivered} of {self.posted} letters delivered in {self.calls} calls {dict(self.outcomes)}\n"
            f"  at most {self.most_a_second} calls in any second, {self.most_a_chat_second} to one chat, "
            f"{self.most_a_group_minute} to a group in any minute; {self.within_pause} inside a pause; {self.doubled} doubled; "
            f"{self.out_of_order} chats out of order\n"
            f"  p95 of the untouched chats {self.calm_p95_seconds:.2f} s"
        )


@asynccontextmanager
async def hurried(speed: float) -> AsyncIterator[None]:
    """Delivery's own patience, in simulated seconds."""
    names = ("SEND_SECONDS", "HANGS_AFTER_SECONDS")
    before = {name: getattr(bot.delivery, name) for name in names}
    for name, seconds in before.items():
        setattr(bot.delivery, name, seconds / speed)
    try:
        yield
    finally:
        for name, seconds in before.items():
            setattr(bot.delivery, name, seconds)


async def send_all(dsn: str, plan: Plan, faults: Faults | None) -> Result:
    """Post letters over the time of the plan and see each one delivered."""
    clock, chance = FastClock(plan.speed), random.Random(plan.seed)
    database = await Database.open(dsn, keys=Keys(bytes(range(32))), durable=False, pool_size=12)
    platform = Platform(clock, faults, random.Random(plan.seed + 1))
    wakes = [LocalWake() for _ in range(plan.processes)]
    loops = [Delivery(database, {"fake": platform}, clock=clock, wake=wake, metrics=Metrics()) for wake in wakes]
    nudging = asyncio.create_task(_nudge(wakes))
    try:
        async with hurried(plan.speed), asyncio.TaskGroup() as tasks:
            for loop in loops:
                tasks.create_task(loop.run())
            names = [f"{'t' if number % 2 else 'calm'}{'g' if number < plan.groups else 'p'}{number}" for number in range(plan.chats)]
            ids = {name: await chat(database, name, group=number < plan.groups, now=clock()) for number, name in enumerate(names)}
            posted = await _post_all(database, plan, ids, clock, chance)
            await _drained(dsn, clock)
            for loop in loops:
                loop.close()
    finally:
        nudging.cancel()
        with suppress(asyncio.CancelledError):
            await nudging
        await database.close()
    return judge(platform, posted)


async def _nudge(wakes: Sequence[LocalWake]) -> None:
    while True:
        await asyncio.sleep(0.01)
        for wake in wakes:
            wake.notify("outbox")


def arrivals(plan: Plan, names: Sequence[str], chance: random.Random) -> list[tuple[float, str]]:
    """When which chat is written to, in seconds from the start: by chance, and once many at the same moment."""
    moment, found = 0.0, [(plan.seconds / 2, names[number % len(names)]) for number in range(plan.burst)]
    while moment < plan.seconds:
        found.append((moment, chance.choice(names)))
        moment += chance.expovariate(plan.a_second)
    return sorted(found)


async def _post_all(
    database: Database, plan: Plan, ids: Mapping[str, UUID], clock: FastClock, chance: random.Random
) -> dict[str, list[tuple[str, datetime]]]:
    """(text, when) by chat, in order."""
    posted: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    begun, coming, number = clock(), deque(arrivals(plan, list(ids), chance)), 0
    while coming:
        letters = []
        while coming and begun + timedelta(seconds=coming[0][0]) <= clock():
            _, name = coming.popleft()
            number += 1
            posted[name].append((str(number), clock()))
            letters.append(letter(ids[name], str(number)))
        if letters:
            await post(database, letters, now=clock())
        await asyncio.sleep(0.02)
    return posted


async def _drained(dsn: str, clock: FastClock) -> None:
    """Until nothing waits; time jumps to the next letter that is due where none is, and none is on its way. Who stands behind another is not due."""
    connection = await asyncpg.connect(dsn)
    try:
        async with asyncio.timeout(300):
            while True:
                row = await connection.fetchrow(
                    """SELECT count(*), count(*) FILTER (WHERE claimed), min(next_at) FROM (
                      SELECT DISTINCT ON (conversation_id) next_at, claimed_by IS NOT NULL AS claimed FROM outbox WHERE state = 'pending'
                      ORDER BY conversation_id, no) heads"""
                )
                assert row is not None
                if not row[0]:
                    return
                if not row[1] and row[2] > clock() + timedelta(seconds=5):
                    clock.jump_to(row[2])
                await asyncio.sleep(0.05)
    finally:
        await connection.close()


def _most_within(moments: Sequence[datetime], span: timedelta) -> int:
    """The most of the (sorted) moments in any half-open stretch of that length."""
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moment - moments[first] >= span:
            first += 1
        most = max(most, last - first + 1)
    return most


def judge(platform: Platform, posted: Mapping[str, list[tuple[str, datetime]]]) -> Result:
    by_chat: dict[str, list[datetime]] = defaultdict(list)
    for moment, name in platform.calls:
        by_chat[name].append(moment)
    result = Result(calls=len(platform.calls), outcomes=platform.outcomes, within_pause=platform.within_pause)
    second, minute = timedelta(seconds=1), timedelta(minutes=1)
    result.most_a_second = _most_within(sorted(moment for moment, _ in platform.calls), second)
    result.most_a_chat_second = max(_most_within(moments, second) for moments in by_chat.values())
    result.most_a_group_minute = max(_most_within(moments, minute) for name, moments in by_chat.items() if "g" in name)
    delays = []
    for name, letters in posted.items():
        first: dict[str, datetime] = {}
        for _, text, moment in platform.performed[name]:
            first.setdefault(text, moment)
        result.posted += len(letters)
        result.delivered += sum(text in first for text, _ in letters)
        result.doubled += len(platform.performed[name]) - len(first)
        result.out_of_order += list(first) != [text for text, _ in letters if text in first]
        if name.startswith("calmp"):
            delays += [(first[text] - moment).total_seconds() for text, moment in letters if text in first]
    result.calm_p95_seconds = sorted(delays)[int(len(delays) * 0.95)]
    limits = [(result.most_a_second, PACE.a_second), (result.most_a_chat_second, 1), (result.most_a_group_minute, PACE.group_a_minute)]
    result.findings += [f"{seen} calls where {most} are allowed" for seen, most in limits if most is not None and seen > most]
    result.findings += [f"{result.posted - result.delivered} letters lost"] if result.delivered < result.posted else []
    result.findings += [f"{result.within_pause} calls inside a retry_after"] if result.within_pause else []
    result.findings += [f"{result.out_of_order} chats out of order"] if result.out_of_order else []
    result.findings += [f"{result.doubled} letters performed twice"] if result.doubled else []
    return result


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=5)
    options = parser.parse_args()
    plan = Plan(seconds=options.seconds, seed=options.seed, speed=options.speed)
    results = []
    for name, faults in (("calm", None), ("under faults", Faults())):
        home = Path(tempfile.mkdtemp(prefix="tuppence-sending-"))
        dsn = start_embedded(home, durable=False)
        try:
            migrate(dsn)
            results.append(asyncio.run(send_all(dsn, plan, faults)))
        finally:
            stop_embedded(home)
            rmtree(home, ignore_errors=True)
        print(f"{name}: {results[-1].shown()}", flush=True)
    calm, faulty = results
    findings = calm.findings + faulty.findings
    if faulty.calm_p95_seconds >= 2 * calm.calm_p95_seconds:
        findings.append(f"untouched chats waited {faulty.calm_p95_seconds:.2f} s instead of {calm.calm_p95_seconds:.2f} s")
    print("\n".join(findings) or "all delivered, in order, within the pace; nobody held up by others' trouble")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
