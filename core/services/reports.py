"""What stands in one chat's book, as plain values for files and commands."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.db import ledger
from core.db.conversations import book_of_chat
from core.db.session import Database, UnitOfWork
from core.domain.bills import amount_of, payers_of, shares_of
from core.domain.ledger import JournalEntry
from core.domain.messages import ChatAddress
from core.domain.money import Money


async def chat_report(database: Database, *, channel: str, chat: str) -> dict[str, Any]:
    """`{"balances": {currency: {name: amount}}, "expenses": [...]}`: active members, amounts as decimal strings, expenses oldest first."""
    async with database.unit_of_work() as uow:
        book_id = await book_of_chat(uow, ChatAddress(channel, "", chat))
        if book_id is None:
            return {"balances": {}, "expenses": []}
        await uow.load_books([book_id], lock=False)
        entries = await ledger.bills(uow, book_id)
        return {"balances": balances(uow, book_id), "expenses": [expense(uow, entry) for entry in reversed(entries)]}


def balances(uow: UnitOfWork, book_id: UUID) -> dict[str, dict[str, str]]:
    """Currency -> name -> amount as a decimal string, of a loaded book; who left and owes nothing is left out, who is the same counts for one."""
    kept, book = uow.balances(book_id), uow.book(book_id)
    shown: dict[str, dict[str, str]] = {}
    for currency in sorted({currency for _, currency in kept}):
        amounts = {member: 0 for member in book.members if member.same_as is None}
        for (member_id, code), balance in kept.items():
            if code == currency:
                member = book.member(member_id)
                amounts[book.first(member) if member.same_as is not None else member] += balance.amount
        shown[currency] = {member.name: str(Money(minor, currency)) for member, minor in amounts.items() if member.active or minor}
    return shown


def expense(uow: UnitOfWork, entry: JournalEntry) -> dict[str, Any]:
    """One bill as the command line shows it: amount, currency, date, description, payers, shares."""
    names = {member.member_id: member.name for member in uow.book(entry.book_id).members}
    amount = amount_of(entry)
    return {
        "amount": str(amount),
        "currency": amount.currency,
        "date": entry.occurred_on.isoformat(),
        "description": entry.description,
        "payers": {names[member]: str(amount) for member, amount in payers_of(entry).items()},
        "shares": {names[member]: str(amount) for member, amount in shares_of(entry).items()},
    }
