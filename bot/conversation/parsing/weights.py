"""Owns unequal parts that are said without money: percentages, fractions, shares, "double for Bob", couples who count as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from math import lcm

from bot.conversation.intents import SplitSpec
from bot.conversation.parsing.shape import AMOUNT, PERCENT, QUANTITY, Item, Scan, Shape
from bot.conversation.parsing.sharing import Pair, Sharing, named, read_pairs
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount

_TIMES = (("double", Fraction(2)), ("triple", Fraction(3)), ("half", Fraction(1, 2)))
_LONGEST_WEIGHING = 4  # words
_SAME_WORD = 3  # letters at the beginning that forms of one measure share: "Nacht" and "Nächte"
_MOST_TIMES = 9  # "Anna pays for two"; more of them is no weight but money


def weighted_split(kind: str, pairs: Sequence[Pair], *, payer: str, rest: Sequence[str] = ()) -> Sharing:
    """Percentages, fractions or shares. What is left of the whole goes to `rest` in equal parts, else to the payer, where not named."""
    if kind == "percents" and any(pair.part.portion is not None for pair in pairs):
        return _fractions(pairs, payer=payer, rest=rest)
    weights = [(pair.person, pair.part.number or Decimal(0)) for pair in pairs]
    total = sum((weight for _, weight in weights), Decimal(0))
    if kind == "percents" and total < 100 and (takers := _takers(pairs, payer, rest)):
        if (100 - total) % len(takers):
            return _fractions(pairs, payer=payer, rest=rest)
        weights += [(person, (100 - total) / len(takers)) for person in takers]
        total = Decimal(100)
    spec = SplitSpec("percent" if kind == "percents" else "shares", tuple(person for person, _ in weights), weights=tuple(weights))
    if kind == "percents" and total != 100:
        return Sharing(spec, Shape(()), doubt="split_does_not_add_up", parameters={"difference": f"{100 - total} %"})
    return Sharing(spec, Shape(()))


def _takers(pairs: Sequence[Pair], payer: str, rest: Sequence[str]) -> list[str]:
    taken = {pair.person for pair in pairs}
    return [person for person in rest or (payer,) if person not in taken]


def _fractions(pairs: Sequence[Pair], *, payer: str, rest: Sequence[str]) -> Sharing:
    """Thirds have no decimals: they become whole shares."""
    parts = {pair.person: pair.part.portion or Fraction(pair.part.number or 0) / 100 for pair in pairs}
    left = Fraction(1) - sum(parts.values(), Fraction(0))
    takers = _takers(pairs, payer, rest)
    if left > 0 and takers:
        parts |= {person: left / len(takers) for person in takers}
        left = Fraction(0)
    sharing = Sharing(_whole(parts), Shape(()))
    return sharing if left == 0 else replace(sharing, doubt="split_does_not_add_up", parameters={"difference": f"{round(left * 100)} %"})


def _whole(parts: Mapping[str, Fraction]) -> SplitSpec:
    """Shares in the proportion of some fractions, as whole numbers."""
    scale = lcm(*(part.denominator for part in parts.values()))
    return SplitSpec("shares", tuple(parts), weights=tuple((person, Decimal(int(part * scale))) for person, part in parts.items()))


def part_alone(scan: Scan, shape: Shape, item: Item) -> tuple[Amount, ...]:
    """The part of an amount that a text speaks of, where it does not say whose the rest is: "I paid half of the 80 rent" may be 40."""
    for pattern in scan.lexicon.patterns["pairs.part_of"]:
        match = pattern.search(shape.text)
        if match is None or item.amount is None or item not in shape.span(match, "whole"):
            continue
        said = next((each for each in shape.span(match) if each.mark == PERCENT), None)
        part = Fraction(1, 2) if said is None else said.portion or Fraction(said.number or 0) / 100
        value = item.amount.value * part.numerator / part.denominator
        try:
            return (replace(item.amount, value=Money.rounded(value, item.amount.currency or scan.context.currency).decimal),)
        except DomainError:
            return ()
    return ()


def take_rest(scan: Scan, shape: Shape) -> tuple[tuple[str, ...], Shape]:
    """Who takes what is left ("the rest Bob"), nobody where that is not said, and the shape without it."""
    for pattern in scan.patterns("pairs.rest"):
        match = pattern.search(shape.text)
        if match is None:
            continue
        who = shape.span(match, "who") if "who" in pattern.groupindex and match.group("who") else ()
        people = tuple(item.mention.name for item in who if item.mention is not None and item.mark != "E")
        return people or (scan.people.members if who else (scan.people.speaker,)), shape.without(shape.span(match))
    return (), shape


def read_weights(scan: Scan, shape: Shape) -> tuple[list[Pair], Shape]:
    """How many nights, days, glasses or shares some people have of a bill, with the shape without what says that they are weights.

    Told by a word on how it is shared ("by nights: Anna 3, Bob 2") or by their measure ("Anna 3 nights, Bob 2 nights"). Nobody where
    nothing tells them from money, for fewer than two people, and where they are the parts that make up the bill.
    """
    stripped = _without_phrase(scan, shape)
    weighed = len(stripped.items) < len(shape.items)
    pairs = [_with_unit(scan, stripped, pair) for pair in read_pairs(scan, stripped, "counted")]
    measured = [pair.part.mark == QUANTITY or pair.items[-1] is not pair.part for pair in pairs]
    numbers = [pair.part.number for pair in pairs]
    if len(pairs) < 2 or not (weighed or any(measured)) or any(number is None or number <= 0 for number in numbers):
        return [], shape
    named_in = any(pair.part.amount is not None and pair.part.amount.currency is not None for pair in pairs)
    used = {item.first for pair in pairs for item in pair.items}
    totals = [item.number for item in stripped.marks(AMOUNT) if item.first not in used]
    if named_in or totals == [sum(number for number in numbers if number is not None)]:
        return [], shape
    return pairs, stripped


def a_unit(scan: Scan, whole: Shape, shape: Shape, pairs: Sequence[Pair], weighed: Shape) -> Decimal | None:
    """How many units some people have together, where the price may be that of one: "hotel 80/night, Anna 3 nights, Bob 2 nights".

    `whole`: the note; `shape`: of it what parts are looked for in, which leaves out how often; `weighed`: without what says that numbers are
    weights. None where what the text says apart from them names no measure of theirs, and no day.
    """
    used = {item.first for pair in pairs for item in pair.items}
    phrase = {item.first for item in shape.items} - {item.first for item in weighed.items}
    named = {word for item in whole.items if item.first in used | phrase for word in _measures(scan, item)}
    often = {item.first for item in whole.items} - {item.first for item in shape.items}
    apart = [item for item in whole.items if item.first not in used | phrase]
    said = {word for item in apart for word in _measures(scan, item)}
    daily = scan.lexicon.words["recurring.daily"]
    if not named & said and not any(scan.tokens[place].folded in daily for item in apart if item.first in often for place in _places(item)):
        return None
    return sum((pair.part.number for pair in pairs if pair.part.number is not None), Decimal(0))


def _measures(scan: Scan, item: Item) -> Iterable[str]:
    """How the words of an item begin that may be a measure: no names, and no small words."""
    words = (scan.tokens[place].folded for place in _places(item)) if item.mention is None else ()
    return [word[:_SAME_WORD] for word in words if word.isalpha() and len(word) >= _SAME_WORD and (word,) not in scan.lexicon.edges]


def _places(item: Item) -> range:
    return range(item.first, item.last)


def _without_phrase(scan: Scan, shape: Shape) -> Shape:
    """The shape without what says that numbers beside people are weights: "by nights"."""
    phrases = scan.lexicon.words["words.weighing"]
    words = [scan.tokens[item.first].folded if item.amount is None else "" for item in shape.items]
    for place in range(len(words)):
        for size in range(_LONGEST_WEIGHING, 0, -1):
            if " ".join(words[place : place + size]) in phrases:
                return shape.without(shape.items[place : place + size])
    return shape


def _with_unit(scan: Scan, shape: Shape, pair: Pair) -> Pair:
    """The pair with the measure behind its number ("2 glasses"), where that is no money."""
    after = next((item for item in shape.items if item.first >= pair.part.last), None)
    sold = after is not None and after.first == pair.part.last and scan.tokens[after.first].folded in scan.lexicon.words["words.sold"]
    return replace(pair, items=(*pair.items, after)) if after is not None and sold else pair


def take_factors(scan: Scan, shape: Shape) -> tuple[dict[str, Fraction], tuple[str, ...], Shape]:
    """How much more or less than one share some people have, new names among them, and the shape without those clauses."""
    found: dict[str, Fraction] = {}
    new: list[str] = []
    if not shape.peopled:
        return found, (), shape
    for name, factor in _TIMES:
        for items in _clauses(scan, shape, f"pairs.{name}"):
            people, strangers = named(scan, [item for item in items if item.mention is not None])
            found |= dict.fromkeys(people, factor)
            new += strangers
            shape = shape.without(items)
    for items in _clauses(scan, shape, "pairs.couple"):
        people, strangers = named(scan, [item for item in items if item.mention is not None])
        found |= {person: Fraction(1, len(people)) for person in people}
        new += strangers
        shape = shape.without(items)
    return found, tuple(dict.fromkeys(new)), shape


def take_times(scan: Scan, shape: Shape) -> tuple[dict[str, Fraction], tuple[str, ...], Shape]:
    """For how many somebody counts by a number ("Anna pays for two"), new names, and the shape without it. Some other amount must remain."""
    for pattern in scan.patterns("pairs.times") if shape.peopled else ():
        match = pattern.search(shape.text)
        if match is None:
            continue
        (people, new), times = named(scan, shape.span(match, "who")), shape.span(match, "times")[0]
        left = shape.without(shape.span(match))
        bare = times.amount is None or times.amount.strength == 0
        if bare and times.number is not None and times.number % 1 == 0 and 1 < times.number <= _MOST_TIMES and left.marks(AMOUNT):
            return dict.fromkeys(people, Fraction(int(times.number))), new, left
    return {}, (), shape


def _clauses(scan: Scan, shape: Shape, name: str) -> Iterable[tuple[Item, ...]]:
    for pattern in scan.patterns(name):
        spans = [shape.span(match) for match in pattern.finditer(shape.text)]
        if spans:
            return spans
    return ()


def weigh(scan: Scan, sharing: Sharing, factors: Mapping[str, Fraction], new: tuple[str, ...]) -> Sharing:
    """Equal sharing with some people's factors; who is named with one shares too."""
    people = tuple(dict.fromkeys((*sharing.split.people, *factors)))
    parts = {person: factors.get(person, Fraction(1)) for person in people}
    return replace(sharing, split=_whole(parts), said=True, new=tuple(dict.fromkeys((*sharing.new, *new))))
