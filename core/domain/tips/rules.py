"""Owns the library of tips: rules from a data file that is checked when it is loaded. Measures nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from core.domain.categories import CATEGORIES

_FILE = "tips.toml"
COOL_DOWN = 30  # days in which nothing is said twice, at least
OCCASIONS = (
    "coffee", "delivery", "taxi", "transit", "snacks", "bar", "tobacco", "parking", "games", "lottery", "cash",
    "streaming", "music", "cloud", "fitness", "news", "bank_fee", "late_fee",
)  # fmt: skip
# What each kind of measure can be told, and (with a star) has to be.
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "habit": ("every*", "occasion", "categories", "by", "size"),
    "large": ("every*", "categories*", "times*"),
    "weekend": ("every*", "categories*", "share*"),
    "workdays": ("every*", "categories*", "share*"),
    "twice": (),
    "swap": ("every*", "occasion", "categories", "other_occasion", "other_category"),
    "overlap": ("occasion*",),
    "dearer": ("categories",),
    "standing": ("share*",),
    "charges": ("occasion", "categories"),
    "above": ("categories*", "times*"),
    "drift": ("categories*", "times*"),
    "rounding": (),
    "quiet": ("categories*",),
    "payday": ("categories*", "span*", "times*"),
    "foreign": ("share*",),
    "owed": (),
    "slack": ("share*",),
    "over": (),
}
_COMMON = ("measure", "at_least", "confidence", "cool_down")


class TipError(Exception):
    """The data file is wrong. Says file and key."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One tip. `at_least`: bills that show it; `every`: one in so many less; `confidence`, `share` and `times` in thousandths; `span` in days."""

    name: str
    measure: str
    at_least: int
    confidence: int
    cool_down: int
    occasion: str = ""
    categories: tuple[str, ...] = ()
    by: str = ""  # "place": each merchant by itself
    size: str = ""  # "small": half as much as usual, or less
    every: int = 1
    share: int = 0
    times: int = 0
    span: int = 0
    other_occasion: str = ""
    other_category: str = ""


@dataclass(frozen=True, slots=True)
class Library:
    """`floor`: thousandths of all that is spent a month which a saving has to reach."""

    floor: int
    rules: Mapping[str, Rule]


@cache
def library() -> Library:
    """The rules that come along. Raises TipError naming file and key."""
    return checked(_FILE, files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


def checked(file: str, text: str) -> Library:
    """Rules by name. Raises TipError naming file and key."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise TipError(f"{file}: {problem}") from problem
    floor, tables = raw.pop("floor", None), raw.pop("rules", None)
    if raw or type(floor) is not int or not 0 < floor < 1000:
        raise TipError(f"{file}: {min(raw, default='floor')}: thousandths of a month's spending are in `floor`, all else in `rules`")
    if not isinstance(tables, dict) or not tables:
        raise TipError(f"{file}: rules: nothing")
    return Library(floor, {name: _rule(f"{file}: rules.{name}", name, table) for name, table in tables.items()})


def _rule(key: str, name: str, table: Any) -> Rule:
    if not isinstance(table, dict) or table.get("measure") not in PARAMETERS:
        raise TipError(f"{key}.measure: one of {', '.join(PARAMETERS)}")
    wanted = PARAMETERS[table["measure"]]
    may = {*_COMMON, *(each.rstrip("*") for each in wanted)}
    if unknown := table.keys() - may:
        raise TipError(f"{key}.{min(unknown)}: {table['measure']} takes {', '.join(sorted(may))}")
    if missing := {*_COMMON, *(each.rstrip("*") for each in wanted if each.endswith("*"))} - table.keys():
        raise TipError(f"{key}.{min(missing)}: missing")
    for parameter, value in table.items():
        if not _fits(parameter, value):
            raise TipError(f"{key}.{parameter}: {_MEANT[parameter]}")
    return Rule(name=name, **{**table, "categories": tuple(table.get("categories", ()))})


def _fits(parameter: str, value: Any) -> bool:
    if parameter in _NUMBERS:
        low, high = _NUMBERS[parameter]
        return type(value) is int and low <= value <= high
    if parameter == "categories":
        return isinstance(value, list) and bool(value) and all(each in CATEGORIES for each in value)
    return value in _CHOICES[parameter]


_NUMBERS = {
    "at_least": (1, 1000), "confidence": (1, 999), "cool_down": (COOL_DOWN, 366), "every": (2, 10), "share": (1, 1000),
    "times": (1001, 100000), "span": (1, 15),
}  # fmt: skip
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "measure": tuple(PARAMETERS), "occasion": OCCASIONS, "other_occasion": OCCASIONS, "other_category": CATEGORIES, "by": ("place",),
    "size": ("small",),
}  # fmt: skip
_MEANT = {
    **{name: f"a whole number from {low} to {high}" for name, (low, high) in _NUMBERS.items()},
    **{name: f"one of {', '.join(values)}" for name, values in _CHOICES.items()},
    "categories": f"a list of {', '.join(CATEGORIES)}",
}
