"""`tuppence export`: a book as CSV, XLSX, JSON or a journal, or the list of all books."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from uuid import UUID

from bot.cli.jsonl import dump
from bot.settings import Settings
from core.db.crypto import Keys
from core.db.session import Database, UnitOfWork
from core.domain.messages import Document
from core.services import exports
from integrations.exports.writer import FORMS, BookWriter
from integrations.postgres import start_embedded

HELP = "write a book to a file: CSV, XLSX, JSON, Beancount or hledger"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--book", metavar="NAME", help="the book's name or id; without it all books are listed, one JSON object a line")
    parser.add_argument("--form", choices=FORMS, default="json", help="json (the default) comes back as it was by `tuppence import`")
    parser.add_argument("--to", type=Path, metavar="FILE", help="where to write; without it to stdout")


def run(options: argparse.Namespace) -> int:
    return asyncio.run(_export(options, Settings.load()))


async def _export(options: argparse.Namespace, settings: Settings) -> int:
    database = await open_database(settings)
    try:
        async with database.unit_of_work() as uow:
            if options.book is None:
                for known, name, kind in await exports.find_books(uow):
                    print(dump({"book": str(known), "name": name, "kind": kind}))
                return 0
            book_id = await the_book(uow, options.book)
            if book_id is None:
                return 1
            document = await _document(uow, book_id, options.form)
    finally:
        await database.close()
    if options.to is None:
        sys.stdout.buffer.write(document.contents)
        sys.stdout.buffer.flush()
    else:
        await asyncio.to_thread(options.to.write_bytes, document.contents)
    return 0


async def open_database(settings: Settings) -> Database:
    """The service's database, for one command."""
    dsn = settings.database_url if settings.database_url else await asyncio.to_thread(start_embedded, settings.home)
    return await Database.open(dsn, keys=Keys(settings.master_key), pool_size=2)


async def the_book(uow: UnitOfWork, said: str) -> UUID | None:
    """The one book that is meant; None, and the reason on stderr, where it is not one."""
    found = await exports.find_books(uow, said)
    if len(found) == 1:
        return found[0][0]
    listed = ", ".join(str(book_id) for book_id, _, _ in found)
    print(f"several books are called {said}: {listed}" if found else f"there is no book {said}: `tuppence export` lists them", file=sys.stderr)
    return None


async def _document(uow: UnitOfWork, book_id: UUID, form: str) -> Document:
    await uow.load_books([book_id], lock=False)
    book = uow.book(book_id)
    return BookWriter().write(await exports.book_file(uow, book_id), form, title=book.name, currency=book.currency)
