"""The words of a report, the same in chats, pictures and files: what its days and rows are called, and how they stand to the usual."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from bot.conversation.replies.formats import Voice, opening
from core.domain.categories import AS_THEY_COME, Category
from core.domain.figures import TIMES, By, Figure, Table
from core.domain.people import Book, BookKind
from core.domain.rates import SAID, Rate, Sheet
from core.domain.reports import Report, Trend

ROWS_MOST, SHORT_MOST, NAMED_MOST = 12, 3, 4
_BESIDES = {True: ((By.MERCHANT, "report_places"), (By.PERSON, "report_people")), False: ((By.MERCHANT, "report_places"), (By.GROUP, "report_books"))}
WORTH_SAYING = 10  # percent away from the usual
TIMES_FROM = 200  # percent above it: from here on how many times as much is easier to see


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a report is told to: their voice, their day, and the books that it is counted from, whose categories are those of the first."""

    voice: Voice
    today: date
    books: Mapping[UUID, Book] = field(default_factory=dict)

    def category(self, code: str) -> str:
        return self.voice.category(self._kind(code))

    def colour(self, code: str) -> str:
        """The one that people gave a category, "" where they gave none."""
        return self._kind(code).colour

    def _kind(self, code: str) -> Category:
        return next((book.categories for book in self.books.values()), AS_THEY_COME).get(code)

    def period(self, first: date, last: date) -> str:
        """ "March", "2024", "Q1", "Thu 13 Mar", "3 Mar to 9 Mar"; of a month that runs also where its rest is left out."""
        if first == last:
            return self.voice.day(first, year=first.year != self.today.year)
        if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
            return str(first.year)
        ends = last.day == monthrange(last.year, last.month)[1] or last >= self.today
        if first.day == 1 and (first.year, first.month) == (last.year, last.month) and ends:
            return self.voice.month(first, today=self.today)
        if first.day == 1 and first.month % 3 == 1 and (first.year, first.month + 2) == (last.year, last.month) and ends:
            return self.voice.quarter(first, today=self.today)
        return self.voice.say("period_between", start=self.day(first), end=self.day(last))

    def day(self, day: date) -> str:
        return self.voice.day(day, year=day.year != self.today.year)

    def label(self, report: Report, what: By) -> Callable[[Figure], str]:
        """What the rows of one of its tables are called."""
        return {
            By.CATEGORY: lambda row: self.category(str(row.key)),
            By.MERCHANT: lambda row: opening(self.voice.name(report.names[str(row.key)])) or self.voice.say("what_default"),
            By.PERSON: lambda row: self._member(row.key),
            By.GROUP: lambda row: self._book(row.key),
        }.get(what, lambda row: self._time(row.key, what))

    def _member(self, member_id: object) -> str:
        found = next(member for book in self.books.values() for member in book.members if member.member_id == member_id)
        return self.voice.name(found.name)

    def _book(self, book_id: object) -> str:
        book = next(book for book in self.books.values() if book.book_id == book_id)
        return self.voice.say("own_book") if book.kind is BookKind.PERSONAL else self.voice.name(book.name)

    def tick(self, first: date, step: By, *, year: bool) -> str:
        """What a time is called where there is little room; `year`: whether several are shown."""
        return self.voice.short_month(first, year=year) if step is By.MONTH else self.voice.short_day(first)

    def _time(self, first: object, step: By) -> str:
        assert isinstance(first, date), "a row of a time"
        if step is By.MONTH:
            return opening(self.voice.month(first, today=self.today))
        return str(first.year) if step is By.YEAR else self.day(first)


def table_of(report: Report, what: By) -> Table:
    """The one of its tables that is asked for; a time is shown as finely as the report is."""
    return report.tables[report.step if what in TIMES else what]


def told_apart(*, category: str | None = None, by: By | None = None, short: bool = False, shared: bool = False) -> tuple[By, ...]:
    """By what, besides categories, a report must be counted for `text` to tell it."""
    main = by or (By.MERCHANT if category is not None else By.CATEGORY)
    besides = () if by is not None or short else tuple(what for what, _ in _BESIDES[shared])
    return tuple(dict.fromkeys((main, *besides)))


