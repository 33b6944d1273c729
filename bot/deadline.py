"""A deadline that holds even where the work cannot be stopped in time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`. Raises TimeoutError when the time is over: the work is cancelled then, but not waited for.

    asyncio.timeout waits: a connection to a database that hangs is given back to its pool only when the database answers again.
    """
    task = asyncio.ensure_future(work)
    try:
        done, _late = await asyncio.wait({task}, timeout=seconds)
    finally:
        task.cancel()
        task.add_done_callback(_look_at)
    if not done:
        raise TimeoutError
    return task.result()


def _look_at(task: asyncio.Task[Any]) -> None:
    """An error that nobody waits for any more is not worth a line of its own."""
    if not task.cancelled():
        task.exception()
