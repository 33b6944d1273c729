"""The picture campaign: broken and hostile files sent as photos to the product, which must answer each kindly and in time, and live on."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.rehearsal import Rehearsal
from core.db.migrate import migrate
from core.db.session import Database
from core.domain.messages import Attachment, ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.ports import ReceiptReader
from integrations.channels.limits import capabilities_of
from integrations.postgres import start_embedded, stop_embedded
from integrations.receipts.reader import OfflineReader
from tests.support.bad_pictures import BY_HAND, good, mutated
from tests.support.database import KEYS

BOUND_SECONDS = 15
START = datetime(2025, 3, 14, 12, tzinfo=UTC)
FAILED = "I could not work that one out"  # the words for a fault of ours


@dataclass(frozen=True, slots=True)
class Thrown:
    """What one file led to. `finding`: what is wrong with that, "" where nothing is."""

    name: str
    said: str
    seconds: float
    finding: str


def files(*, count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """The first `count`: those written by hand, then mutants."""
    yield from [(name, make()) for name, make in list(BY_HAND.items())[:count]]
    yield from (mutated(number, seed) for number in range(max(0, count - len(BY_HAND))))


async def throw(stage: Rehearsal, folder: Path, number: int, name: str, data: bytes) -> Thrown:
    """Send one file from a chat of its own."""
    path = folder / f"{number}.jpg"
    path.write_bytes(data)
    chat, at = f"chat-{number}", START + timedelta(minutes=number)
    message = InboundMessage(
        ChatAddress("webchat", "", chat), ChatKind.PRIVATE, Person(chat, "Anna"), "1", InboundKind.PHOTO, at,
        attachments=(Attachment(str(path), "image/jpeg"),),
    )  # fmt: skip
    before = time.monotonic()
    sent = await stage.play(message, at=at)
    seconds = time.monotonic() - before
    path.unlink()
    said = sent[-1].message.text if sent else ""
    trouble = await stage.trouble_with(message)
    if trouble is not None or said.startswith(FAILED):
        return Thrown(name, said, seconds, f"given up: {trouble or said}")
    if len(sent) < 2:
        return Thrown(name, said, seconds, "no answer")
    return Thrown(name, said, seconds, f"took {seconds:.1f} s" if seconds > BOUND_SECONDS else "")


async def campaign(database: Database, reader: ReceiptReader, thrown: Iterable[tuple[str, bytes]]) -> list[Thrown]:
    """Throw them all at one service; in the end it must still read a good one."""
    results = []
    with tempfile.TemporaryDirectory(prefix="tuppence-pictures-") as folder:
        async with Rehearsal(database, start=START, capabilities=capabilities_of, reader=reader) as stage:
            for number, (name, data) in enumerate((*thrown, ("a good one", good("JPEG"))), 1):
                results.append(await throw(stage, Path(folder), number, name, data))
    last = results[-1]
    if "€7" not in last.said:
        results[-1] = Thrown(last.name, last.said, last.seconds, f"a good one is not read any more: {last.said}")
    return results


def left_behind() -> list[str]:
    """Decoders and engines that still run, and the dead that nobody buried."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields, command = stat.read_text().rpartition(")")[2].split(), (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if fields[1] == str(_ourselves()) and (b"integrations.receipts.child" in command or fields[0] == "Z"):
            found.append(f"{stat.parent.name} {fields[0]}")
    return found


def _ourselves() -> int:
    return int(Path("/proc/self").resolve().name)


def report(results: list[Thrown]) -> int:
    """Print what came of it; the exit status."""
    kinds = Counter("read" if "€" in each.said else each.said.splitlines()[0][:60] if each.said else "silence" for each in results)
    for said, count in kinds.most_common():
        print(f"{count:5} {said}")
    slowest = max(results, key=lambda each: each.seconds)
    print(f"{len(results)} files, the slowest took {slowest.seconds:.1f} s ({slowest.name})")
    findings = [f"{each.name}: {each.finding}" for each in results if each.finding] + [f"left behind: {each}" for each in left_behind()]
    print("\n".join(findings[:50]) or "no crash, no hang, an answer to each")
    return 1 if findings else 0


async def _run(dsn: str, *, count: int, seed: int) -> int:
    database = await Database.open(dsn, keys=KEYS, durable=False)
    try:
        return report(await campaign(database, OfflineReader("tesseract"), files(count=count, seed=seed)))
    finally:
        await database.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="tuppence-pictures-") as home:
        dsn = start_embedded(Path(home), durable=False)
        try:
            migrate(dsn)
            return asyncio.run(_run(dsn, count=options.count, seed=options.seed))
        finally:
            stop_embedded(Path(home))


if __name__ == "__main__":
    sys.exit(main())
