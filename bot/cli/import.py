"""`tuppence import`: a file of another program, or an export of ours, into a book; or only what is in it."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from bot.cli.export import open_database, the_book
from bot.cli.jsonl import dump
from bot.clock import SystemClock
from bot.settings import Settings
from core.db import people
from core.db.ids import new_id
from core.db.imports import Waiting
from core.db.session import UnitOfWork
from core.domain.currencies import is_currency
from core.domain.imports import Balances, GroupFile, balances, check, same_names
from core.domain.money import Money
from core.domain.people import BookKind, DefaultSplit
from core.errors import DomainError
from core.services import imports, membership
from core.services.bills import Effects
from integrations.imports.detection import read_file

HELP = "take over a file of Splitwise, spliit, split-pro, Cospend, ihatemoney, Tricount, or one of ours"
Json = dict[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, nargs="?", metavar="FILE", help="CSV, JSON or XLSX; which program it is of is seen by what is in it")
    target = parser.add_mutually_exclusive_group()
    target.add_argument("--book", metavar="NAME", help="the book's name or id (`tuppence export` lists them)")
    target.add_argument("--new", metavar="NAME", help="a new group; the code to join it is in the answer")
    parser.add_argument("--is", dest="same", action="append", default=[], metavar="PERSON=MEMBER", help="who one of the file's people is in the book")
    parser.add_argument("--currency", default="EUR", help="of a file that names none (EUR)")
    parser.add_argument("--undo", metavar="IMPORT", help="take a whole import back out of --book: the id that it was answered with, or `last`")
    parser.add_argument("--dry-run", action="store_true", help="only say what would come of it; without a book no database is touched")


def run(options: argparse.Namespace) -> int:
    """0 where all rows are taken over, 1 where some are not (stderr says which and why), 2 usage. Raises DomainError `unreadable_import`."""
    if options.undo and options.book and options.file is None and not options.dry_run:
        return _say(asyncio.run(_undo(options, Settings.load())))
    if options.undo or options.file is None:
        print("tuppence import: name a FILE, or say --undo IMPORT --book NAME and nothing else", file=sys.stderr)
        return 2
    if not is_currency(options.currency) or (not options.dry_run and not options.book and not options.new):
        print("tuppence import: --currency is an ISO code; name a --book or a --new one, or say --dry-run", file=sys.stderr)
        return 2
    try:
        file = read_file(options.file.read_bytes(), currency=options.currency)
    except OSError as problem:
        print(f"tuppence import: {problem}", file=sys.stderr)
        return 1
    if options.book or (options.new and not options.dry_run):
        said = asyncio.run(_import(options, file, Settings.load()))
        if said is None:
            return 1
    else:
        said = described(file)
    for each in file.aside:
        print(f"line {each.line}: {each.reason}", file=sys.stderr)
    print(dump(said))
    return 1 if file.aside else 0


async def _import(options: argparse.Namespace, file: GroupFile, settings: Settings) -> Json | None:
    database, now = await open_database(settings), SystemClock()()
    try:
        async with database.unit_of_work() as uow:
            book_id = await the_book(uow, options.book) if options.book else await _opened(uow, options)
            if book_id is None:
                return None
            await uow.load_books([book_id])
            matches = _matched(uow, book_id, file, options.same)
            if matches is None:
                return None
            fresh = await imports.fresh_rows(uow, book_id, file)
            said = described(file) | {"book": str(book_id), "new": len(fresh)}
            names = {member.member_id: member.name for member in uow.book(book_id).members}
            said["people"] = {person: names[matches[person]] if person in matches else None for person in file.people}
            if options.dry_run:
                return said
            waiting = Waiting(new_id(), book_id, file, matches, b"")
            booked = await imports.book(uow, waiting, Effects(waiting.import_id.bytes, None, None), now=now)
            said |= {"booked": booked.count, "import": str(waiting.import_id) if booked.count else None}
            return said | ({"code": await membership.new_code(uow, book_id, now=now)} if options.new else {})
    finally:
        await database.close()


def _say(said: Json | None) -> int:
    if said is not None:
        print(dump(said))
    return 1 if said is None else 0


async def _undo(options: argparse.Namespace, settings: Settings) -> Json | None:
    """Raises DomainError `already_gone`, `nothing_to_undo`."""
    database, now = await open_database(settings), SystemClock()()
    try:
        async with database.unit_of_work() as uow:
            book_id = await the_book(uow, options.book)
            if book_id is None:
                return None
            await uow.load_books([book_id])
            wanted = await imports.newest(uow, book_id) if options.undo == "last" else _id_of(options.undo)
            count = await imports.undo(uow, book_id, wanted, Effects(new_id().bytes, None, None), now=now)
            return {"book": str(book_id), "import": str(wanted), "undone": count}
    finally:
        await database.close()


def _id_of(text: str) -> UUID:
    """Raises DomainError `already_gone` for what is no id: there is no such import."""
    try:
        return UUID(text)
    except ValueError:
        raise DomainError("already_gone") from None


async def _opened(uow: UnitOfWork, options: argparse.Namespace) -> UUID:
    """A group of nobody yet: whoever joins takes the place of who is called the same."""
    book = await people.create_book(
        uow,
        kind=BookKind.GROUP,
        name=membership.checked_name(options.new),
        currency=options.currency,
        currency_said=True,
        default_split=DefaultSplit.EVERYONE,
        language="en",
        time_zone="UTC",
        now=SystemClock()(),
    )
    return book.book_id


def _matched(uow: UnitOfWork, book_id: UUID, file: GroupFile, said: list[str]) -> dict[str, UUID] | None:
    """Who is who: by what the command says, else by the same name. None, and the reason on stderr, where it says something else."""
    matches = same_names(uow.book(book_id), file.people)
    for each in said:
        person, _, name = each.partition("=")
        member = uow.book(book_id).named(name)
        if person not in file.people or member is None:
            print(
                f"tuppence import: --is {each}: there is no {'member' if person in file.people else 'person in the file'} of that name",
                file=sys.stderr,
            )
            return None
        matches = {other: known for other, known in matches.items() if known != member.member_id} | {person: member.member_id}
    return matches


def described(file: GroupFile) -> Json:
    """What is in a file. Amounts are decimal texts; `agrees` is null where the file states no balances."""
    days = [row.on.isoformat() for row in file.rows]
    return {
        "source": file.source,
        "rows": len(file.rows),
        "start": min(days),
        "end": max(days),
        "people": dict.fromkeys(file.people),
        "balances": shown(balances(file.rows)),
        "agrees": not check(file) if file.checks else None,
        "differs": shown(check(file)),
        "aside": [{"line": each.line, "reason": each.reason} for each in file.aside],
        "damaged": list(file.damaged),
    }


def shown(sums: Balances) -> dict[str, dict[str, str]]:
    """Currency -> name -> amount."""
    found: dict[str, dict[str, str]] = {}
    for (person, currency), minor in sorted(sums.items(), key=lambda each: each[0][1]):
        found.setdefault(currency, {})[person] = str(Money(minor, currency))
    return found
