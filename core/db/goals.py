"""Goals as rows of their book, named by a key of each row's own, and what lies with them by the ledger. Plans nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from core.db.ledger import STANDS
from core.db.session import UnitOfWork
from core.domain.goals import Goal, Move
from core.domain.money import Money


async def keep(uow: UnitOfWork, book_id: UUID, goal: Goal) -> None:
    """Its newest state. The old key goes with the old name."""
    data_key = uow.keys.new_data_key()
    await uow.execute(
        """INSERT INTO goals (book_id, goal_id, data_key, name, amount, currency, due_on, planned_on, planned_aside, reached_on)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (book_id, goal_id) DO UPDATE SET data_key = excluded.data_key,
          name = excluded.name, amount = excluded.amount, currency = excluded.currency, due_on = excluded.due_on,
          planned_on = excluded.planned_on, planned_aside = excluded.planned_aside, reached_on = excluded.reached_on""",
        book_id,
        goal.goal_id,
        data_key,
        uow.keys.encrypt(data_key, goal.name.encode()),
        goal.amount.minor,
        goal.amount.currency,
        goal.due_on,
        goal.planned_on,
        goal.planned_aside,
        goal.reached_on,
    )


async def drop(uow: UnitOfWork, book_id: UUID, goal_id: UUID, *, on: date) -> None:
    """It is gone once nothing lies with it."""
    await uow.execute("UPDATE goals SET dropped_on = $3 WHERE book_id = $1 AND goal_id = $2", book_id, goal_id, on)


async def revive(uow: UnitOfWork, book_id: UUID, goal_id: UUID) -> None:
    """It was not dropped after all."""
    await uow.execute("UPDATE goals SET dropped_on = NULL WHERE book_id = $1 AND goal_id = $2 AND dropped_on IS NOT NULL", book_id, goal_id)


async def of_book(uow: UnitOfWork, book_id: UUID) -> list[tuple[Goal, list[Move]]]:
    """Each goal that is there, the oldest first, with what was moved for it, by day."""
    await uow.flush()
    rows = await uow.connection.fetch("SELECT * FROM goals WHERE book_id = $1 AND name IS NOT NULL ORDER BY goal_id", book_id)
    if not rows:
        return []
    moves = await _moves(uow, book_id, [str(row["goal_id"]) for row in rows])
    found = [(row, moves[str(row["goal_id"])]) for row in rows]
    return [(_goal(uow, row), moved) for row, moved in found if row["dropped_on"] is None or sum(move.minor for move in moved) != 0]


async def _moves(uow: UnitOfWork, book_id: UUID, goals: Sequence[str]) -> dict[str, list[Move]]:
    rows = await uow.connection.fetch(
        f"""SELECT e.split ->> 'goal' AS goal, e.occurred_on, sum(p.amount)::bigint AS amount FROM entries e JOIN postings p USING (book_id, entry_id)
        WHERE e.book_id = $1 AND e.kind = 'saving' AND e.split ->> 'goal' = ANY($2::text[]) AND p.role = 'aside' AND {STANDS}
        GROUP BY 1, 2 ORDER BY 2""",
        book_id,
        list(goals),
    )
    moves: dict[str, list[Move]] = defaultdict(list)
    for row in rows:
        moves[row["goal"]].append(Move(row["occurred_on"], row["amount"]))
    return moves


def _goal(uow: UnitOfWork, row: asyncpg.Record) -> Goal:
    return Goal(
        goal_id=row["goal_id"],
        name=uow.keys.decrypt(row["data_key"], row["name"]).decode(),
        amount=Money(row["amount"], row["currency"]),
        due_on=row["due_on"],
        planned_on=row["planned_on"],
        planned_aside=row["planned_aside"],
        reached_on=row["reached_on"],
    )


async def parts(uow: UnitOfWork, book_id: UUID, goal_id: UUID) -> dict[UUID, int]:
    """Member to the minor units of theirs that lie with a goal; zeros left out."""
    await uow.flush()
    rows = await uow.connection.fetch(
        f"""SELECT p.member_id, sum(p.amount)::bigint AS amount FROM entries e JOIN postings p USING (book_id, entry_id)
        WHERE e.book_id = $1 AND e.kind = 'saving' AND e.split ->> 'goal' = $2 AND p.role = 'aside' AND {STANDS}
        GROUP BY 1 HAVING sum(p.amount) <> 0 ORDER BY 1""",
        book_id,
        str(goal_id),
    )
    return {row["member_id"]: row["amount"] for row in rows}


async def export_rows(uow: UnitOfWork, book_id: UUID) -> list[dict[str, Any]]:
    """The goals of a book as JSON values."""
    return [
        {
            "id": str(goal.goal_id),
            "name": goal.name,
            "amount": str(goal.amount),
            "currency": goal.amount.currency,
            "due": goal.due_on and goal.due_on.isoformat(),
            "planned": goal.planned_on.isoformat(),
            "aside_then": str(Money(goal.planned_aside, goal.amount.currency)),
            "aside": str(Money(sum(move.minor for move in moves), goal.amount.currency)),
            "reached": goal.reached_on and goal.reached_on.isoformat(),
        }
        for goal, moves in await of_book(uow, book_id)
    ]


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    """Of the person's loaded books in which nobody with an account is left: what the goals were called, and how much."""
    await uow.execute(
        """UPDATE goals SET data_key = NULL, name = NULL, amount = NULL, planned_aside = 0
        WHERE book_id IN (SELECT book_id FROM person_books WHERE person_id = $1)
        AND NOT EXISTS (SELECT 1 FROM members m WHERE m.book_id = goals.book_id AND m.person_id IS NOT NULL)""",
        person_id,
    )
