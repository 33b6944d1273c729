"""The ledger against a model of it: random operations in random transactions, compared with what a dictionary of standing bills says."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from core.db import ledger, people
from core.db.session import Balance, Database, UnitOfWork
from core.domain.bills import Bill, bill_of
from core.domain.ledger import EntryKind, JournalEntry, Role
from core.domain.money import Money
from core.domain.people import Book
from core.domain.splits import ClaimedLine, weights_by_unit
from core.errors import DomainError
from core.services.bills import Effects, amend_bill, record_bill, record_income, record_settlement, take_back, undo
from core.services.plans import plans
from tests.support.builders import NOW, TODAY, make_group, make_person

CURRENCIES = ("EUR", "EUR", "EUR", "USD", "JPY", "KWD")
CATEGORIES = ("groceries", "restaurants", "rent", None)


class TakenBack(Exception):
    """A message or a transaction that is meant to fail."""


@dataclass
class Shelf:
    """What one book should look like: each bill's versions that were not undone, the newest last. An empty list: nothing stands."""

    bills: dict[UUID, list[JournalEntry]] = field(default_factory=dict)
    entries: int = 0

    def copy(self) -> Shelf:
        return Shelf({bill: list(versions) for bill, versions in self.bills.items()}, self.entries)

    def standing(self) -> list[JournalEntry]:
        return [versions[-1] for versions in self.bills.values() if versions]

    def balances(self) -> dict[tuple[UUID, str], Balance]:
        sums: dict[tuple[UUID, str], tuple[int, int]] = defaultdict(lambda: (0, 0))
        for entry in self.standing():
            for posting in entry.postings:
                amount, remainder = sums[(posting.member_id, posting.amount.currency)]
                sums[(posting.member_id, posting.amount.currency)] = (amount + posting.amount.minor, remainder + posting.remainder)
        return {key: Balance(*kept) for key, kept in sums.items() if kept != (0, 0)}

    def spending(self, member: UUID, month: date) -> dict[tuple[str, str], int]:
        sums: dict[tuple[str, str], int] = defaultdict(int)
        for entry in self.standing():
            for posting in entry.postings:
                if posting.role is Role.SHARE and posting.member_id == member and entry.occurred_on.replace(day=1) == month:
                    sums[(entry.category or "other", posting.amount.currency)] -= posting.amount.minor
        return {key: minor for key, minor in sums.items() if minor}


