"""Owns the rules that read expenses: one or several, with who paid, who shares, when, and what for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.conversation.intents import ExpenseDraft, Nothing, Payment, Question, RecordExpenses, Recurrence, SplitSpec
from bot.conversation.parsing import categories
from bot.conversation.parsing.gates import gate
from bot.conversation.parsing.people import MEMBER, NEW, SPEAKER
from bot.conversation.parsing.recurring import read_recurrence
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import AMOUNT, DAY, PERIOD, Item, Scan, Shape
from bot.conversation.parsing.sharing import Pair, Sharing, exact_split, in_shape, read_pairs, read_payers, read_sharing, weighted_split
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount

_PUNCTUATION = set(".,;:!?-\n()&+/|\"'=>*~ ")
_JOINS = {",", ";", "\n", "and", "&", "+", ".", "plus"}
_LONG_NOTE, _SHORT_NOTE = 25, 7


@dataclass(frozen=True, slots=True)
class _Read:
    """One expense as read, before it is a draft."""

    amount: Amount
    others: tuple[Amount, ...]  # other amounts it might be
    payments: tuple[Payment, ...]
    sharing: Sharing
    description: str
    category: str | None
    day: Item | None
    recurring: Recurrence | None
    new: tuple[str, ...]
    verb: bool
    words: tuple[str, ...]  # folded words of the description
    spread: bool  # the description stands on both sides of the amount


def expense(scan: Scan) -> Candidate | None:
    """One expense."""
    shape = trimmed(scan, scan.shape)
    if not shape.marks(AMOUNT):
        return None
    read = _read(scan, shape)
    if read is None or not _believable(scan, shape, read):
        return None
    return _candidate(scan, [read], "expense.single", 60 + 5 * read.amount.strength + 10 * read.verb + 5 * read.sharing.said)


def several(scan: Scan) -> Candidate | None:
    """Several expenses in one message: each part has one amount and words of its own."""
    shape = trimmed(scan, scan.shape)
    if len(shape.marks(AMOUNT)) < 2 or read_pairs(scan, shape, "amounts"):
        return None
    parts = _segments(shape)
    if len(parts) < 2 or gate(scan, shape) is not None:
        return None
    whole_payments, new, said, _ = read_payers(scan, shape)
    reads = []
    for part in parts:
        read = _read(scan, part)
        if read is None or read.others or not read.words or len(read.words) > _SHORT_NOTE or read.spread or _chatty(scan, read) > read.verb:
            return None
        reads.append(replace(read, payments=whole_payments) if said else read)
    if reads[-1].sharing.said and not any(read.sharing.said for read in reads[:-1]):
        reads = [replace(read, sharing=reads[-1].sharing) for read in reads]
    days = [read.day for read in reads if read.day is not None]
    if len(days) == 1:
        reads = [replace(read, day=days[0]) for read in reads]
    if all(read.amount.strength == 0 for read in reads) and len(reads) == 2 and any(_counts(read) for read in reads):
        return None
    return _candidate(scan, reads, "expense.several", 85, new)


def trimmed(scan: Scan, shape: Shape) -> Shape:
    """The shape without greetings and thanks around it."""
    leading, trailing = scan.lexicon.words["fillers.leading"], scan.lexicon.words["fillers.trailing"]
    items = list(shape.items)
    while items and (items[0].mark in leading or items[0].mark in _PUNCTUATION - {"-", "("}):
        items.pop(0)
    while items and (items[-1].mark in trailing or items[-1].mark in _PUNCTUATION - {"?", ")"}):
        items.pop()
    return Shape(tuple(items))


def _segments(shape: Shape) -> list[Shape]:
    """The parts of a message that hold one amount each, cut at commas and conjunctions."""
    parts: list[list[Item]] = [[]]
    for item in shape.items:
        if item.mark in _JOINS and any(each.mark == AMOUNT for each in parts[-1]):
            parts.append([])
        else:
            parts[-1].append(item)
    while len(parts) > 1 and not any(item.mark == AMOUNT for item in parts[-1]):
        tail = parts.pop()
        parts[-1] += tail
    counts = [sum(item.mark == AMOUNT for item in part) for part in parts]
    return [Shape(tuple(part)) for part in parts] if all(count == 1 for count in counts) else []


def _read(scan: Scan, shape: Shape) -> _Read | None:
    """Takes the clauses out one by one; what remains is the description."""
    recurring, left = read_recurrence(scan, shape)
    day, left = _take_day(scan, left)
    payer_first, _, _, _ = read_payers(scan, left)
    parted = _read_parts(scan, left, payer_first[0].person)
    if parted is not None:
        amount, sharing = parted
        others: tuple[Amount, ...] = ()
        left = sharing.shape
        payments, new, said, left = read_payers(scan, left)
    else:
        chosen = _choose(left)
        if chosen is None:
            return None
        item, others = chosen
        each = any(pattern.search(left.text) for pattern in scan.lexicon.patterns["pairs.each"])
        left = left.without([item])
        payments, new, said, left = read_payers(scan, left)
        sharing = read_sharing(scan, left, payer=payments[0].person)
        left = sharing.shape
        assert item.amount is not None
        amount = item.amount
        if each and sharing.said and len(sharing.split.people) > 1:
            amount = replace(amount, value=amount.value * len(sharing.split.people))
    verb = (
        said
        or any(item.mark in scan.lexicon.words["words.spent"] for item in shape.items)
        or any(phrase in f" {shape.text} " for phrase in scan.lexicon.spent_phrases)
    )
    items, tag = categories.take_tags(scan, left.items)
    description, items = _describe(scan, items)
    if tag is None and items:
        items, tag = categories.take_trailing(scan, items)
        description = scan.words(items) if tag else description
    words = tuple(
        item.mark if len(item.mark) > 1 or item.mark.islower() else scan.tokens[item.first].folded
        for item in items
        if scan.tokens[item.first].kind != "s"
    )
    folded = [scan.tokens[place].folded for item in items for place in range(item.first, item.last)]
    category = tag or categories.category_of(folded, scan.lexicon)
    spread = bool(items) and items[0].first < amount.first < items[-1].first
    currency = next((code for _, code in scan.codes), None) if len(scan.codes) == 1 and amount.currency is None else None
    if currency is not None:
        amount = replace(amount, currency=currency, strength=2)
        description = re.sub(rf"\b{currency}\b", "", description).strip()
    new = tuple(dict.fromkeys((*new, *sharing.new)))
    return _Read(amount, others, payments, sharing, description, category, day, recurring, new, verb, words, spread)


def _take_day(scan: Scan, shape: Shape) -> tuple[Item | None, Shape]:
    """The first day that can be when it happened."""
    days = [item for item in shape.marks(DAY) if item.day is not None]
    if not days:
        return None, shape
    return days[0], shape.without(days[:1])


def _choose(shape: Shape) -> tuple[Item, tuple[Amount, ...]] | None:
    """The amount that is the expense's: with a currency before one written like money, before a bare number; others of equal rank are doubts."""
    found = [item for item in shape.marks(AMOUNT) if item.amount is not None]
    for strength in (2, 1, 0):
        ranked = [item for item in found if item.amount is not None and item.amount.strength == strength]
        if len(ranked) == 1:
            return ranked[0], ()
        if ranked:
            return _first_of(shape, ranked, strength)
    return None


