"""Reports as pictures and files: whose link is opened, what its words are, and the file itself. Counts and draws nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.conversation import reporting
from bot.conversation.replies.catalogue import FALLBACK, languages
from bot.conversation.replies.formats import Voice, opening
from bot.conversation.reporting import Reader
from core.db import people
from core.db.report_links import Slip, read_slip
from core.db.session import Database, UnitOfWork
from core.domain.ahead.spending import Period
from core.domain.figures import By, Part, by_bill, first_day
from core.domain.money import Money
from core.domain.people import BookKind
from core.domain.reports import Report
from core.domain.sheets import LINES_MOST, Bar, Block, Line, Sheet
from core.errors import DomainError
from core.ports import RateHistory
from core.services import spendings
from integrations.documents import charts, letters, pages
from integrations.exports import reports as tables

FORMS: dict[str, Callable[[Sheet, bool], bytes]] = {
    "png": lambda sheet, dark: charts.picture(sheet, dark=dark),
    "pdf": lambda sheet, _: pages.pages(sheet),
    "html": lambda sheet, _: letters.report_page(sheet),
    "csv": lambda sheet, _: tables.as_csv(sheet),
    "xlsx": lambda sheet, _: tables.as_xlsx(sheet),
}
_WORDS = ("day", "what", "category", "group", "amount", "currency", "total", "bills")


async def open_report(database: Database, token: str, *, history: RateHistory | None, now: datetime) -> tuple[bytes, Slip]:
    """The file that a link opens. DomainError `not_found` for one that opens nothing (any more), as where its reader left the book."""
    slip = read_slip(database.keys, token, now=now)
    async with database.unit_of_work() as uow:
        sheet = await sheet_of(uow, slip, history=history)
    return await asyncio.to_thread(FORMS[slip.form], sheet, slip.dark), slip


async def sheet_of(uow: UnitOfWork, slip: Slip, *, history: RateHistory | None) -> Sheet:
    """The report in its reader's language. DomainError `not_found`."""
    return worded(*await report_of(uow, slip, history=history))


async def report_of(uow: UnitOfWork, slip: Slip, *, history: RateHistory | None, plain: bool = False) -> tuple[Reader, Report, Slip]:
    """The figures that a slip is about, who reads them, and the slip with the currency that totals are counted in where it names none.

    DomainError `not_found` where the reader is not in the book (any more).
    """
    books = await people.books_of(uow, slip.person_id)
    if slip.book_id is not None:
        books = [book for book in books if book == slip.book_id]
    await uow.load_books(books, lock=False)
    held = {book: uow.book(book) for book in books}
    if not any(member.active for book in held.values() for member in book.positions_of(slip.person_id)):
        raise DomainError("not_found")
    whose = spendings.own_parts(uow, slip.person_id, books) if slip.book_id is None else {slip.book_id: None}
    home = min(held.values(), key=lambda book: (book.book_id != slip.book_id, book.kind is not BookKind.PERSONAL))
    slip = replace(slip, currency=slip.currency or home.settles_in or home.currency)
    period = Period(slip.first, slip.last)
    made = await spendings.report(uow, whose, period, category=slip.category, currency=slip.currency, today=slip.today, history=history)
    voice = Voice(slip.language if slip.language in languages() else FALLBACK, plain=plain)
    return Reader(voice, slip.today, {book: held[book] for book in dict.fromkeys((*whose, *held))}), made, slip


def worded(reader: Reader, made: Report, slip: Slip) -> Sheet:
    """All that any of the files shows."""
    voice, total = reader.voice, made.categories.total
    shown = [By.MERCHANT] if slip.category is not None else [By.CATEGORY, By.MERCHANT]
    shown += [By.PERSON] if slip.book_id is not None else [By.GROUP]
    period = opening(reader.period(slip.first, slip.last))
    book = next((voice.name(each.name) for each in reader.books.values() if each.book_id == slip.book_id and each.kind is not BookKind.PERSONAL), "")
    dates = f"{voice.day(slip.first, year=True)} – {voice.day(slip.last, year=True)}"
    counted = voice.say("expenses_counted", count=total.count)
    lines = tuple(_line(reader, part) for part in by_bill(made.parts))
    return Sheet(
        language=voice.language,
        title=voice.say("report_of", what=reader.category(slip.category), period=period) if slip.category is not None else period,
        subtitle=" · ".join(filter(None, [book, dates, counted])),
        figure=voice.amounts(total.sums),
        notes=(reporting.usual(reader, made.usual), reporting.rates(voice, made.categories, slip.today)),
        times=Block(voice.say("report_when"), _times(reader, made, slip)),
        blocks=tuple(Block(voice.say(f"report_by_{what}"), _bars(reader, made, what)) for what in shown),
        lines=lines,
        totals=tuple((Money(minor, code), voice.amount(Money(minor, code), full=True)) for code, minor in sorted(total.sums.items())),
        words={"footer": voice.say("mail_footer"), **{name: voice.say(f"report_{name}") for name in _WORDS}},
        earlier=voice.say("report_rest", count=more) if (more := len(lines) - LINES_MOST) > 0 else "",
    )


def _bars(reader: Reader, made: Report, what: By) -> tuple[Bar, ...]:
    table, label = reporting.table_of(made, what), reader.label(made, what)
    trends = made.trends if what is By.CATEGORY else {}
    return tuple(
        Bar(label(row), reader.voice.amounts(row.sums), table.of(row), reporting.against(reader, trends.get(str(row.key)))) for row in table.rows
    )


def _times(reader: Reader, made: Report, slip: Slip) -> tuple[Bar, ...]:
    """Each day, week or month up to today or the last bill, also those without one."""
    table, label = made.times, reader.label(made, made.step)
    known = {row.key: row for row in table.rows}
    last = min(slip.last, max([slip.today, *(part.on for part in made.parts)]))
    bars, begin = [], first_day(slip.first, made.step)
    while begin <= last:
        row = known.get(begin)
        amount = table.of(row) if row is not None else Money(0, table.currency)
        text = reader.voice.amounts(row.sums) if row is not None else ""
        bars.append(Bar(_short_day(reader, begin, made.step) if row is None else label(row), text, amount))
        begin = first_day(begin + timedelta(days={By.DAY: 1, By.WEEK: 7}.get(made.step, 31)), made.step)
    return tuple(bars)


def _short_day(reader: Reader, begin: date, step: By) -> str:
    return opening(reader.voice.month(begin, today=reader.today)) if step is By.MONTH else reader.day(begin)


def _line(reader: Reader, part: Part) -> Line:
    voice, book = reader.voice, reader.books[part.book_id]
    named = "" if book.kind is BookKind.PERSONAL else voice.name(book.name)
    what = opening(voice.name(part.words)) or voice.say("what_default")
    day = voice.day(part.on, year=part.on.year != reader.today.year)
    return Line(part.on, day, what, reader.category(part.category), named, part.amount, voice.amount(part.amount, full=True))
