"""What is kept only for a while: bodies of messages, and which job ran when. Also reads the heads of all chains, to be signed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from core.db import books
from core.db.session import UnitOfWork


async def claim_occurrence(uow: UnitOfWork, *, job: str, period: str, now: datetime) -> bool:
    """Whether this transaction is the one that does the job for this period: the row and the effect are committed together."""
    claimed = await uow.connection.fetchval(
        "INSERT INTO job_occurrences (job, period, claimed_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING true", job, period, now
    )
    return claimed is not None


async def erase_bodies(uow: UnitOfWork, *, before: datetime) -> int:
    """Erase the bodies of messages that came to their end before then, in both directions; returns how many."""
    erased = 0
    for queue, ended, also in (("inbox", "finished_at", ", sender_hash = NULL"), ("outbox", "sent_at", "")):
        status = await uow.connection.execute(
            f"UPDATE {queue} SET body = NULL{also} WHERE body IS NOT NULL AND state <> 'pending' AND coalesce({ended}, next_at) < $1", before
        )
        erased += int(status.split()[-1])
    await uow.connection.execute("DELETE FROM buttons WHERE expires_at < $1", before)
    return erased


async def chain_heads(uow: UnitOfWork) -> AsyncIterator[list[tuple[UUID, int, bytes]]]:
    """(book, number of the newest link, its hash) of every book that a person has, a page at a time."""
    async for page in books.pages(uow.connection):
        heads = await uow.connection.fetch("SELECT book_id, chain_no, hash FROM chain_heads WHERE book_id = ANY($1::uuid[]) ORDER BY book_id", page)
        yield [(head["book_id"], head["chain_no"], head["hash"]) for head in heads]
