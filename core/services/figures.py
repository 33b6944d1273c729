"""The one way to figures about spending: whose parts, of which days, by what, in each currency and in one. Answers and files all count here."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from operator import attrgetter
from uuid import UUID

from core.db import figures
from core.db.figures import Asked, Codes, Whose
from core.db.session import UnitOfWork
from core.domain.categories import AS_THEY_COME, Categories
from core.domain.figures import By, Part, Table, first_day, table
from core.domain.ledger import Role
from core.domain.rates import Sheet
from core.ports import RateHistory
from core.reading.merchants import brand_at
from core.reading.text import folded_words
from core.services import rates


@dataclass(frozen=True, slots=True)
class Found:
    """The parts that were asked for, with the rates of the last of their days (today's, where that is to come), and the home currency.

    All tables of it have the same total. `firsts`: the position that a member's counts for, another one where they are in a book twice.
    """

    parts: tuple[Part, ...]
    currency: str
    sheet: Sheet | None
    firsts: dict[UUID, UUID]

    def by(self, what: By) -> Table:
        """Keys: a category's name, a place's (see `merchant`), ids of a member or of a book, the first day of a time."""
        return table(self.parts, self._key(what), currency=self.currency, sheet=self.sheet)

    def whole(self) -> Table:
        """The total, in one row (none where there is nothing)."""
        return table(self.parts, lambda _: "", currency=self.currency, sheet=self.sheet)

    def bills(self) -> Table:
        """A row for each bill, the largest first; its key is the bill's id."""
        return table(self.parts, attrgetter("bill_id"), currency=self.currency, sheet=self.sheet)

    def within(self, first: date, last: date) -> Found:
        """The same of fewer days, both included, by the same rates."""
        return replace(self, parts=tuple(part for part in self.parts if first <= part.on <= last))

    def named(self, table: Table) -> dict[str, str]:
        """The keys of a table by merchant, and what people call each: the shortest of their descriptions, the newest of these."""
        called = names((part.words, part.on) for part in self.parts)
        return {str(row.key): called[str(row.key)] for row in table.rows}

    def of_bills(self, bills: Container[UUID]) -> Found:
        """The same of some bills alone, by the same rates."""
        return replace(self, parts=tuple(part for part in self.parts if part.bill_id in bills))

    def _key(self, what: By) -> Callable[[Part], Hashable]:
        match what:
            case By.CATEGORY:
                return attrgetter("category")
            case By.MERCHANT:
                return lambda part: merchant(part.words)
            case By.PERSON:
                return lambda part: self.firsts[part.member_id]
            case By.GROUP:
                return attrgetter("book_id")
        return lambda part: first_day(part.on, what)


class Kinds:
    """What the categories of some loaded books count as in the first of them, in whose terms all are read."""

    def __init__(self, uow: UnitOfWork, whose: Whose) -> None:
        self._of: dict[UUID, Categories] = {book: uow.book(book).categories for book in whose}
        self._home = next(iter(self._of.values()), AS_THEY_COME)
        self._known: dict[tuple[UUID, str], str] = {}  # few, of many bills

    def counts_as(self, book_id: UUID, category: str) -> str:
        pair = (book_id, category)
        if pair not in self._known:
            self._known[pair] = self._home.counts_as(category, of=self._of[book_id])
        return self._known[pair]

    def codes(self, category: str | None) -> Codes | None:
        """By book those that count as one; None where none is asked for."""
        if category is None:
            return None
        codes = {code for each in self._of.values() for code in self._home.codes_in(each, category)}
        return {book: sorted(code for code in codes if self.counts_as(book, code) == category) for book in self._of}


async def find(
    uow: UnitOfWork, whose: Whose, asked: Asked, *, currency: str, today: date, history: RateHistory | None, role: Role = Role.SHARE
) -> Found:
    """What was spent (or, with PAID, paid) of what is asked for, ready to be told apart. The books are loaded."""
    kinds = Kinds(uow, whose)
    parts = await figures.parts(uow, whose, asked, codes=kinds.codes(asked.category), role=role)
    found = [_under(part, kinds.counts_as(part.book_id, part.category)) for part in parts]
    sheet = await sheet_for(uow, {part.currency for part in found}, asked, currency=currency, today=today, history=history)
    return Found(tuple(found), currency, sheet, firsts(uow, whose))


def _under(part: Part, category: str) -> Part:
    return part if part.category == category else part._replace(category=category)


async def sheet_for(uow: UnitOfWork, held: set[str], asked: Asked, *, currency: str, today: date, history: RateHistory | None) -> Sheet | None:
    """The rates of the last day that is asked for (today's, where that is to come); None where nothing is to be converted."""
    return await rates.sheet(uow, history, day=min(asked.last or today, today)) if held - {currency} else None


def firsts(uow: UnitOfWork, whose: Whose) -> dict[UUID, UUID]:
    """By member of the books the position that theirs counts for."""
    members = [(book, member) for book in map(uow.book, whose) for member in book.members]
    return {member.member_id: book.first(member).member_id for book, member in members}


def names(said: Iterable[tuple[str, date]]) -> dict[str, str]:
    """By merchant what people call it, of descriptions and when they were last said: the shortest, the newest of these."""
    found: dict[str, tuple[int, date, str]] = {}
    for words, on in said:
        key, rank = merchant(words), (-len(words), on, words)
        found[key] = max(found.get(key, rank), rank)
    return {key: words for key, (_, _, words) in found.items()}


@lru_cache(maxsize=65536)
def merchant(words: str) -> str:
    """What a description is told apart by: the brand that it names, however that is written; else its words in comparison form."""
    folded = folded_words(words)
    brand = next(filter(None, (brand_at(folded, place) for place in range(len(folded)))), None)
    return brand[0].key if brand is not None else " ".join(folded)
