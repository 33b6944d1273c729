"""Owns telling which of many patterns cannot match a shape, by the words that it begins its words with. Matches nothing itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache, reduce
from operator import or_

_HEAD = 3  # letters of a word that are looked at
_RANKS = 3  # needs of a pattern that are looked at, the most telling first
_LONGEST_KEPT = 30  # letters of a word whose answer is kept; longer ones are rare, and room is bounded
_PART = re.compile(
    r"\(\?:[^\\\[\]()^$.*+?{}]+\)|\(\?P<\w+>|\(\?(?:[:=!]|<[=!])|\(\?.|\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|[()|^$.]|[*+?]\??|\{[\d,]+\}\??|[^\\\[\]()|^$.*+?{}]+"
)
_REPEATED = re.compile(r"[*+?{]")
_OPTIONAL = re.compile(r"[*?]|\{0?,|\{0\}")
_CHOICE = re.compile(r"\[[^\W_]+\]")  # "[PN]", no range and no mark
_WORD = re.compile(r"\w+")
_NOT, _SAME, _START = 0, 1, 2  # whether a place of a pattern is where a word begins: not for sure, as before the group, for sure

Need = frozenset[str]
Found = tuple[tuple[Need, ...], int]  # what a part needs, and what place its end is
Likely = dict[str, dict[str, list[re.Pattern[str]]]]  # by section and by the name in it, all in the order of the data


class Unclear(ValueError):
    """A pattern says something that is not looked into."""


def heads(word: str) -> set[str]:
    """The beginnings of a word, of one letter up to three; what stands behind a mark within it begins as well ("l'anna"). And all its marks."""
    if word.isalpha():
        return {word[0], word[:2], word[:_HEAD]}
    begun = {part[start : start + size] for part in word.split(" ") for start in _starts(part) for size in range(1, _HEAD + 1)}
    return begun | set(word)


def _starts(word: str) -> list[int]:
    return [letters.start() for letters in _WORD.finditer(word)]


@cache
def needs(source: str, *, at_word: bool) -> tuple[Need, ...]:
    """What a text must hold for a pattern to match it: of each set at least one, as the beginning of a word. None where nothing is sure.

    `at_word`: the pattern is only tried where a word begins, or the space before one.
    """
    try:
        found, _ = _Reader(source).choice(start=at_word)
    except Unclear:
        return ()
    return tuple(sorted(found, key=_telling, reverse=True))


def _telling(need: Need) -> tuple[int, int]:
    """How much a set tells: one of long beginnings before one of short ones, and a small one before a large one."""
    return min(map(len, need)), -len(need)


class Sieve:
    """The patterns of a language by what they need. A set of patterns is a number with a bit for each; so is what a word meets of their needs."""

    def __init__(self, patterns: Mapping[str, Sequence[re.Pattern[str]]], needs_of: Callable[[str, str], tuple[Need, ...]]) -> None:
        """`patterns`: lists by section and name ("queries.spend"). `needs_of`: the needs of a pattern, given the name of its list and its source."""
        self._patterns = [(*name.partition(".")[::2], pattern) for name, found in patterns.items() for pattern in found]
        needed = [needs_of(name, pattern.pattern) for name, found in patterns.items() for pattern in found]
        self._by_head: dict[str, int] = {}
        self._unneeded = 0
        for rank in range(_RANKS):
            for place, found in enumerate(needed):
                bit = 1 << rank * len(needed) + place
                if rank >= len(found):
                    self._unneeded |= bit
                for head in found[rank] if rank < len(found) else ():
                    self._by_head[head] = self._by_head.get(head, 0) | bit
        self._met_by = lru_cache(maxsize=4096)(self._met)

    def _met(self, word: str) -> int:
        """What a word meets: a bit for each pattern and each rank of its needs."""
        return reduce(or_, (self._by_head.get(head, 0) for head in heads(word)), 0)

    def likely(self, words: Iterable[str]) -> Likely:
        """The patterns that may match a text of some words."""
        met = self._unneeded
        for word in words:
            met |= self._met_by(word) if len(word) <= _LONGEST_KEPT else self._met(word)
        size = len(self._patterns)
        places = met & (1 << size) - 1
        for rank in range(1, _RANKS):
            places &= met >> rank * size
        left: Likely = {}
        while places:
            lowest = places & -places
            section, name, pattern = self._patterns[lowest.bit_length() - 1]
            left.setdefault(section, {}).setdefault(name, []).append(pattern)
            places ^= lowest
        return left


class _Reader:
    """One pass over the parts of a pattern."""

    def __init__(self, source: str) -> None:
        self.parts = _PART.findall(source)
        if sum(map(len, self.parts)) != len(source):
            raise Unclear(source)
        self.place = 0

    def choice(self, *, start: bool) -> Found:
        """Alternatives up to the end of their group: what each needs is needed of one of them; and what place their end is."""
        branches = [self.sequence(start=start)]
        while self.place < len(self.parts) and self.parts[self.place] == "|":
            self.place += 1
            branches.append(self.sequence(start=start))
        return _either(branches)

    def sequence(self, *, start: bool) -> Found:
        found: list[Need] = []
        here = _SAME
        while self.place < len(self.parts) and self.parts[self.place] not in ("|", ")"):
            part = self.parts[self.place]
            self.place += 1
            more, after = self.one(part, start=here == _START or (here == _SAME and start))
            if self.place < len(self.parts) and _REPEATED.match(self.parts[self.place]):
                optional = _OPTIONAL.match(self.parts[self.place]) is not None
                more, after = ((), min(after, _SAME)) if optional else (more, after)
                self.place += 1
            found += more
            here = here if after == _SAME else after
        return tuple(found), here

    def one(self, part: str, *, start: bool) -> Found:
        """One part: what it needs, and what place its end is."""
        if part[0] == "(":
            return _of_words(part[3:-1], start=start) if part[-1] == ")" else self.group(part, start=start)
        if part in ("^", "$", r"\b", r"\s"):
            return (), _SAME if part == "$" else _START
        if part[0] == "[":
            return (frozenset(part[1:-1]),) if start and _CHOICE.fullmatch(part) else (), _NOT
        if part == "." or (part[0] == "\\" and part[1].isalnum()):
            return (), _NOT
        if part[0] in "*+?{":
            raise Unclear(part)
        return self.letters(part.removeprefix("\\"), start=start)

    def group(self, opening: str, *, start: bool) -> Found:
        if opening not in ("(", "(?:", "(?=", "(?!", "(?<=", "(?<!") and not opening.startswith("(?P<"):
            raise Unclear(opening)
        found, end = self.choice(start=start)
        if self.parts[self.place : self.place + 1] != [")"]:
            raise Unclear(opening)
        self.place += 1
        if opening in ("(", "(?:") or opening.startswith("(?P<"):
            return found, end
        return found if opening == "(?=" else (), _SAME

    def letters(self, run: str, *, start: bool) -> Found:
        """Letters, marks and spaces as they are. The last one may be repeated or left out: then it is a part by itself."""
        if len(run) > 1 and self.place < len(self.parts) and _REPEATED.match(self.parts[self.place]):
            self.parts[self.place - 1] = run[-1]
            self.place -= 1
            run = run[:-1]
        return _of_letters(run, start=start)


def _either(branches: Sequence[Found]) -> Found:
    """What is needed of one of some alternatives: of each what tells most of it."""
    if len(branches) == 1:
        return branches[0]
    end = min(end for _, end in branches)
    if not all(found for found, _ in branches):
        return (), end
    return (frozenset().union(*(found[0] if len(found) == 1 else max(found, key=_telling) for found, _ in branches)),), end


@lru_cache(maxsize=4096)  # most come from macros and stand in many patterns
def _of_words(alternatives: str, *, start: bool) -> Found:
    return _either([_of_letters(run, start=start) if run else ((), _SAME) for run in alternatives.split("|")])


@lru_cache(maxsize=4096)
def _of_letters(run: str, *, start: bool) -> Found:
    first, *others = run.split(" ")
    words = [first, *others] if start or not _WORD.match(first) else others
    found = tuple(frozenset((word[:_HEAD] if _WORD.match(word) else word[0],)) for word in words if word)
    return found, _NOT if _WORD.match(run[-1]) else _START