def text(reader: Reader, report: Report, *, category: str | None = None, by: By | None = None, short: bool = False, shared: bool = False) -> str:
    """Total, how it stands to the usual, and on what. `short`: the most of it alone; `shared`: of a book of several, whose persons count."""
    lines = [" ".join(filter(None, [head(reader, report, category=category), usual(reader, report.usual)]))]
    what = by or (By.MERCHANT if category is not None else By.CATEGORY)
    table = table_of(report, what)
    rows = table.rows[: SHORT_MOST if short else ROWS_MOST]
    lines += [row(reader, report, what, each) for each in rows]
    if len(table.rows) > len(rows) and not short:
        lines.append(reader.voice.say("report_rest", count=len(table.rows) - len(rows)))
    if by is None and not short:
        lines += _besides(reader, report, named=category is None, shared=shared)
    return "\n".join(filter(None, [*lines, rates(reader.voice, table, reader.today)]))


def _besides(reader: Reader, report: Report, *, named: bool, shared: bool) -> list[str]:
    """Where most of it went, between whom, and the largest bill: each in a line, where there is more than one of them."""
    voice = reader.voice
    lines = []
    for what, code in _BESIDES[shared][0 if named else 1 :]:
        rows, label = table_of(report, what).rows, reader.label(report, what)
        if len(rows) > 1:
            lines.append(voice.say(code, list=", ".join(f"{label(each)} {voice.amounts(each.sums)}" for each in rows[:NAMED_MOST])))
    most = report.biggest
    if most is not None and report.count > 1 and not shared:
        words = opening(voice.name(most.words)) or voice.say("what_default")
        lines.append(voice.say("report_biggest", what=words, amount=most.amount, day=most.on))
    return lines


def head(reader: Reader, report: Report, *, category: str | None = None) -> str:
    """ "March: €1,240.50 in 42 expenses." """
    voice, total = reader.voice, report.categories.total
    period = opening(reader.period(report.period.first, report.period.last))
    what = voice.say("report_of", what=reader.category(category), period=period) if category is not None else period
    return voice.say("report_title", what=what, amount=voice.amounts(total.sums), bills=voice.say("expenses_counted", count=report.count))


def usual(reader: Reader, trend: Trend | None) -> str:
    """ "That is €80 more than usual by now (€1,160)." Nothing where too little is known."""
    if trend is None or trend.usual.minor <= 0:
        return ""
    code = "report_as_usual" if not trend.difference else "report_more" if trend.now.minor > trend.usual.minor else "report_less"
    return reader.voice.say(code, difference=trend.difference, usual=trend.usual)


def row(reader: Reader, report: Report, what: By, figure: Figure) -> str:
    """ "Eating out €320.10 (26%), 18% above your usual"."""
    voice, table = reader.voice, table_of(report, what)
    text = f"{reader.label(report, what)(figure)} {voice.amounts(figure.sums)}"
    percent = table.percent(figure)
    parts = [voice.say("report_share", text=text, percent=percent) if percent else text]
    trend = report.trends.get(str(figure.key)) if what is By.CATEGORY else None
    return ", ".join([*parts, *filter(None, [against(reader, trend)])])


def against(reader: Reader, trend: Trend | None) -> str:
    """ "18% above your usual"; nothing where it is near it, or nothing is usual."""
    percent = trend.percent if trend is not None else None
    if percent is None or abs(percent) < WORTH_SAYING:
        return ""
    if percent >= TIMES_FROM:
        return reader.voice.say("report_times", count=(percent + 150) // 100)
    return reader.voice.say("report_above" if percent > 0 else "report_below", percent=abs(percent))


def rates(voice: Voice, table: Table, today: date) -> str:
    """What several currencies come to in one, by which rates, and what has none; nothing where there is but the one."""
    held = {code for code, minor in table.total.sums.items() if minor}
    if table.sheet is None or held <= {table.currency, *table.without}:
        return voice.say("without_rate", currency=", ".join(table.without)) if table.without else ""
    text = voice.say("about_in_all", amount=table.whole, rates=by_rates(voice, table.sheet, today))
    return f"{text} {voice.say('without_rate', currency=', '.join(table.without))}" if table.without else text


def by_rates(voice: Voice, used: Sheet | Rate, today: date) -> str:
    """ "at the ECB's rates of Fri 14 Mar"; says so where they are old, or only what somebody said."""
    if used.source == SAID:
        return voice.say("at_rates_said")
    old = isinstance(used, Sheet) and used.is_stale(today)
    named = f"source_{used.source.casefold()}"
    source = voice.say(named) if voice.has(named) else used.source
    return voice.say("at_rates_old" if old else "at_rates", source=source, day=voice.day(used.day, year=used.day.year != today.year))