class Simulation:
    """`run(operations)` plays that many operations from one seed; raises AssertionError at the first difference."""

    def __init__(self, database: Database, *, seed: int, books: int = 6) -> None:
        self.database = database
        self.seed = seed
        self.chance = random.Random(seed)
        self.book_count = books
        self.model: dict[UUID, Shelf] = {}
        self.keys = 0
        self.done = 0
        self.counts: dict[str, int] = defaultdict(int)

    async def run(self, operations: int) -> None:
        async with self.database.unit_of_work() as uow:
            for _ in range(self.book_count):
                person = await make_person(uow, "Anna")
                book = await make_group(uow, "Ben", "Cleo", persons=[person])
                self.model |= {book.book_id: Shelf(), person.personal_book_id: Shelf()}
        while self.done < operations:
            await self.transaction()
            if self.chance.random() < 0.02:
                await self.compare(self.chance.sample(sorted(self.model), 2))
        await self.compare(sorted(self.model))

    # ------------------------------------------------------------------ one transaction

    async def transaction(self) -> None:
        """A batch of messages over some books; some fail and are taken back alone, sometimes all of it is."""
        books = self.chance.sample(sorted(self.model), self.chance.randint(1, 4))
        before = {book_id: self.model[book_id].copy() for book_id in books}
        try:
            async with self.database.unit_of_work() as uow:
                await uow.load_books(books)
                for _ in range(self.chance.randint(1, 8)):
                    await self.message(uow, self.chance.choice(books))
                if self.chance.random() < 0.05:
                    raise TakenBack
        except TakenBack:
            self.counts["transactions rolled back"] += 1
            self.model |= before

    async def message(self, uow: UnitOfWork, book_id: UUID) -> None:
        """One to three operations that stand or fall together."""
        kept, mark = self.model[book_id].copy(), uow.mark()
        self.keys += 1
        actor = self.chance.choice(uow.book(book_id).members).member_id
        effects = Effects(self.seed.to_bytes(16, "big") + self.keys.to_bytes(16, "big"), actor, None)
        try:
            for _ in range(self.chance.choice((1, 1, 1, 2, 3))):
                self.done += 1
                await self.operation(uow, book_id, effects)
                if self.chance.random() < 0.2:
                    await uow.flush()
            if self.chance.random() < 0.1:
                raise TakenBack
        except (TakenBack, DomainError):
            self.counts["messages taken back"] += 1
            await uow.rewind(mark)
            self.model[book_id] = kept

    async def operation(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        weights = {
            self.expense: 40, self.edit: 18, self.undone: 10, self.deleted: 6, self.settlement: 10, self.planned: 5, self.all_paid: 1,
            self.income: 4, self.joined: 3, self.refused: 2,
        }  # fmt: skip
        [chosen] = self.chance.choices(list(weights), list(weights.values()))
        self.counts[chosen.__name__] += 1
        await chosen(uow, book_id, effects)

    # ------------------------------------------------------------------ operations

    def some_bill(self, book: Book) -> Bill:
        chance, ids = self.chance, [member.member_id for member in book.members]
        currency = chance.choice(CURRENCIES)
        minor = chance.choice((chance.randint(1, 200), chance.randint(1, 100_000), chance.randint(10**9, 10**12))) * (
            -1 if chance.random() < 0.05 else 1
        )
        amount = Money(minor, currency)
        people = tuple(chance.sample(ids, chance.randint(1, len(ids))))
        kind = chance.choice(("equal", "equal", "equal", "exact", "percent", "shares", "for", "adjusted", "items", "couples"))
        bill = Bill(
            amount=amount,
            description=f"bill {self.keys}",
            category=chance.choice(CATEGORIES),
            date=TODAY - timedelta(days=chance.randint(0, 70)),
            payments=((chance.choice(ids), None),),
            split_type="shares" if kind == "couples" else kind,
            people=people[:1] if kind == "for" else people,
        )
        if kind == "couples":
            units = [people[start : start + 2] for start in range(0, len(people) - 1, 2)]
            bill = replace(bill, weights=tuple((weights_by_unit(people, units) or dict.fromkeys(people, Decimal(1))).items()))
        elif kind == "adjusted":
            more = [chance.randint(0, abs(minor) // len(people)) * (1 if minor > 0 else -1) for _ in people[1:]]
            bill = replace(bill, exact=tuple((member, Money(part, currency)) for member, part in zip(people, more, strict=False)))
        elif kind == "items":
            cuts = [cut for cut in self.parts(abs(minor), chance.randint(1, 5)) if cut]
            lines = [
                ClaimedLine(place, cut, 1000, tuple((member, 0) for member in chance.sample(people, chance.randint(0, len(people)))))
                for place, cut in enumerate(cuts, start=1)
            ]
            bill = replace(bill, lines=tuple(lines))
        if kind == "shares":
            bill = replace(bill, weights=tuple((member, Decimal(chance.randint(1, 30)) / 10) for member in people))
        elif kind == "percent":
            cuts = self.parts(10_000, len(people))
            bill = replace(bill, weights=tuple((member, Decimal(part) / 100) for member, part in zip(people, cuts, strict=True)))
        elif kind == "exact":
            cuts = self.parts(abs(minor), len(people))
            sign = 1 if minor > 0 else -1
            bill = replace(bill, exact=tuple((member, Money(sign * part, currency)) for member, part in zip(people, cuts, strict=True)))
        if len(ids) > 1 and chance.random() < 0.2:
            first, second = chance.sample(ids, 2)
            bill = replace(bill, payments=((first, Money(minor // 3, currency)), (second, None)) if minor // 3 else ((first, None), (second, None)))
        return bill

    def parts(self, whole: int, count: int) -> list[int]:
        """`whole` cut at random into `count` parts, some of which may be 0."""
        cuts = sorted(self.chance.randint(0, whole) for _ in range(count - 1))
        return [end - start for start, end in zip([0, *cuts], [*cuts, whole], strict=True)]

    def some_standing(self, book_id: UUID, *, kind: EntryKind | None = None) -> JournalEntry | None:
        found = [entry for entry in self.model[book_id].standing() if kind in (None, entry.kind)]
        return self.chance.choice(found) if found else None

    def note(self, entry: JournalEntry, *, entries: int = 1) -> None:
        shelf = self.model[entry.book_id]
        shelf.bills.setdefault(entry.bill_id, []).append(entry)
        shelf.entries += entries

    async def expense(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        self.note(record_bill(uow, book_id, self.some_bill(uow.book(book_id)), effects, now=NOW))

    async def edit(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        standing = self.some_standing(book_id, kind=EntryKind.EXPENSE)
        if standing is None:
            return
        old = bill_of(standing)
        bill = self.some_bill(uow.book(book_id)) if self.chance.random() < 0.5 else replace(old, description="corrected", category="other")
        self.note(amend_bill(uow, standing, bill, effects, now=NOW), entries=2)

    async def undone(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        standing = self.some_standing(book_id)
        if standing is None:
            return
        await uow.flush()
        now_stands = await undo(uow, standing, effects, now=NOW)
        shelf = self.model[book_id]
        versions = shelf.bills[standing.bill_id]
        versions.pop()
        shelf.entries += 1 if now_stands is None else 2
        if not versions:
            assert now_stands is None, "nothing stands before the first version"
            return
        assert now_stands is not None and now_stands.postings == versions[-1].postings, "the version before stands again"
        versions[-1] = now_stands

    async def deleted(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        standing = self.some_standing(book_id)
        if standing is not None:
            take_back(uow, standing, effects, now=NOW, reason="deleted")
            self.model[book_id].bills[standing.bill_id] = []
            self.model[book_id].entries += 1

    async def settlement(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        ids = [member.member_id for member in uow.book(book_id).members]
        if len(ids) > 1:
            sender, receiver = self.chance.sample(ids, 2)
            amount = Money(self.chance.randint(1, 50_000), self.chance.choice(CURRENCIES))
            self.note(record_settlement(uow, book_id, sender=sender, receiver=receiver, amount=amount, on=TODAY, effects=effects, now=NOW))

    async def planned(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        """Some of a plan is paid, some of that in part: the others stay as they were."""
        for currency, made in (await plans(uow, book_id)).items():
            left = {(move.sender, move.receiver): move.amount.minor for move in made.transfers}
            for sender, receiver in [pair for pair in left if self.chance.random() < 0.4]:
                part = self.chance.choice((left[sender, receiver], self.chance.randint(1, left[sender, receiver])))
                amount = Money(part, currency)
                self.note(record_settlement(uow, book_id, sender=sender, receiver=receiver, amount=amount, on=TODAY, effects=effects, now=NOW))
                left[sender, receiver] -= part
            now = (await plans(uow, book_id)).get(currency)
            found = {(move.sender, move.receiver): move.amount.minor for move in now.transfers} if now is not None else {}
            assert found == {pair: minor for pair, minor in left.items() if minor}, f"the plan of {book_id} changed while it was paid"

    async def all_paid(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        """The whole plan is paid: nothing is left open in any currency."""
        for made in (await plans(uow, book_id)).values():
            for move in made.transfers:
                pair = {"sender": move.sender, "receiver": move.receiver}
                self.note(record_settlement(uow, book_id, **pair, amount=move.amount, on=TODAY, effects=effects, now=NOW))
        assert not any(balance.amount for balance in uow.balances(book_id).values()), f"a plan of {book_id} left something open"
        assert await plans(uow, book_id) == {}

    async def income(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        member = self.chance.choice(uow.book(book_id).members).member_id
        self.note(record_income(uow, book_id, member=member, amount=Money(285_000, "EUR"), description="wage", on=TODAY, effects=effects, now=NOW))

    async def joined(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        """A guest comes, or a person takes a guest's place."""
        book = uow.book(book_id)
        guests = [member for member in book.members if member.person_id is None]
        if guests and self.chance.random() < 0.3:
            person = await make_person(uow, "Dora")
            await people.claim_member(uow, book_id, member_id=self.chance.choice(guests).member_id, person_id=person.person_id)
        elif len(book.members) < 12:
            await people.add_member(uow, book_id, name=f"Guest {self.keys}", person_id=None, now=NOW)

    async def refused(self, uow: UnitOfWork, book_id: UUID, effects: Effects) -> None:
        """A bill, and then one that does not add up: neither is kept."""
        await self.expense(uow, book_id, effects)
        bill = self.some_bill(uow.book(book_id))
        short = ((bill.people[0], bill.amount - Money(1, bill.amount.currency)),)
        record_bill(uow, book_id, replace(bill, split_type="exact", people=bill.people[:1], exact=short, weights=()), effects, now=NOW)
        raise AssertionError("a split that does not add up was recorded")

    # ------------------------------------------------------------------ comparison

    async def compare(self, book_ids: list[UUID]) -> None:
        async with self.database.unit_of_work() as uow:
            await uow.load_books(book_ids, lock=False)
            for book_id in book_ids:
                await self.compare_book(uow, book_id)

    async def compare_book(self, uow: UnitOfWork, book_id: UUID) -> None:
        shelf = self.model[book_id]
        kept = {key: balance for key, balance in uow.balances(book_id).items() if balance != Balance(0, 0)}
        assert kept == shelf.balances(), f"balances of {book_id}"
        found = await ledger.bills(uow, book_id, kinds=ledger.ALL_KINDS)
        assert {entry.entry_id: entry for entry in found} == {entry.entry_id: entry for entry in shelf.standing()}, f"bills of {book_id}"
        assert await uow.connection.fetchval("SELECT count(*) FROM entries WHERE book_id = $1", book_id) == shelf.entries, f"entries of {book_id}"
        for member in uow.book(book_id).members:
            for month in {(TODAY - timedelta(days=days)).replace(day=1) for days in (0, 30, 60, 70)}:
                spent = await ledger.month_spending(uow, book_id, member_id=member.member_id, month=month)
                assert {key: minor for key, minor in spent.items() if minor} == shelf.spending(member.member_id, month), f"spending in {book_id}"
