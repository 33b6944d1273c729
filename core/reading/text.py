"""Owns the first look at a text: made safe, cut into tokens with spans, phrases found in it. Knows no meaning."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

LIMIT_CHARACTERS = 4096
V = TypeVar("V")

_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD])
_PLAIN: dict[int, str | None] = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_PLAIN |= dict.fromkeys((*range(0, 9), 11, 12, *range(14, 32), 127, *range(128, 160), 12288), " ")
_PLAIN |= dict.fromkeys((160, 8199, 8201, 8239), "\xa0")
_PLAIN |= {ord(mark): "'" for mark in "\u2018\u2019\u02bc\u00b4`\x91\x92"} | {ord(mark): '"' for mark in "\u201c\u201d\u201e\x93\x94"}
_PLAIN |= {ord(mark): "-" for mark in "\u2010\u2011\u2012\u2013\u2014\u2212"} | {
    0x066B: ".",
    0x066C: ",",
    0xFFE5: "¥",
    0xFFE1: "£",
    0xFFE0: "¢",
    13: "\n",
}
_PLAIN |= _INVISIBLE
_SURROGATE = re.compile("[\ud800-\udfff]")
_FOREIGN_NUMBER = re.compile(r"\d+(?:[.,'\u00a0]\d+)*")
_MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0962\u0963\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_TOKEN = re.compile(rf"(?P<n>\d+(?:[.,'\u00a0]\d+)*|(?<![\w.])\.\d+)|(?P<w>[^\W\d_]+(?:[{_MARKS}']+[^\W\d_]+|[{_MARKS}]+)*)|(?P<s>[^\w\s]|_|\n)")


@dataclass(slots=True, unsafe_hash=True)  # frozen, it would take four times as long to make, and it is made for every word; nobody changes one
class Token:
    """A word (`w`), number (`n`) or mark (`s`). `folded` is the comparison form; `glued`: nothing stands between it and the token before."""

    text: str
    folded: str
    start: int
    end: int
    kind: str
    glued: bool


def has_overrides(text: str) -> bool:
    """Whether the text holds characters that make it show in another order than it is stored (Unicode bidirectional controls)."""
    return not text.isascii() and _OVERRIDES.search(text) is not None


def clean(text: str) -> str:
    """The text as it is seen: at most 4,096 characters, no control or invisible characters, ASCII digits, plain quotes and dashes.

    A number that mixes digits of two scripts is blanked out, since nobody can tell what it shows.
    """
    text = text[:LIMIT_CHARACTERS]
    if text.isascii() and text.isprintable():
        return text
    text = _SURROGATE.sub("\ufffd", text).translate(_PLAIN)
    return text if text.isascii() else _FOREIGN_NUMBER.sub(_one_script, text)


def _one_script(match: re.Match[str]) -> str:
    number = match.group()
    if number.isascii():
        return number
    zeros = {ord(character) - unicodedata.digit(character) for character in number if character.isdigit()}
    if len(zeros) > 1:
        return "\ufffd" * len(number)
    return "".join(str(unicodedata.digit(character)) if character.isdigit() else character for character in number)


def fold(text: str) -> str:
    """The comparison form of a word: case-folded, composed, without the marks that people leave out (é → e)."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    return "".join(
        character if character in _KEPT or not _marked(character) else unicodedata.normalize("NFD", character)[0] for character in _composed(folded)
    )


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _marked(character: str) -> bool:
    """Whether a letter is of a script whose marks are left out in haste: Latin, Greek, Cyrillic; not kana, not Hangul."""
    return character < "\u0590" or "\u1e00" <= character < "\u2000"


# Letters whose marks make them another letter: й is not и.
_KEPT = frozenset("йёїґў")


