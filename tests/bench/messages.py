"""The figures of the message path: `python -m tests.bench.messages [intake|throughput|latency|clients ...] [--seconds N]`; all without a name."""

from __future__ import annotations

import argparse
import asyncio
import time

from tests.bench.harness import TEXTS, Pipe, Run, Service, histogram, open_loop, serving, shown


def cpu_line(run: Run, before: tuple[float, float], after: tuple[float, float]) -> str:
    """Microseconds a message."""
    service, database = ((b - a) / run.sent * 1e6 for a, b in zip(before, after, strict=True))
    generator = run.cpu / run.sent * 1e6
    return f"CPU µs a message: service {service:.0f} + Postgres {database:.0f} = {service + database:.0f} (generator {generator:.0f})"


CHATS = 300


def warm_up(service: Service, *, chats: int = CHATS) -> None:
    """Every chat writes once, so that what is measured are not newcomers."""
    run = asyncio.run(open_loop(service.port, rate=100, seconds=chats / 100, chats=chats, prefix="c"))
    settle_down(service, run)


def intake(seconds: float) -> None:
    """HTTP into the inbox, nobody answering."""
    with serving(roles="web", limits=False) as service:  # nobody answers: chats fill up
        asyncio.run(open_loop(service.port, rate=200, seconds=2, chats=CHATS, prefix="c"))
        before = service.cpu()
        run = asyncio.run(open_loop(service.port, rate=1000, seconds=seconds, chats=CHATS, prefix="c", first=1000))
        print(f"intake 1000/s for {seconds:.0f} s: {shown(run.acked)}, {run.errors} errors")
        print(f"  {cpu_line(run, before, service.cpu())}; generator late by p95 {run.lateness.get_value_at_percentile(95) / 1000:.1f} ms")


def delays(service: Service, run: Run) -> tuple[str, int]:
    """From the intended moment of sending to the reply at the channel, and how many replies are missing."""
    latencies, missing = histogram(), 0
    handed = service.handed_over()
    for chat, sent in run.sent_at.items():
        missing += len(sent) - len(handed[chat])
        for moment, arrived in zip(sent, handed[chat], strict=False):
            latencies.record_value(max(1, (arrived - moment) // 1000))
    return shown(latencies), missing


def settle_down(service: Service, run: Run, *, most: float = 60) -> float:
    """Wait until every message is answered; returns the seconds that took."""
    start = time.monotonic()
    while time.monotonic() - start < most:
        handed = service.handed_over()
        if all(len(handed[chat]) >= len(sent) for chat, sent in run.sent_at.items()):
            break
        time.sleep(0.05)
    return time.monotonic() - start


def end_to_end(rate: int, seconds: float, *, engine: str) -> None:
    with serving(engine=engine) as service:
        warm_up(service)
        before = service.cpu()
        service.forget()
        run = asyncio.run(open_loop(service.port, rate=rate, seconds=seconds, chats=CHATS, prefix="c", first=CHATS))
        behind = settle_down(service, run)
        after = service.cpu()
        delay, missing = delays(service, run)
        done = run.sent / (run.seconds + behind)
        print(f"end to end {rate}/s for {seconds:.0f} s, {engine} engine: accept {shown(run.acked)}, {run.errors} errors")
        print(f"  to the channel {delay}, {missing} missing; {done:.0f}/s done, {behind:.1f} s behind at the end")
        print(f"  {cpu_line(run, before, after)}")


def throughput(seconds: float) -> None:
    for rate in (400, 700, 1000):
        end_to_end(rate, seconds, engine="real")


def latency(seconds: float) -> None:
    end_to_end(50, seconds, engine="real")
    with serving() as service:
        time.sleep(2)
        print("idle memory, MB: service {:.0f}, Postgres {:.0f}".format(*service.memory()))


async def _closed_loop(service: Service, clients: int, seconds: float) -> tuple[int, str]:
    """Each client waits for the reply to its message before it sends the next."""
    latencies, count = histogram(), 0
    until = time.monotonic() + seconds
    arrived: dict[str, asyncio.Event] = {f"client{number}": asyncio.Event() for number in range(clients)}

    async def tail() -> None:
        with service.received.open() as file:
            part = ""
            while True:
                part += file.read()
                *lines, part = part.split("\n")
                for line in lines:
                    chat = line.split(" ", 2)[1]
                    if chat in arrived:
                        arrived[chat].set()
                await asyncio.sleep(0.001)

    async def client(chat: str) -> None:
        nonlocal count
        pipe = await Pipe.open(service.port)
        number = time.monotonic_ns()
        while time.monotonic() < until:
            number += 1
            start = time.monotonic_ns()
            await pipe.post({"chat": chat, "id": str(number), "position": number, "text": TEXTS[number % len(TEXTS)]})
            await arrived[chat].wait()
            arrived[chat].clear()
            latencies.record_value(max(1, (time.monotonic_ns() - start) // 1000))
            count += 1
        pipe.writer.close()

    tailing = asyncio.create_task(tail())
    await asyncio.gather(*(client(chat) for chat in arrived))
    tailing.cancel()
    return count, shown(latencies)


def clients(seconds: float) -> None:
    with serving(limits=False) as service:  # faster than anybody writes
        asyncio.run(_closed_loop(service, 8, 1))
        before = service.cpu()
        count, delay = asyncio.run(_closed_loop(service, 8, seconds))
        after = service.cpu()
        used = [(b - a) / count * 1e6 for a, b in zip(before, after, strict=True)]
        print(f"8 clients, each waiting for its reply: {count / seconds:.0f} expenses/s, {delay}")
        print(f"  CPU µs an expense: service {used[0]:.0f} + Postgres {used[1]:.0f}")


PARTS = {"intake": intake, "throughput": throughput, "latency": latency, "clients": clients}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    for name in options.parts or PARTS:
        PARTS[name](options.seconds)


if __name__ == "__main__":
    main()
