"""Owns the words by which banks say what happened, of all languages together: loads them and finds them. Knows no meaning of a whole.

What a key of a language's file is for, and so the role of its phrases:

debit, credit      money went, money came; the ones ending in `_said` are also what people write themselves
refund, move, own  it came back · it was moved · between accounts of the same person
event, noise       something happened · looks like another role and is none ("credit card")
amount, balance, other    what number follows: the sum, what is left, anything else (a fee, a limit, a debt)
account, reference        a number of an account or card, of the transaction, follows · numbered: one of an account stands before
place, to, from, label    a name follows: of a shop, of who got it, of who gave it, of any of these
manner, whose, stop       what it was follows, where no name does · another's account follows · no name goes on over it
code, failed, requested, planned, due, advert, advert_strong    it is no money that moved
footer, done, months      what follows is for help · it is over and well · names of months, January first
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from core.reading.language import LanguageError
from core.reading.source import table_of
from core.reading.text import Token, folded_words

_ROLES = """debit debit_said credit credit_said refund move own event noise amount balance other account numbered reference
place to from label manner whose stop code failed requested planned due advert advert_strong footer done months"""
ROLES = frozenset(_ROLES.split())
TELLING = frozenset(["debit", "credit", "refund", "move", "balance", "account", "code", "failed", "amount"])
HAPPENED = frozenset(("debit", "credit", "refund", "move"))  # "spent at": the place of a name, and what happened
NAMING = HAPPENED | {"place", "to", "from", "label"}
STEM_LEAST = 2
MAIN = "en"  # its words stand in the messages of many countries


@dataclass(frozen=True, slots=True)
class Mark:
    """Tokens [first, last) that are a phrase of the data, and its roles."""

    first: int
    last: int
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Folded words, the last of which may be the beginning of a longer one; language to roles."""

    words: tuple[str, ...]
    stem: bool
    roles: dict[str, frozenset[str]]

    def stands_at(self, folded: Sequence[str], place: int) -> bool:
        end = place + len(self.words)
        if end > len(folded):
            return False
        if not self.stem:
            return tuple(folded[place:end]) == self.words
        return tuple(folded[place : end - 1]) == self.words[:-1] and folded[end - 1].startswith(self.words[-1])


@dataclass(frozen=True, slots=True)
class Cues:
    """All phrases by their first word, the longer ones first; single stems by themselves. `months`: folded word or stem to 1..12."""

    by_word: dict[str, tuple[Phrase, ...]]
    by_stem: dict[str, Phrase]
    months: tuple[tuple[str, int], ...]

    def month(self, word: str) -> int | None:
        """The month that a folded word names."""
        return next((number for stem, number in self.months if word == stem.rstrip("*") or (stem.endswith("*") and word.startswith(stem[:-1]))), None)

    def names(self, word: str, role: str) -> bool:
        """Whether a folded word by itself has a role, in any language."""
        return any(role in roles for phrase in self._at([word], 0) for roles in phrase.roles.values())

    def marks(self, tokens: Sequence[Token], likely: frozenset[str]) -> list[Mark]:
        """The phrases of a text, none over another, in English, the `likely` languages and one that is ahead of English."""
        folded = [token.folded for token in tokens]
        found = [phrase for place in range(len(folded)) for phrase in self._at(folded, place)[:3]]
        votes = Counter(code for phrase in found for code, roles in phrase.roles.items() if roles & TELLING)
        ahead = max((count for code, count in votes.items() if code != MAIN), default=0)
        spoken = {MAIN} | ({code for code, count in votes.items() if count == ahead} if ahead > votes[MAIN] else set()) | likely
        marks, place = [], 0
        while place < len(folded):
            mark = self._mark(folded, place, spoken)
            if mark is not None:
                marks.append(mark)
            place = mark.last if mark else place + 1
        return marks

    def _at(self, folded: Sequence[str], place: int) -> list[Phrase]:
        word = folded[place]
        found = [phrase for phrase in self.by_word.get(word, ()) if phrase.stands_at(folded, place)]
        for length in range(len(word), STEM_LEAST - 1, -1):
            if (stem := self.by_stem.get(word[:length])) is not None:
                found.append(stem)
        return found

    def _mark(self, folded: Sequence[str], place: int, spoken: set[str]) -> Mark | None:
        roles: set[str] = set()
        size = 0
        for phrase in self._at(folded, place):
            said = [found for code, found in phrase.roles.items() if code in spoken]
            if not said or (len(phrase.words) < size and not roles <= NAMING):
                continue
            roles.update(*said if len(phrase.words) >= size else [found & HAPPENED for found in said])
            size = max(size, len(phrase.words))
            if phrase.stem:
                break
        return Mark(place, place + size, frozenset(roles)) if roles else None


@cache
def cues() -> Cues:
    """The phrases of all languages. Raises LanguageError naming the file and the key of what is wrong."""
    roles: dict[tuple[tuple[str, ...], bool], dict[str, set[str]]] = {}
    months: list[tuple[str, int]] = []
    for entry in sorted(files(__package__).joinpath("words").iterdir(), key=lambda found: found.name):
        if not entry.name.endswith(".toml"):
            continue
        for role, phrases in checked(entry.name, entry.read_text(encoding="utf-8")).items():
            if role == "months":
                months += [("".join(folded_words(name.rstrip("*"))) + ("*" if name.endswith("*") else ""), place) for name, place in named(phrases)]
                continue
            for phrase in phrases:
                written = (folded_words(phrase.rstrip("*")), phrase.endswith("*"))
                roles.setdefault(written, {}).setdefault(entry.name.removesuffix(".toml"), set()).add(role)
    by_word: dict[str, list[Phrase]] = {}
    by_stem: dict[str, Phrase] = {}
    for (words, stem), found in roles.items():
        made = Phrase(words, stem, {code: frozenset(said) for code, said in found.items()})
        if stem and len(words) == 1:
            by_stem[words[0]] = made
        else:
            by_word.setdefault(words[0], []).append(made)
    return Cues({word: tuple(sorted(found, key=lambda phrase: -len(phrase.words))) for word, found in by_word.items()}, by_stem, tuple(months))


def named(months: list[str]) -> list[tuple[str, int]]:
    """Names of months with their numbers; English has March and May beside their stems, so a list may hold more than twelve names."""
    numbers: list[tuple[str, int]] = []
    for name in months:
        before, number = numbers[-1] if numbers else ("", 0)
        again = bool(before) and name.rstrip("*").startswith(before.rstrip("*"))
        numbers.append((name, number if again else number + 1))
    return numbers


def checked(name: str, text: str) -> dict[str, list[str]]:
    """One file's lists of phrases. Raises LanguageError."""
    table = table_of(f"banking/words/{name}", text)
    for role, phrases in table.items():
        if role not in ROLES:
            raise LanguageError(f"banking/words/{name}: {role}: no such role")
        if not isinstance(phrases, list) or not all(isinstance(phrase, str) and folded_words(phrase.rstrip("*")) for phrase in phrases):
            raise LanguageError(f"banking/words/{name}: {role}: a list of phrases is needed")
    return table
