"""Budgets as rows of their book. Counts nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from core.db.session import UnitOfWork
from core.domain.budgets import Budget, Cycle
from core.domain.money import Money


async def keep(uow: UnitOfWork, book_id: UUID, budget: Budget) -> None:
    """A book has one budget of a category (or of everything) and a cycle: a newer one takes its place."""
    await uow.execute(
        """INSERT INTO budgets (book_id, budget_id, category, amount, currency, cycle, rollover, starts_on, carried)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (book_id, category, cycle) DO UPDATE SET amount = excluded.amount,
          currency = excluded.currency, rollover = excluded.rollover, starts_on = excluded.starts_on, carried = excluded.carried""",
        book_id,
        budget.budget_id,
        budget.category,
        budget.amount.minor,
        budget.amount.currency,
        budget.cycle.value,
        budget.rollover,
        budget.starts_on,
        budget.carried,
    )


async def of_book(uow: UnitOfWork, book_id: UUID) -> list[Budget]:
    """That of everything first, then by category; of one category the longest cycle last."""
    await uow.flush()
    rows = await uow.connection.fetch("SELECT * FROM budgets WHERE book_id = $1 AND amount IS NOT NULL", book_id)
    return sorted(map(_budget, rows), key=lambda each: (each.category is not None, each.category or "", list(Cycle).index(each.cycle)))


def _budget(row: asyncpg.Record) -> Budget:
    return Budget(
        budget_id=row["budget_id"],
        category=row["category"],
        amount=Money(row["amount"], row["currency"]),
        cycle=Cycle(row["cycle"]),
        starts_on=row["starts_on"],
        rollover=row["rollover"],
        carried=row["carried"],
    )


async def are_kept(uow: UnitOfWork, book_ids: Sequence[UUID]) -> bool:
    """Whether there is any in these books."""
    found: bool = await uow.connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM budgets WHERE book_id = ANY($1::uuid[]) AND amount IS NOT NULL)", list(book_ids)
    )
    return found


async def remove(uow: UnitOfWork, book_id: UUID, budget_id: UUID) -> None:
    await uow.execute("UPDATE budgets SET amount = NULL, carried = 0 WHERE book_id = $1 AND budget_id = $2", book_id, budget_id)


async def export_rows(uow: UnitOfWork, book_id: UUID) -> list[dict[str, Any]]:
    """The budgets of a book as JSON values."""
    return [
        {
            "category": each.category,
            "amount": str(each.amount),
            "currency": each.amount.currency,
            "cycle": each.cycle.value,
            "rollover": each.rollover,
            "since": each.starts_on.isoformat(),
            "carried": str(Money(each.carried, each.amount.currency)),
        }
        for each in await of_book(uow, book_id)
    ]


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    """Of the person's loaded books in which nobody with an account is left: budgets, and the payday."""
    abandoned = """book_id IN (SELECT book_id FROM person_books WHERE person_id = $1)
      AND NOT EXISTS (SELECT 1 FROM members m WHERE m.book_id = {}.book_id AND m.person_id IS NOT NULL)"""
    await uow.execute(f"UPDATE budgets SET amount = NULL, carried = 0 WHERE {abandoned.format('budgets')}", person_id)
    await uow.execute(f"UPDATE books SET payday = NULL WHERE {abandoned.format('books')}", person_id)
