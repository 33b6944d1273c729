"""Owns lists of people of whom not all are known ("with anna and carl"): who is a person too, and where that stays open. Shares nothing out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Literal

from bot.conversation.parsing.lexicon import lexicon
from bot.conversation.parsing.people import EVERYONE, MEMBER, NEW, SPEAKER, Mention
from bot.conversation.parsing.shape import AMOUNT, COUNT, DAY, PERCENT, PERIOD, QUANTITY, US, Item, Scan, Shape
from core.reading.text import Token

Sort = Literal["person", "name", "open", "thing"]
_PEOPLE = (MEMBER, SPEAKER, NEW, EVERYONE)
_MEASURED = (AMOUNT, PERCENT, QUANTITY)
_MAX_PARTS = 60  # of a list; nobody shares with more by name


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a list, items [first, last): a known person, a word that can only be a name, people without a name, or a thing."""

    sort: Sort
    first: int
    last: int
    loose: bool = False  # a bare comma stands before it
    owned: bool = False  # said by a member's name: "bob's flatmate", "anna's birthday"


def complete(scan: Scan) -> Scan:
    """The scan with the unknown names of its lists marked as new people. Linear: every item belongs to one list at most.

    `listed` of the answer: where the people of lists with more than one part stand, so that one who is left over when all clauses are
    taken is asked about. Sharing by fewer than were named would be a guess about money.
    """
    items = scan.shape.items
    reader = _Reader(scan)
    if not reader.worthwhile():
        return scan
    found, listed = list(items), set[int]()
    for parts in reader.lists():
        alone = sum(part.sort != "thing" or part.owned for part in parts) == 1
        for part in parts:
            first = items[part.first]
            if part.sort == "name":
                found[part.first] = _named(scan.tokens, first)
            elif part.sort == "open" or part.owned:
                found[part.first : part.last] = [_plain(scan.tokens, item) for item in found[part.first : part.last]]
            if (part.sort != "thing" or part.owned) and not (alone and reader.free(part)):
                listed.add(first.first)
    return replace(scan, shape=Shape(tuple(found)), listed=frozenset(listed))


def _named(tokens: Sequence[Token], item: Item) -> Item:
    return replace(item, mark=NEW, mention=Mention(item.first, item.last, NEW, tokens[item.first].text.removesuffix("'s")))


def _plain(tokens: Sequence[Token], item: Item) -> Item:
    """ "bob's sister" is not Bob."""
    return Item(tokens[item.first].folded, item.first, item.last) if item.mark in _PEOPLE and item.last == item.first + 1 else item


@cache
def _functions(code: str) -> frozenset[str]:
    """Words that are neither the name of anybody nor a thing: those of grammar and talk."""
    words = lexicon(code).words
    return frozenset().union(
        *(found for name, found in words.items() if name.startswith(("fillers.", "recurring.")) and name != "fillers.edges"),
        *(words[f"words.{name}"] for name in ("chatter", "spent", "acquired", "leads", "joins", "list_leads", "payers", "adverbs", "clauses")),
        *((word,) for edge in lexicon(code).edges for word in edge if len(edge) == 1),
        *(words[f"leftovers.{name}"] for name in ("apiece", "sharing", "paying")),
    )


@dataclass(frozen=True, slots=True)
class _Signs:
    """Words of a language that tell of people: `telling` that there may be some, `trails` behind them, `opening` before the first."""

    telling: frozenset[str]
    trails: frozenset[str]
    opening: frozenset[str]


@cache
def _signs(code: str) -> _Signs:
    words = lexicon(code).words
    trails = frozenset(part for phrase in words["words.list_trails"] for part in phrase.split())
    telling = words["words.payers"] | words["words.splitting"] | words["words.list_leads_company"] | trails | {*_PEOPLE, QUANTITY}
    return _Signs(telling, trails, words["fillers.leading"] | {DAY, PERIOD, ","})


