"""Owns finding amounts of money in tokens: numbers with their currencies, multipliers, cents and sums. Books nothing and asks nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from core.domain.currencies import DECIMALS
from core.reading.language import CENTS, Designator, Language, telling
from core.reading.numbers import Number, cardinal, read_digits, read_words
from core.reading.quantities import Quantity
from core.reading.text import Token, fold

_TIMES = {"x", "*", "×"}
_PLUS = {"+"}
_MAX_TERMS = 20
_ABSURD = Decimal(10) ** 20  # more than any book holds; arithmetic stops here, so that no precision is lost below
_CENT = Decimal("0.01")
_FEW = 3  # tokens: hardly more than an amount
_PRICE = 5  # tokens: a price with its sign
_MAX_GROUPS = 6  # of three digits, parted by spaces


@dataclass(frozen=True, slots=True)
class Amount:
    """Tokens [first, last) that say an amount, in major units.

    `currency` None: none is named. `currencies`: the codes that a doubtful word may mean. `other`: a second reading of the value.
    `foreign`: what it was in another currency (value and code), where the text says so.
    `strength` 2: a currency is named, 1: written like money ("45.50", "1.6k"), 0: a bare number. `words`: written in words.
    """

    first: int
    last: int
    value: Decimal
    currency: str | None = None
    currencies: tuple[str, ...] = ()
    other: Decimal | None = None
    strength: int = 0
    negative: bool = False
    words: bool = False
    foreign: tuple[Decimal, str] | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """One number with what belongs to it, up to token `last`."""

    number: Number
    first: int
    last: int
    designator: Designator | None
    words: bool
    scaled: bool = False


def amounts(tokens: Sequence[Token], language: Language, *, currency: str, skip: Sequence[Quantity] = (), broad: bool = False) -> tuple[Amount, ...]:
    """All amounts in order, bare numbers included. `currency` decides signs that several currencies use; `skip`: what is no money.

    `broad`: nothing but money is looked for, so that words that say something else in a message may be money ("a quarter", "3 dollars and one").
    """
    skipped = {place: quantity.last for quantity in skip for place in range(quantity.first, quantity.last)}
    reader = _Reader(tokens, language, currency, skipped, broad=broad)
    found = []
    place = 0
    while place < len(tokens):
        amount = reader.amount_at(place) if tokens[place].kind == "n" or language.may_begin_amount(tokens[place].folded) else None
        amount = amount or (reader.one_at(place) if broad else None)
        if amount is not None:
            found.append(amount)
        place = max(place + 1, amount.last if amount else 0)
    return tuple(found)


class _Reader:
    def __init__(self, tokens: Sequence[Token], language: Language, currency: str, skip: dict[int, int], *, broad: bool) -> None:
        self.tokens = tokens
        self.folded = [token.folded for token in tokens]
        self.language = language
        self.currency = currency
        self.skip = skip
        self.broad = broad
        self.alone = broad and len(tokens) <= _FEW

    @cached_property
    def capitals(self) -> bool:
        """Whether the text is in capitals throughout, so that they tell nothing."""
        return all(token.text.isupper() for token in self.tokens if token.kind == "w" and len(token.text) > 3)

    def amount_at(self, place: int) -> Amount | None:
        """An amount that begins here: a sum or product of parts, or one part."""
        part = self.part_at(place)
        if part is None:
            return None
        amount = self.sum_from(part) or self.single(part)
        before = self.tokens[part.first - 1] if part.first else None
        if before is not None and before.text == "-" and not before.glued and self.tokens[part.first].glued:
            amount = replace(amount, first=part.first - 1, negative=True)
        return amount

    def single(self, part: _Part) -> Amount:
        code, doubtful = self.decide(part.designator)
        number = part.number
        value, other = number.value, number.other
        if part.designator is not None and part.designator.worth != 1:
            value, other = value * part.designator.worth, None
        if code == CENTS[0]:
            return Amount(part.first, part.last, value, None, (), None, 2, words=part.words)
        if other is not None and not part.words:
            places = DECIMALS[code or self.currency]
            if places == 3 and other * 1000 == value:
                value, other = other, None  # "3.450" of a currency with three decimals
            elif places == 0:
                other = None
        strength = 2 if part.designator else 1 if number.decimals == 2 or part.scaled else 0
        return Amount(part.first, part.last, value, code, doubtful, other, strength, words=part.words)

    def decide(self, designator: Designator | None) -> tuple[str | None, tuple[str, ...]]:
        """The code that a designator means in this chat, and the candidates where it is in doubt."""
        if designator is None or not designator.codes:
            return None, ()
        for known in (self.currency, self.language.home):
            if known in designator.codes:
                return known, ()
        return designator.codes[0], designator.codes if designator.doubtful else ()

    def one_at(self, place: int) -> Amount | None:
        """A currency that says "one" with its article or alone: "a dollar", "quarter"."""
        first, article = place, self.folded[place] in self.language.numbers.articles
        found = self.suffix_at(place + article)
        end = place + article + found[1] if found is not None else place
        if found is None or (not article and (place or len(self.tokens) != end)) or (end < len(self.tokens) and self.tokens[end].kind == "n"):
            return None
        code, doubtful = self.decide(found[0])
        return Amount(first, end, found[0].worth, None if code == CENTS[0] else code, doubtful, None, 2, words=True)

    def sum_from(self, part: _Part) -> Amount | None:
        """ "7+2.5", "3x4.20", "3 x 4.20 + 5": all of it, None where there is only one part."""
        total, product = Decimal(0), part.number.value
        designator, last, terms = part.designator, part.last, 1
        while terms < _MAX_TERMS and last < len(self.tokens):
            sign = self.folded[last]
            following = self.part_at(last + 1) if sign in _TIMES or sign in _PLUS else None
            if following is None or following.first != last + 1 or following.number.other is not None:
                break
            if sign in _TIMES:
                product = min(product * following.number.value, _ABSURD)
            else:
                total, product = min(total + product, _ABSURD), following.number.value
            if designator and following.designator and self.decide(designator) != self.decide(following.designator):
                return None
            designator, last, terms = designator or following.designator, following.last, terms + 1
        if terms == 1 or part.number.other is not None:
            return None
        code, doubtful = self.decide(designator)
        if code == CENTS[0] or (product * 10**4) % 1:
            return None
        return Amount(part.first, last, total + product, code, doubtful, None, 2 if code else 1)

    def part_at(self, place: int) -> _Part | None:
        """[currency] number [multiplier] [currency] [cents]."""
        if place >= len(self.tokens):
            return None
        first, designator = place, None
        if (prefix := self.prefix_at(place)) is not None:
            designator, size = prefix
            place += size
        found = self.number_at(place)
        if found is None:
            return None
        number, last, words = found
        scaled = False
        if last + 1 < len(self.tokens) and self.folded[last] in ",." and self.folded[last + 1] == "-" and self.tokens[last + 1].glued:
            last += 2  # "50,- Kč"
        suffix = self.suffix_at(last) if designator is not None and len(designator.codes) > 1 else None
        if designator is not None and suffix is not None and suffix[0].codes[0] in designator.codes[1:]:
            designator, last = suffix[0], last + suffix[1]  # "$20 AUD"
        if designator is None and (suffix := self.linked_at(last, words=words)) is not None:
            designator, last = suffix
        number, grown = self.scale(number, last, marked=designator is not None)
        if grown > last:
            last, scaled = grown, True
            if designator is None and (suffix := self.linked_at(last, words=True)) is not None:
                designator, last = suffix
        elif designator is not None and designator.worth == 1:
            number, last = self.cents(number, last)
        if designator is None and scaled and last < len(self.tokens) and self.language.measures.units.at(self.folded, last) is not None:
            return None  # "1.5 million people"
        if designator is None and (self.names_a_thing(number, last) if not words else self.is_lone_word(place, last)):
            return None
        return _Part(number, first, last, designator, words, scaled)

    def names_a_thing(self, number: Number, last: int) -> bool:
        """Whether letters glued to a number make it a name ("5abc"); "5.50Coffee" is a price."""
        return self.is_glued_word(last) and number.decimals != 2 and self.folded[last] not in _TIMES

    def is_glued_word(self, place: int) -> bool:
        return place < len(self.tokens) and self.tokens[place].kind == "w" and self.tokens[place].glued

    def is_lone_word(self, place: int, last: int) -> bool:
        """Whether a number is but a scale, or a word that is also another: "mil gracias" speaks of no money, "mil pesos" does."""
        numbers = self.language.numbers
        return last == place + 1 and (self.folded[place] in numbers.scales or self.folded[place] in numbers.weak)

    def linked_at(self, place: int, *, words: bool) -> tuple[Designator, int] | None:
        """The currency after a number and the token after it: "5 euros", "2 millones de pesos", "16,4 millions de $ CAD"."""
        if place + 1 < len(self.tokens) and (
            (self.folded[place] in self.language.links and (words or self.broad))
            or (self.folded[place] == "-" and words and self.tokens[place].glued and self.tokens[place + 1].glued)
        ):
            place += 1
        suffix = self.suffix_at(place)
        if suffix is None:
            return None
        designator, last = suffix[0], place + suffix[1]
        if len(designator.codes) > 1 and last < len(self.tokens) and (near := self.narrowed(designator, last)) is not None:
            return near
        return designator, last

    def narrowed(self, designator: Designator, place: int) -> tuple[Designator, int] | None:
        """What the token after a sign of several currencies makes of it: "$ CAD", "$ hk"."""
        pair = (self.folded[place], self.folded[place - 1])
        found = self.language.designators.at(pair, 0) if self.spaced_sign(self.tokens[place].text) else None
        if found is not None and found[1] == 2 and set(found[0].codes) < set(designator.codes):
            return found[0], place + 1
        suffix = self.suffix_at(place)
        return (suffix[0], place + suffix[1]) if suffix is not None and set(suffix[0].codes) < set(designator.codes) else None

    def spaced_sign(self, prefix: str) -> bool:
        """Whether letters may stand apart from the sign that they narrow: "HK $ 10"; "a $20 cab" is no Australian dollar."""
        small = fold(prefix) in self.language.numbers.articles or self.language.code in telling().get(fold(prefix), ())
        return not small and fold(prefix) != "a" and (self.broad or prefix.isupper())

    def number_at(self, place: int) -> tuple[Number, int, bool] | None:
        if place >= len(self.tokens) or place in self.skip:
            return None
        token = self.tokens[place]
        if token.kind == "n":
            if (parted := self.parted(place)) is not None:
                return parted
            spaced = self.spaced(place)
            text = "".join(self.tokens[index].text for index in range(place, spaced)) if spaced > place + 1 else token.text
            number = read_digits(text, self.language.numbers)
            if number is not None and spaced > place + 1 and self.language.numbers.decimal == "." and number.decimals == 0:
                number = replace(number, other=Decimal(self.tokens[spaced - 1].text))  # "2 100 EUR" may be two of 100
            return (number, spaced, False) if number is not None else None
        if token.kind == "w" and (words := read_words(self.tokens, place, self.language.numbers)) is not None:
            return words[0], place + words[1], True
        return None

    def parted(self, place: int) -> tuple[Number, int, bool] | None:
        """A price that was printed with a gap before its cents, where it is all of the text: "$64. 95"."""
        if not self.broad or len(self.tokens) > _PRICE or place + 2 >= len(self.tokens):
            return None
        units, mark, cents = self.tokens[place : place + 3]
        if not (units.text.isdigit() and mark.text in ".," and mark.glued and cents.kind == "n" and not cents.glued):
            return None
        named = self.prefix_before(place) or self.suffix_at(place + 3) is not None
        if not (named and cents.text.isdigit() and len(cents.text) == 2):
            return None
        return Number(Decimal(f"{units.text}.{cents.text}"), decimals=2), place + 3, False

    def spaced(self, place: int) -> int:
        """Where a number grouped by spaces ends: "10 990,00", "7 940 Kč" (three digits each, and a currency or decimals show that it is money)."""
        tokens, end = self.tokens, place + 1
        if not (tokens[place].text.isdigit() and len(tokens[place].text) <= 3):
            return end
        while end < len(tokens) and tokens[end].kind == "n" and not tokens[end].glued and end not in self.skip:
            if end == place + _MAX_GROUPS:
                return place + 1  # a column of numbers
            head, mark, tail = tokens[end].text.replace(",", ".").partition(".")
            if len(head) != 3 or len(tail) > 2:
                return place + 1
            end += 1
            if mark:
                return end
        if end == place + 1:
            return end
        money = self.suffix_at(end) is not None or (place > 0 and self.prefix_before(place))
        return end if money else place + 1

    def prefix_before(self, place: int) -> bool:
        return any(
            start >= 0 and (found := self.language.designators.at(self.folded, start)) is not None and start + found[1] == place
            for start in (place - 1, place - 2)
        )

    def prefix_at(self, place: int) -> tuple[Designator, int] | None:
        found = self.language.designators.at(self.folded, place)
        if found is None or found[0].worth != 1 or not self.written_right(found[0], place, found[1], after=False):
            return None
        return found if place + found[1] < len(self.tokens) else None

    def suffix_at(self, place: int) -> tuple[Designator, int] | None:
        if place >= len(self.tokens):
            return None
        found = self.language.designators.at(self.folded, place)
        if found is not None and found[1] > 1 and self.tokens[place].kind == "s" and not self.tokens[place + 1].glued:
            found = self.language.designators.at([self.folded[place]], 0)  # "10 $ us" may go on with a word
        if found is None or not self.written_right(found[0], place, found[1], after=True):
            return None
        end = place + found[1]
        # "3 $4": the sign stands with the number that follows.
        if end < len(self.tokens) and self.tokens[end].kind == "n" and self.tokens[end].glued and not self.tokens[place].glued:
            return None
        if (
            len(self.folded[place]) == 1
            and self.folded[place].isalpha()
            and found[0].codes == CENTS
            and not self.tokens[place].glued
            and end < len(self.tokens)
        ):
            return None  # "10 c" ends a text; "10 p" inside one is a name
        return found

    def written_right(self, designator: Designator, place: int, size: int, *, after: bool) -> bool:
        token = self.tokens[place]
        if designator.capitals_after:
            return (after or self.alone) and token.text.isupper() and (not self.capitals or self.broad or len(self.tokens) <= _FEW)
        if (designator.coin and not self.alone) or (designator.after and not after):
            return False
        if size > 1 and not after and token.kind == "w" and not all(part.glued for part in self.tokens[place + 1 : place + size] if part.kind == "s"):
            return not token.glued and self.spaced_sign(token.text)
        return after or not (size == 1 and token.kind == "w" and token.glued and self.tokens[place - 1].kind == "n")

    def scale(self, number: Number, last: int, *, marked: bool) -> tuple[Number, int]:
        """Multiplier words and letters: "5 lakh", "4 million 500 thousand", "$2.5m", "1.6k"."""
        numbers, end = self.language.numbers, last
        value = number.other if number.other is not None else number.value
        if end < len(self.tokens) and self.folded[end] in numbers.scales and self.tokens[end - 1].kind == "n":
            scaled, end = cardinal(self.tokens, end - 1, numbers, figures=value)
            value = scaled if scaled is not None else value
        while end < len(self.tokens):
            word, glued = self.folded[end], self.tokens[end].glued
            scale = (numbers.suffixes.get(word) if glued or marked else None) or (numbers.marked.get(word) if marked else None)
            scale = scale or (numbers.scales.get(word) if marked or end > last or value % 1 else None)
            if scale is None or self.tokens[end].text.endswith("'"):  # "€30 m'a coûté" is no 30 million
                break
            value, end = min(value * scale, _ABSURD), end + 1
        return (Number(value), end) if end > last else (number, last)

    def cents(self, number: Number, last: int) -> tuple[Number, int]:
        """Cents after the units: "20 dollars 43 cents", "20 dollars and 43", "20 dollar 43c"."""
        place, joined = last, last < len(self.tokens) and self.folded[last] in self.language.cents_after
        place += joined
        found = self.number_at(place) if number.decimals == 0 and number.other is None else None
        if found is None or found[0].decimals or not 1 <= found[0].value <= 99 or number.value % 1:
            return number, last
        cents, end, words = found
        marked = self.linked_at(end, words=True)
        worth = _CENT
        if marked is not None and 0 < marked[0].worth < 1:
            worth, end = marked[0].worth, marked[1]
        elif marked is not None or not self.may_be_cents(cents, end, said=joined and words):
            return number, last
        return Number(number.value + cents.value * worth, decimals=2), end

    def may_be_cents(self, cents: Number, end: int, *, said: bool) -> bool:
        """Whether a bare number after the units is their cents: "20 dollars and 43"; `said`: "six dollars and one"."""
        if cents.value < 10:
            return self.broad and said
        return self.closes(end) or (self.broad and not self.is_glued_word(end))

    def closes(self, place: int) -> bool:
        """Whether a text or a clause ends here, so that the number before it counts nothing."""
        return place >= len(self.tokens) or (
            self.folded[place] in {".", ",", ";", "!", "?", "\n", ")"} and not (place + 1 < len(self.tokens) and self.tokens[place + 1].kind == "n")
        )
