"""What came of a loaded group's bills, with everybody who has a balance; for the words and for the picture."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from core.db import ledger
from core.db.session import UnitOfWork
from core.domain.bills import amount_of
from core.domain.summaries import Summary, summary
from core.ports import RateHistory
from core.services import rates


async def summarised(uow: UnitOfWork, book_id: UUID, history: RateHistory | None, *, today: date) -> Summary | None:
    """None where there is no bill. What is in several currencies is put in order by the rates of today, where they are known."""
    book, bills = uow.book(book_id), await ledger.bills(uow, book_id)
    several = len({amount_of(bill).currency for bill in bills}) > 1
    sheet = await rates.sheet(uow, history, day=today) if several else None
    owing = [member for (member, _), balance in uow.balances(book_id).items() if balance.amount]
    return summary(
        bills,
        first=lambda member: book.first(book.member(member)).member_id,
        kinds=book.categories,
        open_members=owing,
        sheet=sheet,
    )
