"""Takes people out of a text: names become letters, and what reaches somebody (handles, mails, links, long numbers) is blotted out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping

from core.reading.text import Phrases, clean, folded_words, tokenise

_LONG_NUMBER = re.compile(r"\+?\d(?:[ ./()-]{0,2}\d){6,30}")  # seven digits and more: a phone, an account, a card
_LETTERS = "ABCDEFGHJKLMNOPQRSTUVWXYZ"  # "I" is a word
_ENDING = 2  # letters that a language hangs on a name ("Annas")
_BENT = 4  # letters of a name that is recognised with an ending


class Mask:
    """Names to letters. `spared`: digits of numbers that are no secret, such as the amount itself."""

    def __init__(self, letters: Mapping[str, str], *, spared: Collection[str] = ()) -> None:
        self._names = Phrases(letters.items())
        self._bent = {words[0]: letter for name, letter in letters.items() if len(words := folded_words(name)) == 1 and len(words[0]) >= _BENT}
        self._spared = frozenset(spared)

    def text(self, text: str) -> str:
        """The text without people."""
        named = self._without_names(self._without_numbers(clean(text)))
        return " ".join(_reaching(word) for word in named.split())

    def _without_numbers(self, text: str) -> str:
        def blotted(match: re.Match[str]) -> str:
            digits = "".join(character for character in match[0] if character.isdigit())
            return match[0] if digits in self._spared else "NUMBER"

        return _LONG_NUMBER.sub(blotted, text)

    def _without_names(self, text: str) -> str:
        tokens = tokenise(text)
        folded = [token.folded for token in tokens]
        parts, end, place = [], 0, 0
        while place < len(tokens):
            letter, size = self._named(folded, place)
            if letter:
                parts += [text[end : tokens[place].start], letter]
                end = tokens[place + size - 1].end
            place += size
        return "".join((*parts, text[end:]))

    def _named(self, folded: list[str], place: int) -> tuple[str, int]:
        """The letter of the name that begins here and how many words it takes; "" for none."""
        found = self._names.at(folded, place)
        if found is not None:
            return found
        word = folded[place]
        stems = (word[: len(word) - cut].removesuffix("'") for cut in range(1, _ENDING + 1))
        return next((self._bent[stem] for stem in stems if stem in self._bent), ""), 1


def _reaching(word: str) -> str:
    if "://" in word or word.casefold().startswith("www."):
        return "LINK"
    if "@" not in word:
        return word
    return "MAIL" if not word.startswith("@") and "." in word.rpartition("@")[2] else "@X"


def letters_of(people: Iterable[Iterable[str]]) -> dict[str, str]:
    """Each person's names (all that they are called) to a letter of their own, in order: A, B, ..., Z, A1, B1."""
    count = len(_LETTERS)
    letters = (_LETTERS[place % count] + (str(place // count) if place >= count else "") for place in itertools.count())
    return {name: letter for names, letter in zip(people, letters, strict=False) for name in names}
