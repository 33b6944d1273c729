"""Real updates of Telegram and signed forms of Twilio: `python -m tests.bench.webhooks [intake|latency ...] [--seconds N]`; both without a name."""

from __future__ import annotations

import argparse
import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.bench.harness import Run, Service, histogram, open_loop, serving, shown
from tests.bench.messages import cpu_line
from tests.support.platforms import Post, Webhooks, webhooks

CHATS = 150  # half of them on each platform, whose pace is 30 and 80 sends a second


@asynccontextmanager
async def _serving(platform: Webhooks, *, roles: str = "web,worker,scheduler", limits: bool = True) -> AsyncIterator[Service]:
    """The service, which talks to the platform's fakes in this very loop while it starts and stops."""
    context = serving(roles=roles, limits=limits, variables=platform.environment)
    service = await asyncio.to_thread(context.__enter__)
    try:
        yield service
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)


async def _intake(seconds: float) -> None:
    """1,000 a second into the inbox, nobody answering."""
    async with webhooks() as platform, _serving(platform, roles="web", limits=False) as service:
        numbers = itertools.count()
        posts = [platform.post(f"chat{number % CHATS}", number, f"taxi {number}.50") for number in range(int(1000 * seconds))]

        def prepared(_chat: str, _number: int, _text: str) -> Post:  # signing is the platform's work, not the service's
            return posts[next(numbers)]

        before = service.cpu()
        run = await open_loop(service.port, rate=1000, seconds=seconds, chats=CHATS, prefix="chat", post=prepared)
        print(f"intake 1000/s for {seconds:.0f} s, Telegram and WhatsApp in turn: {shown(run.acked)}, {run.errors} errors")
        print(f"  {cpu_line(run, before, service.cpu())}; generator late by p95 {run.lateness.get_value_at_percentile(95) / 1000:.1f} ms")


def delays(platform: Webhooks, run: Run) -> tuple[str, int]:
    """From the intended moment of a webhook to the call that sends the reply, and how many replies are missing."""
    latencies, missing = histogram(), 0
    moments: dict[str, list[int]] = defaultdict(list)
    for chat, moment in platform.sent_moments():
        moments[chat].append(moment)
    for chat, sent in run.sent_at.items():
        arrived = moments[chat][-len(sent) :]
        missing += len(sent) - len(arrived)
        for begun, came in zip(sent, arrived, strict=False):
            latencies.record_value(max(1, (came - begun) // 1000))
    return shown(latencies), missing


async def _latency(seconds: float) -> None:
    """50 a second, over both, through the whole service to the platforms' APIs."""
    async with webhooks() as platform, _serving(platform) as service:
        warm = await open_loop(service.port, rate=40, seconds=CHATS / 40, chats=CHATS, prefix="chat", post=platform.post)
        await _answered(platform, warm.sent)
        before = service.cpu()
        run = await open_loop(service.port, rate=50, seconds=seconds, chats=CHATS, prefix="chat", first=CHATS, post=platform.post)
        await _answered(platform, warm.sent + run.sent)
        after = service.cpu()
        delay, missing = delays(platform, run)
        print(f"webhook to send call, 50/s for {seconds:.0f} s over Telegram and WhatsApp: {delay}, {missing} missing")
        print(f"  2xx {shown(run.acked)}, {run.errors} errors; {cpu_line(run, before, after)}")
        print("\n".join(platform.violations()) or "  nothing that the platforms would not have let pass")


async def _answered(platform: Webhooks, count: int) -> None:
    async with asyncio.timeout(60):
        while len(platform.sent_moments()) < count:
            await asyncio.sleep(0.05)


PARTS = {"intake": _intake, "latency": _latency}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    for name in options.parts or PARTS:
        asyncio.run(PARTS[name](options.seconds))


if __name__ == "__main__":
    main()
