"""Owns the shape of a message: its tokens reduced to words and value letters on which the patterns work, each letter leading back to its value."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache

from bot.conversation.intents import ParseContext
from bot.conversation.parsing.lexicon import Lexicon, keywords
from bot.conversation.parsing.people import EVERYONE, MEMBER, NEW, SPEAKER, Mention, People, people_of
from bot.conversation.parsing.sieve import Likely
from core.domain.people import name_key
from core.reading.amounts import Amount, amounts
from core.reading.dates import DateSpan, dates
from core.reading.language import Language
from core.reading.quantities import Quantity, quantities
from core.reading.text import Token, folded_words

AMOUNT, DAY, PERIOD, COUNT, COUNTED, PERCENT, QUANTITY = "A", "D", "T", "C", "G", "H", "Q"
_PLAIN = re.compile(r"\d{1,9}(?:\.\d{1,9})?")
US = "us"  # whatever the language's word for it
_PEOPLE = frozenset((MEMBER, SPEAKER, NEW, EVERYONE, US))


@dataclass(slots=True, unsafe_hash=True)  # made for every word, like a token, and as little changed
class Item:
    """One word or value of a message: how it shows in the shape, tokens [first, last), and what it holds."""

    mark: str
    first: int
    last: int
    amount: Amount | None = None
    day: DateSpan | None = None
    mention: Mention | None = None
    number: Decimal | None = None
    portion: Fraction | None = None  # of the whole, as "two thirds"


@dataclass(frozen=True)
class Shape:
    """Items and the string of their marks, with a space between."""

    items: tuple[Item, ...]

    @cached_property
    def text(self) -> str:
        return " ".join(item.mark for item in self.items)

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        starts, place = [], 0
        for item in self.items:
            starts.append(place)
            place += len(item.mark) + 1
        return tuple(starts)

    def span(self, match: re.Match[str], group: int | str = 0) -> tuple[Item, ...]:
        """The items within a group of a match; empty where the pattern has no such group, or it took no part."""
        start, end = match.span(group) if group == 0 or group in match.re.groupindex else (0, 0)
        return self.items[bisect_left(self._starts, start) : bisect_left(self._starts, end)] if start < end else ()

    @cached_property
    def peopled(self) -> bool:
        """Whether anybody is spoken of, so that patterns about people can find something."""
        return any(item.mark in _PEOPLE for item in self.items)

    @cached_property
    def plain(self) -> Shape:
        """The same with new names as the words they are, for patterns that take free text."""
        if not any(item.mark == NEW for item in self.items):
            return self
        return Shape(tuple(replace(item, mark=item.mention.name.casefold()) if item.mark == NEW and item.mention else item for item in self.items))

    def without(self, dropped: Iterable[Item]) -> Shape:
        gone = {item.first for item in dropped}
        return Shape(tuple([item for item in self.items if item.first not in gone])) if gone else self

    def less(self, marks: Collection[str]) -> Shape:
        """The shape without all items that show so; itself where there are none, so that its text is made once."""
        left = tuple([item for item in self.items if item.mark not in marks])
        return Shape(left) if len(left) < len(self.items) else self

    def marks(self, letters: str) -> tuple[Item, ...]:
        return tuple([item for item in self.items if item.mark in letters and len(item.mark) == 1])

    def says(self, phrases: frozenset[str]) -> bool:
        """Whether one of some folded phrases stands in it, as whole words."""
        words, longer = _by_length(phrases)
        return any(item.mark in words for item in self.items) or any(phrase in f" {self.text} " for phrase in longer)


@lru_cache(maxsize=64)
def _by_length(phrases: frozenset[str]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Single words, and phrases of several with a space around them."""
    return frozenset(phrase for phrase in phrases if " " not in phrase), tuple(f" {phrase} " for phrase in phrases if " " in phrase)


def distinct(*shapes: Shape) -> tuple[Shape, ...]:
    """The shapes that read differently, the first of those that read alike: no pattern needs to see the same text twice."""
    found: dict[str, Shape] = {}
    for shape in shapes:
        found.setdefault(shape.text, shape)
    return tuple(found.values())


