"""Children that die, hang, take all memory, talk nonsense or have children of their own: an error in time, and nothing left of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from core.errors import ServiceUnavailable
from integrations.receipts import frames, sandbox
from integrations.receipts.reader import OfflineReader
from integrations.receipts.sandbox import Child, ChildFailed
from tests.support.receipts import draw

HEAD = """
import os, sys, time
from integrations.receipts import confinement, frames
confinement.confine(memory_bytes=1 << 30, cpu_seconds=5)
def say(header, blob=b""):
    sys.stdout.buffer.write(frames.pack(header, blob)); sys.stdout.buffer.flush()
say({"ready": True, "pid": os.getpid()})
request = frames.read(sys.stdin.buffer)
"""
BAD = {
    "killed": "os.kill(os.getpid(), 9)",
    "hangs": "time.sleep(600)",
    "spins": "\nwhile True: pass",
    "four gigabytes": "x = bytearray(4 << 30); say({'boxes': []})",
    "nonsense": "sys.stdout.buffer.write(b'no frame at all'); sys.stdout.buffer.flush(); time.sleep(600)",
    "a long frame": "sys.stdout.buffer.write(b'\\xff' * 4096); sys.stdout.buffer.flush(); time.sleep(600)",
    "no object": "sys.stdout.buffer.write(b'\\0\\0\\0\\x02\\0\\0\\0\\0[]'); sys.stdout.buffer.flush(); time.sleep(600)",
    "has children": "[os.fork() for _ in range(3)]; time.sleep(600)",
    "writes without end": "\nopen('/dev/null')\nwhile True: sys.stdout.buffer.write(b'\\0\\0\\0\\x01\\0\\0\\0\\0x')",
}


def child(code: str) -> Child:
    return Child("test", command=[sys.executable, "-c", HEAD + code])


def processes() -> set[int]:
    """All that this process or its children started and that is still there: zombies, orphans. What other workers of a run started is theirs."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(stat.parent.name)] = int(stat.read_text().rsplit(")", 1)[1].split()[1])
    return {pid for pid, parent in parents.items() if parent == os.getpid() or (_is_confined(pid) and _is_ours(pid, parents))}


def _is_confined(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"confinement.confine" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


def _is_ours(pid: int, parents: dict[int, int]) -> bool:
    """A descendant, or one that nobody alive has started."""
    parent = parents[pid]
    if parent == 1:
        return True
    while parent in parents and parent != os.getpid():
        parent = parents[parent]
    return parent == os.getpid()


linux = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="counts processes in /proc")


@linux
@pytest.mark.parametrize("name", BAD)
async def test_a_bad_child_is_an_error_in_time_and_leaves_nothing(name: str) -> None:
    before, bad, started = processes(), child(BAD[name]), time.monotonic()
    with pytest.raises(ChildFailed):
        await bad.ask({}, b"", seconds=4)
    assert time.monotonic() - started < 10
    for _ in range(50):  # orphans of a killed group are reaped by init, not by us
        if processes() <= before:
            break
        await asyncio.sleep(0.1)
    assert processes() <= before


async def test_one_that_goes_on_after_its_answer_is_ended_too() -> None:
    chatty = child("say({})\nwhile True: sys.stdout.buffer.write(b'x' * 65536)")
    await chatty.ask({}, b"", seconds=10)
    await asyncio.sleep(0.3)  # more has come than is kept for a reader, and no more is taken in
    async with asyncio.timeout(10):
        await chatty.close()


async def test_nobody_waits_for_one_of_its_own_that_got_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_END_SECONDS", 0.5)
    forked = child("say({})\nif not os.fork(): os.setsid()\ntime.sleep(3)")
    await forked.ask({}, b"", seconds=10)
    started = time.monotonic()
    await forked.close()
    assert time.monotonic() - started < 2
    await asyncio.sleep(3)  # it is gone before the next test counts


async def test_a_child_that_failed_is_followed_by_another() -> None:
    code = "say({'pid': os.getpid()}) if request[0].get('good') else os._exit(3)"
    one = child(code)
    with pytest.raises(ChildFailed):
        await one.ask({}, b"", seconds=10)
    said, _ = await one.ask({"good": True}, b"", seconds=10)
    assert said["pid"] != os.getpid()
    await one.close()


async def test_one_who_gives_up_waiting_does_not_leave_an_answer_for_the_next() -> None:
    slow = child("time.sleep(0.5); say({'answer': request[0]['n']})")
    task = asyncio.create_task(slow.ask({"n": 1}, b"", seconds=10))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    said, _ = await slow.ask({"n": 2}, b"", seconds=10)
    assert said["answer"] == 2
    await slow.close()


async def test_one_who_waited_too_long_for_the_others_leaves_the_child_alone() -> None:
    slow = child("time.sleep(1.5); say({'pid': os.getpid()})")
    first = asyncio.create_task(slow.ask({}, b"", seconds=20))
    await asyncio.sleep(0.1)
    with pytest.raises(ChildFailed, match="busy"):
        await slow.ask({}, b"", seconds=0.2)
    assert "pid" in (await first)[0]
    await slow.close()


@linux
async def test_a_child_that_nobody_asks_is_ended() -> None:
    before = processes()
    short = Child("test", command=[sys.executable, "-c", HEAD + "say({}); time.sleep(600)"], idle_seconds=0.2)
    await short.ask({}, b"", seconds=20)
    for _ in range(100):
        if processes() <= before:
            break
        await asyncio.sleep(0.1)
    assert processes() <= before


async def test_a_child_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUPPENCE_MASTER_KEY", "secret")
    said, _ = await (curious := child("say({'environment': list(os.environ)})")).ask({}, b"", seconds=10)
    await curious.close()
    assert "TUPPENCE_MASTER_KEY" not in str(said)


@pytest.mark.parametrize("boxes", ["[[[1,2],'x',1]]", "'x'", "None", "[[[0]*8, 5, 1]]", "[[[float('nan')]*8, 'x', 1]]", "[1] * 4000"])
async def test_an_engine_that_sends_no_boxes_is_a_service_that_failed(boxes: str) -> None:
    reader = OfflineReader("rapidocr", child=child(f"say({{'boxes': {boxes}}})"))
    with pytest.raises(ServiceUnavailable):
        await reader.read(draw("TOTAL   9.90"), today=date(2025, 6, 30))
    await reader.close()


async def test_an_engine_that_fails_is_an_error_and_not_a_crash() -> None:
    reader = OfflineReader("rapidocr", child=child("os._exit(1)"), seconds=10)
    with pytest.raises(ServiceUnavailable):
        await reader.read(draw("TOTAL   9.90"), today=date(2025, 6, 30))
    await reader.close()


@pytest.mark.parametrize("sent", [b"\0\0\0\1", b"\xff" * 8, frames.pack({"a": 1})[:-1], b"\0\0\0\2\0\0\0\0[]", b"\0\0\0\1\0\0\0\0{"])
async def test_bad_frames_are_refused(sent: bytes) -> None:
    stream = asyncio.StreamReader()
    stream.feed_data(sent)
    stream.feed_eof()
    with pytest.raises(frames.BadFrame):
        await frames.read_async(stream)
