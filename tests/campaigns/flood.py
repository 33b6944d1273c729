"""One tenant floods, 99 write as people do: how long the 99 wait for their replies, against the real service with its real limits.

`python -m tests.campaigns.flood [--seconds N]`; exit 1 where their p95 is 200 ms or more, or one of their messages was not answered.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time

from tests.bench.harness import Run, Service, histogram, open_loop, serving, shown

TENANTS = 99
P95_MILLISECONDS = 200


async def _flooded(port: int, *, rate: int, seconds: float, first: int) -> tuple[Run, Run]:
    people = asyncio.create_task(open_loop(port, rate=TENANTS, seconds=seconds, chats=TENANTS, prefix="c", first=first))
    flood = asyncio.create_task(open_loop(port, rate=rate, seconds=seconds, chats=1, prefix="flood", first=first, connections=16)) if rate else None
    return await people, await flood if flood is not None else Run()


def _answered(service: Service, run: Run, *, most: float = 60) -> None:
    until = time.monotonic() + most
    while time.monotonic() < until:
        handed = service.handed_over()
        if all(len(handed[chat]) >= len(sent) for chat, sent in run.sent_at.items()):
            return
        time.sleep(0.05)


def measure(service: Service, *, rate: int, seconds: float, first: int) -> tuple[float, int]:
    """p95 in milliseconds of the people's replies, and how many are missing."""
    service.forget()
    people, flood = asyncio.run(_flooded(service.port, rate=rate, seconds=seconds, first=first))
    _answered(service, people)
    latencies, missing, handed = histogram(), 0, service.handed_over()
    for chat, sent in people.sent_at.items():
        missing += len(sent) - len(handed[chat])
        for moment, arrived in zip(sent, handed[chat], strict=False):
            latencies.record_value(max(1, (arrived - moment) // 1000))
    told = [line for line in service.received.read_text().splitlines() if " flood0 " in line]
    slowed = sum("That is a lot at once" in line or "wait for an answer here" in line for line in told)
    print(f"flood of {rate}/s: {TENANTS} people at 1/s {shown(latencies)}, {missing} missing")
    print(f"  the flood: {flood.sent} sent, {len(told) - slowed} answered meanwhile, told to slow down {slowed} times", flush=True)
    return latencies.get_value_at_percentile(95) / 1000, missing


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with serving() as service:
        _answered(service, asyncio.run(open_loop(service.port, rate=50, seconds=TENANTS / 50, chats=TENANTS, prefix="c")))
        measure(service, rate=0, seconds=min(10, options.seconds), first=10_000)
        p95, missing = measure(service, rate=900, seconds=options.seconds, first=100_000)
    return int(p95 >= P95_MILLISECONDS or missing > 0)


if __name__ == "__main__":
    sys.exit(main())
