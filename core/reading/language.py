"""Owns the language data: loads one file a language, checks it, and gives it as values. Adding a language is adding a file."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from core.domain.currencies import DECIMALS
from core.reading.text import Phrases, folded_words

CENTS = ("cents",)


class LanguageError(Exception):
    """A data file is wrong. Says the file and the line or key."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """How amounts are written. `words` and `scales`: folded word to value; `pairs`: two number words in a row are units and cents."""

    decimal: str
    group: str
    pairs: bool
    conjunctions: frozenset[str]
    articles: frozenset[str]
    words: Mapping[str, int]
    scales: Mapping[str, int]
    suffixes: Mapping[str, int]
    marked: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Designator:
    """What names a currency in a text: the codes it may mean (`cents`: a hundredth), and how it must be written."""

    codes: tuple[str, ...]
    doubtful: bool = False
    capitals_after: bool = False  # only in capitals and only after the number


@dataclass(frozen=True, slots=True)
class Measures:
    units: Phrases[bool]
    labels: frozenset[str]
    percent: frozenset[str]
    clock: frozenset[str]
    at: frozenset[str]


@dataclass(frozen=True, slots=True)
class Dates:
    """Date words as one table of phrases, each with the letter that stands for its class in core.reading.dates and its value."""

    words: Phrases[tuple[str, int | str]]
    month_first: frozenset[str] | None  # None: always day first
    endings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    name: str
    numbers: Numbers
    designators: Phrases[Designator]
    measures: Measures
    dates: Dates

    def may_begin_amount(self, word: str) -> bool:
        """Whether an amount can begin with a folded word or mark: most words are told apart from money by this alone."""
        numbers = self.numbers
        return word in numbers.words or word in numbers.scales or word in numbers.articles or self.designators.begins(word)


_ADDED: list[Path] = []


def add_folder(folder: Path) -> tuple[str, ...]:
    """Languages from outside the package, each FOLDER/<code>/values.toml; their codes. To be called before the first text is read."""
    _ADDED.append(folder)
    available.cache_clear()
    return tuple(sorted(entry.parent.name for entry in folder.glob("*/values.toml")))


def added(code: str) -> Path | None:
    """The folder of a language that was added."""
    return next((folder / code for folder in _ADDED if (folder / code / "values.toml").is_file()), None)


@cache
def available() -> tuple[str, ...]:
    """Codes (ISO 639-1) of the languages that have a data file."""
    names = (entry.name for entry in files(__package__).joinpath("languages").iterdir())
    own = {name.removesuffix(".toml") for name in names if name.endswith(".toml") and name != "common.toml"}
    return tuple(sorted(own | {entry.parent.name for folder in _ADDED for entry in folder.glob("*/values.toml")}))


@cache
def load(code: str) -> Language:
    """The language `code`; English where there is no file of it. Raises LanguageError for a wrong file."""
    if code not in available():
        code = "en"
    return build(code, _common(), read(f"{code}.toml"))


@cache
def _common() -> dict[str, Any]:
    return read("common.toml")


@cache
def telling() -> Mapping[str, tuple[str, ...]]:
    """Folded small words to the codes of the languages that they tell from others."""
    source, found = _Source("common.toml", _common()), dict[str, tuple[str, ...]]()
    for code in source.table("telling", list):
        for word in source.folded(f"telling.{code}"):
            found[word] = (*found.get(word, ()), code)
    return found


def read(name: str) -> dict[str, Any]:
    """One data file as a table."""
    folder = added(name.removesuffix(".toml"))
    file = folder / "values.toml" if folder is not None else files(__package__).joinpath("languages").joinpath(name)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise LanguageError(f"{name}: {problem}") from problem


def build(code: str, common: Mapping[str, Any], table: Mapping[str, Any]) -> Language:
    """A checked language from the tables of two files. Raises LanguageError naming file and key."""
    source = _Source(f"{code}.toml", table)
    return Language(
        code=code,
        name=source.text("name"),
        numbers=_numbers(source),
        designators=Phrases(_designators(_Source("common.toml", common), source)),
        measures=_measures(source),
        dates=_dates(source),
    )


class _Source:
    """Checked access to one file's table by dotted keys."""

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.name = name
        self._table = table

    def _get(self, key: str, kind: type | tuple[type, ...], default: Any) -> Any:
        value: Any = self._table
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        value = default if value is None else value
        if not isinstance(value, kind):
            raise LanguageError(f"{self.name}: {key}: {'missing' if value is None else f'{value!r} is of the wrong kind'}")
        return value

    def text(self, key: str, default: str | None = None) -> str:
        value: str = self._get(key, str, default)
        return value

    def flag(self, key: str) -> bool:
        value: bool = self._get(key, bool, False)
        return value

    def words(self, key: str) -> list[str]:
        values: list[str] = self._get(key, list, [])
        if not all(isinstance(value, str) and value for value in values):
            raise LanguageError(f"{self.name}: {key}: a list of words is needed")
        return values

    def folded(self, key: str) -> frozenset[str]:
        return frozenset(" ".join(folded_words(word)) for word in self.words(key))

    def table(self, key: str, kind: type) -> dict[str, Any]:
        values: dict[str, Any] = self._get(key, dict, {})
        for word, value in values.items():
            if not isinstance(value, kind) or not word:
                raise LanguageError(f"{self.name}: {key}.{word}: {value!r} is of the wrong kind")
        return values

    def values(self, key: str, low: int, high: int) -> dict[str, int]:
        """Folded phrase to whole number, each between `low` and `high`."""
        values = self.table(key, int)
        for word, value in values.items():
            if not low <= value <= high:
                raise LanguageError(f"{self.name}: {key}.{word}: {value} is not between {low} and {high}")
        return {" ".join(folded_words(word)): value for word, value in values.items()}