def _first_of(shape: Shape, ranked: Sequence[Item], strength: int) -> tuple[Item, tuple[Amount, ...]]:
    values = {item.number for item in ranked}
    if len(values) == 1:
        return ranked[0], ()
    if strength == 0 and len(ranked) == 2:
        # "2 beers 9": a small number before a word counts; "breakfast 20 for 2" counts people.
        first, second = ranked
        place = shape.items.index(first)
        word_after = place + 1 < len(shape.items) and len(shape.items[place + 1].mark) > 2 and shape.items[place + 1] is not second
        if (first.number or 0) <= 20 and word_after and shape.items[-1] is second and (second.number or 0) > (first.number or 0) and place == 0:
            return second, ()
        before = shape.items[shape.items.index(second) - 1].mark
        if before == "for" and (second.number or 0) <= 20 and shape.items[-1] is second:
            return first, ()
    return ranked[0], tuple(item.amount for item in ranked[1:] if item.amount is not None)


def _read_parts(scan: Scan, shape: Shape, payer: str) -> tuple[Amount, Sharing] | None:
    """Exact parts, percentages or shares by person."""
    for kind in ("percents", "shares", "amounts"):
        pairs = read_pairs(scan, shape, kind)
        if not pairs:
            continue
        used = {item.first for pair in pairs for item in pair.items}
        left = Shape(tuple(item for item in shape.items if item.first not in used))
        totals = [item for item in left.marks(AMOUNT) if item.amount is not None]
        if kind == "amounts":
            found = _exact(scan, left, totals, pairs, payer)
        elif len(totals) == 1 and totals[0].amount is not None:
            weights = [(pair.person, pair.part.number or Decimal(0)) for pair in pairs]
            sharing = weighted_split("percent" if kind == "percents" else "shares", weights, payer=payer)
            found = (totals[0].amount, in_shape(sharing, left.without(totals)))
        else:
            found = None
        if found is not None:
            new = tuple(pair.person for pair in pairs if pair.new)
            return found[0], replace(found[1], new=new)
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
    rest: tuple[str, ...] = ()
    for pattern in scan.lexicon.patterns["pairs.rest"]:
        match = pattern.search(left.text)
        if match is not None:
            who = left.span(match, "who") if "who" in pattern.groupindex and match.group("who") else ()
            named = tuple(item.mention.name for item in who if item.mention is not None and item.mark != "E")
            rest = named or (scan.people.members if who else (scan.people.speaker,))
            left = left.without(left.span(match))
            break
    if not rest and len(scan.people.members) == 2:
        rest = scan.people.members
    sharing = exact_split(scan, total, exact, payer=payer, rest=rest)
    return (amount, in_shape(sharing, left.without(totals))) if sharing is not None else None