@dataclass(frozen=True)
class Scan:
    """One message, looked at once: everything the rules need."""

    source: str
    text: str
    tokens: tuple[Token, ...]
    context: ParseContext
    today: date
    language: Language
    lexicon: Lexicon
    people: People
    amounts: tuple[Amount, ...]
    dates: tuple[DateSpan, ...]
    quantities: tuple[Quantity, ...]
    shape: Shape
    codes: tuple[tuple[int, str], ...]  # currencies that stand alone, by token
    listed: frozenset[int] = frozenset()  # tokens at which people stand in lists: each must be accounted for (parsing.company)
    trims: dict[int, tuple[Shape, Shape]] = field(default_factory=dict, compare=False, repr=False)  # shapes by id, and what is left of them

    @cached_property
    def _likely(self) -> Likely:
        """The patterns of the language that the words of the shape leave: rules look at parts of it, and all but these fail on any part."""
        return self.lexicon.sieve.likely({item.mark for shape in (self.shape, self.shape.plain) for item in shape.items})

    def patterns(self, name: str) -> Sequence[re.Pattern[str]]:
        """The patterns of a list of the lexicon that may match the shape or a part of it, in order."""
        section, _, name = name.partition(".")
        return self._likely.get(section, {}).get(name, ())

    def section(self, name: str) -> Mapping[str, Sequence[re.Pattern[str]]]:
        """The same of all lists of a section that have any, by their names in it and in their order."""
        return self._likely.get(name, {})

    def words(self, items: Sequence[Item]) -> str:
        """The original writing of the items, in order; what stood between neighbours is kept."""
        pieces: list[str] = []
        last = None
        for item in items:
            start, end = self.tokens[item.first].start, self.tokens[item.last - 1].end
            if last is not None:
                between = self.text[last:start]
                pieces.append(between if not between.strip() else " ")
            pieces.append(self.text[start:end])
            last = end
        return "".join(pieces).strip()


def scan(source: str, text: str, tokens: tuple[Token, ...], context: ParseContext, language: Language, lexicon: Lexicon) -> Scan:
    """Looks at a cleaned text, cut into tokens, once. Linear in its length."""
    today = context.now.date()
    counted = quantities(tokens, language)
    found = amounts(tokens, language, currency=context.currency, skip=[quantity for quantity in counted if not quantity.weak])
    money = {place for amount in found if amount.strength == 2 for place in range(amount.first, amount.last)}
    spans = dates(tokens, language, today=today, currency=context.currency, skip=money)
    people = people_of(context, lexicon.code)
    builder = _Builder(tokens, lexicon, people, found, spans, counted, context.context)
    shape = Shape(_referred(tuple(builder.items()), lexicon))
    named = {place for item in shape.items if item.mention is not None for place in range(item.first, item.last)}
    codes = tuple((place, code) for place, code in _codes(tokens, language, found) if place not in named)
    return Scan(source, text, tokens, context, today, language, lexicon, people, found, spans, counted, shape, codes)


def _referred(items: tuple[Item, ...], lexicon: Lexicon) -> tuple[Item, ...]:
    """The items with somebody for a pronoun that pays, or that shares with the speaker: the only one named before it ("lunch with bob 23, he paid").

    Where nobody is named before it, or several are, it stays a word.
    """
    pronouns, verbs, joins = (lexicon.words[f"words.{name}"] for name in ("pronouns", "payers", "joins"))
    if pronouns.isdisjoint(item.mark for item in items):
        return items
    named: dict[str, Mention] = {}
    found = list(items)
    for place, item in enumerate(items):
        before, after = [other.mark for other in items[max(0, place - 2) : place]], [other.mark for other in items[place + 1 : place + 4]]
        acts = bool({*before[-1:], *after} & verbs)
        shares = (after[:1] and after[0] in joins and after[1:2] == [SPEAKER]) or (before[1:] and before[1] in joins and before[0] == SPEAKER)
        if item.mark in pronouns and len(named) == 1 and (acts or shares):
            found[place] = replace(item, mark=MEMBER, mention=next(iter(named.values())))
        elif item.mark in (MEMBER, NEW) and item.mention is not None and not item.mention.owns:
            named.setdefault(item.mention.name, item.mention)
    return tuple(found)


