"""The campaign of reports: random ledgers, counted by hand and read back from text, chart, PDF, CSV and workbook. Prints its seed and figures."""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import secrets
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from uuid import UUID
from xml.etree import ElementTree

import pypdfium2

from bot.conversation import reporting
from bot.conversation.replies.catalogue import languages
from bot.report_files import FORMS, figures_for, opened, worded
from core.db.migrate import migrate
from core.db.report_links import Slip
from core.db.session import Database, UnitOfWork
from core.domain.figures import Sums
from core.domain.ledger import JournalEntry, Role, reverse
from core.domain.money import Money
from core.domain.rates import Sheet as Rates
from core.domain.rates import sum_in
from core.domain.sheets import Sheet
from integrations.documents import charts, pages
from integrations.exports import reports as tables
from integrations.postgres import start_embedded, stop_embedded
from tests.support.builders import NOW, TODAY, expense, make_group, make_person
from tests.support.database import KEYS

WORDS = ("lidl", "Blue Door", '=1+1 "quoted", comma', "дом", "a\nb", "", "noodle yard", "<b>&amp; #set page", "रोटी")
CATEGORIES = ("food", "groceries", "transport", "housing", "sailing & #fun", None)
_CELLS = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class SomeRates:
    """The same on every day."""

    async def sheet(self, day: object) -> Rates:
        return Rates(TODAY, "ECB", {"USD": Decimal("1.0873"), "JPY": Decimal("161.4")})


@dataclass
class Findings:
    """`faults`: which ledger, which form, and what it says in place of what."""

    ledgers: int = 0
    bills: int = 0
    foreign: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=lambda: defaultdict(float))


async def ledger(uow: UnitOfWork, chance: Random) -> tuple[Slip, list[JournalEntry]]:
    """A person with a book of their own and a group; what stands in both, and what names a report on a part of it."""
    me = await make_person(uow, "Anna")
    group = await make_group(uow, "Ben", "Cleo", name="Lisbon & Co", persons=[me])
    stands = []
    for book in (uow.book(me.personal_book_id), group):
        ids = [member.member_id for member in book.members]
        for _ in range(chance.randrange(0, 16)):
            entry = expense(
                book,
                chance.choice((1, 99, 12345, -500, 100000000000, chance.randrange(1, 500000))),
                payer=chance.choice(ids),
                people=chance.sample(ids, chance.randrange(1, len(ids) + 1)),
                currency=chance.choice(("EUR", "EUR", "EUR", "USD", "JPY", "GBP")),
                description=chance.choice(WORDS),
                category=chance.choice(CATEGORIES),
                on=TODAY - timedelta(days=chance.randrange(300)),
            )
            uow.post(entry)
            if chance.random() < 0.2:
                key = chance.randbytes(34)
                uow.post(reverse(entry, entry_id=UUID(int=chance.getrandbits(128)), recorded_at=NOW, actor_id=None, reason="undone", effect_key=key))
            else:
                stands.append(entry)
    first = TODAY - timedelta(days=chance.randrange(300))
    book_id = chance.choice((None, group.book_id))
    slip = Slip(me.person_id, book_id, first, first + timedelta(days=chance.randrange(200)), TODAY, "pdf", chance.choice(languages()), "EUR")
    mine = {member.member_id for book in (uow.book(me.personal_book_id), group) for member in book.members if member.person_id == me.person_id}
    return slip, [entry for entry in stands if slip.first <= entry.occurred_on <= slip.last and counts(entry, slip, mine)]


def counts(entry: JournalEntry, slip: Slip, mine: set[object]) -> bool:
    if slip.book_id is not None:
        return entry.book_id == slip.book_id
    return any(posting.role is Role.SHARE and posting.member_id in mine for posting in entry.postings)


def by_hand(entries: list[JournalEntry], slip: Slip, mine: set[object]) -> Sums:
    sums: Sums = defaultdict(int)
    for entry in entries:
        for posting in entry.postings:
            if posting.role is Role.SHARE and (slip.book_id is not None or posting.member_id in mine):
                sums[posting.amount.currency] -= posting.amount.minor
    return {code: minor for code, minor in sums.items() if minor}


# ------------------------------------------------------------------ what each form says


def of_chart(sheet: Sheet) -> Decimal:
    """What the columns of the chart sum to."""
    (columns,) = [part for part in charts.specification(sheet)["vconcat"] if part.get("height") == 130] or [None]
    if columns is None:
        return sum((bar.amount.decimal for bar in sheet.times.bars), start=Decimal(0))
    return sum((Decimal(row["value"]) for row in columns["layer"][0]["data"]["values"]), start=Decimal(0))


def of_pdf(data: bytes) -> str:
    """Its text layer without spaces, which typesetting moves."""
    document = pypdfium2.PdfDocument(data)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    return squeezed(text)


def squeezed(text: str) -> str:
    return "".join(character for character in text if not character.isspace() and character not in "\u00ad\ufffe\u202f\u00a0").replace("−", "-")


def of_csv(data: bytes) -> tuple[Sums, Sums]:
    """What its rows sum to, and what its last lines say."""
    rows, totals = defaultdict(int), defaultdict(int)
    for row in list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))[1:]:
        if row:
            (rows if row[0] else totals)[row[5]] += Money.of(row[4], row[5]).minor
    return _open(rows), _open(totals)


