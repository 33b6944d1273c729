"""Owns setting right what engines misread in a merchant's name, where the words of companies and shops leave no doubt. Invents no name."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise

from rapidfuzz.distance import OSA

from core.reading.text import fold
from integrations.receipts.extraction import lexicon

_WORD = re.compile(r"[^\W_]+")
_PLAIN_LANGUAGES = {"en", "ms"}  # an accent in a name there is a speck of dirt


def respell(name: str, language: str) -> str:
    """The name with look-alike digits in words, legal forms and common words of shops as they are written."""
    if language in _PLAIN_LANGUAGES:
        name = "".join(character for character in unicodedata.normalize("NFD", name) if not unicodedata.combining(character))
    name = re.sub(r"(?<=[^\W\d_])0+(?=[^\W\d_])|(?<=[^\W\d_]-)0(?!\w)|(?<=[^\W\d_]{2})0\b", lambda match: "O" * len(match.group()), name)
    return _WORD.sub(lambda match: _shop_word(match.group()), _legal_form(name))


def _legal_form(name: str) -> str:
    """Two neighbouring words that are nearly a legal form of two words are that."""
    words = list(_WORD.finditer(name))
    for first, second in pairwise(words[1:]):
        near = _near_form(fold(first.group()), fold(second.group()))
        if near is not None:
            left, right = (_cased(form, word) for form, word in zip(near, (first.group(), second.group()), strict=True))
            return name[: first.start()] + left + name[first.end() : second.start()] + right + name[second.end() :]
    return name


@cache
def _near_form(first: str, second: str) -> tuple[str, str] | None:
    for left, right in _forms():
        distances = OSA.distance(first, left), OSA.distance(second, right)
        if max(distances) <= 1 and 0 < sum(distances) <= 2 and 0 in distances:
            return left, right
    return None


@cache
def _forms() -> tuple[tuple[str, str], ...]:
    pairs = (tuple(fold(phrase).split()) for code in lexicon.languages() for phrase in lexicon.phrases(code, "company"))
    return tuple((pair[0], pair[1]) for pair in pairs if len(pair) == 2 and min(map(len, pair)) >= 3)


@cache
def _shop_words() -> tuple[str, ...]:
    phrases = (phrase for code in lexicon.languages() for kind in ("company", "shop") for phrase in lexicon.phrases(code, kind))
    return tuple(sorted({fold(word) for phrase in phrases for word in phrase.split() if len(word) >= 7}))


def _shop_word(word: str) -> str:
    """The word of a shop that this one is but for one letter; the word itself where there is none."""
    folded = fold(word)
    if len(folded) < 7 or folded in _shop_words() or lexicon.known_words(folded) == (folded,):
        return word
    near = [known for known in _shop_words() if len(known) == len(folded) and OSA.distance(folded, known) == 1]
    return _cased(near[0], word) if len(near) == 1 else word


def _cased(known: str, like: str) -> str:
    return known.upper() if like.isupper() else known.capitalize() if like[:1].isupper() else known
