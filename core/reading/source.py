"""Owns checked access to one data file's table: what is wrong in it is said with file and key. Knows no language."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from core.reading.text import folded_words


class LanguageError(Exception):
    """A data file is wrong. Says the file and the line or key."""


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


def read(name: str) -> dict[str, Any]:
    """One data file as a table."""
    folder = added(name.removesuffix(".toml"))
    file = folder / "values.toml" if folder is not None else files(__package__).joinpath("languages").joinpath(name)
    return table_of(name, file.read_text(encoding="utf-8"))


def table_of(name: str, text: str) -> dict[str, Any]:
    """The text of a data file as a table. Raises LanguageError with the file's name."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise LanguageError(f"{name}: {problem}") from problem


class Source:
    """The values of one table by dotted keys, each checked for its kind."""

    def __init__(self, name: str, table: Mapping[str, Any]) -> None:
        self.name = name
        self.code = name.removesuffix(".toml")
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
        return frozenset(_folded(word) for word in self.words(key))

    def table(self, key: str, kind: type) -> dict[str, Any]:
        values: dict[str, Any] = self._get(key, dict, {})
        for word, value in values.items():
            if not isinstance(value, kind) or not word:
                raise LanguageError(f"{self.name}: {key}.{word}: {value!r} is of the wrong kind")
        return values

    def values(self, key: str, low: int, high: int) -> dict[str, int]:
        """Folded phrase to whole number, each between `low` and `high`: a table, or a list that counts from `low` ("one|an", "two")."""
        if isinstance(self._get(key, (dict, list), {}), list):
            return self.series(key, low, 1, high)
        values = self.table(key, int)
        for word, value in values.items():
            if not low <= value <= high:
                raise LanguageError(f"{self.name}: {key}.{word}: {value} is not between {low} and {high}")
        return {_folded(word): value for word, value in values.items()}

    def series(self, key: str, start: int, step: int, high: int) -> dict[str, int]:
        """Folded phrase to whole number from a list in order: `start`, `start` + `step` and so on; "a|b" are two words for one number."""
        found = {}
        for place, words in enumerate(self.words(key)):
            if start + place * step > high:
                raise LanguageError(f"{self.name}: {key}: more than {place} entries")
            for word in words.split("|"):
                found[_folded(word)] = start + place * step
        return found


def _folded(phrase: str) -> str:
    return " ".join(folded_words(phrase))
