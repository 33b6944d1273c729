"""`tuppence receipt FILE...`: what the product reads on pictures and PDFs of receipts, one JSON object a file. Touches no database."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import time
from datetime import date
from pathlib import Path
from stat import S_ISREG

from pydantic import ValidationError

from bot.cli.jsonl import Json, dump
from bot.clock import SystemClock
from bot.parts import open_reader
from bot.settings import Settings
from core.domain.currencies import DECIMALS
from core.domain.receipts import AMOUNTS, Line, Reading, reconcile
from core.errors import DomainError, ServiceUnavailable
from core.ports import ReceiptReader
from integrations.receipts.choice import NAMES, NoEngine
from integrations.receipts.sniffing import MAX_BYTES

HELP = "one JSON object a receipt photo or PDF: what it reads"

REASONS = {
    "empty": "the file is empty",
    "too_large": f"the file is larger than {MAX_BYTES >> 20} MB",
    "unknown_type": "this is no JPEG, PNG, WebP, HEIC or PDF",
    "too_many_pixels": "the picture has too many pixels",
    "too_small": "the picture is too small to hold a receipt",
    "too_many_pages": "the PDF has too many pages for a receipt",
    "animated": "this is an animation",
    "broken": "the file cannot be opened: it is damaged or not what it says it is",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", metavar="FILE", nargs="+", help="a JPEG, PNG, WebP, HEIC or PDF")
    parser.add_argument("--engine", choices=NAMES, help="what reads (default: TUPPENCE_RECEIPT_ENGINE, else the best that is here)")


def run(options: argparse.Namespace) -> int:
    """0 where every file was read, 1 where one was refused (the others are read all the same)."""
    try:
        reader = open_reader(Settings(), options.engine)
    except (NoEngine, ValidationError) as problem:
        print(f"tuppence receipt: {problem}", file=sys.stderr)
        return 2
    return asyncio.run(_answer_all(options.files, reader, today=SystemClock()().date()))


async def _answer_all(files: list[str], reader: ReceiptReader, *, today: date) -> int:
    status = 0
    try:
        for file in files:
            started = time.monotonic()
            try:
                reading = await reader.read(_load(Path(file)), today=today)
                said = {"file": file, **as_json(reading), "seconds": round(time.monotonic() - started, 2)}
            except (DomainError, ServiceUnavailable, OSError) as problem:
                status, said = 1, {"file": file, "error": reason_of(problem)}
                print(f"{file}: {said['error']}", file=sys.stderr)
            print(dump(_printable(said)), flush=True)
    finally:
        await reader.close()
    return status


def _load(path: Path) -> bytes:
    """At most one byte more than is allowed, and never from something that is no file: a pipe could go on for ever."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        if not S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError("this is no file")
        return file.read(MAX_BYTES + 1)


def _printable(said: Json) -> Json:
    """File names are bytes: what is no text in them is shown as such."""
    return {key: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value for key, value in said.items()}


def reason_of(problem: Exception) -> str:
    """In words what is wrong with a file."""
    if isinstance(problem, DomainError):
        return REASONS.get(str(problem.params.get("reason")), "this file cannot be read")
    if isinstance(problem, ServiceUnavailable):
        return f"{problem.service} could not read it"
    return getattr(problem, "strerror", None) or str(problem)


def as_json(reading: Reading) -> Json:
    """The contract's form of a reading, without `file` and `seconds`."""
    receipt, places = reading.receipt, DECIMALS[reading.receipt.currency] if reading.receipt.currency else 2

    def money(minor: int | None) -> str | None:
        return None if minor is None else _decimal(minor, places)

    return {
        "merchant": receipt.merchant,
        "address": receipt.address,
        "date": receipt.date.isoformat() if receipt.date else None,
        "time": receipt.time,
        "currency": receipt.currency,
        "items": [_line(line, places) for line in receipt.lines],
        **{name: money(getattr(receipt, name)) for name in AMOUNTS},
        "reconciles": reconcile(receipt) is not None,
        "confidence": {name: permille / 1000 for name, permille in reading.confidence.items()},
        "ask": list(reading.ask),
        "language": reading.language,
        "engine": reading.engine,
    }


def _line(line: Line, places: int) -> Json:
    return {
        "description": line.description,
        "quantity": None if line.quantity is None else _decimal(line.quantity, 3).rstrip("0").rstrip("."),
        "unit_price": None if line.unit_price is None else _decimal(line.unit_price, places),
        "amount": _decimal(line.amount, places),
    }


def _decimal(value: int, places: int) -> str:
    digits = str(abs(value)).rjust(places + 1, "0")
    whole, part = (digits[:-places], digits[-places:]) if places else (digits, "")
    return ("-" if value < 0 else "") + whole + (f".{part}" if part else "")
