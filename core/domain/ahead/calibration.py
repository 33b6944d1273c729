"""Owns how far off forecasts usually are, from a data file that is checked when it is loaded; tools/forecast makes it."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from itertools import pairwise

_FILE = "calibration.toml"
Table = tuple[tuple[int, tuple[int, ...]], ...]


class CalibrationError(Exception):
    """The data file is wrong. Says file and key."""


def usual_misses(elapsed: int) -> tuple[int, ...]:
    """Evenly spread quantiles of (what came − what was expected), in thousandths of the scale, once `elapsed` thousandths of a period are over."""
    table = _table()
    if elapsed <= table[0][0]:
        return table[0][1]
    for (start, first), (end, second) in pairwise(table):
        if elapsed <= end:
            return tuple(low + (high - low) * (elapsed - start) // (end - start) for low, high in zip(first, second, strict=True))
    return table[-1][1]


@cache
def _table() -> Table:
    return checked(_FILE, files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


def checked(file: str, text: str) -> Table:
    """Rows of elapsed share and quantiles, both ascending. Raises CalibrationError naming file and key."""
    try:
        rows = tomllib.loads(text).get("after", {})
    except tomllib.TOMLDecodeError as problem:
        raise CalibrationError(f"{file}: {problem}") from problem
    table: list[tuple[int, tuple[int, ...]]] = []
    for key, row in rows.items():
        if not key.isdecimal() or not 0 < int(key) < 1000 or (table and int(key) <= table[-1][0]):
            raise CalibrationError(f"{file}: after.{key}: thousandths of a period, ascending")
        if not isinstance(row, list) or any(type(each) is not int for each in row) or row != sorted(row) or len(row) < 2:
            raise CalibrationError(f"{file}: after.{key}: ascending whole numbers")
        if table and len(row) != len(table[0][1]):
            raise CalibrationError(f"{file}: after.{key}: as many numbers as in the other rows")
        table.append((int(key), tuple(row)))
    if not table:
        raise CalibrationError(f"{file}: after: nothing")
    return tuple(table)
