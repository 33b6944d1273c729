"""Owns telling what in a group is plainly asked, or ordered, of us from what people tell each other. Reads no meaning."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from bot.conversation.parsing.lexicon import GIST_JOINTS
from bot.conversation.parsing.notes import trimmed
from bot.conversation.parsing.people import EVERYONE, SPEAKER
from bot.conversation.parsing.requests import ordered
from bot.conversation.parsing.shape import US, Scan

_ASKING = frozenset(("ask", "may", "if", "when", "afford"))
_MARKS = frozenset(".,!?¿¡\"'’:-–—();~/…।")
_LAST_MOST = 4  # words of the phrase that a message ends with
_NO_ROLES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Frame:
    """How a message begins and ends: the roles (see gist) of its first words and of its last, and whether it begins with one of us.

    `marked`: there is a question mark. Greetings around it are left out; behind "could you" and "can we" it begins once more.
    """

    first: frozenset[str]
    last: frozenset[str]
    told: bool
    marked: bool
    within: bool = False  # a word that asks wherever it stands, as in Hindi

    @property
    def asks(self) -> bool:
        """By its mark, or by its first word where that begins no statement as well, as "puedo" does."""
        return self.marked or self.within or not (self.told or "told" in self.first or self.first.isdisjoint(_ASKING))

    @property
    def orders(self) -> bool:
        """The verb of an order stands first, or last: "delete the budget", "budget hatao"."""
        return "order" in self.first or "closing" in self.last or ("order" in self.last and not (self.told or self.marked))


def frame(scan: Scan) -> Frame:
    """The frame of a message."""
    kept = [place for place, token in enumerate(scan.tokens) if token.folded not in GIST_JOINTS]
    folded = [scan.tokens[place].folded for place in kept]
    said = trimmed(scan, scan.shape.plain)
    asked = ordered(scan, said)
    if not asked.items:
        return Frame(_NO_ROLES, _NO_ROLES, told=False, marked="?" in folded)
    at = scan.lexicon.gist.at
    begins = {0, *(bisect_left(kept, shape.items[0].first) for shape in (said, asked))}  # "add" may be left out like a greeting
    end = bisect_left(kept, asked.items[-1].last)
    while end and folded[end - 1] in _MARKS:
        end -= 1
    first: set[str] = set()
    for begin in begins:
        phrase, word = (at(folded, begin), at([folded[begin]], 0)) if begin < end else (None, None)
        first |= phrase[0] if phrase is not None else _NO_ROLES
        first |= word[0] & _ASKING if word is not None else _NO_ROLES  # "how close"
    if scan.text[:1] == " ":
        first.add("order")  # the words that gave it are cut off (see requests)
    within = any((found := at(folded, place)) is not None and "asks" in found[0] for place in range(end))
    ends = (found[0] for place in range(max(0, end - _LAST_MOST), end) if (found := at(folded, place)) and place + found[1] == end)
    told = said.items[0].mark in (SPEAKER, EVERYONE, US)
    return Frame(frozenset(first), next(ends, _NO_ROLES), told, "?" in folded, within)


def says(scan: Scan, role: str) -> bool:
    """Whether a phrase of a message has a role; one within a longer phrase ("can you") has none of its own."""
    folded, place = [token.folded for token in scan.tokens], 0
    while place < len(folded):
        found = scan.lexicon.gist.at(folded, place)
        if found is not None and role in found[0]:
            return True
        place += found[1] if found is not None else 1
    return False
