"""Owns guessing the language of a text from its small words. English unless another language is clearly ahead."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from core.reading.language import telling

_DEFAULT = "en"


def detect(words: Iterable[str]) -> str:
    """The code of the language that most folded words tell; a tie with English is English."""
    tells = telling()
    votes = Counter(code for word in words for code in tells.get(word, ()))
    best, count = max(votes.items(), key=lambda vote: vote[1], default=(_DEFAULT, 0))
    return best if count > votes[_DEFAULT] else _DEFAULT