def _describe(scan: Scan, items: Sequence[Item]) -> tuple[str, tuple[Item, ...]]:
    """What remains, without marks and small words at its edges."""
    left = list(items)
    codes = {place for place, _ in scan.codes} if len(scan.codes) == 1 else set()
    left = [item for item in left if item.first not in codes and item.mark not in (PERIOD,)]
    changed = True
    while changed and left:
        changed = False
        while left and left[0].mark in _PUNCTUATION - {"("}:
            left.pop(0)
        while left and left[-1].mark in _PUNCTUATION - {")"}:
            left.pop()
        words = [scan.tokens[item.first].folded for item in left]
        for edge in scan.lexicon.edges:
            size = len(edge)
            if size <= len(words) and tuple(words[:size]) == edge:
                left, words, changed = left[size:], words[size:], True
            if words and size <= len(words) and tuple(words[-size:]) == edge:
                left, words, changed = left[:-size], words[:-size], True
    while left and left[0].mark == ")":
        left.pop(0)
    return scan.words(left), tuple(left)


def _chatty(scan: Scan, read: _Read) -> int:
    return sum(word in scan.lexicon.words["words.chatter"] for word in read.words)


def _counts(read: _Read) -> bool:
    return read.amount.value <= 20 and read.amount.value % 1 == 0 and read.words[-1:] != () and read.words[-1].endswith("s")


def _believable(scan: Scan, shape: Shape, read: _Read) -> bool:
    """Whether the text is a note of an expense rather than talk with a number in it. Precision before recall: what is not sure is not recorded."""
    if gate(scan, read.sharing.shape if read.sharing.said else shape) is not None:
        return False
    chatty, size = _chatty(scan, read), len(read.words)
    clear = read.verb or read.sharing.said or read.recurring is not None
    if read.day is not None and read.day.day is not None and read.day.day.direction == "future" and not read.verb and read.recurring is None:
        return False
    if clear:
        if read.amount.strength == 0 and read.verb and not read.sharing.said and (chatty > 1 or size > 12):
            return False
        return size <= _LONG_NOTE and chatty <= (4 if read.amount.strength == 2 else 2)
    if read.amount.words and read.amount.strength == 0 and (size > 3 or read.spread):
        return False
    if chatty or size > _SHORT_NOTE or (not size and scan.context.chat == "group" and read.amount.strength < 2):
        return False
    if read.spread and read.amount.strength == 0 and size > 4:
        return False
    return not (size == 0 and read.amount.value >= 10**5 and read.amount.strength == 0)


