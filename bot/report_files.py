"""Reports as pictures and files: whose link is opened, what its words are, and the file itself. Counts and draws nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.conversation import reporting
from bot.conversation.replies.catalogue import FALLBACK, languages
from bot.conversation.replies.formats import Voice, opening
from bot.conversation.reporting import Reader
from core.db import people
from core.db.figures import Whose
from core.db.report_links import Slip, read_slip
from core.db.session import Database, UnitOfWork
from core.domain.ahead.spending import Period
from core.domain.figures import Bill, By, Figure, first_day
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
_ROWS = {"png": 9, "html": 9, "pdf": 16}  # of a block; all others have every one
_BILLS = {"png": 0, "html": 0, "pdf": LINES_MOST}  # all others have every one
_WORDS = ("day", "what", "category", "group", "amount", "currency", "total", "bills")


async def open_report(database: Database, token: str, *, history: RateHistory | None, now: datetime) -> tuple[bytes, Slip]:
    """The file that a link opens. DomainError `not_found` for one that opens nothing (any more), as where its reader left the book."""
    slip = read_slip(database.keys, token, now=now)
    async with database.unit_of_work() as uow:
        sheet = await sheet_of(uow, slip, history=history)
    return await asyncio.to_thread(FORMS[slip.form], sheet, slip.dark), slip


async def sheet_of(uow: UnitOfWork, slip: Slip, *, history: RateHistory | None) -> Sheet:
    """The report in its reader's language, as far as its form shows it. DomainError `not_found`."""
    reader, slip, whose = await opened(uow, slip)
    return worded(reader, await figures_for(uow, slip, whose, history=history), slip)


async def opened(uow: UnitOfWork, slip: Slip, *, plain: bool = False) -> tuple[Reader, Slip, Whose]:
    """Who reads what a slip is about, the slip with the currency that totals are counted in where it names none, and whose parts count.

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
    voice = Voice(slip.language if slip.language in languages() else FALLBACK, plain=plain)
    reader = Reader(voice, slip.today, {book: held[book] for book in dict.fromkeys((*whose, *held))})
    return reader, replace(slip, currency=slip.currency or home.settles_in or home.currency), whose


async def figures_for(uow: UnitOfWork, slip: Slip, whose: Whose, *, apart: Collection[By] | None = None, history: RateHistory | None) -> Report:
    """The figures that the file shows, or those that are told `apart` and no bills. The books are loaded."""
    return await spendings.report(
        uow,
        whose,
        Period(slip.first, slip.last),
        category=slip.category,
        apart=(*_shown(slip), By.DAY) if apart is None else apart,
        bills=_BILLS.get(slip.form) if apart is None else 0,
        currency=slip.currency,
        today=slip.today,
        history=history,
    )


def _shown(slip: Slip) -> tuple[By, ...]:
    """What a file is told apart by: a picture by one thing, all others by more."""
    found = (By.MERCHANT,) if slip.category is not None else (By.CATEGORY, By.MERCHANT)
    return found[:1] if slip.form == "png" else (*found, By.PERSON if slip.book_id is not None else By.GROUP)


def _worth_telling(slip: Slip, made: Report) -> tuple[By, ...]:
    """Of those, what comes first, and what has more than one row: all of it on one row is the total once again."""
    first, *besides = _shown(slip)
    return (first, *(what for what in besides if len(reporting.table_of(made, what).rows) > 1))


def worded(reader: Reader, made: Report, slip: Slip) -> Sheet:
    """All that the file shows."""
    voice, total = reader.voice, made.categories.total
    period = opening(reader.period(slip.first, slip.last))
    book = next((voice.name(each.name) for each in reader.books.values() if each.book_id == slip.book_id and each.kind is not BookKind.PERSONAL), "")
    dates = voice.days(slip.first, slip.last)
    counted = voice.say("expenses_counted", count=made.count)
    more = made.count - len(made.bills)
    return Sheet(
        language=voice.language,
        title=voice.say("report_of", what=reader.category(slip.category), period=period) if slip.category is not None else period,
        subtitle=" · ".join(filter(None, [book, dates, counted])),
        figure=voice.amounts(total.sums),
        notes=(reporting.usual(reader, made.usual), reporting.rates(voice, made.categories, slip.today)),
        times=Block(voice.say("report_when"), _times(reader, made, slip)),
        blocks=tuple(Block(voice.say(f"report_by_{what}"), _bars(reader, made, what, slip.form)) for what in _worth_telling(slip, made)),
        lines=tuple(_line(reader, bill, in_words=slip.form == "pdf") for bill in made.bills),
        totals=tuple((Money(minor, code), voice.amount(Money(minor, code), full=True)) for code, minor in sorted(total.sums.items())),
        words={"footer": voice.say("mail_footer"), **{name: voice.say(f"report_{name}") for name in _WORDS}},
        earlier=voice.say("report_rest", count=more) if more > 0 and made.bills else "",
    )


def _bars(reader: Reader, made: Report, what: By, form: str) -> tuple[Bar, ...]:
    """As many as the form shows, and what all others come to."""
    table = reporting.table_of(made, what)
    most = _ROWS.get(form, len(table.rows))
    shown = table.rows if len(table.rows) <= most else table.rows[: most - 1]
    bars = [_bar(reader, made, what, row) for row in shown]
    if rest := table.rest(shown):
        bars.append(
            Bar(reader.voice.say("report_others", count=len(table.rows) - len(shown)), reader.voice.amounts(rest.sums), table.of(rest), is_rest=True)
        )
    return tuple(bars)


def _bar(reader: Reader, made: Report, what: By, row: Figure) -> Bar:
    label, amount, text = reader.label(made, what)(row), reporting.table_of(made, what).of(row), reader.voice.amounts(row.sums)
    if what is not By.CATEGORY:
        return Bar(label, text, amount)
    return Bar(label, text, amount, reporting.against(reader, made.trends.get(str(row.key))), colour=reader.colour(str(row.key)))


def _times(reader: Reader, made: Report, slip: Slip) -> tuple[Bar, ...]:
    """Each day, week or month up to today or the last bill, also those without one."""
    table, label = reporting.table_of(made, made.step), reader.label(made, made.step)
    known = {row.key: row for row in table.rows}
    last = min(slip.last, max(slip.today, made.last))
    bars, begin, several = [], first_day(slip.first, made.step), slip.first.year < last.year
    while begin <= last:
        row = known.get(begin)
        amount = table.of(row) if row is not None else Money(0, table.currency)
        text = reader.voice.amounts(row.sums) if row is not None else ""
        tick = reader.tick(begin, made.step, year=several)
        bars.append(Bar(_short_day(reader, begin, made.step) if row is None else label(row), text, amount, tick=tick))
        begin = first_day(begin + timedelta(days={By.DAY: 1, By.WEEK: 7}.get(made.step, 31)), made.step)
    return tuple(bars)


def _short_day(reader: Reader, begin: date, step: By) -> str:
    return opening(reader.voice.month(begin, today=reader.today)) if step is By.MONTH else reader.day(begin)


def _line(reader: Reader, bill: Bill, *, in_words: bool) -> Line:
    """`in_words`: with its day and amount as people write them, which tables have in columns of their own."""
    voice, book = reader.voice, reader.books[bill.book_id]
    named = "" if book.kind is BookKind.PERSONAL else voice.name(book.name)
    what = opening(voice.name(bill.words)) or voice.say("what_default")
    day, text = (reader.day(bill.on), voice.amount(bill.amount, full=True)) if in_words else ("", "")
    return Line(bill.on, day, what, reader.category(bill.category), named, bill.amount, text)
