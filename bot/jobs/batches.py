"""What is due in one transaction, each by itself: what fails is taken back and put off, and holds up nothing else. Knows not what it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta
from typing import TypeVar

from bot.log import error_fields, log
from core.db.session import UnitOfWork

TRY_AGAIN = timedelta(hours=1)
T = TypeVar("T")


async def one_by_one(
    uow: UnitOfWork, found: Iterable[T], work: Callable[[T], Awaitable[None]], put_off: Callable[[T], Awaitable[None]] | None = None, *, job: str
) -> None:
    """Do the work for each. `put_off`: it is not due before TRY_AGAIN, which is what becomes of it where the work fails; None: it is due again."""
    for each in found:
        mark = await uow.mark_now()
        try:
            await work(each)
            await uow.flush()
        except Exception as error:
            log.error("put off", job=job, **error_fields(error))
            await uow.rewind(mark)
            if put_off is not None:
                await put_off(each)
