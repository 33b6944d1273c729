"""Which program a file is of, by what is in it, and the file read: the one way in."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.domain.imports import GroupFile
from core.errors import DomainError
from integrations.imports import cospend, ihatemoney, own, spliit, split_pro, splitwise, tricount
from integrations.imports.decoding import Text, decode
from integrations.imports.spreadsheet import is_spreadsheet, text_of_spreadsheet
from integrations.imports.table import DELIMITERS, Table, tabulate
from integrations.imports.vocabulary import check_vocabulary, limit

_HEAD_CHARACTERS = 65_536
_TABLES: tuple[Callable[[Table, str], GroupFile | None], ...] = (
    lambda table, fallback: spliit.read_table(table, fallback=fallback),
    lambda table, _: split_pro.read(table),
    lambda table, fallback: tricount.read_table(table, fallback=fallback),
    lambda table, fallback: cospend.read(table, fallback=fallback),
    lambda table, fallback: ihatemoney.read_table(table, fallback=fallback),
    lambda table, _: splitwise.read(table),  # last: it is known by its shape too
)


class FileReader:
    """The ImportReader port: reads beside the event loop. Raises BadVocabulary where a data file is wrong."""

    def __init__(self) -> None:
        check_vocabulary()

    async def read(self, data: bytes, *, currency: str) -> GroupFile:
        return await asyncio.to_thread(read_file, data, currency=currency)


def read_file(data: bytes, *, currency: str) -> GroupFile:
    """The rows, people and checksums of a file. `currency`: of a group that names none.

    Raises DomainError `unreadable_import` with a `reason`: `too_large`, `too_many_rows`, `too_many_people`, `unknown_format`, `nothing_in_it`.
    """
    if len(data) > limit("bytes_most"):
        raise DomainError("unreadable_import", reason="too_large")
    text = Text(text_of_spreadsheet(data), frozenset()) if is_spreadsheet(data) else decode(data)
    found = _document(text, currency) if text.text.lstrip()[:1] in ("{", "[") else None
    found = found or _table(text, currency)
    if found is None:
        raise DomainError("unreadable_import", reason="unknown_format")
    if len(found.people) > limit("people_most"):
        raise DomainError("unreadable_import", reason="too_many_people")
    if not found.rows:
        raise DomainError("unreadable_import", reason="nothing_in_it")
    return found


def _document(text: Text, fallback: str) -> GroupFile | None:
    try:
        document = json.loads(text.text, parse_float=Decimal, parse_constant=_no_number)
    except (ValueError, ArithmeticError, RecursionError):
        return None
    return (
        own.read(document)
        or spliit.read_document(document, fallback=fallback)
        or tricount.read_document(document, fallback=fallback)
        or ihatemoney.read_document(document, fallback=fallback)
    )


def _no_number(said: str) -> Any:
    raise ValueError(said)


def _table(text: Text, fallback: str) -> GroupFile | None:
    """By the first delimiter with which its beginning looks like a format's."""
    cut = text.text.rfind("\n", 0, _HEAD_CHARACTERS) if len(text.text) > _HEAD_CHARACTERS else -1
    head = text.text if cut < 0 else text.text[:cut]
    for delimiter in DELIMITERS:
        if delimiter not in head:
            continue
        for read in _TABLES:
            if read(tabulate(head, delimiter), fallback) is not None:
                return read(tabulate(text.text, delimiter, damaged=text.damaged), fallback)
    return None
