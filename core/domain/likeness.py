"""The word that somebody meant when they mistyped it: the closest of those that there are. Knows no language."""

from __future__ import annotations

from collections.abc import Iterable

_SURE = 4  # letters: in a shorter word every slip makes another word
_LONG = 8  # letters: from here on two slips are forgiven


def closest(said: str, words: Iterable[str]) -> str | None:
    """The word at the least distance, at most one slip (two in a long word); None where none is that close, or two are equally close.

    A slip is a letter too many, too few, another one, or two that changed places (the optimal string alignment distance).
    """
    allowed = 0 if len(said) < _SURE else 1 if len(said) < _LONG else 2
    best, found, letters = allowed + 1, set[str](), set(said)
    for word in words:
        if abs(len(word) - len(said)) > allowed or len(word) < _SURE - 1 or len(letters.symmetric_difference(word)) > 2 * allowed:
            continue  # each slip changes two letters at most: most words are told apart by that alone
        slips = _distance(said, word, most=min(allowed, best))
        if slips < best:
            best, found = slips, {word}
        elif slips == best and slips <= allowed:
            found.add(word)
    return next(iter(found)) if len(found) == 1 and best else None


def _distance(one: str, two: str, *, most: int) -> int:
    """Slips between two words; `most` + 1 for any number above that."""
    before, row = list[int](), list(range(len(two) + 1))
    for place, letter in enumerate(one, 1):
        older, before, row = before, row, [place]
        for at, other in enumerate(two, 1):
            cost = min(before[at] + 1, row[at - 1] + 1, before[at - 1] + (letter != other))
            if place > 1 and at > 1 and letter == two[at - 2] and one[place - 2] == other:
                cost = min(cost, older[at - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
