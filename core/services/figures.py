"""The one way to figures about spending: whose parts, of which days, by what, in each currency and in one. Answers and files all count here."""

from __future__ import annotations

from collections.abc import Callable, Container, Hashable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from operator import attrgetter
from uuid import UUID

from core.db import figures
from core.db.figures import Asked, Whose
from core.db.session import UnitOfWork
from core.domain.categories import AS_THEY_COME
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
        of_key: dict[str, str] = {}
        for part in self.parts:
            key = merchant(part.words)
            if key not in of_key or len(part.words) <= len(of_key[key]):
                of_key[key] = part.words
        return {str(row.key): of_key[str(row.key)] for row in table.rows}

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


async def find(
    uow: UnitOfWork, whose: Whose, asked: Asked, *, currency: str, today: date, history: RateHistory | None, role: Role = Role.SHARE
) -> Found:
    """What was spent (or, with PAID, paid) of what is asked for, ready to be told apart. The books are loaded."""
    found = await _parts(uow, whose, asked, role)
    foreign = any(part.currency != currency for part in found)
    sheet = await rates.sheet(uow, history, day=min(asked.last or today, today)) if foreign else None
    members = [(book, member) for book in map(uow.book, whose) for member in book.members]
    firsts = {member.member_id: book.first(member).member_id for book, member in members}
    return Found(tuple(found), currency, sheet, firsts)


async def _parts(uow: UnitOfWork, whose: Whose, asked: Asked, role: Role) -> list[Part]:
    """Each under the category that it counts as in the first of the books, in whose terms all are read."""
    kinds = {book: uow.book(book).categories for book in whose}
    home = next(iter(kinds.values()), AS_THEY_COME)
    codes = {code for each in kinds.values() for code in home.codes_in(each, asked.category)} if asked.category is not None else None
    found = await figures.parts(uow, whose, asked, codes=sorted(codes) if codes is not None else None, role=role)
    known = {(part.book_id, part.category) for part in found}  # few, of many parts
    counts_as = {(book, category): home.counts_as(category, of=kinds[book]) for book, category in known}
    changed = {pair for pair, category in counts_as.items() if category != pair[1]}
    counted = [
        part._replace(category=counts_as[part.book_id, part.category]) if changed and (part.book_id, part.category) in changed else part
        for part in found
    ]
    return [part for part in counted if asked.category is None or part.category == asked.category]


@lru_cache(maxsize=65536)
def merchant(words: str) -> str:
    """What a description is told apart by: the brand that it names, however that is written; else its words in comparison form."""
    folded = folded_words(words)
    brand = next(filter(None, (brand_at(folded, place) for place in range(len(folded)))), None)
    return brand[0].key if brand is not None else " ".join(folded)