def _numbers(source: _Source) -> Numbers:
    decimal, group = source.text("numbers.decimal", "."), source.text("numbers.group", ",")
    if decimal not in (".", ",") or group not in (".", ",", " ", "'") or decimal == group:
        raise LanguageError(f"{source.name}: numbers.decimal and numbers.group: two different signs of number are needed")
    return Numbers(
        decimal=decimal,
        group=group,
        pairs=source.flag("numbers.pairs"),
        conjunctions=source.folded("numbers.and"),
        articles=source.folded("numbers.articles"),
        words=source.values("numbers.words", 0, 999),
        scales=source.values("numbers.scales", 10, 10**15),
        suffixes=source.values("numbers.suffixes", 10, 10**15),
        marked=source.values("numbers.marked", 10, 10**15),
    )


def _designators(common: _Source, source: _Source) -> list[tuple[str, Designator]]:
    found: dict[str, Designator] = {}
    words = {code.upper() for code in common.words("codes.words")}
    for code in DECIMALS:
        found[code.lower()] = Designator((code,), capitals_after=code in words)
    for alias, code in common.table("codes.also", str).items():
        found[alias.lower()] = Designator((_known(common, "codes.also", code),))
    for sign, codes in common.table("signs", list).items():
        found[sign] = Designator(tuple(_known(common, f"signs.{sign}", code) for code in codes))
    for word, codes in source.table("money.doubtful", list).items():
        found[word] = Designator(tuple(_known(source, f"money.doubtful.{word}", code) for code in codes), doubtful=True)
    for word, target in source.table("money.words", str).items():
        known = found.get(target) or found.get(target.lower())
        if known is None:
            raise LanguageError(f"{source.name}: money.words.{word}: {target!r} is no sign and no ISO 4217 code")
        found[word] = Designator(known.codes, doubtful=known.doubtful)
    for word in source.words("money.cents"):
        found[word] = Designator(CENTS)
    return list(found.items())


def _known(source: _Source, key: str, code: object) -> str:
    if not isinstance(code, str) or (code not in DECIMALS and code not in CENTS):
        raise LanguageError(f"{source.name}: {key}: {code!r} is no ISO 4217 code")
    return code


def _measures(source: _Source) -> Measures:
    return Measures(
        units=Phrases((unit, True) for unit in source.words("measures.units")),
        labels=source.folded("measures.labels"),
        percent=source.folded("measures.percent"),
        clock=frozenset("".join(phrase.split()) for phrase in source.folded("measures.clock")),
        at=source.folded("measures.at"),
    )


# The class letters of core.reading.dates, by the key of the data file.
_DATE_CLASSES = {
    "of": "f", "the": "t", "on": "a", "last": "l", "this": "h", "next": "x", "ago": "g", "ahead": "G", "within": "i", "before": "b",
    "after": "B", "since": "S", "until": "u", "between": "e", "weekend": "E", "one": "1", "and": "&", "each": "v",
}  # fmt: skip
_DATE_UNITS = {"day", "week", "fortnight", "month", "year"}


def _dates(source: _Source) -> Dates:
    entries: dict[str, tuple[str, int | str]] = {}
    for key, letter in _DATE_CLASSES.items():
        for word in source.words(f"dates.{key}"):
            entries.setdefault(word, (letter, word))
    for word, number in source.values("numbers.words", 0, 999).items():
        if 1 <= number <= 90:
            entries.setdefault(word, ("N", number))
    for word, number in source.values("numbers.ordinals", 1, 31).items():
        entries[word] = ("o", number)
    for word, unit in source.table("dates.units", str).items():
        if unit not in _DATE_UNITS:
            raise LanguageError(f"{source.name}: dates.units.{word}: {unit!r} is none of {sorted(_DATE_UNITS)}")
        entries[word] = ("U", unit)
    weak = source.folded("dates.weak")
    for word, number in source.values("dates.weekdays", 1, 7).items():
        entries[word] = ("w" if word in weak else "W", number)
    for word, number in source.values("dates.months", 1, 12).items():
        entries[word] = ("m" if word in weak else "M", number)
    for word, number in source.values("dates.relative", -400, 400).items():
        entries[word] = ("R", number)
    first = source.words("dates.month_first")
    return Dates(Phrases(entries.items()), frozenset(first) if source.text("dates.order", "day") == "local" else None, source.folded("dates.ends"))
