"""Owns the words of receipts: loads one data file a language, finds their kinds in a row in spite of reading errors. Decides nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

from core.reading.source import LanguageError, table_of
from core.reading.text import fold

_WORD = re.compile(r"[^\W\d_]+(?:[01568|$][^\W\d_]+)*|[01568][^\W\d_]{3,}|[^\W\d_]+[015]\b")
_LOOKALIKES = str.maketrans({"0": "o", "1": "i", "5": "s", "8": "b", "6": "g", "|": "l", "$": "s"})
_LONGEST = 6  # words of a phrase
_LONGEST_WORD = 40
_ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a row: `folded` is how it was written, `known` the word of the data files that it is taken for."""

    folded: str
    known: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The phrases of some languages. `kinds`: phrase (known words joined by a blank) to the kinds that it tells."""

    kinds: Mapping[str, frozenset[str]]

    def find(self, words: Sequence[Word]) -> list[tuple[str, int, int, frozenset[str]]]:
        """Phrases in a row, longest first from the left: (phrase, first word, word after the last, kinds)."""
        found, place = [], 0
        while place < len(words):
            for size in range(min(_LONGEST, len(words) - place), 0, -1):
                phrase = " ".join(word.known for word in words[place : place + size])
                if (kinds := self.kinds.get(phrase)) is not None:
                    found.append((phrase, place, place + size, kinds))
                    break
            else:
                size = 1
            place += size
        return found


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a row's text: misread letters set right, words that were run together taken apart, where the data files know what comes out."""
    found = []
    for match in _WORD.finditer(text):
        folded = fold(match.group())
        for known in known_words(folded):
            found.append(Word(folded, known, match.start(), match.end()))
    return tuple(found)


@lru_cache(maxsize=20000)
def known_words(folded: str) -> tuple[str, ...]:
    """What a word is taken for: itself where it is known, else known words that make it up, else the nearest known word, else itself."""
    vocabulary = _vocabulary()
    if folded in vocabulary:
        return (folded,)
    guess = folded.translate(_LOOKALIKES)
    if guess in vocabulary:
        return (guess,)
    if len(guess) > _LONGEST_WORD:
        return (guess,)
    if len(guess) >= 6 and (parts := _parts(guess)):
        return parts
    if len(guess) >= 5:
        near = process.extractOne(guess, _long_words(), scorer=OSA.distance, score_cutoff=1 if len(guess) < 9 else 2)
        if near is not None:
            return (str(near[0]),)
    return (guess,)


def _parts(word: str) -> tuple[str, ...]:
    """Two to four known words of three letters or more that make up the whole word, the fewest."""
    vocabulary = _vocabulary()
    best: dict[int, tuple[str, ...]] = {0: ()}
    for end in range(3, len(word) + 1):
        for start in range(max(0, end - 16), end - 2):
            if start in best and len(best[start]) < 4 and word[start:end] in vocabulary:
                option = (*best[start], word[start:end])
                if end not in best or len(option) < len(best[end]):
                    best[end] = option
    return best.get(len(word), ())


@cache
def languages() -> tuple[str, ...]:
    """Codes of the languages that have a data file."""
    return tuple(
        sorted(entry.name.removesuffix(".toml") for entry in files(__package__).joinpath("languages").iterdir() if entry.name.endswith(".toml"))
    )


@cache
def _table(code: str) -> Mapping[str, object]:
    return checked(code, files(__package__).joinpath("languages").joinpath(f"{code}.toml").read_text(encoding="utf-8"))


def checked(code: str, text: str) -> Mapping[str, object]:
    """The table of a data file: lists of phrases, and tables from phrase to currency. Raises LanguageError naming file and key."""
    name = f"receipts/{code}.toml"
    table = table_of(name, text)
    for key, value in table.items():
        said = [*value.values()] if isinstance(value, dict) else value
        if not isinstance(said, list) or not all(isinstance(each, str) for each in said):
            raise LanguageError(f"{name}: {key}: a list of phrases, or a table of words and currencies, is needed")
    return table


def check_tables() -> None:
    """Read the words of all languages now rather than with the first receipt. Raises LanguageError naming file and key."""
    for code in languages():
        _table(code)


def phrases(code: str, key: str) -> tuple[str, ...]:
    """The phrases of one kind as the data file has them."""
    listed = _table(code).get(key, [])
    return tuple(str(phrase) for phrase in listed) if isinstance(listed, list) else ()


def _folded(phrase: str) -> str:
    return " ".join(re.findall(r"[^\W\d_]+", fold(phrase)))


@cache
def kinds() -> tuple[str, ...]:
    """All kinds of words, in a fixed order."""
    return tuple(sorted({key for code in languages() for key, value in _table(code).items() if isinstance(value, list) and key != "telling"}))


@cache
def lexicon(codes: tuple[str, ...]) -> Lexicon:
    """The phrases of these languages, merged."""
    found: dict[str, set[str]] = {}
    for code in codes:
        for kind in kinds():
            for phrase in phrases(code, kind):
                if folded := _folded(phrase):
                    found.setdefault(folded, set()).add(kind)
    return Lexicon({phrase: frozenset(kinds_of) for phrase, kinds_of in found.items()})


@cache
def _vocabulary() -> frozenset[str]:
    everything = [*kinds(), "telling"]
    words = {word for code in languages() for key in everything for phrase in phrases(code, key) for word in _folded(phrase).split()}
    return frozenset(
        words
        | {word for code in languages() for key in ("currencies", "countries", "likely") for phrase in places(key, code) for word in phrase.split()}
    )


@cache
def _long_words() -> tuple[str, ...]:
    return tuple(sorted(word for word in _vocabulary() if len(word) >= 5))


@cache
def places(key: str, code: str) -> Mapping[str, str]:
    """Folded words of `currencies`, `countries` or `likely` of one language to the currency that they tell."""
    table = _table(code).get(key, {})
    return {folded: str(currency) for phrase, currency in table.items() if (folded := _folded(phrase))} if isinstance(table, dict) else {}


def detect(words: Iterable[str]) -> str:
    """The language that most different words tell; English where none is ahead of it by far. Malay is told apart from Indonesian by nothing."""
    seen = set(words)
    votes = Counter({code: sum(_folded(word) in seen for word in phrases(code, "telling")) for code in languages()})
    best, count = max(votes.items(), key=lambda vote: vote[1])
    return best if count >= 2 and count > votes[_ENGLISH] else _ENGLISH


def spoken(code: str) -> tuple[str, ...]:
    """The languages whose words count on a receipt in `code`: its own and English, and Malay beside English, as both stand on one receipt there."""
    return tuple(sorted({code, _ENGLISH} | ({"ms"} if code in (_ENGLISH, "ms") else set())))