def tokenise(text: str, *, most: int | None = None) -> tuple[Token, ...]:
    """Tokens of a cleaned text, in order; none at all where there are more than `most`. Linear in its length."""
    tokens: list[Token] = []
    last = -1
    lowered = text.lower() if text.isascii() else None  # what folding comes to, for all words at once
    for match in _TOKEN.finditer(text):
        if len(tokens) == most:
            return ()
        start, end = match.span()
        word, kind = text[start:end], match.lastgroup or "s"
        folded = word if kind != "w" else lowered[start:end] if lowered is not None else fold(word)
        tokens.append(Token(word, folded, start, end, kind, start == last))
        last = end
    return tuple(tokens)


def folded_words(phrase: str) -> tuple[str, ...]:
    """A phrase of a data file in the form in which tokens are compared."""
    if phrase.isascii() and phrase.replace(" ", "").isalpha():  # most are, and there are thousands
        return tuple(phrase.lower().split())
    return tuple(token.folded for token in tokenise(clean(phrase)))


# Scripts whose words stand side by side: Thai, Lao, Khmer, Burmese, kana, Han; Hangul, whose particles hang on its words.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff]")


class Divider:
    """Cuts runs of a script without spaces into the words that a language knows, the longest first, and the rest between them."""

    def __init__(self, words: Iterable[str]) -> None:
        known = sorted((word for word in words if _UNSPACED.match(word)), key=len, reverse=True)
        self._known = re.compile("|".join(re.escape(word) for word in known) or r"(?!)")

    def divide(self, tokens: Sequence[Token]) -> tuple[Token, ...]:
        """The tokens with such runs in pieces, none of them glued to anything. Linear in the length of the text."""
        divided: list[Token] = []
        open_end = False  # the token before belongs to such a script
        for token in tokens:
            unspaced = token.kind == "w" and _UNSPACED.match(token.folded) is not None
            if unspaced and len(token.folded) == len(token.text):
                divided += self._pieces(token)
            else:
                divided.append(replace(token, glued=False) if open_end and token.glued else token)
            open_end = unspaced
        return tuple(divided)

    def _pieces(self, token: Token) -> Iterable[Token]:
        place = 0
        for match in self._known.finditer(token.folded):
            if match.start() > place:
                yield self._piece(token, place, match.start())
            yield self._piece(token, match.start(), match.end())
            place = match.end()
        if place < len(token.folded):
            yield self._piece(token, place, len(token.folded))

    def _piece(self, token: Token, start: int, end: int) -> Token:
        return Token(token.text[start:end], token.folded[start:end], token.start + start, token.start + end, "w", glued=False)


class Phrases(Generic[V]):
    """Phrases of one or more tokens and what each stands for; the longest one wins."""

    def __init__(self, entries: Iterable[tuple[str | tuple[str, ...], V]]) -> None:
        """`entries`: each phrase as text, or as its words in comparison form."""
        self._by_first: dict[str, list[tuple[tuple[str, ...], V]]] = {}
        for phrase, value in entries:
            words = folded_words(phrase) if isinstance(phrase, str) else phrase
            if words:
                self._by_first.setdefault(words[0], []).append((words, value))
        for found in self._by_first.values():
            found.sort(key=lambda entry: -len(entry[0]))

    def under(self, entries: Iterable[tuple[str, V]]) -> Phrases[V]:
        """These phrases and more, which win over those that are as long."""
        found: Phrases[V] = Phrases(entries)
        mixed = {word: sorted([*own, *self._by_first.get(word, [])], key=lambda entry: -len(entry[0])) for word, own in found._by_first.items()}
        found._by_first = {**self._by_first, **mixed}
        return found

    def begins(self, word: str) -> bool:
        """Whether any phrase begins with this folded word."""
        return word in self._by_first

    def at(self, folded: Sequence[str], place: int) -> tuple[V, int] | None:
        """What begins at token `place` and how many tokens it takes, or None. `folded`: the tokens' comparison forms."""
        found = self._by_first.get(folded[place])
        if found is None:
            return None
        for words, value in found:
            size = len(words)
            if size == 1 or tuple(folded[place : place + size]) == words:
                return value, size
        return None