def of_xlsx(data: bytes) -> tuple[Sums, Sums]:
    """The same of the first sheet."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        texts = ["".join(each.itertext()) for each in ElementTree.fromstring(parts.read("xl/sharedStrings.xml"))]
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    rows, totals = defaultdict(int), defaultdict(int)
    for row in list(sheet.iter(f"{_CELLS}row"))[1:]:
        cells = {cell.get("r", "")[:1]: (cell.get("t"), cell.findtext(f"{_CELLS}v")) for cell in row}
        code = texts[int(cells["F"][1] or 0)]
        (rows if "A" in cells else totals)[code] += Money.of(_plain(cells["E"][1] or "0"), code).minor
    return _open(rows), _open(totals)


def _plain(number: str) -> str:
    return f"{Decimal(number):f}"


def _open(sums: dict[str, int]) -> Sums:
    return {code: minor for code, minor in sums.items() if minor}


# ------------------------------------------------------------------ held against each other


async def differences(uow: UnitOfWork, chance: Random, findings: Findings) -> Iterator[str]:
    slip, entries = await ledger(uow, chance)
    mine = {member.member_id for book in {entry.book_id for entry in entries} for member in uow.book(book).positions_of(slip.person_id)}
    expected = by_hand(entries, slip, mine)
    findings.bills += len(entries)
    findings.foreign += len(expected) > 1
    started = time.perf_counter()
    shared = slip.book_id is not None
    reader, slip, whose = await opened(uow, slip)
    made = await figures_for(uow, slip, whose, apart=reporting.told_apart(shared=shared), history=SomeRates())
    text = reporting.text(reader, made, shared=shared)
    findings.seconds["text"] += time.perf_counter() - started
    sheets = {}
    for each in (replace(slip, form=form) for form in FORMS):
        sheets[each.form] = worded(reader, await figures_for(uow, each, whose, history=SomeRates()), each)
    return told(expected, text=text, sheets=sheets, reader=reader, findings=findings)


def told(expected: Sums, *, text: str, sheets: dict[str, Sheet], reader: reporting.Reader, findings: Findings) -> Iterator[str]:
    voice = reader.voice
    if voice.amounts(expected) not in text:
        yield f"text: {text!r} has not {voice.amounts(expected)!r}"
    known = {code: minor for code, minor in expected.items() if code != "GBP"}
    home = sum_in(known, Rates(TODAY, "ECB", {"USD": Decimal("1.0873"), "JPY": Decimal("161.4")}), "EUR")
    if of_chart(sheets["png"]) != home.decimal:
        yield f"chart: {of_chart(sheets['png'])} in place of {home}"
    started = time.perf_counter()
    pdf = of_pdf(pages.pages(sheets["pdf"]))
    findings.seconds["pdf"] += time.perf_counter() - started
    for wanted in (sheets["pdf"].figure, *(voice.amount(Money(minor, code), full=True) for code, minor in expected.items())):
        if squeezed(wanted) not in pdf:
            yield f"pdf: has not {wanted!r}"
    for form, sheet in sheets.items():
        if sheet.figure != voice.amounts(expected):
            yield f"{form}: {sheet.figure!r} in place of {voice.amounts(expected)!r}"
        if any(sum(bar.amount.minor for bar in block.bars) != home.minor for block in sheet.blocks):
            yield f"{form}: rows do not sum to {home}"
    for form, (rows, totals) in (("csv", of_csv(tables.as_csv(sheets["csv"]))), ("xlsx", of_xlsx(tables.as_xlsx(sheets["xlsx"])))):
        if rows != expected or totals != expected:
            yield f"{form}: rows {rows} and totals {totals} in place of {expected}"


async def campaign(database: Database, *, ledgers: int, seed: int) -> Findings:
    """Each ledger is rolled back again."""
    findings = Findings()
    for number in range(ledgers):
        chance = Random(seed * 1_000_003 + number)
        try:
            async with database.unit_of_work() as uow:
                findings.faults += [f"ledger {number}: {fault}" for fault in await differences(uow, chance, findings)]
                raise _Enough
        except _Enough:
            findings.ledgers += 1
    return findings


class _Enough(Exception):
    """Nothing of it is kept."""


async def _run(dsn: str, ledgers: int, seed: int) -> Findings:
    database = await Database.open(dsn, keys=KEYS, durable=False)
    try:
        return await campaign(database, ledgers=ledgers, seed=seed)
    finally:
        await database.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ledgers", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="tuppence-reports-") as home:
        dsn = start_embedded(Path(home), durable=False)
        try:
            migrate(dsn)
            findings = asyncio.run(_run(dsn, options.ledgers, options.seed))
        finally:
            stop_embedded(Path(home))
    each = ", ".join(f"{name} {1000 * seconds / max(1, findings.ledgers):.0f} ms" for name, seconds in findings.seconds.items())
    print(f"{findings.ledgers} ledgers, {findings.bills} bills, {findings.foreign} in several currencies; {each}: {len(findings.faults)} differences")
    for fault in findings.faults[:20]:
        print(fault)
    return 1 if findings.faults else 0


if __name__ == "__main__":
    sys.exit(main())
