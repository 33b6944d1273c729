"""Owns what spendings are told apart by where categories are too wide: coffee, taxis, fees; words from a data file that is checked when loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from core.domain.tips.rules import OCCASIONS
from core.reading.source import LanguageError, table_of
from core.reading.text import Phrases, folded_words

_FILE = "occasions.toml"


def occasions_of(words: Sequence[str]) -> frozenset[str]:
    """All that a description says of itself; `words` are in comparison form. Of phrases that begin at one word the longest counts."""
    known, found, place = phrases(), set[str](), 0
    while place < len(words):
        match = known.at(words, place)
        found |= match[0] if match is not None else set()
        place += match[1] if match is not None else 1
    return frozenset(found)


@cache
def phrases() -> Phrases[frozenset[str]]:
    """The words, read once. Raises LanguageError naming file and key."""
    return Phrases(checked(_FILE, files(__package__).joinpath(_FILE).read_text(encoding="utf-8")).items())


def checked(file: str, text: str) -> Mapping[tuple[str, ...], frozenset[str]]:
    """Phrases in comparison form, and what each says. Raises LanguageError naming file and key."""
    table = table_of(file, text)
    if wrong := table.keys() ^ set(OCCASIONS):
        raise LanguageError(f"{file}: {min(wrong)}: missing, or known to no tip")
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for occasion, phrases in table.items():
        if not isinstance(phrases, list) or not all(isinstance(each, str) and folded_words(each) for each in phrases):
            raise LanguageError(f"{file}: {occasion}: a list of words")
        for phrase in phrases:
            words = folded_words(phrase)
            found[words] = found.get(words, frozenset()) | {occasion}
    return found
