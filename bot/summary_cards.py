"""The summary of a group as a picture: what it came to, who paid and shared what, on what, and who pays whom to be even."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from uuid import UUID

from bot.conversation.replies.catalogue import FALLBACK, languages
from bot.conversation.replies.formats import Voice
from core.db.session import Database, UnitOfWork
from core.db.summary_links import read_summary_token
from core.domain.people import Book
from core.domain.settlement import Transfer
from core.domain.summaries import CATEGORIES_SHOWN, Summary, Sums, part_of
from core.errors import DomainError
from core.services import plans
from core.services.summaries import summarised
from integrations.documents.cards import Card, Row, Section, Tone, picture


async def open_summary(database: Database, token: str, *, now: datetime) -> bytes:
    """The PNG that a link opens. DomainError `not_found` for one that opens nothing (any more), and of a group without a bill."""
    book_id, language = read_summary_token(database.keys, token, now=now)
    async with database.unit_of_work() as uow:
        card = await summary_card(uow, book_id, Voice(language if language in languages() else FALLBACK), today=now.date())
    return await asyncio.to_thread(picture, card)


async def summary_card(uow: UnitOfWork, book_id: UUID, voice: Voice, *, today: date) -> Card:
    """The words of the picture. DomainError `not_found`."""
    try:
        await uow.load_books([book_id], lock=False)
        book = uow.book(book_id)
    except KeyError:
        raise DomainError("not_found") from None
    found = await summarised(uow, book_id, None, today=today)
    if found is None:
        raise DomainError("not_found")
    moves = [move for plan in (await plans.plans(uow, book_id)).values() for move in plan.transfers]
    days = voice.say("summary_days", count=found.days)
    return Card(
        title=voice.name(book.name),
        subtitle=" · ".join([voice.days(found.first_day, found.last_day), voice.say("expenses_counted", count=found.count), days]),
        figure=voice.amounts(found.total),
        sections=(
            Section(voice.say("summary_people"), people(voice, book, found, plans.balances(uow, book_id))),
            Section(voice.say("summary_on"), categories(voice, book, found)),
            Section(voice.say("summary_even"), tuple(payment(voice, book, move) for move in moves)),
        ),
    )


def people(voice: Voice, book: Book, found: Summary, balances: dict[str, dict[UUID, int]]) -> tuple[Row, ...]:
    """What each paid and shared, and where that leaves them, payments between members counted."""
    rows = []
    for member, paid, shared in found.members:
        left = {currency: row[member] for currency, row in balances.items() if row.get(member)}
        note = voice.say("summary_parts", paid=voice.amounts(paid), share=voice.amounts(shared))
        rows.append(Row(voice.name(book.member(member).name), voice.balance(left), note, part_of(paid, found.total), tone(left)))
    return tuple(rows)


def tone(left: Sums) -> Tone:
    signs = {minor > 0 for minor in left.values()}
    return "plain" if len(signs) != 1 else "plus" if signs == {True} else "minus"


def categories(voice: Voice, book: Book, found: Summary) -> tuple[Row, ...]:
    shown = [(book.categories.get(code), sums) for code, sums in found.categories[:CATEGORIES_SHOWN]]
    return tuple(Row(voice.category(each), voice.amounts(sums), share=part_of(sums, found.total), colour=each.colour) for each, sums in shown)


def payment(voice: Voice, book: Book, move: Transfer[UUID]) -> Row:
    sender, receiver = (voice.name(book.member(member).name) for member in (move.sender, move.receiver))
    return Row(f"{sender} → {receiver}", voice.amount(move.amount))
