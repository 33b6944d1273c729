"""Owns telling in which language a message is written, from the words of the language data alone. Reads no values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from bot.conversation.parsing.lexicon import literals, tables_of
from core.reading.language import available, load, read, telling
from core.reading.script import by_script
from core.reading.text import folded_words

_DEFAULT = "en"
_SMALL, _THING = 2, 1  # what a small word tells, and a word for a thing, which languages lend each other; one more where no other language has it
_THINGS = ("things", "not_names")
_AT_HOME, _UNSETTLED, _ANYWHERE = 0, 1, 2  # where a word tells: in chats of its language, also where no chat says a language, also against one
_SECTIONS = ("words", "fillers", "recurring", "query_words", "portions")
_VALUES = (
    "numbers.sequence", "numbers.tens", "numbers.hundreds", "numbers.words", "numbers.scales",
    "dates.relative", "dates.either", "dates.weekdays", "dates.months", "dates.units", "money.cents",
)  # fmt: skip
_LONGEST_NAME = 2  # letters: abbreviations of days and months look like small words of other languages


def tongue(words: Iterable[str], prior: str | None) -> str:
    """The code of the language that folded words tell most of. `prior`, the chat's language, or else English, wins until another is ahead.

    Words for things that are lent, English ones and those of several languages, tell nothing against a chat's language: "lunch 1.200".
    Where no chat says a language, lent English words tell of English only if no word tells of another: "kal: bus 25, ice cream 40".
    Where the words tell of none, a script does that the chat's language is not written in.
    """
    words = tuple(words)
    home = prior or _DEFAULT
    votes = _votes(words, prior)
    most, ours = max(votes.values(), default=0), votes.get(home, 0)
    if most > ours:
        return max((code for code in votes if votes[code] == most), key=lambda code: (code == _DEFAULT, bool(tables_of(code))))
    return home if ours else _written(words, home)


def lead(words: Iterable[str], prior: str) -> tuple[str, int]:
    """The language that folded words tell most of, and by how much more than of any other: a small word is 2, one for a thing 1."""
    (best, most), (_, second) = [*Counter(_votes(words, prior)).most_common(2), (prior, 0), (prior, 0)][:2]
    return best, most - second


def _votes(words: Iterable[str], prior: str | None) -> dict[str, int]:
    known, home = _vocabulary(), prior or _DEFAULT
    votes, lent = dict[str, int](), dict[str, int]()
    for word in words:
        for part in _parts(word) if "'" in word else (word,):
            for code, weight, tells in known.get(part, ()):
                if tells == _UNSETTLED and not prior:
                    lent[code] = lent.get(code, 0) + weight
                elif code == home or tells == _ANYWHERE:
                    votes[code] = votes.get(code, 0) + weight
    if votes and home not in votes:
        lent.pop(home, None)
    for code, weight in lent.items():
        votes[code] = votes.get(code, 0) + weight
    return votes


def _written(words: Iterable[str], home: str) -> str:
    script = by_script(words)
    return home if script is None or script == by_script(folded_words(load(home).name)) else script


def _parts(word: str) -> tuple[str, ...]:
    """ "d'essence" tells by both its words."""
    head, mark, rest = word.partition("'")
    return (head, rest) if mark and len(rest) > 1 else (word,)


@cache
def _vocabulary() -> Mapping[str, tuple[tuple[str, int, int], ...]]:
    """Folded word to the languages that have it, how much it tells of each, and where it tells that.

    A language in which we read values alone is told only by words that no language has whose sentences we know.
    """
    weights: dict[str, dict[str, int]] = {}
    for code in available():
        for word, weight in _told(code):
            found = weights.setdefault(word, {})
            found[code] = max(found.get(code, 0), weight)
    known = {code for code in available() if tables_of(code)}
    things = {code: set(_things(tables_of(code))) for code in available()}
    return {
        word: tuple(
            (code, weight + (len(found) == 1 and word not in things[code]), _where(word, code, weight, found, known, things))
            for code, weight in found.items()
        )
        for word, found in weights.items()
    }


def _where(word: str, code: str, weight: int, found: Mapping[str, int], known: set[str], things: Mapping[str, set[str]]) -> int:
    if code not in known and found.keys() & known:
        return _AT_HOME
    lent = weight == _THING and word in things[code] and (code == _DEFAULT or len(found) > 1)
    return _UNSETTLED if lent else _ANYWHERE


def _things(own: Mapping[str, Any]) -> Iterator[str]:
    """The words for things of a language's own tables: what money goes to."""
    lists = [phrases for name, phrases in own.get("words", {}).items() if name in _THINGS]
    lists += [[*found["names"], *found["words"]] for found in own.get("categories", {}).values()]
    yield from (word for phrases in lists for word, _ in _words(phrases, _THING))


def _told(code: str) -> Iterator[tuple[str, int]]:
    own = tables_of(code)
    for section in _SECTIONS:
        for name, phrases in own.get(section, {}).items():
            if isinstance(phrases, list) and name != "patterns":
                yield from _words(phrases, _THING if name in _THINGS else _SMALL)
    yield from ((word, _THING) for word in literals(_sources(own)))
    yield from ((word, _THING) for word in _things(own))
    values = read(f"{code}.toml")
    for key in _VALUES:
        section, name = key.split(".")
        yield from ((word, weight) for word, weight in _words(values.get(section, {}).get(name, {}), _SMALL) if len(word) > _LONGEST_NAME)
    yield from ((word, _SMALL) for word, codes in telling().items() if code in codes)


def _sources(own: Mapping[str, Any]) -> Iterator[str]:
    """The patterns and macros of a language's own tables, without the words that questions are read without: most are of several languages."""
    for section, table in own.items():
        for found in table.values() if isinstance(table, dict) and section != "asking_words" else ():
            yield from found if isinstance(found, list) else [found] if isinstance(found, str) else []


def _words(phrases: Iterable[Any], weight: int) -> Iterator[tuple[str, int]]:
    return ((word, weight) for phrase in phrases for word in folded_words(phrase.replace("|", " ")) if word[0].isalpha())
