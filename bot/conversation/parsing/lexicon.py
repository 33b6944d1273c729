"""Owns the words and patterns of one language: loads its data files, expands macros, compiles, and refuses wrong ones by file and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from core.reading.language import LanguageError
from core.reading.text import Phrases, folded_words

_FILES = ("money.toml", "asks.toml", "categories.toml")
_MACRO = re.compile(r"\{([a-z_]+[0-9]?)\}")


@dataclass(frozen=True, slots=True)
class Category:
    name: str
    outright: bool  # the category's own name, as "groceries"; otherwise a word that points to it, as "milk"


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything the rules need of a language. `patterns`: section and name ("queries.spend") to compiled patterns, in order."""

    code: str
    patterns: Mapping[str, tuple[re.Pattern[str], ...]]
    words: Mapping[str, frozenset[str]]
    people: Phrases[str]
    categories: Phrases[Category]
    places: Mapping[str, str]
    languages: Mapping[str, str]
    edges: frozenset[tuple[str, ...]]
    sections: Mapping[str, tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]]

    def section(self, name: str) -> tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]:
        """The named pattern lists of a section, in the order of the file."""
        return self.sections[name]


@cache
def lexicon(code: str) -> Lexicon:
    """The lexicon of a language, over that of its family (`extends`) and the English one. Raises LanguageError for a wrong file."""
    return build(code, _layered(code))


def _layered(code: str) -> dict[str, Any]:
    own = _tables(code)
    if code == "en":
        return own
    foreign = own.get("foreign", [])
    if not isinstance(foreign, list) or not all(isinstance(word, str) for word in foreign):
        raise LanguageError(f"{code}: foreign: a list of words is needed")
    return _merged(_layered(own.get("extends", "en")), own, foreign=frozenset(foreign))


def _tables(code: str) -> dict[str, Any]:
    folder, tables = files(__package__).joinpath("languages", code), dict[str, Any]()
    for name in _FILES:
        if not folder.joinpath(name).is_file():
            continue
        try:
            tables |= tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as problem:
            raise LanguageError(f"{code}/{name}: {problem}") from problem
    return tables


def _merged(base: Mapping[str, Any], more: Mapping[str, Any], *, foreign: frozenset[str]) -> dict[str, Any]:
    """A language's own tables before the English ones, since people mix; a list grows, anything else is replaced.

    `foreign`: words of the lists below that mean something else here, as "no" does in Portuguese ("in the").
    """
    found = {key: [word for word in value if word not in foreign] if isinstance(value, list) else value for key, value in base.items()}
    for key, value in found.items():
        if isinstance(value, dict) and key not in more:
            found[key] = _merged(value, {}, foreign=foreign)
    for key, value in more.items():
        if isinstance(value, dict):
            found[key] = _merged(found.get(key, {}), value, foreign=foreign)
        elif isinstance(value, list):
            found[key] = [*value, *(word for word in found.get(key, []) if word not in value)]
        else:
            found[key] = value
    return found


def build(code: str, tables: Mapping[str, Any]) -> Lexicon:
    """A checked lexicon from its tables. Raises LanguageError naming the key."""
    macros = {**_strings(code, tables, "macros"), **_strings(code, tables, "ask_macros")}
    macros["period"] = tables.get("budgets", {}).get("period", "")
    patterns: dict[str, tuple[re.Pattern[str], ...]] = {}
    for section in (
        "gates",
        "sharing",
        "pairs",
        "payers",
        "settlements",
        "corrections",
        "take_back",
        "budgets",
        "income",
        "queries",
        "commands",
        "recurring",
    ):
        for name, sources in tables.get(section, {}).items():
            if isinstance(sources, list) and (section != "recurring" or name == "patterns"):
                patterns[f"{section}.{name}"] = tuple(_compile(f"{code}: {section}.{name}", source, macros) for source in sources)
    words = {
        f"{section}.{name}": _folded(found)
        for section in ("words", "fillers", "recurring", "query_words")
        for name, found in tables.get(section, {}).items()
    }
    people = [(phrase, letter) for name, letter in (("speaker", "I"), ("everyone", "E")) for phrase in tables["words"][name]]
    sections: dict[str, tuple[tuple[str, tuple[re.Pattern[str], ...]], ...]] = {}
    for key, compiled in patterns.items():
        section, name = key.split(".")
        sections[section] = (*sections.get(section, ()), (name, compiled))
    return Lexicon(
        code=code,
        patterns=patterns,
        words=words,
        people=Phrases(people),
        categories=Phrases(_categories(code, tables)),
        places={" ".join(folded_words(place)): zone for place, zone in _strings(code, tables, "places").items()},
        languages={" ".join(folded_words(name)): target for name, target in _strings(code, tables, "languages").items()},
        edges=frozenset(folded_words(phrase) for phrase in tables["fillers"]["edges"]),
        sections=sections,
    )


def _strings(code: str, tables: Mapping[str, Any], key: str) -> dict[str, str]:
    found = tables.get(key, {})
    if not all(isinstance(value, str) for value in found.values()):
        raise LanguageError(f"{code}: {key}: a table of words is needed")
    return dict(found)


def _folded(found: list[str]) -> frozenset[str]:
    return frozenset(" ".join(folded_words(word)) for word in found)


def _categories(code: str, tables: Mapping[str, Any]) -> list[tuple[str, Category]]:
    found: dict[str, Category] = {}
    for name, lists in tables["categories"].items():
        for word in lists["words"]:
            if word in found:
                raise LanguageError(f"{code}: categories.{name}: {word!r} is also one of {found[word].name}")
            found[word] = Category(name, outright=False)
    for name, lists in tables["categories"].items():
        for word in lists["names"]:
            found[word] = Category(name, outright=True)
    return list(found.items())


def _compile(key: str, source: str, macros: Mapping[str, str]) -> re.Pattern[str]:
    expanded = source
    for _ in range(4):  # macros within macros
        try:
            expanded = _MACRO.sub(lambda match: macros[match.group(1)], expanded)
        except KeyError as problem:
            raise LanguageError(f"{key}: no macro {problem}") from problem
    try:
        return re.compile(expanded.replace("{{", "{").replace("}}", "}"))
    except re.error as problem:
        raise LanguageError(f"{key}: {problem}: {source}") from problem
