"""Owns taking one note of an expense apart: amount, day, who paid, who shares, and the words that remain. Judges nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from bot.conversation.intents import Payment, Recurrence
from bot.conversation.parsing import categories
from bot.conversation.parsing.choice import choose
from bot.conversation.parsing.dishes import read_dishes
from bot.conversation.parsing.extras import take_extras, with_extras
from bot.conversation.parsing.joint import read_joint
from bot.conversation.parsing.ontop import take_on_top
from bot.conversation.parsing.people import MEMBER, SPEAKER
from bot.conversation.parsing.recurring import read_recurrence
from bot.conversation.parsing.shape import AMOUNT, DAY, PERIOD, Item, Scan, Shape
from bot.conversation.parsing.sharing import (
    Pair,
    Sharing,
    exact_split,
    in_shape,
    read_pairs,
    read_payers,
    read_sharing,
    take_headcount,
)
from bot.conversation.parsing.strays import owner, somebody_left, unnamed_payer
from bot.conversation.parsing.suggestions import NAMED, Suggestion, suggest
from bot.conversation.parsing.weights import a_unit, part_alone, read_weights, take_factors, take_rest, take_times, weigh, weighted_split
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount

_LONGEST_EDGE = 3  # words
_LONGEST_FILLER = 5  # words
PUNCTUATION = frozenset(".,;:!¡?-\n()&+/|\"'=>*~ ")
_OPENING, _CLOSING = PUNCTUATION - {"-", "("}, PUNCTUATION - {"?", ")"}  # what says nothing at the beginning, and at the end


def trimmed(scan: Scan, shape: Shape) -> Shape:
    """The shape without greetings and thanks around it. Many rules ask for that of the same shape, so it is found once."""
    found = scan.trims.get(id(shape))
    if found is None:
        found = scan.trims[id(shape)] = (shape, _trimmed(scan, shape))  # with the shape itself: while it is kept, its id is its own
    return found[1]


def _trimmed(scan: Scan, shape: Shape) -> Shape:
    leading, trailing = scan.lexicon.words["fillers.leading"], scan.lexicon.words["fillers.trailing"]
    items, first, last = shape.items, 0, len(shape.items)
    while first < last and (size := _leading(items, first, leading)):
        first += size
    while first < last and (size := _trailing(items[first:last], trailing)):
        last -= size
    return Shape(items[first:last]) if last - first < len(items) else shape


def _leading(items: Sequence[Item], first: int, leading: frozenset[str]) -> int:
    """How many items from `first` say nothing: a mark, or a phrase of up to five words ("forgot to say")."""
    if items[first].mark in _OPENING:
        return 1
    words = [_word(item) for item in items[first : first + _LONGEST_FILLER]]
    if words[0] not in _first_words(leading):
        return 0
    return next((size for size in range(len(words), 0, -1) if " ".join(words[:size]) in leading), 0)


def _trailing(items: Sequence[Item], trailing: frozenset[str]) -> int:
    """The same at the end."""
    if items[-1].mark in _CLOSING:
        return 1
    words = [_word(item) for item in items[-_LONGEST_FILLER:]]
    if words[-1] not in _last_words(trailing):
        return 0
    return next((len(words) - place for place in range(len(words)) if " ".join(words[place:]) in trailing), 0)


def _word(item: Item) -> str:
    """As the lists of fillers, which are folded, have it: the speaker is a word there as well ("I forgot")."""
    return item.mark.lower() if item.mark == SPEAKER else item.mark


@lru_cache(maxsize=64)
def _first_words(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(phrase.split(" ", 1)[0] for phrase in phrases)


@lru_cache(maxsize=64)
def _last_words(phrases: frozenset[str]) -> frozenset[str]:
    return frozenset(phrase.rsplit(" ", 1)[-1] for phrase in phrases)


@dataclass(frozen=True, slots=True)
class Note:
    """One expense as read, before it is a draft."""

    amount: Amount
    others: tuple[Amount, ...]  # other amounts it might be
    payments: tuple[Payment, ...]
    sharing: Sharing
    description: str
    suggestion: Suggestion
    day: Item | None
    recurring: Recurrence | None
    new: tuple[str, ...]
    verb: int  # 2: a verb of paying; 1: one of getting; 0: none
    words: tuple[str, ...]  # folded words of the description
    stray: str  # somebody named in no clause that says why: at the edge of the description, or left over from a list of people
    payer_said: bool
    spread: bool  # the description stands on both sides of the amount


def read_note(scan: Scan, shape: Shape) -> Note | None:
    """Takes the clauses out one by one; what remains is the description."""
    recurring, left = read_recurrence(scan, shape)
    day, left = _take_day(scan, left)
    others: tuple[Amount, ...]
    topped, left = take_on_top(scan, left)
    extras, left = take_extras(scan, left)
    payer_first, _, payer_named, _ = read_payers(scan, left)
    times, counted, left = take_times(scan, left)
    joint = read_joint(scan, left) if not times else None
    parted = _read_parts(scan, shape, left, payer_first[0].person, named=payer_named) if joint is None and not times else None
    if joint is not None and not joint[1]:
        return None  # who put in what is not clear
    if joint is not None:
        amount, payments, new, left, doubt = joint
        others, said = (), True
        sharing = read_sharing(scan, left, payer=payments[0].person)
        left, sharing = sharing.shape, replace(sharing, doubt=sharing.doubt or doubt)
    elif parted is not None:
        amount, sharing, each_unit = parted
        others, recurring = (), None if each_unit else recurring
        left = sharing.shape
        payments, new, said, left = read_payers(scan, left)
        again = read_sharing(scan, left, payer=payments[0].person)
        left = again.shape if again.said else left
    else:
        chosen = choose(scan, left)
        if chosen is None:
            return None
        item, others = chosen
        each = _each_said(scan, left)
        others += (*topped, *part_alone(scan, left, item))
        left = _without_amount(scan, left, item, each=each)
        factors, strangers, left = take_factors(scan, left)
        payments, new, said, left = read_payers(scan, left)
        sharing = read_sharing(scan, left, payer=payments[0].person)
        factors |= times
        sharing = weigh(scan, sharing, factors, (*strangers, *counted)) if factors else take_headcount(scan, sharing)
        left = sharing.shape
        assert item.amount is not None
        amount = item.amount
        if each:
            amount, sharing = _times_each(shape, amount, sharing)
    sharing = with_extras(scan, sharing, extras, amount) if extras.more else sharing
    verb = verb_of(scan, shape, said=said and payments[0].person != scan.people.speaker)
    items, tag = categories.take_tags(scan, left.items)
    description, items = describe(scan, items)
    if tag is None and items:
        items, tag = categories.take_trailing(scan, items)
        description = scan.words(items) if tag else description
    words = _words_of(scan, items)
    folded = [scan.tokens[place].folded for item in items for place in range(item.first, item.last)]
    suggestion = Suggestion(tag, NAMED) if tag else suggest(folded, scan.lexicon)
    spread = bool(items) and items[0].first < amount.first < items[-1].first
    currency = next((code for _, code in scan.codes), None) if len(scan.codes) == 1 and amount.currency is None else None
    if currency is not None:
        amount = replace(amount, currency=currency, strength=2)
        payments, sharing = _in_currency(payments, sharing, currency)
        description = re.sub(rf"\b{currency}\b", "", description).strip()
    if {*words} & scan.lexicon.words["words.remainder"] and any(item.mark in scan.lexicon.words["words.splitting"] for item in shape.items):
        sharing = replace(sharing, doubt=sharing.doubt or "who_shares")  # parts that no clause understood
    sharing = replace(sharing, doubt=sharing.doubt or _left_open(scan, left))
    new = tuple(dict.fromkeys((*new, *sharing.new)))
    stray = (
        unnamed_payer(scan, shape, said=said)
        or somebody_left(scan, items, said=sharing.said)
        or (owner(scan, shape) if verb == 2 and not sharing.said and payments[0].person == scan.people.speaker else "")
        or next((scan.words([item]) for item in left.items if item.first in scan.listed), "")
    )
    return Note(amount, others, payments, sharing, description, suggestion, day, recurring, new, verb, words, stray, said, spread)


def _each_said(scan: Scan, left: Shape) -> tuple[Item, ...]:
    found = next((match for pattern in scan.patterns("pairs.each") if (match := pattern.search(left.text)) is not None), None)
    return left.span(found, "each") if found is not None else ()


def _left_open(scan: Scan, left: Shape) -> str | None:
    """What to ask where words that tell of each or of a part are left over, also such as no description keeps."""
    over = f" {' '.join(_word(item) for item in left.items)} "
    asked = (("how_many", "apiece"), ("who_shares", "part"))
    return next((code for code, name in asked if any(f" {phrase} " in over for phrase in scan.lexicon.words[f"leftovers.{name}"])), None)


def _words_of(scan: Scan, items: Sequence[Item]) -> tuple[str, ...]:
    """As the word lists have them: a number or a name that stands in the description counts as itself, and a picture of a thing as its word."""
    return tuple(
        item.mark if len(item.mark) > 1 or item.mark.islower() else scan.tokens[item.first].folded
        for item in items
        if scan.tokens[item.first].kind != "s" or scan.lexicon.categories.at([item.mark], 0) is not None
    )


def _in_currency(payments: tuple[Payment, ...], sharing: Sharing, code: str) -> tuple[tuple[Payment, ...], Sharing]:
    """The parts of a bill in the currency that stands by itself in the text: "USD dinner 30, Anna 10 and Bob 20"."""

    def said(money: Money) -> Money:
        return Money.rounded(money.decimal, code)

    exact = tuple((person, said(part)) for person, part in sharing.split.exact)
    paid = tuple(Payment(each.person, said(each.amount) if each.amount is not None else None) for each in payments)
    return paid, replace(sharing, split=replace(sharing.split, exact=exact))


def _without_amount(scan: Scan, shape: Shape, item: Item, *, each: Sequence[Item]) -> Shape:
    """The shape without an amount, the small word that led to it ("for 15.99"), and `each`: what says that it is a piece."""
    place = shape.items.index(item)
    dropped = [item]
    if place and shape.items[place - 1].mark in scan.lexicon.words["words.leads"]:
        dropped.append(shape.items[place - 1])
    return shape.without([*dropped, *each])


def _times_each(shape: Shape, amount: Amount, sharing: Sharing) -> tuple[Amount, Sharing]:
    """The whole of what was said a piece: "20 each for me and Anna" is 40, "2 coffees 3.50 each" is 7; else it is asked how many."""
    if sharing.said and len(sharing.split.people) > 1:
        return replace(amount, value=amount.value * len(sharing.split.people)), sharing
    counts = [
        other.value
        for other in (item.amount for item in shape.marks(AMOUNT))
        if other is not None and other.strength == 0 and other.first != amount.first and other.value % 1 == 0 and 1 < other.value <= 50
    ]
    if len(counts) == 1 and not sharing.said:
        return replace(amount, value=amount.value * counts[0]), sharing
    return amount, replace(sharing, doubt="how_many")


def _take_day(scan: Scan, shape: Shape) -> tuple[Item | None, Shape]:
    """The first day that can be when it happened; others that are strung to it ("monday and tuesday") say no more."""
    days = [item for item in shape.marks(DAY) if item.day is not None]
    if not days:
        return None, shape
    place = shape.items.index(days[0])
    end = place + 1
    joins = scan.lexicon.words["words.joins"] - {",", ";"}
    while [item.mark in joins for item in shape.items[end : end + 1]] == [True] and [item.mark for item in shape.items[end + 1 : end + 2]] == [DAY]:
        end += 2
    return days[0], shape.without(shape.items[place:end])


def _read_parts(scan: Scan, whole: Shape, shape: Shape, payer: str, *, named: bool) -> tuple[Amount, Sharing, bool] | None:
    """Exact parts, percentages or shares by person, and whether the amount may be that of a night, of which each has some.

    `whole`: the note with its day and how often. `named`: the text says who paid.
    """
    if (dishes := read_dishes(scan, shape)) is not None:
        return *dishes, False
    weights, weighed = read_weights(scan, shape)
    units = a_unit(scan, whole, shape, weights, weighed) if weights else None
    for kind in ("halves", "percents", "shares", "amounts"):
        pairs = read_pairs(scan, shape, kind)
        if weights and kind == "shares":
            pairs, shape = weights, weighed
        if not pairs:
            continue
        if kind == "halves":
            kind, pairs = "percents", [replace(pair, part=replace(pair.part, portion=Fraction(1, 2))) for pair in pairs]
        used = {item.first for pair in pairs for item in pair.items}
        left = Shape(tuple(item for item in shape.items if item.first not in used))
        totals = [item for item in left.marks(AMOUNT) if item.amount is not None]
        if kind == "amounts":
            found = _exact(scan, left, totals, pairs, payer) if not weights else None  # weights of what was not said
            if found is not None and named and len(pairs) == 1 and len(pairs[0].items) == 2 and pairs[0].person != payer:
                found = found[0], replace(found[1], doubt=found[1].doubt or "who_shares")  # "anna paid 25 for gas, bob 20": he may have paid it
        elif len(totals) == 1 and totals[0].amount is not None:
            rest, left = take_rest(scan, left.without(totals)) if kind == "percents" else ((), left.without(totals))
            found = (totals[0].amount, in_shape(weighted_split(kind, pairs, payer=payer, rest=rest), left))
        else:
            found = None
        if found is not None:
            new = tuple(pair.person for pair in pairs if pair.new)
            amount = found[0] if units is None else replace(found[0], other=found[0].value * units)
            return amount, replace(found[1], new=new), units is not None
    return None


def _exact(scan: Scan, left: Shape, totals: Sequence[Item], pairs: Sequence[Pair], payer: str) -> tuple[Amount, Sharing] | None:
    parts = [pair.part.amount for pair in pairs if pair.part.amount is not None]
    if len(totals) > 1 or (not totals and len(pairs) < 2):
        return None
    currency = next((amount.currency for amount in [*(item.amount for item in totals), *parts] if amount and amount.currency), None)
    code = currency or scan.context.currency
    try:
        exact = [(pair.person, Money.of(pair.part.amount.value, code)) for pair in pairs if pair.part.amount is not None]
        if totals and totals[0].amount is not None:
            amount = replace(totals[0].amount, currency=currency)
        else:
            value = sum((part.value for part in parts), Decimal(0))
            amount = replace(parts[0], value=value, currency=currency, other=None)
        total = Money.of(amount.value, code)
    except DomainError:
        return None
    if totals and total.minor < max(part.minor for _, part in exact):
        return None
    if payer in {pair.person for pair in pairs}:
        payer = read_payers(scan, left)[0][0].person  # "dinner 60, Anna paga 25": the verb is that of her part
    rest, left = take_rest(scan, left)
    said_rest = bool(rest)
    if not rest and len(scan.people.members) == 2:
        rest = scan.people.members
    sharing = exact_split(total, exact, payer=payer, rest=rest)
    counts = any(pair.part.amount is not None and pair.part.amount.words and pair.part.amount.strength == 0 for pair in pairs)
    if counts and Money.total((part for _, part in exact), code) != total:
        sharing = replace(sharing, doubt=sharing.doubt or "who_shares")  # "two for Bob" of three tickets
    if said_rest and not totals:
        sharing = replace(sharing, doubt=sharing.doubt or "who_shares")  # of what the rest is was not said
    words = [item for item in left.items if item.mark not in PUNCTUATION]
    if not totals and words and pairs[0].items[0].first < words[0].first and not left.peopled:
        sharing = replace(sharing, doubt=sharing.doubt or "who_shares")  # "anna 20, bob 30 dinner": what each paid, or what each had
    return amount, in_shape(sharing, left.without(totals))


def describe(scan: Scan, items: Sequence[Item]) -> tuple[str, tuple[Item, ...]]:
    """What remains, without marks and small words at its edges."""
    left = list(items)
    codes = {place for place, _ in scan.codes} if len(scan.codes) == 1 else set()
    left = [item for item in left if item.first not in codes and item.mark not in (PERIOD,)]
    empty = [place for place in range(len(left) - 1) if left[place].mark == "(" and left[place + 1].mark == ")"]
    left = [item for place, item in enumerate(left) if place not in empty and place - 1 not in empty]
    changed = True
    while changed and left:
        changed = False
        while left and left[0].mark in PUNCTUATION - {"("}:
            left.pop(0)
        while left and left[-1].mark in PUNCTUATION - {")"}:
            left.pop()
        words = [scan.tokens[item.first].folded if item.mark != MEMBER else "" for item in left]
        for size in range(min(_LONGEST_EDGE, len(words)), 0, -1):
            if tuple(words[:size]) in scan.lexicon.edges:
                left, words, changed = left[size:], words[size:], True
            if len(words) >= size and tuple(words[-size:]) in scan.lexicon.edges:
                left, words, changed = left[:-size], words[:-size], True
    while left and left[0].mark == ")":
        left.pop(0)
    return scan.words(left), tuple(left)


def verb_of(scan: Scan, shape: Shape, *, said: bool) -> int:
    if said or shape.says(scan.lexicon.words["words.spent"]):
        return 2
    return int(shape.says(scan.lexicon.words["words.acquired"]))
