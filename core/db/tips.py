"""What tips are counted from besides spendings, what is owed since long, and which were shown and answered. Converts and judges nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from core.db.session import UnitOfWork
from core.domain.tips.ranking import Past


async def long_owed(uow: UnitOfWork, book_id: UUID, *, members: Sequence[UUID], until: date) -> dict[str, int]:
    """By currency the minor units that members are owed since a day or longer; what came in since pays the oldest first. Nothing that is not owed."""
    await uow.flush()
    rows = await uow.connection.fetch(
        """WITH moved AS (
          SELECT e.bill_id, p.currency, e.occurred_on <= $3 AS old, sum(p.amount)::bigint AS amount
          FROM entries e JOIN postings p USING (book_id, entry_id) WHERE e.book_id = $1 AND p.member_id = ANY($2::uuid[]) GROUP BY 1, 2, 3)
        SELECT currency, sum(amount)::bigint AS amount FROM moved WHERE old OR amount < 0 GROUP BY currency HAVING sum(amount) > 0""",
        book_id,
        members,
        until,
    )
    return {row["currency"]: row["amount"] for row in rows}


async def past(uow: UnitOfWork, book_id: UUID) -> dict[str, Past]:
    """By the rule's name."""
    await uow.flush()
    rows = await uow.connection.fetch(
        "SELECT rule, shown_on, shown, accepted, dismissed FROM tips WHERE book_id = $1 AND shown_on IS NOT NULL ORDER BY rule", book_id
    )
    return {row["rule"]: Past(row["shown_on"], row["shown"], row["accepted"], row["dismissed"]) for row in rows}


async def keep_shown(uow: UnitOfWork, book_id: UUID, rule: str, *, on: date) -> None:
    await uow.execute(
        """INSERT INTO tips (book_id, rule, shown_on, shown, accepted, dismissed, answered) VALUES ($1, $2, $3, 1, 0, 0, false)
        ON CONFLICT (book_id, rule) DO UPDATE SET shown_on = excluded.shown_on, shown = tips.shown + 1, answered = false""",
        book_id,
        rule,
        on,
    )


async def keep_answer(uow: UnitOfWork, book_id: UUID, rule: str, *, liked: bool) -> None:
    """The first answer since it was shown counts, later ones do not."""
    await uow.execute(
        """UPDATE tips SET accepted = accepted + $3::integer, dismissed = dismissed + 1 - $3::integer, answered = true
        WHERE book_id = $1 AND rule = $2 AND NOT answered""",
        book_id,
        rule,
        int(liked),
    )


async def export_rows(uow: UnitOfWork, book_id: UUID) -> list[dict[str, Any]]:
    """What was shown in a book as JSON values."""
    return [
        {"rule": rule, "shown": each.shown, "last": each.shown_on.isoformat(), "accepted": each.accepted, "dismissed": each.dismissed}
        for rule, each in (await past(uow, book_id)).items()
    ]


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    """Of the person's loaded books in which nobody else with an account is left."""
    await uow.execute(
        """UPDATE tips SET shown_on = NULL, shown = 0, accepted = 0, dismissed = 0, answered = true
        WHERE book_id IN (SELECT book_id FROM person_books WHERE person_id = $1)
        AND NOT EXISTS (SELECT 1 FROM members m WHERE m.book_id = tips.book_id AND m.person_id IS NOT NULL)""",
        person_id,
    )
