"""What a group has agreed on: rules, currency, how it shares and who counts as one. Every change is written down with what held before."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime
from uuid import UUID

from core.db import group_log
from core.db.group_log import Change, Kind
from core.db.session import UnitOfWork
from core.domain.people import Book


async def change(uow: UnitOfWork, book_id: UUID, alter: Awaitable[object], *, by: UUID, now: datetime) -> list[Change]:
    """Let `alter` change the book; returns what holds now and did not before. What is as it was is no change."""
    before = said(uow.book(book_id))
    await alter
    after = said(uow.book(book_id))
    changes = [
        _change(kind, what, by, before.get((kind, what), ""), after.get((kind, what), ""))
        for kind, what in {**before, **after}
        if before.get((kind, what), "") != after.get((kind, what), "")
    ]
    for each in changes:
        await group_log.add(uow, book_id, each, now=now)
    return changes


def _change(kind: Kind, what: str, by: UUID, before: str, after: str) -> Change:
    if kind is Kind.ARCHIVED:
        return Change(Kind.ARCHIVED if after else Kind.REOPENED, by)
    return Change(kind, by, before=before, after=after, what=what)


def said(book: Book) -> dict[tuple[Kind, str], str]:
    """Each agreement as it is written down, by its kind and what it holds for; empty where there is none."""
    rules, over = book.rules, book.rules.approve_over
    told = {
        Kind.CURRENCY: book.currency,
        Kind.LANGUAGE: book.language,
        Kind.DEFAULT_SPLIT: book.default_split.value,
        Kind.HOUSEHOLDS: " ".join("+".join(map(str, unit)) for unit in book.units() if len(unit) > 1),
        Kind.SETTLES_IN: book.settles_in or "",
        Kind.OWN_ONLY: "on" if rules.own_only else "",
        Kind.APPROVAL: f"{over} {over.currency}" if over is not None else "",
        Kind.QUIET: "-".join(f"{hour:%H:%M}" for hour in rules.quiet) if rules.quiet is not None else "",
        Kind.ARCHIVED: "on" if rules.archived else "",
    }
    weights = {word: " ".join(f"{member}:{weight:f}" for member, weight in row.items()) for word, row in book.default_weights.items()}
    return {(kind, ""): value for kind, value in told.items()} | {(Kind.WEIGHTS, word): row for word, row in weights.items()}
