"""The parts of bills that figures are counted from: whose, of which days, of what. Sums and converts nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from core.db.ledger import STANDS, contains
from core.db.session import UnitOfWork
from core.domain.figures import Part
from core.domain.ledger import Role

Whose = Mapping[UUID, Sequence[UUID] | None]  # by book the members whose parts count; None: everybody's, which is all of each bill


@dataclass(frozen=True, slots=True)
class Asked:
    """Which bills count. Both days are included, None: no end. `text`: a part of the description, any case.

    `along`: only bills that one of these members has a part in, whoever's parts are counted.
    """

    first: date | None = None
    last: date | None = None
    category: str | None = None
    text: str | None = None
    along: Sequence[UUID] | None = None


async def begun(uow: UnitOfWork, whose: Whose) -> date | None:
    """The day of the first expense that stands in any of the loaded books, whosever it was."""
    await uow.flush()
    found: date | None = await uow.connection.fetchval(
        f"SELECT min(e.occurred_on) FROM entries e WHERE e.book_id = ANY($1::uuid[]) AND e.kind = 'expense' AND {STANDS}", list(whose)
    )
    return found


async def words(uow: UnitOfWork, whose: Whose, *, most: int) -> list[str]:
    """What the newest expenses of loaded books are described by, each once."""
    await uow.flush()
    rows = await uow.connection.fetch(
        """SELECT DISTINCT description FROM (SELECT description FROM entry_texts WHERE book_id = ANY($1::uuid[]) AND description IS NOT NULL
          ORDER BY entry_id DESC LIMIT $2) t""",
        list(whose),
        most,
    )
    return [row["description"] for row in rows]


async def parts(uow: UnitOfWork, whose: Whose, asked: Asked, *, codes: Sequence[str] | None = None, role: Role = Role.SHARE) -> list[Part]:
    """What stands of expenses, by day; payments between people and income are none. `role`: what was shared, or what was PAID. Books are loaded.

    `codes`: those of categories that may count as the one that is asked for, as bills have them.
    """
    await uow.flush()
    rows = await uow.connection.fetch(
        f"""SELECT e.book_id, e.bill_id, e.occurred_on, coalesce(e.category, 'other'), coalesce(t.description, ''), p.member_id, p.currency,
          CASE WHEN p.role = 'share' THEN -p.amount ELSE p.amount END
        FROM entries e JOIN postings p USING (book_id, entry_id) LEFT JOIN entry_texts t USING (book_id, entry_id)
        WHERE e.book_id = ANY($1::uuid[]) AND e.kind = 'expense' AND p.role = $2 AND {STANDS}
          AND (e.book_id = ANY($3::uuid[]) OR p.member_id = ANY($4::uuid[]))
          AND ($5::date IS NULL OR e.occurred_on >= $5) AND ($6::date IS NULL OR e.occurred_on <= $6)
          AND ($7::text[] IS NULL OR coalesce(e.category, 'other') = ANY($7)) AND ($8::text IS NULL OR t.description ILIKE $8)
          AND ($9::uuid[] IS NULL OR EXISTS (SELECT FROM postings a WHERE a.book_id = e.book_id AND a.entry_id = e.entry_id
            AND a.role = 'share' AND a.member_id = ANY($9::uuid[])))
        ORDER BY e.occurred_on, e.entry_id, p.no""",
        list(whose),
        role.value,
        [book for book, members in whose.items() if members is None],
        [member for members in whose.values() for member in members or ()],
        asked.first,
        asked.last,
        codes if codes is not None or asked.category is None else [asked.category],
        contains(asked.text),
        asked.along,
    )
    return [Part(*row) for row in rows]
