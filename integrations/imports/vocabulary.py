"""The data files of the imports: limits, words and categories, checked when they are loaded."""

from __future__ import annotations

import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from typing import Any

from core.domain.categories import CATEGORIES
from core.domain.currencies import is_currency

LIMITS = ("bytes_most", "rows_most", "people_most", "columns_most", "cell_characters_most", "quoted_lines_most", "sheet_bytes_most")
SPLITWISE_COLUMNS = 5


class BadVocabulary(Exception):
    """A data file is wrong; the message names file and key."""


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads((files("integrations.imports") / name).read_text("utf-8"))


def folded(text: str) -> str:
    """The form in which words are compared."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split())


@cache
def limit(name: str) -> int:
    """One of LIMITS."""
    return limits()[name]


@cache
def limits() -> dict[str, int]:
    """All of them. Raises BadVocabulary."""
    found = _load("limits.toml")
    for name in LIMITS:
        if not isinstance(found.get(name), int) or found[name] <= 0:
            raise BadVocabulary(f"limits.toml: {name} is a number above 0")
    return found


@cache
def words(section: str, key: str) -> frozenset[str]:
    """The words of a section, folded."""
    said = _load("words.toml").get(section, {}).get(key)
    if not isinstance(said, list) or not said or not all(isinstance(each, str) and folded(each) for each in said):
        raise BadVocabulary(f"words.toml: {section}.{key} is a list of words")
    return frozenset(map(folded, said))


@cache
def splitwise_headers() -> frozenset[tuple[str, ...]]:
    """The first columns of a Splitwise table in each language, folded."""
    said = _load("words.toml")["splitwise"].get("headers")
    if not isinstance(said, list) or not all(isinstance(each, list) and len(each) == SPLITWISE_COLUMNS for each in said):
        raise BadVocabulary(f"words.toml: splitwise.headers holds lists of {SPLITWISE_COLUMNS} words")
    return frozenset(tuple(map(folded, each)) for each in said)


@cache
def _categories() -> dict[str, str]:
    found: dict[str, str] = {}
    for ours, theirs in _load("categories.toml").items():
        if ours not in CATEGORIES:
            raise BadVocabulary(f"categories.toml: {ours} is no category")
        for name in theirs:
            if found.setdefault(folded(name), ours) != ours:
                raise BadVocabulary(f"categories.toml: {name} stands under {ours} and {found[folded(name)]}")
    return found


def category_of(name: str) -> str | None:
    """Ours for what another program calls it (ours are known by their own names too); None where that says nothing."""
    key = folded(name)
    return key if key in CATEGORIES else _categories().get(key)


@cache
def _currencies() -> dict[str, str]:
    found: dict[str, str] = _load("words.toml").get("currencies", {})
    for sign, code in found.items():
        if not is_currency(code):
            raise BadVocabulary(f"words.toml: currencies.{sign} is no currency")
    return {folded(sign): code for sign, code in found.items()}


def currency_of(text: str) -> str | None:
    """The currency that a code, a sign or a name stands for."""
    code = text.strip().upper()
    return code if is_currency(code) else _currencies().get(folded(text))


def check_vocabulary() -> None:
    """Load everything. Raises BadVocabulary."""
    limits(), splitwise_headers(), _categories(), _currencies()
    for section, key in (("splitwise", "totals"), ("splitwise", "payments"), *(("others", key) for key in ("yes", "payments", "incomes", "you"))):
        words(section, key)