def _candidate(scan: Scan, reads: Sequence[_Read], rule: str, score: int, new: tuple[str, ...] = ()) -> Candidate | None:
    for read in reads:
        if read.amount.value == 0:
            return Candidate(rule, Nothing("zero_amount"), score)
        if read.amount.negative:
            return Candidate(rule, Nothing("negative_amount"), score)
    try:
        intent = RecordExpenses(tuple(_draft(scan, read) for read in reads), _new_people(reads, new))
        question = _question(scan, reads, intent)
    except DomainError as problem:
        return Candidate(rule, Nothing(problem.code), score)
    return Candidate(rule, intent, score, question)


def _new_people(reads: Sequence[_Read], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*new, *(name for read in reads for name in read.new))))


def _draft(scan: Scan, read: _Read, *, value: Decimal | None = None, code: str | None = None) -> ExpenseDraft:
    money = Money.of(read.amount.value if value is None else value, code or read.amount.currency or scan.context.currency)
    day = None if read.recurring else read.day.day.start if read.day and read.day.day else scan.today
    return ExpenseDraft(money, read.description, read.category, day, read.payments, read.sharing.split, read.recurring)


def _question(scan: Scan, reads: Sequence[_Read], intent: RecordExpenses) -> Question | None:
    """The one thing to ask first: the amount, then the currency, then the people."""
    if len(reads) == 1:
        read = reads[0]
        values = [read.amount.value, *([read.amount.other] if read.amount.other is not None else []), *(other.value for other in read.others)]
        if len(values) > 1:
            return _which_amount(scan, read, intent, values)
        if read.amount.currencies:
            options = tuple((code, replace(intent, expenses=(_draft(scan, read, code=code),))) for code in read.amount.currencies[:3])
            return Question("ambiguous_currency", {"amount": str(read.amount.value)}, options)
        if read.sharing.doubt is not None:
            return Question(read.sharing.doubt, read.sharing.parameters)
    return look_alike(scan, intent)


def _which_amount(scan: Scan, read: _Read, intent: RecordExpenses, values: Sequence[Decimal]) -> Question | None:
    options = []
    for value in values:
        code = read.amount.currency or scan.context.currency
        rounded = Money.rounded(value, code) if value == read.amount.other else Money.of(value, code)
        if rounded.minor:
            options.append((f"{rounded} {code}", replace(intent, expenses=(_draft(scan, read, value=rounded.decimal),))))
    return Question("ambiguous_amount", {"text": scan.words(scan.shape.marks(AMOUNT)[:1])}, tuple(options))


def look_alike(scan: Scan, intent: RecordExpenses) -> Question | None:
    """A new name that looks like a member's: is it the same person?"""
    for written in intent.unknown_people:
        member = scan.people.like(written)
        if member is not None:
            same = replace(
                intent,
                expenses=tuple(_renamed(draft, written, member) for draft in intent.expenses),
                unknown_people=tuple(name for name in intent.unknown_people if name != written),
            )
            return Question("look_alike", {"written": written, "member": member}, ((member, same), (written, intent)))
    return None


def _renamed(draft: ExpenseDraft, old: str, new: str) -> ExpenseDraft:
    def person(name: str) -> str:
        return new if name == old else name

    split = draft.split
    return replace(
        draft,
        payments=tuple(Payment(person(payment.person), payment.amount) for payment in draft.payments),
        split=SplitSpec(
            split.type,
            tuple(dict.fromkeys(person(name) for name in split.people)),
            tuple((person(name), weight) for name, weight in split.weights),
            tuple((person(name), part) for name, part in split.exact),
        ),
    )


def no_amount(scan: Scan) -> Candidate | None:
    """ "paid for dinner": in private the product asks how much; in a group it keeps silent."""
    if scan.shape.marks(AMOUNT) or scan.context.chat == "group" or gate(scan, scan.shape) is not None:
        return None
    items = [item for item in scan.shape.items if item.mark not in _PUNCTUATION]
    said = [index for index, item in enumerate(items[:3]) if item.mark in scan.lexicon.words["words.asked"]]
    if not said or not 2 <= len(items) <= 8:
        return None
    words = [item.mark for item in items[said[0] + 1 :] if item.mark not in (SPEAKER, MEMBER, NEW, DAY)]
    if not words or any(word in scan.lexicon.words["words.chatter"] for word in words):
        return None
    return Candidate("expense.no_amount", Nothing("no_amount"), 40, Question("no_amount", {"description": _describe(scan, scan.shape.items)[0]}))
