"""Owns telling which of some words a mistyped one is: a letter too many, too few, another, or two that changed places."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

_LEAST, _LONGEST = 5, 20  # letters: shorter words are too often one letter from another


class Slips:
    """Words, and what is left of each without one of its letters: two words a slip apart meet there."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = {word for word in words if word.isalpha() and _LEAST <= len(word) <= _LONGEST}
        self._shorter: dict[str, set[str]] = {}
        for word in self._words:
            for left in _without_one(word):
                self._shorter.setdefault(left, set()).add(word)
        self.meant = lru_cache(maxsize=4096)(self._meant)

    def _meant(self, word: str) -> str | None:
        """The only word that this one is a slip from; None for what is too short, is one of them, or may be several."""
        if not _LEAST - 1 <= len(word) <= _LONGEST or not word.isalpha() or word in self._words:
            return None
        found = set(self._shorter.get(word, ()))
        for left in _without_one(word):
            found |= {left} & self._words
            found |= {near for near in self._shorter.get(left, ()) if _is_slip(word, near)}
        return found.pop() if len(found) == 1 else None


def _without_one(word: str) -> set[str]:
    return {word[:place] + word[place + 1 :] for place in range(len(word))}


def _is_slip(word: str, other: str) -> bool:
    """Of two words as long: whether one letter is another, or two neighbours changed places."""
    apart = [place for place in range(len(word)) if word[place] != other[place]] if len(word) == len(other) else []
    if len(apart) == 2 and apart[1] == apart[0] + 1:
        return word[apart[0]] == other[apart[1]] and word[apart[1]] == other[apart[0]]
    return len(apart) == 1
