"""Tips for a person from the ledger of all their books: what there is to say, and what became of it. Finds no words for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from uuid import UUID

from core.db import budgets, figures, ledger
from core.db import tips as rows
from core.db.session import UnitOfWork
from core.domain.bills import amount_of, payers_of, shares_of
from core.domain.budgets import Cycle, leading_to, period_of
from core.domain.categories import OTHER
from core.domain.currencies import DECIMALS
from core.domain.figures import Bill
from core.domain.money import Money
from core.domain.rates import Sheet, counted_in
from core.domain.tips.history import History, Kept, Part
from core.domain.tips.measures import measure
from core.domain.tips.ranking import Past, Tip, cool_down, tips
from core.domain.tips.rules import library
from core.ports import RateHistory
from core.reading.occasions import occasions_of
from core.reading.text import folded_words
from core.services import rates
from core.services.figures import merchant

READY_DAYS = 30  # of spending that are known before anything is said
LOOKS_BACK = 400  # days: what comes once a year is seen twice
OPEN_DAYS = 30  # after which money that others owe is long open
OPEN_MOST = 50  # bills that it may be of
FULL_MONTHS = 3

Own = Mapping[UUID, Sequence[UUID]]  # by book the members that are the person


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose tips: `own` over all their books, which are loaded; `homes` the personal ones, the one whose tips they are first; `payday` of that."""

    own: Own
    homes: Sequence[UUID]
    currency: str
    payday: int | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """The best first, in `currency`. `ready_on`: from when on there can be any, None where that is so; `again_on`: when shown ones may come again."""

    tips: Sequence[Tip]
    currency: str
    ready_on: date | None = None
    again_on: date | None = None


async def best(uow: UnitOfWork, reader: Reader, *, today: date, history: RateHistory | None) -> Tip | None:
    """The one tip that is worth most today, for a digest: None where there is none. Whoever shows it says so by `keep_shown`."""
    found = (await find(uow, reader, today=today, history=history)).tips
    return found[0] if found else None


async def find(uow: UnitOfWork, reader: Reader, *, today: date, history: RateHistory | None) -> Said:
    """All that may be said today. Drawn by the day: the same day of the same books gives the same tips."""
    known = await look(uow, reader, today=today, history=history)
    if not known.parts or (today - known.parts[0].on).days < READY_DAYS:
        first = known.parts[0].on if known.parts else today
        return Said((), reader.currency, ready_on=first + timedelta(days=READY_DAYS))
    past = await _past(uow, reader.homes)
    rests = [each.shown_on + timedelta(days=cool_down(rule, each)) for name, each in past.items() if (rule := library().rules.get(name)) is not None]
    again = min((day for day in rests if day > today), default=None)
    return Said(tips(known, library(), past, seed=today.toordinal()), reader.currency, again_on=again)


async def found_by(uow: UnitOfWork, reader: Reader, rule: str, *, today: date, history: RateHistory | None) -> Tip | None:
    """What one rule finds today, whether it was shown or not."""
    known = library().rules.get(rule)
    found = measure(await look(uow, reader, today=today, history=history), known, library()) if known is not None else None
    return Tip(known, found) if known is not None and found is not None else None


async def keep_shown(uow: UnitOfWork, reader: Reader, shown: Iterable[Tip], *, today: date) -> None:
    """So that it is not said again soon."""
    for tip in shown:
        await rows.keep_shown(uow, reader.homes[0], tip.rule.name, on=today)


async def _past(uow: UnitOfWork, homes: Sequence[UUID]) -> dict[str, Past]:
    """Over channels that were linked since, together."""
    found: dict[str, Past] = {}
    for home in homes:
        for rule, each in (await rows.past(uow, home)).items():
            other = found.get(rule)
            found[rule] = each if other is None else _together(each, other)
    return found


def _together(one: Past, two: Past) -> Past:
    return Past(max(one.shown_on, two.shown_on), one.shown + two.shown, one.accepted + two.accepted, one.dismissed + two.dismissed)


# ------------------------------------------------------------------ what they are counted from


async def look(uow: UnitOfWork, reader: Reader, *, today: date, history: RateHistory | None) -> History:
    """A person's parts over all their books in one currency; what has no rate is left out."""
    since = today - timedelta(days=LOOKS_BACK)
    sheet = await rates.sheet(uow, history, day=today)
    await uow.flush()
    bills = await figures.bills(uow, reader.own, first=since, last=today)
    found = [part for bill in bills if (part := _part(bill, reader.currency, sheet)) is not None]
    found.sort(key=lambda each: (each.on, each.bill_id))
    kept = [each for home in reader.homes for each in await _kept(uow, home, reader, found, today=today)]
    owed = [each for book in reader.own for each in await _open(uow, book, reader, sheet, today=today)]
    return History(found, today, unit=10 ** DECIMALS[reader.currency], budgets=kept, owed=owed, payday=reader.payday)


def _part(bill: Bill, currency: str, sheet: Sheet | None) -> Part | None:
    amount = counted_in(bill.amount, currency, sheet)
    if amount is None:
        return None
    place, occasions = _read(bill.words)
    foreign = bill.currency != currency
    return Part(bill.book_id, bill.bill_id, bill.on, amount.minor, bill.category, bill.words, place, occasions, foreign)


@lru_cache(maxsize=4096)
def _read(words: str) -> tuple[str, frozenset[str]]:
    """What a description is told apart by, the brand that it names or else its words; and what it says that it was."""
    return merchant(words), occasions_of(folded_words(words))


async def _kept(uow: UnitOfWork, home: UUID, reader: Reader, parts: Sequence[Part], *, today: date) -> list[Kept]:
    """The monthly budgets in the same currency that are as old as three full months."""
    full = leading_to(Cycle.MONTH, period_of(Cycle.MONTH, today, payday=reader.payday), FULL_MONTHS, payday=reader.payday)[:-1]
    found = []
    for budget in await budgets.of_book(uow, home):
        if budget.cycle is not Cycle.MONTH or budget.amount.currency != reader.currency or budget.starts_on > full[0].first:
            continue
        of_budget = [each for each in parts if budget.category in (None, each.category)]
        spent = tuple(sum(each.minor for each in of_budget if month.first <= each.on <= month.last) for month in full)
        found.append(Kept(budget.category, budget.amount.minor, spent))
    return found


async def _open(uow: UnitOfWork, book_id: UUID, reader: Reader, sheet: Sheet | None, *, today: date) -> list[Part]:
    """What is owed to the person since long, as parts of the newest of the old bills that they paid."""
    day, members = today - timedelta(days=OPEN_DAYS), reader.own[book_id]
    left = await rows.long_owed(uow, book_id, members=members, until=day)
    if not left:
        return []
    found: list[Part] = []
    for entry in await ledger.bills(uow, book_id, end=day, limit=OPEN_MOST):
        amount, shares = amount_of(entry), shares_of(entry)
        laid_out = sum(paid.minor for member, paid in payers_of(entry).items() if member in members)
        lent = min(laid_out - sum(share.minor for member, share in shares.items() if member in members), left.get(amount.currency, 0))
        worth = counted_in(Money(lent, amount.currency), reader.currency, sheet) if lent > 0 else None
        if worth is not None:
            left[amount.currency] -= lent
            found.append(Part(book_id, entry.bill_id, entry.occurred_on, worth.minor, entry.category or OTHER, entry.description))
    return found
