"""Owns the child processes of the receipt reader: starts them without secrets, asks one thing at a time, kills them with all they started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence

from integrations.receipts import frames

# Nothing of our own environment: it holds keys. One thread each, whatever a library thinks of the machine.
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin",
    "LANG": "C.UTF-8",
    "OMP_THREAD_LIMIT": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
_READ_BYTES = 1 << 16
_END_SECONDS = 5  # a killed one ends at once; one of its own that got away may hold its output open


class ChildFailed(Exception):
    """The child died, answered nonsense or nothing in time. It has been killed."""


class Child:
    """One child process, started when first asked and again after it failed. Asked by one task at a time, ended when nobody asked for a while."""

    def __init__(self, role: str, *, command: Sequence[str] | None = None, most_requests: int = 50, idle_seconds: float = 120) -> None:
        self._command = list(command or (sys.executable, "-P", "-m", "integrations.receipts.child", role))
        self._most_requests = most_requests
        self._idle_seconds = idle_seconds
        self._process: asyncio.subprocess.Process | None = None
        self._requests = 0
        self._turn = asyncio.Lock()
        self._nap: asyncio.TimerHandle | None = None
        self._ending: asyncio.Task[None] | None = None

    async def ask(self, header: Mapping[str, object], blob: bytes, *, seconds: float) -> tuple[dict[str, object], bytes]:
        """Its answer, `seconds` from now at the latest. Raises ChildFailed; the child is gone then, and the next request starts another."""
        async with self._turn_within(seconds):
            return await self._ask(header, blob)

    async def start(self, *, seconds: float) -> None:
        """Start the child if there is none, so that the first request need not wait for it. Raises ChildFailed."""
        async with self._turn_within(seconds):
            if self._process is None:
                await self._start()

    async def close(self) -> None:
        """End the child, if there is one."""
        async with self._turn:
            await self._kill()

    @contextlib.asynccontextmanager
    async def _turn_within(self, seconds: float) -> AsyncIterator[None]:
        """Hold the child until done. One who only waited for the others leaves it alive; one whose own request fails ends it."""
        ends = asyncio.get_running_loop().time() + seconds
        try:
            async with asyncio.timeout_at(ends):
                await self._turn.acquire()
        except TimeoutError as problem:
            raise ChildFailed("busy") from problem
        try:
            async with asyncio.timeout_at(ends):
                yield
        except (TimeoutError, frames.BadFrame, OSError) as problem:
            await self._kill()
            raise ChildFailed(str(problem) or type(problem).__name__) from problem
        except BaseException:  # whoever asked was cancelled: an answer that nobody reads must not be taken for the next one
            await self._kill()
            raise
        finally:
            self._turn.release()
            self._rest()

    def _rest(self) -> None:
        """From now on the child waits; a model in memory that nobody needs is given back."""
        if self._nap is not None:
            self._nap.cancel()
        self._nap = None if self._process is None else asyncio.get_running_loop().call_later(self._idle_seconds, self._end)

    def _end(self) -> None:
        self._ending = asyncio.get_running_loop().create_task(self.close())

    async def _ask(self, header: Mapping[str, object], blob: bytes) -> tuple[dict[str, object], bytes]:
        if self._requests >= self._most_requests:
            await self._kill()  # what libraries leak goes with it
        process = self._process or await self._start()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(frames.pack(header, blob))
        await process.stdin.drain()
        self._requests += 1
        return await frames.read_async(process.stdout)

    async def _start(self) -> asyncio.subprocess.Process:
        self._requests = 0
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env=_ENVIRONMENT,
        )
        assert self._process.stdout is not None
        await frames.read_async(self._process.stdout)  # it says when it is ready
        return self._process

    async def _kill(self) -> None:
        """The whole process group at once, then wait, so that no zombie stays.

        Its end is seen once its output has ended, so what it said last is read: who waits alone waits for ever for one that said too much.
        """
        process, self._process = self._process, None
        if self._nap is not None:
            self._nap.cancel()
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                while process.stdout is not None and await process.stdout.read(_READ_BYTES):
                    pass  # kept nowhere: one that got away may write on
                await process.wait()
        if process.stdin is not None:
            process.stdin.close()