class _Reader:
    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.items = scan.shape.items
        self.words = scan.lexicon.words
        self.functions = _functions(scan.lexicon.code)
        self.signs = _signs(scan.lexicon.code)
        self.start = next((place for place, item in enumerate(self.items) if item.mark not in self.signs.opening), 0)
        self.many = sum(item.mark == AMOUNT for item in self.items) > 1

    def worthwhile(self) -> bool:
        """Whether anything in the text speaks of people at all; most messages do not."""
        if any(item.mark in self.signs.telling for item in self.items):
            return True
        led = (after for lead, after in pairwise(self.items) if lead.mark in self.words["words.list_leads_split"])
        return any(self.scan.people.like(item.mark) is not None for item in led)

    def lists(self) -> Iterator[list[_Part]]:
        """The lists that hold a known person, or stand where only people can."""
        place = 0
        while place < len(self.items):
            led = place > 0 and self.items[place - 1].mark in self.words["words.list_leads"]
            parts = self.parts_at(place, led=led)
            following = parts[-1].last if parts else place + 1
            parts = self.bound(place, parts, led=led)
            if parts and (any(part.sort == "person" or part.owned for part in parts) or self.only_people(parts[0].first, parts)):
                yield parts
            place = following  # no list begins inside another

    def free(self, part: _Part) -> bool:
        """Whether somebody who is named alone may take no part: "for anna's birthday" says what for, "with" says who shares."""
        before = self.items[part.first - 1].mark if part.first else ""
        if part.owned:
            return not before or before in self.words["words.list_leads_purpose"]
        return part.sort == "person" and before not in self.words["words.list_leads_split"]

    def only_people(self, place: int, parts: Sequence[_Part]) -> bool:
        """ "split 30 with carl", "paid by carl", "carl paid": a person, though nobody knows the name."""
        if parts[0].sort not in ("name", "open"):
            return False
        if self.trailed(parts[-1].last):
            return True
        if place <= self.start:
            return self.pay(parts[-1])
        before = [item.mark for item in self.items[max(0, place - 4) : place]]
        if before[-1] in self.words["words.auxiliaries"]:
            return place - 1 <= self.start
        return self.people_follow(before, parts)

    def people_follow(self, before: Sequence[str], parts: Sequence[_Part]) -> bool:
        """Whether the words before a list lead to people alone."""
        lead, earlier = before[-1], before[:-1]
        if lead in self.words["words.list_leads_split"] and self.like_members(parts):
            return True
        if lead in self.words["words.list_leads_company"] and self.ends_there(parts):
            return not earlier or earlier[-1] not in self.words["words.payers"]
        if lead in self.words["words.list_leads_split"]:
            return any(mark in self.words["words.splitting"] or mark == QUANTITY for mark in before)
        if lead in self.words["words.list_leads_payer"]:
            return bool(earlier) and earlier[-1] in self.words["words.payers"]
        return lead in self.words["words.list_leads_but"] and EVERYONE in before

    def like_members(self, parts: Sequence[_Part]) -> bool:
        """Whether a word after "with" is all but the name of a member: "con ana" where Anna is one."""
        return parts[0].sort == "name" and self.scan.people.like(self.items[parts[0].first].mark) is not None

    def opens(self, place: int) -> bool:
        """Whether somebody may be named here without a word that leads to it: first, or before a word that follows only people ("carl ne")."""
        auxiliary = place > 0 and self.items[place - 1].mark in self.words["words.auxiliaries"]
        return place <= self.start or auxiliary or self.trailed(place + 1)

    def trailed(self, place: int) -> bool:
        if place >= len(self.items) or self.items[place].mark not in self.signs.trails:
            return False
        marks = [item.mark for item in self.items[place : place + 2]]
        return any(" ".join(marks[:size]) in self.words["words.list_trails"] for size in range(1, len(marks) + 1))

    def ends_there(self, parts: Sequence[_Part]) -> bool:
        """Whether one name that is no plural stands alone before the end, an amount or a day: "lunch with zara", not "pizza with extra cheese"."""
        part = parts[0]
        after = self.items[part.last].mark if part.last < len(self.items) else ","
        word, endings = self.items[part.first].mark, tuple(self.words["words.thing_endings"])
        return len(parts) == 1 and part.sort == "name" and len(word) > 2 and not word.endswith(endings) and after in (AMOUNT, DAY, ",", ".", "!")

    def parts_at(self, place: int, *, led: bool) -> list[_Part]:
        """What is strung together from here."""
        mark = self.items[place].mark
        likely = led or self.opens(place) or self.before_person(place)
        part = self.part_at(place) if likely or mark in _PEOPLE or mark == US else None
        if part is None or not (likely or part.sort == "person"):
            return []
        parts = [part]
        while len(parts) < _MAX_PARTS and part.last < len(self.items):
            start = self.after_joins(part.last)
            loose = all(item.mark in (",", ";") for item in self.items[part.last : start])
            if start == part.last and not (self.spaced(place) and part.sort in ("person", "name")):
                break
            following = self.part_at(start, loose=loose)
            if following is None or self.begins_clause(following):
                break
            part = following
            parts.append(part)
        return parts

    def bound(self, place: int, parts: list[_Part], *, led: bool) -> list[_Part]:
        """The parts that make a list. Without a word that leads to it ("anna and carl") it takes more than commas.

        Who paid is one person, or several with an "and": "paid by Anna, delicious" names no second one.
        """
        payers = led and self.items[place - 1].mark in self.words["words.list_leads_payer"]
        while payers and len(parts) > 1 and parts[-1].sort == "name" and parts[-1].loose:
            parts = parts[:-1]
        if not led and len(parts) > 1 and all(part.loose for part in parts[1:]):
            return parts[:1]
        return self.sure(parts) if led and self.items[place - 1].mark in self.words["words.list_leads_purpose"] else parts

    def before_person(self, place: int) -> bool:
        """Whether "and anna" follows: "carl and anna"."""
        start = self.after_joins(place + 1)
        return place + 1 < start < len(self.items) and self.items[start].mark in _PEOPLE and self.items[start - 1].mark not in (",", ";")

    def sure(self, parts: list[_Part]) -> list[_Part]:
        """ "for bowling, anna and carl": what stands before the first person names a purpose, unless "and" binds it to that person."""
        first = next((index for index, part in enumerate(parts) if part.sort == "person"), 0)
        keep = first - 1 if first and not parts[first].loose and parts[first - 1].sort in ("name", "open") else first
        return parts[keep:]

    def after_joins(self, place: int) -> int:
        while place < len(self.items) and self.items[place].mark in self.words["words.joins"]:
            place += 1
        return place

    def spaced(self, place: int) -> bool:
        """ "split anna bob carl": after a verb of splitting, names need nothing between them."""
        return place > 0 and self.items[place - 1].mark in self.words["words.splitting"]

    def begins_clause(self, part: _Part) -> bool:
        """ "..., anna paid", "..., bob 20", "and carl owes half": what follows says something of its own about that person."""
        after = self.items[part.last] if part.last < len(self.items) else None
        if after is None or part.sort == "thing":
            return False
        if after.mark in _MEASURED:
            return part.sort == "person" and (after.mark != AMOUNT or self.many)
        return part.loose if self.pay(part) else after.mark in self.words["words.clauses"]

    def pay(self, part: _Part) -> bool:
        return part.last < len(self.items) and self.items[part.last].mark in self.words["words.payers"]

    def part_at(self, place: int, *, loose: bool = False) -> _Part | None:
        if place >= len(self.items):
            return None
        item, sort, size, owned = self.items[place], self.sort_of(place), 1, False
        if item.mark in _PEOPLE or item.mark == US:
            sort = "person"
            if item.mark == MEMBER and item.mention is not None and item.mention.owns:
                sort, size, owned = self.described(place), 2, True
        elif item.mark == COUNT:
            sort = "open"
        elif item.mark == AMOUNT or item.mark in self.words["words.determiners"]:
            sort, size = self.described(place), 2
        elif sort == "name" and self.many and place + 1 < len(self.items) and self.items[place + 1].mark == AMOUNT:
            sort = "open"  # "with anna and bowling 20": a name with a part, or the next expense
        return None if sort is None else _Part(sort, place, place + size, loose, owned)

    def described(self, place: int) -> Sort | None:
        """ "her sister", "2 friends", "bob's flatmate": people without a name, unless it is a thing that is said so."""
        sort = self.sort_of(place + 1)
        if self.items[place].mark == AMOUNT and sort != "open":
            return None
        return "open" if sort == "name" else sort

    def sort_of(self, place: int) -> Sort | None:
        """What a single word is; None where it is neither a thing nor somebody."""
        if place >= len(self.items):
            return None
        mark, token = self.items[place].mark, self.scan.tokens[self.items[place].first]
        if token.kind != "w" or mark != token.folded or len(mark) < 2:
            return None
        if mark in self.words["words.kin"]:
            return "open"
        if mark in self.functions or mark in self.words["words.determiners"]:
            return None
        if mark in self.words["words.things"] or mark in self.words["words.not_names"] or self.scan.lexicon.categories.at([mark], 0) is not None:
            return "thing"
        known = self.scan.language.dates.words.at([mark], 0) or self.scan.language.designators.at([mark], 0)
        return "thing" if known is not None or self.scan.language.measures.units.at([mark], 0) is not None else "name"
