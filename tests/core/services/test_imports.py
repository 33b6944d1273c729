"""Imports on a real ledger: booked to the cent, once, taken back as a whole; and exports that come back as they were."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest

from core.db import imports as rows_of
from core.db import ledger
from core.db.audit import audit
from core.db.erasure import erase_person
from core.db.session import Database, UnitOfWork
from core.domain.bills import Bill, bill_of
from core.domain.exchange import handed
from core.domain.imports import GroupFile, balances, check, likely
from core.domain.ledger import EntryKind
from core.domain.money import Money
from core.domain.people import Book
from core.domain.splits import ClaimedLine
from core.errors import DomainError
from core.services import bills, exports, imports
from core.services.bills import Effects
from integrations.exports.document import as_json
from integrations.exports.table import as_csv
from integrations.imports.detection import read_file
from tests.core.services.test_linking import make_chat
from tests.support.builders import NOW, TODAY, make_group, make_person

TABLE = """Date,Description,Category,Cost,Currency,Anna Lund,Ben,Cem
2025-01-02,Cabin,Rent,300.00,EUR,200.00,-100.00,-100.00
2025-01-03,Soup,Dining out,45.50,EUR,-15.17,30.33,-15.16
2025-01-05,Ben paid Anna,Payment,40.00,EUR,-40.00,40.00,0.00
2025-01-06,Ferry,Taxi,90.00,NOK,30.00,-60.00,30.00
2025-02-01,Total balance, , ,EUR,144.83,-29.67,-115.16
2025-02-01,Total balance, , ,NOK,30.00,-60.00,30.00
"""


class Stage:
    """A group with Anna (a person) and the guest Ben, and a chat of hers."""

    def __init__(self, database: Database, book_id: UUID, chat: UUID, person_id: UUID) -> None:
        self.database, self.book_id, self.chat, self.person_id = database, book_id, chat, person_id
        self.count = 0

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[UnitOfWork]:
        async with self.database.unit_of_work() as uow:
            await uow.load_books([self.book_id])
            yield uow

    def effects(self, uow: UnitOfWork) -> Effects:
        self.count += 1
        member = uow.book(self.book_id).member_of(self.person_id)
        return Effects(b"test" + self.count.to_bytes(4, "big"), member.member_id if member else None, self.person_id)

    async def take_over(self, file: GroupFile, *, people: dict[str, str] | None = None) -> imports.Booked:
        async with self.unit() as uow:
            waiting = await imports.propose(uow, file, book_id=self.book_id, conversation_id=self.chat, person_id=self.person_id, now=NOW)
        async with self.unit() as uow:
            waiting = await imports.find(uow, waiting.import_id, person_id=self.person_id)
            for name, member in (people or {}).items():
                waiting = await imports.match(uow, waiting, name, uow.book(self.book_id).named(member).member_id)
            return await imports.book(uow, waiting, self.effects(uow), now=NOW)

    async def export(self) -> GroupFile:
        async with self.unit() as uow:
            return await exports.book_file(uow, self.book_id)


async def stage_of(database: Database, *guests: str) -> Stage:
    async with database.unit_of_work() as uow:
        anna = await make_person(uow, "Anna")
        book = await make_group(uow, *guests, persons=[anna])
        return Stage(database, book.book_id, await make_chat(uow, anna), anna.person_id)


@pytest.fixture
async def stage(database: Database) -> Stage:
    return await stage_of(database, "Ben")


def read(text: str) -> GroupFile:
    return read_file(text.encode(), currency="EUR")


async def test_a_file_is_booked_to_the_cent(stage: Stage, dsn: str):
    booked = await stage.take_over(read(TABLE), people={"Anna Lund": "Anna"})
    assert booked.count == 4 and [member.name for member in booked.new] == ["Cem"]
    file = await stage.export()
    assert {key: minor for key, minor in file.checks.items() if minor} == {
        ("Anna", "EUR"): 14483,
        ("Ben", "EUR"): -2967,
        ("Cem", "EUR"): -11516,
        ("Anna", "NOK"): 3000,
        ("Ben", "NOK"): -6000,
        ("Cem", "NOK"): 3000,
    }
    assert balances(file.rows) == {key: minor for key, minor in file.checks.items() if minor}
    assert (await audit(dsn))[1] == []


async def test_the_same_file_again_adds_nothing_and_one_that_has_grown_only_what_is_new(stage: Stage):
    await stage.take_over(read(TABLE), people={"Anna Lund": "Anna"})
    assert (await stage.take_over(read(TABLE), people={"Anna Lund": "Anna"})).count == 0
    more = TABLE.replace("2025-01-06", "2025-01-04,Tea,Groceries,3.00,EUR,1.50,-1.50,0.00\n2025-01-06")
    assert (await stage.take_over(read(more), people={"Anna Lund": "Anna"})).count == 1


async def test_undoing_takes_all_of_it_back_and_it_may_come_again(stage: Stage, dsn: str):
    await stage.take_over(read(TABLE))
    async with stage.unit() as uow:
        changed = (await ledger.bills(uow, stage.book_id, text="Cabin"))[0]
        bills.amend_bill(
            uow, changed, bill_of(changed).with_amount(Money(60000, "EUR")).with_people([changed.postings[0].member_id]), stage.effects(uow), now=NOW
        )
        other = (await ledger.bills(uow, stage.book_id, text="Soup"))[0]
        bills.take_back(uow, other, stage.effects(uow), now=NOW, reason="deleted")
    assert (await stage.take_over(read(TABLE))).count == 0  # what was changed or deleted since does not come again
    for _ in range(2):
        async with stage.unit() as uow:
            await imports.undo_last(uow, stage.book_id, stage.person_id, stage.effects(uow), now=NOW)
            assert {balance.amount for balance in uow.balances(stage.book_id).values()} <= {0}
        assert (await stage.take_over(read(TABLE))).count in (3, 4)
    assert (await audit(dsn))[1] == []


async def test_who_is_new_is_a_guest_and_never_somebody_of_that_name(stage: Stage):
    async with stage.unit() as uow:
        file = read(TABLE.replace("Anna Lund,Ben", "Ben ,Ben"))
        waiting = await imports.propose(uow, file, book_id=stage.book_id, conversation_id=stage.chat, person_id=stage.person_id, now=NOW)
        assert list(waiting.matches) == ["Ben"]
        booked = await imports.book(uow, waiting, stage.effects(uow), now=NOW)
    assert [member.name for member in booked.new] == ["Ben (2)", "Cem"]


async def test_a_first_name_suggests_whom_nobody_is_yet(stage: Stage):
    async with stage.unit() as uow:
        book: Book = uow.book(stage.book_id)
        anna = book.named("Anna")
        assert anna is not None
        assert [member.name for member in likely(book, "anna lund", taken=[])] == ["Anna"]
        assert likely(book, "Anna Lund", taken=[anna.member_id]) == likely(book, "Annabel", taken=[]) == []


async def test_only_who_sent_it_can_decide_and_only_once(stage: Stage):
    async with stage.unit() as uow:
        waiting = await imports.propose(uow, read(TABLE), book_id=stage.book_id, conversation_id=stage.chat, person_id=stage.person_id, now=NOW)
        with pytest.raises(DomainError, match="import_gone"):
            await imports.find(uow, waiting.import_id, person_id=uuid4())
        await imports.book(uow, await imports.find(uow, waiting.import_id, person_id=stage.person_id), stage.effects(uow), now=NOW)
        with pytest.raises(DomainError, match="import_gone"):
            await imports.find(uow, waiting.import_id, person_id=stage.person_id)


async def test_what_waits_is_sealed_replaced_by_the_next_and_forgotten_after_a_week(stage: Stage, dsn: str):
    for _ in range(2):
        async with stage.unit() as uow:
            waiting = await imports.propose(uow, read(TABLE), book_id=stage.book_id, conversation_id=stage.chat, person_id=stage.person_id, now=NOW)
    connection = await asyncpg.connect(dsn)
    kept = await connection.fetch("SELECT state, content FROM imports ORDER BY id")
    await connection.close()
    assert [(row["state"], row["content"] is None) for row in kept] == [("dropped", True), ("proposed", False)]
    assert b"Cabin" not in kept[1]["content"]
    async with stage.unit() as uow:
        await rows_of.forget(uow, before=NOW + timedelta(seconds=1))
        with pytest.raises(DomainError, match="import_gone"):
            await imports.find(uow, waiting.import_id, person_id=stage.person_id)


async def test_a_file_goes_with_who_sent_it(stage: Stage, dsn: str):
    async with stage.unit() as uow:
        await imports.propose(uow, read(TABLE), book_id=stage.book_id, conversation_id=stage.chat, person_id=stage.person_id, now=NOW)
    async with stage.unit() as uow:
        await erase_person(uow, stage.person_id, now=NOW)
    connection = await asyncpg.connect(dsn)
    assert await connection.fetchval("SELECT count(*) FROM imports") == 0
    await connection.close()


async def test_more_people_than_a_group_can_have_are_refused(stage: Stage):
    names = ",".join(f"p{number}" for number in range(101))
    row = ",".join(["2.00"] + ["-0.02"] * 100)
    with pytest.raises(DomainError, match="too_many_people"):
        await stage.take_over(read(f"Date,Description,Category,Cost,Currency,{names}\n2025-01-02,x,,2.00,EUR,{row}\n"))


async def test_five_thousand_rows_within_five_seconds(stage: Stage, dsn: str):
    chance = Random(7)
    people = ["Anna", "Ben", *(f"Guest {number}" for number in range(6))]
    lines = ["Date,Description,Category,Cost,Currency," + ",".join(people)]
    for number in range(5000):
        nets = [0] * len(people)
        payer, *others = chance.sample(range(len(people)), 4)
        for other in others:
            nets[other] = -chance.randrange(1, 9000)
        nets[payer] = -sum(nets)
        amounts = [f"{minor / 100:.2f}" for minor in nets]
        lines.append(
            f"2025-{number % 12 + 1:02}-{number % 28 + 1:02},bill {number},Groceries,{(nets[payer] + 500) / 100:.2f},EUR,{','.join(amounts)}"
        )
    start, ours = time.perf_counter(), time.process_time()
    file = read("\n".join(lines))
    booked = await stage.take_over(file)
    assert booked.count == 5000 and not file.aside
    assert time.process_time() - ours < 3
    assert time.perf_counter() - start < 15, "5 s where nothing else runs"
    assert (await audit(dsn))[1] == []


# ------------------------------------------------------------------ there and back


def record_randomly(uow: UnitOfWork, book: Book, chance: Random, effects: Effects) -> None:
    """Every way to split, several payers, two currencies, odd cents, refunds, payments, income, edits and things taken back."""
    ids = [member.member_id for member in book.members]
    for number in range(chance.randrange(5, 25)):
        currency = chance.choice(["EUR", "JPY", "KWD"])
        people = chance.sample(ids, chance.randrange(1, len(ids) + 1))
        amount = Money(chance.choice([1, -1, 1, 1]) * chance.randrange(1, 100_000), currency)
        kind = chance.choice(["equal", "exact", "percent", "shares", "items", "settle", "income"])
        on = TODAY - timedelta(days=chance.randrange(400))
        foreign = chance.choice([None, Money(chance.randrange(1, 10_000), "USD")])
        if kind == "settle":
            sender, receiver = chance.sample(ids, 2)
            owed = Money(abs(amount.minor), currency)
            paid = handed(owed, foreign, day=on)
            bills.record_settlement(uow, book.book_id, sender=sender, receiver=receiver, amount=owed, on=on, effects=effects, now=NOW, paid=paid)
            continue
        if kind == "income":
            money = Money(abs(amount.minor), currency)
            bills.record_income(uow, book.book_id, member=chance.choice(ids), amount=money, description="=back", on=on, effects=effects, now=NOW)
            continue
        parts = [amount.minor // len(people)] * len(people)
        parts[0] += amount.minor - sum(parts)
        weights = [Decimal(100) / 4] * 4 if kind == "percent" else [Decimal(chance.randrange(1, 5)) for _ in people]
        people = chance.sample(ids, 4) if kind == "percent" else people
        payers = chance.sample(ids, chance.randrange(1, 3))
        bill = Bill(
            amount=amount,
            description=f'bill "{number}" ż 漢; =1+1',
            category=chance.choice(["food", "my own", None]),
            date=on,
            payments=tuple((payer, None) for payer in payers),
            split_type=kind,
            people=tuple(people),
            foreign=handed(amount, foreign, day=on) if amount.minor > 0 else None,
            weights=tuple(zip(people, weights, strict=True)) if kind in ("percent", "shares") else (),
            exact=tuple((member, Money(part, currency)) for member, part in zip(people, parts, strict=True)) if kind == "exact" else (),
            lines=tuple(ClaimedLine(line, 500 + line, 1000, ((chance.choice(people), 0),)) for line in range(1, 4)) if kind == "items" else (),
        )
        entry = bills.record_bill(uow, book.book_id, bill, effects, now=NOW)
        if chance.random() < 0.2:
            bills.take_back(uow, entry, effects, now=NOW, reason="deleted")
        elif chance.random() < 0.2:
            bills.amend_bill(uow, entry, bill.with_amount(amount).with_people(people), effects, now=NOW)


def told(file: GroupFile) -> list[object]:
    """All that a bill is, without ids; in an order that does not hang on when it was written."""
    rows = [
        (row.on, row.kind, row.description, row.category, row.currency, row.paid, row.shares, json.dumps(row.split), sorted(row.remainders))
        for row in file.rows
    ]
    return sorted(rows, key=repr)


@pytest.mark.parametrize("seed", range(12))
async def test_a_book_comes_back_from_its_json_as_it_was(database: Database, dsn: str, seed: int):
    source, target = await stage_of(database, "Ben", "Cem", "=Dörte"), await stage_of(database)
    async with source.unit() as uow:
        record_randomly(uow, uow.book(source.book_id), Random(seed), source.effects(uow))
    original = await source.export()
    assert check(original) == {}
    text = as_json(original, title="Lisbon", currency="EUR")
    file = read(text)
    assert not file.aside and told(file) == told(original)
    assert (await source.take_over(file)).count == 0  # it is all there
    assert (await target.take_over(file)).count == len(original.rows)
    assert (await target.take_over(file)).count == 0
    copy = await target.export()
    assert told(copy) == told(original)
    assert {key: minor for key, minor in copy.checks.items() if minor} == {key: minor for key, minor in original.checks.items() if minor}
    async with source.unit() as uow, target.unit() as other:
        assert remainders(uow, source.book_id) == remainders(other, target.book_id)
    assert (await audit(dsn))[1] == []


def remainders(uow: UnitOfWork, book_id: UUID) -> dict[tuple[str, str], int]:
    names = {member.member_id: member.name for member in uow.book(book_id).members}
    return {(names[member], currency): balance.remainder for (member, currency), balance in uow.balances(book_id).items() if balance.remainder}


@pytest.mark.parametrize("seed", range(4))
async def test_its_table_gives_the_same_balances(database: Database, seed: int):
    source = await stage_of(database, "Ben", "Cem", "=Dörte")
    async with source.unit() as uow:
        record_randomly(uow, uow.book(source.book_id), Random(seed), source.effects(uow))
    original = await source.export()
    file = read(as_csv(original))
    assert check(file) == {} and balances(file.rows) == balances(original.rows)
    assert file.people == original.people and {each.reason for each in file.aside} <= {"nobody_owes"}


PAID = {"minor": 1100, "currency": "USD", "base": "EUR", "quote": "USD", "rate": "11/10", "day": "2025-01-02", "source": "ECB"}


async def test_a_split_that_a_file_makes_up_is_kept_as_the_numbers_are(stage: Stage):
    row = {"kind": "expense", "date": "2025-01-02", "description": "x", "category": "food", "currency": "EUR", "paid": {"Anna": "10.00"}}
    row |= {"shares": {"Anna": "4.00", "Ben": "6.00"}}
    hostile = [
        {"type": "equal", "people": ["Anna", "Ben"], "payments": [["Anna", None]], "weights": [], "exact": []},
        {"type": "nonsense", "people": ["Anna"], "payments": [["Anna", None]], "weights": [], "exact": []},
        {"type": "shares", "people": ["Anna"], "payments": [["Anna", None]], "weights": [["Anna", "NaN"]], "exact": []},
        {"type": "exact", "people": ["Zed"], "payments": [["Zed", None]], "weights": [], "exact": []},
        {"type": "exact", "people": 5, "payments": {}, "weights": 7, "exact": "x"},
        {"type": ["equal"]},
        *({"paid": {**PAID, **wrong}} for wrong in ({}, {"rate": "1/0"}, {"rate": "-1"}, {"rate": "9" * 99}, {"source": "me <b>"}, {"base": "USD"})),
        *({"paid": wrong} for wrong in (None, 7, [], {"minor": "x"}, {**PAID, "minor": 10**18}, {**PAID, "day": "soon"}, {**PAID, "rate": 1.5})),
    ]
    rows = [{**row, "description": str(number), "split": split} for number, split in enumerate(hostile)]
    document = {"format": "tuppence", "version": 1, "people": ["Anna", "Ben"], "rows": rows}
    assert (await stage.take_over(read(json.dumps(document)))).count == len(hostile)
    async with stage.unit() as uow:
        kept = await ledger.bills(uow, stage.book_id, kinds=[EntryKind.EXPENSE.value])
        assert {bill_of(entry).split_type for entry in kept} == {"exact"}
        assert [bill_of(entry).foreign.money for entry in kept if bill_of(entry).foreign] == [Money(1100, "USD")]
