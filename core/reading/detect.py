"""Owns guessing the language of a text from its small words, else from its script. English unless another language is clearly ahead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from core.reading.language import scripts, telling

_DEFAULT = "en"


def detect(words: Iterable[str]) -> str:
    """The code of the language that most folded words tell; a tie with English is English.

    Words in a script of its own tell the language that is written most in it, where no word says more.
    """
    tells, counted = telling(), Counter[str]()
    strange: list[str] = []
    for word in words:
        counted.update(tells.get(word, ()))
        if not word.isascii():
            strange.append(word)
    best, count = max(counted.items(), key=lambda vote: vote[1], default=(_DEFAULT, 0))
    if count > counted[_DEFAULT]:
        return best
    return (count == 0 and by_script(strange)) or _DEFAULT


def by_script(words: Sequence[str]) -> str | None:
    """The language that the script of any word tells, None for Latin letters; kana tells before Han, which Japanese also uses."""
    for code, first, last in scripts():
        if any(first <= character <= last for word in words for character in word):
            return code
    return None