class _Builder:
    def __init__(
        self,
        tokens: Sequence[Token],
        lexicon: Lexicon,
        people: People,
        found: Sequence[Amount],
        spans: Sequence[DateSpan],
        counted: Sequence[Quantity],
        said: Sequence[str],
    ) -> None:
        self.tokens = tokens
        self.folded = [token.folded for token in tokens]
        self.lexicon = lexicon
        self.people = people
        self.said = said
        self.spans = {span.first: span for span in spans}
        dated = {place for span in self.spans.values() for place in range(span.first, span.last)}
        self.amounts = {amount.first: amount for amount in found if amount.first not in dated}
        self.openers = lexicon.words["words.spent"] | lexicon.words["words.dealings"]
        self.us = lexicon.words["words.us"]
        self.counted = {quantity.first: quantity for quantity in counted if not quantity.weak}

    def items(self) -> Iterable[Item]:
        place = 0
        while place < len(self.tokens):
            item = self.value_at(place) or Item(US if self.folded[place] in self.us else self.folded[place], place, place + 1)
            if not (item.mark == QUANTITY and self.is_time(place)):
                yield item
            place = item.last

    def is_time(self, place: int) -> bool:
        return place in self.counted and self.counted[place].kind == "time"

    def value_at(self, place: int) -> Item | None:
        if (span := self.spans.get(place)) is not None:
            return Item(DAY if span.is_day else PERIOD, place, span.last, day=span)
        if (count := self.lexicon.counted.at(self.folded, place)) is not None and not self.is_unit(place + count[1]):
            return Item(COUNTED, place, place + count[1], number=Decimal(count[0]))
        if (portion := self.lexicon.portions.at(self.folded, place)) is not None:
            return Item(PERCENT, place, place + portion[1], portion=portion[0])
        if (quantity := self.counted.get(place)) is not None:
            return self.member_with_digits(place, quantity) or self.quantity(quantity)
        if (amount := self.amounts.get(place)) is not None:
            return self.amount(amount)
        mention = self.people.at(self.tokens, self.folded, place) or self.member_after_article(place)
        if mention is None and place == 0:
            mention = self.pronoun()
        if mention is None and place and (token := self.tokens[place]).kind == "w" and token.text[0].isupper():
            mention = self.people.new_at(self.tokens, place)
        if mention is None and place == 0 and self.folded[0] not in keywords(self.lexicon.code) and self.acts(1):
            mention = self.people.new_at(self.tokens, place)  # its capital may be that of any first word: "He pagado 20"
        return Item(mention.letter, place, mention.last, mention=mention) if mention is not None else None

    def is_unit(self, place: int) -> bool:
        """Whether a word for a length of time stands there: "tous les deux mois" speaks of no two people."""
        words = self.lexicon.words
        return place < len(self.folded) and any(self.folded[place] in words[f"recurring.{name}"] for name in ("daily", "weekly", "monthly", "yearly"))

    def member_with_digits(self, place: int, quantity: Quantity) -> Item | None:
        """ "anna92" is written like an order number, and is somebody where a member is called so."""
        mention = self.people.at(self.tokens, self.folded, place)
        if mention is None or mention.letter not in (MEMBER, SPEAKER) or mention.last < quantity.last:
            return None
        return Item(mention.letter, place, mention.last, mention=mention)

    def member_after_article(self, place: int) -> Mention | None:
        """ "o Bob", "la Anna": in some languages names have an article, which says nothing."""
        if self.folded[place] not in self.lexicon.words["words.name_articles"] or place + 1 == len(self.tokens):
            return None
        mention = self.people.at(self.tokens, self.folded, place + 1)
        return replace(mention, first=place) if mention is not None and mention.letter == MEMBER else None

    def pronoun(self) -> Mention | None:
        """Somebody called "she" at the beginning: the one whom the message before names, if it names only one."""
        if self.folded[0] not in self.lexicon.words["words.pronouns"] or not self.said:
            return None
        found = {name for word in folded_words(self.said[-1]) for name in self.people.others if name_key(name) == word}
        return Mention(0, 1, MEMBER, found.pop()) if len(found) == 1 else None

    def acts(self, place: int) -> bool:
        """Whether a verb that only people do stands here, perhaps behind a word for the speaker ("Carlo mi deve")."""
        speaker = self.lexicon.words["words.speaker"]
        return next((folded in self.openers for folded in self.folded[place : place + 2] if folded not in speaker), False)

    def quantity(self, quantity: Quantity) -> Item:
        tokens = self.tokens[quantity.first : quantity.last]
        value = Decimal(tokens[0].text) if tokens[0].text.isdecimal() and len(tokens[0].text) < 6 else None
        if quantity.kind == "percent":
            text = tokens[0].text.replace(",", ".")
            return Item(PERCENT, quantity.first, quantity.last, number=Decimal(text) if _PLAIN.fullmatch(text) else None)
        counts = quantity.kind == "measure" and tokens[-1].folded in self.lexicon.words["words.counts"]
        return Item(COUNT if counts and value is not None else QUANTITY, quantity.first, quantity.last, number=value)

    def amount(self, amount: Amount) -> Item:
        """An amount; a small number in words is one only beside a currency, and a count where people follow."""
        last = amount.last
        if amount.words and amount.strength == 0:
            if last < len(self.tokens) and self.folded[last] in self.lexicon.words["words.counts"]:
                return Item(COUNT, amount.first, last + 1, number=amount.value)
            weak = last == amount.first + 1 and self.folded[amount.first] in self.lexicon.words["words.weak_numbers"]
            if weak or amount.value < 2 or (last < len(self.tokens) and self.folded[last].startswith("third")):
                return Item(self.folded[amount.first], amount.first, amount.first + 1)
        return Item(AMOUNT, amount.first, last, amount=amount, number=amount.value)


def _codes(tokens: Sequence[Token], language: Language, found: Sequence[Amount]) -> Iterable[tuple[int, str]]:
    taken = {place for amount in found for place in range(amount.first, amount.last)}
    for place, token in enumerate(tokens):
        if place not in taken and token.kind == "w" and len(token.text) == 3 and token.text.isupper():
            designator = language.designators.at([token.folded], 0)
            if designator is not None and not designator[0].doubtful and len(designator[0].codes) == 1:
                yield place, designator[0].codes[0]
