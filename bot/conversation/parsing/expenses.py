"""Owns the rules that read expenses: one or several, with who paid, who shares, when, and what for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.conversation.intents import ExpenseDraft, Nothing, Payment, Question, RecordExpenses, SplitSpec
from bot.conversation.parsing.dishes import read_dishes
from bot.conversation.parsing.equivalents import foreign_of
from bot.conversation.parsing.extras import take_extras
from bot.conversation.parsing.gates import gate, is_present, tells
from bot.conversation.parsing.joint import and_the_rest
from bot.conversation.parsing.leftovers import asked, besides, came_back, doubt, lacking, paid_or_owed, telling
from bot.conversation.parsing.lexicon import Category
from bot.conversation.parsing.notes import PUNCTUATION, Note, describe, read_note, trimmed
from bot.conversation.parsing.people import MEMBER, NEW, SPEAKER
from bot.conversation.parsing.places import named_first
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import AMOUNT, DAY, PERIOD, Item, Scan, Shape
from bot.conversation.parsing.sharing import read_pairs, read_payers, read_sharing
from core.domain.money import Money
from core.errors import DomainError

_STOPS = frozenset((".", "\n"))
_LONG_NOTE, _SHORT_NOTE = 25, 7
_MOST_EXPENSES = 50  # in one message; more of them are asked about, not booked
_MOST_OPTIONS = 5
_MOST_ORDERED = 20  # pieces; a larger number is a price
_LONGEST_ENTRY = 3  # words before each amount where nothing else parts the expenses of a message


def expense(scan: Scan) -> Candidate | None:
    """One expense."""
    group, shape = named_first(scan, trimmed(scan, scan.shape))
    if not shape.marks(AMOUNT):
        return None
    read = read_note(scan, shape)
    if (missing := lacking(scan, shape, read)) is not None or read is None or not _believable(scan, shape, read):
        return missing
    guessed = read.amount.strength == 0 or (read.amount.words and read.amount.value <= 1)  # "a dollar" may be no number at all
    if not read.words and guessed and not read.verb and not read.sharing.said and read.amount.other is None:
        return _bare(scan, read)
    return _candidate(scan, [read], "expense.single", 60 + 5 * read.amount.strength + 5 * read.verb + 5 * read.sharing.said, group=group)


def _bare(scan: Scan, read: Note) -> Candidate | None:
    """A number and nothing else: asked about, never booked unasked."""
    found = _candidate(scan, [read], "expense.bare", 30)
    if found is None or not isinstance(found.intent, RecordExpenses):
        return found
    amount = found.intent.expenses[0].amount
    return Candidate(
        "expense.bare",
        Nothing("bare_number"),
        30,
        Question("record_amount", {"amount": str(amount)}, ((f"{amount} {amount.currency}", found.intent),)),
    )


def several(scan: Scan) -> Candidate | None:
    """Several expenses in one message: each part has one amount and words of its own."""
    group, shape = named_first(scan, trimmed(scan, scan.shape))
    if not 2 <= len(shape.marks(AMOUNT)) <= _MOST_EXPENSES or read_pairs(scan, shape, "amounts") or take_extras(scan, shape)[0].more:
        return None
    if any(pattern.search(shape.text) for pattern in scan.patterns("pairs.discounts")):
        return None
    parts = _segments(scan, shape) if not _counts_people(scan, shape) else []
    if len(parts) < 2 or gate(scan, shape) is not None or and_the_rest(scan, shape) or read_dishes(scan, shape):
        return None
    whole_payments, new, said, _ = read_payers(scan, shape)
    payers = _payers_of(scan, parts, shape)
    if payers:
        parts = [part if read_payers(scan, part)[2] else Shape(part.items[1:]) for part in parts]
    reads = []
    for part in parts:
        read = read_note(scan, part)
        if read is None or read.others or not read.words or len(read.words) > _SHORT_NOTE or read.spread or _chatty(scan, read) > (read.verb > 0):
            return None
        reads.append(read)
    if payers:
        reads = [replace(read, payments=(Payment(payer),), payer_said=True) for read, payer in zip(reads, payers, strict=True)]
    else:
        reads = asked(_paid_by(reads, parts, whole_payments) if said else reads, parts)
    if reads[-1].sharing.said and not any(read.sharing.said for read in reads[:-1]):
        last = reads[-1].sharing
        open_ = last.split.type == "for" or len(last.split.people) == 1  # "groceries 33, the milk 2 was for Anna": one of them, or all
        reads = [replace(read, sharing=replace(last, doubt=last.doubt or ("who_shares" if open_ else None))) for read in reads]
    days = [read.day for read in reads if read.day is not None]
    if len(days) == 1:
        reads = [replace(read, day=days[0]) for read in reads]
    if not payers and all(read.amount.strength == 0 for read in reads) and len(reads) == 2 and any(map(_counts, reads, parts)):
        return None
    return _candidate(scan, reads, "expense.several", 85, new, group=group)


def _payers_of(scan: Scan, parts: Sequence[Shape], shape: Shape) -> list[str]:
    """Who paid each part where all begin with somebody: "I got the beers (18), Bob the pizza (32)".

    Without a verb or a word on who shares, "Anna pizza 12, Bob pasta 14" may as well say what each had.
    """
    first = [part.items[0].mention if part.items[0].mark in (MEMBER, SPEAKER) else None for part in parts]
    payers = [mention.name for mention in first if mention is not None and not mention.owns]
    verbs = scan.lexicon.words["words.payers"] | scan.lexicon.words["words.spent"] | scan.lexicon.words["words.acquired"]
    verbs -= scan.lexicon.words["leftovers.had"]
    sure = any(item.mark in verbs for item in parts[0].items) or read_sharing(scan, parts[-1], payer=payers[-1] if payers else "").said
    return payers if len(payers) == len(parts) == len(set(payers)) and sure else []


def _counts_people(scan: Scan, shape: Shape) -> bool:
    """Whether one of the numbers says among how many: "gas 65, divided by 3"."""
    sharing = read_sharing(scan, shape, payer=scan.people.speaker)
    return sharing.said and len(sharing.shape.marks(AMOUNT)) < len(shape.marks(AMOUNT))


def _paid_by(reads: Sequence[Note], parts: Sequence[Shape], whole: tuple[Payment, ...]) -> list[Note]:
    """Who paid each part: "Anna paid ..., Bob paid ..." each their own and what follows; "..., paid by Anna" at the end all of it.

    "Anna paid 30 for the taxi and I 20 for dinner" leaves the second verb out.
    """
    reads = [reads[0], *(_with_verb(read, part) if reads[0].payer_said else read for read, part in zip(reads[1:], parts[1:], strict=True))]
    own = [read.payer_said and part.items[0].mark in (MEMBER, NEW, SPEAKER) for read, part in zip(reads, parts, strict=True)]
    if not any(own[1:]):
        return [replace(read, payments=whole) for read in reads]
    paid, latest = [], reads[0].payments
    for read, said in zip(reads, own, strict=True):
        latest = read.payments if said or read.payer_said else latest
        paid.append(replace(read, payments=latest))
    return paid


def _with_verb(read: Note, part: Shape) -> Note:
    """The note of a part that begins with somebody and an amount: it is that person who paid it."""
    first, mention = part.items[0], part.items[0].mention
    if mention is None or first.mark not in (MEMBER, SPEAKER) or [item.mark for item in part.items[1:2]] != [AMOUNT]:
        return read
    return replace(read, payments=(Payment(mention.name),), payer_said=True, stray="" if read.stray == mention.name else read.stray)


def _segments(scan: Scan, shape: Shape) -> list[Shape]:
    """The parts of a message that hold one amount each, cut at commas and conjunctions."""
    parts: list[list[Item]] = [[]]
    joins = scan.lexicon.words["words.joins"] - {"/"} | _STOPS
    for item in shape.items:
        if item.mark in joins and any(each.mark == AMOUNT for each in parts[-1]):
            parts.append([])
        else:
            parts[-1].append(item)
    while len(parts) > 1 and not any(item.mark == AMOUNT for item in parts[-1]):
        tail = parts.pop()
        parts[-1] += tail
    counts = [sum(item.mark == AMOUNT for item in part) for part in parts]
    return [Shape(tuple(part)) for part in parts] if all(count == 1 for count in counts) else _lined_up(scan, shape)


def _lined_up(scan: Scan, shape: Shape) -> list[Shape]:
    """ "taxi 12 beer 5 museum 18": amounts that each end what stands before them, all about things that money goes to."""
    joins = scan.lexicon.words["words.joins"] | _STOPS
    parts: list[list[Item]] = [[]]
    for item in shape.items:
        if item.mark not in joins:
            parts[-1].append(item)
        if item.mark == AMOUNT:
            parts.append([])
    strengths = {item.amount.strength for item in shape.marks(AMOUNT) if item.amount is not None}
    if parts.pop() or (len(strengths) > 1 and (2 in strengths or len(parts) < 3)):  # "bus 12 ticket 3.50" may be the bus of line 12
        return []
    known = [any(scan.lexicon.categories.at([item.mark], 0) is not None for item in part[:-1]) for part in parts]
    leads = scan.lexicon.words["words.counting"] | scan.lexicon.words["words.splitting"]
    plain = all(1 < len(part) <= _LONGEST_ENTRY + 1 and not any(item.mention is not None for item in part) for part in parts[1:])
    counted = any(part[-2].mark in leads for part in parts if len(part) > 1)
    sure = all(known) or (len(parts) > 2 and sum(known) * 2 > len(parts))
    return [Shape(tuple(part)) for part in parts] if plain and sure and not counted else []


def _chatty(scan: Scan, read: Note) -> int:
    chatter = _chatter(scan, read)
    return sum(word in chatter for word in read.words)


def _chatter(scan: Scan, read: Note) -> frozenset[str]:
    """Words that tell talk from notes; fewer where the note begins with a thing that money goes to: "taxi back to the hotel".

    Where nothing else is said, the thing is none of them: "flight 300".
    """
    words = scan.lexicon.words
    chatter = words["words.chatter"]
    if (thing := _thing(scan, read)) is not None:
        said = [item for item in read.sharing.shape.items if item.mark not in (AMOUNT, DAY, *PUNCTUATION)]
        chatter = chatter - (frozenset(read.words) if thing[1] == len(said) else words["words.soft"])
    return chatter - words["words.each"] - words["words.acquired"] if read.sharing.said else chatter


def _names_thing(scan: Scan, read: Note) -> bool:
    """Whether a note begins with a thing that money goes to."""
    return _thing(scan, read) is not None


def _thing(scan: Scan, read: Note) -> tuple[Category, int] | None:
    """The thing that money goes to with which a note begins, and of how many words it is."""
    return scan.lexicon.categories.at(read.words[:2], 0) if read.words else None


def _counts(read: Note, part: Shape) -> bool:
    """Whether a number before a plural may be how many of them: "2 tickets and dinner 30", but not "firewood 12 and marshmallows 5"."""
    before = part.items[0].mark == AMOUNT or read.verb > 0
    return before and read.amount.value <= 20 and read.amount.value % 1 == 0 and read.words[-1:] != () and read.words[-1].endswith("s")


def _believable(scan: Scan, shape: Shape, read: Note) -> bool:  # noqa: PLR0911  # one a reason for doubt
    """Whether the text is a note of an expense rather than talk with a number in it. Precision before recall: what is not sure is not recorded."""
    if gate(scan, read.sharing.shape if read.sharing.said else shape) is not None:
        return False
    coming = read.day is not None and read.day.day is not None and read.day.day.direction == "future" and read.recurring is None
    if coming and (read.verb < 2 or is_present(scan, shape)):
        return False
    if tells(scan, shape, "measured") or _may_be_order(scan, shape, read) or came_back(scan, shape):
        return False
    if read.recurring is None and any(item.day is not None and item.day.direction == "future" for item in shape.marks(PERIOD)):
        return False
    past = read.day is not None and not (read.day.day is not None and read.day.day.direction == "future")
    if not (read.sharing.said or read.payer_said or read.recurring or past) and tells(scan, shape, "priced"):
        return False
    chatty, size, strength = _chatty(scan, read), len(read.words), read.amount.strength
    if strength == 0 and read.amount.words and read.verb < 2 and (size > 3 or chatty):
        return False
    if read.verb == 2:
        return (chatty <= 1 and size <= 12) or (strength > 0 and chatty <= 4 + read.sharing.said and size <= _LONG_NOTE)
    chatter = _chatter(scan, read)
    # Without a verb of paying every word of the text counts, those at the edges too.
    chatty = sum(item.mark in chatter or (item.mark == SPEAKER and not read.verb) for item in shape.items) - _clause_chatter(scan, shape, read)
    counted = read.words[:1] != () and read.words[0].isdecimal()
    if read.verb and shape.items[0].mark in scan.lexicon.words["words.selves"] and (counted or _names_thing(scan, read)):
        chatty -= shape.items[0].mark in chatter  # "we had dinner 45", "we had 3 rounds at 14.50"
    if read.sharing.said or read.recurring is not None:
        sure = strength > 0 or len(read.sharing.split.exact) > 1
        return chatty <= sure and size <= (12 if strength else _SHORT_NOTE)
    if read.verb == 1:
        chatty -= sum(item.mark in scan.lexicon.words["words.acquired"] and item.mark in scan.lexicon.words["words.chatter"] for item in shape.items)
        asked = read.stray != "" and _names_thing(scan, read)  # "ice cream 12 treated cleo": whose it is, is asked
        return chatty <= 0 and size <= _SHORT_NOTE and (strength > 0 or asked or not read.spread)
    if chatty or size > _SHORT_NOTE or (not size and scan.context.chat == "group" and strength < 2):
        return False
    return not (read.spread and strength == 0 and size > 4)


def _may_be_order(scan: Scan, shape: Shape, read: Note) -> bool:
    """Whether a group may be asked to buy some things: "compra leche 3" is bought milk as well, and silence is better than wrong money."""
    first = next((item.mark for item in shape.items if item.mark not in PUNCTUATION), "")
    if scan.context.chat != "group" or first not in scan.lexicon.words["words.orders"] or read.payer_said or read.sharing.said:
        return False
    return read.amount.strength == 0 and read.amount.value % 1 == 0 and read.amount.value <= _MOST_ORDERED


def _clause_chatter(scan: Scan, shape: Shape, read: Note) -> int:
    """Words of conversation that belong to clauses which were understood."""
    left = {item.first for item in read.sharing.shape.items}
    inside = [item for item in shape.items if item.first not in left]
    return sum(item.mark in scan.lexicon.words["words.chatter"] or (item.mark == SPEAKER and not read.verb) for item in inside)


def _candidate(scan: Scan, reads: Sequence[Note], rule: str, score: int, new: tuple[str, ...] = (), *, group: str | None = None) -> Candidate | None:
    for read in reads:
        if read.amount.value == 0:
            return Candidate(rule, Nothing("zero_amount"), score)
        if read.amount.negative:
            return Candidate(rule, Nothing("negative_amount"), score)
    try:
        intent = RecordExpenses(tuple(_draft(scan, read) for read in reads), _new_people(reads, new), group)
        question = _question(scan, reads, intent)
    except DomainError as problem:
        return Candidate(rule, Nothing(problem.code), score)
    return Candidate(rule, intent, score, question)


def _new_people(reads: Sequence[Note], new: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*new, *(name for read in reads for name in read.new))))


def _draft(scan: Scan, read: Note, *, value: Decimal | None = None, code: str | None = None) -> ExpenseDraft:
    money = Money.of(read.amount.value if value is None else value, code or read.amount.currency or scan.context.currency)
    day = None if read.recurring else read.day.day.start if read.day and read.day.day else scan.today
    found = read.suggestion
    return ExpenseDraft(
        money,
        read.description,
        found.category,
        day,
        read.payments,
        read.sharing.split,
        read.recurring,
        found.confidence,
        by_default=not read.sharing.said,
        choices=found.choices,
        foreign=foreign_of(read.amount) if value is None and code is None else None,
    )


def _question(scan: Scan, reads: Sequence[Note], intent: RecordExpenses) -> Question | None:
    """The one thing to ask first: the amount, then the currency, then the people. Where more is open no answer is complete, so none is offered."""
    found = [question for place, read in enumerate(reads) for question in _open(scan, read, intent, place)]
    if (same := look_alike(scan, intent)) is not None:
        found.append(same)
    return None if not found else found[0] if len(found) == 1 else replace(found[0], options=())


def _open(scan: Scan, read: Note, intent: RecordExpenses, place: int) -> Iterator[Question]:
    """What the expense at `place` of an intent leaves open."""
    code = read.amount.currency or scan.context.currency
    own = [read.amount.value, *([read.amount.other] if read.amount.other is not None else [])]
    values = [*((value, code) for value in own), *besides(scan, read, code)]
    if len(values) > 1:
        yield _which_amount(scan, read, intent, place, values)
    elif read.amount.currencies:
        options = tuple((code, _with_draft(intent, place, _draft(scan, read, code=code))) for code in read.amount.currencies[:3])
        yield Question("ambiguous_currency", {"amount": str(read.amount.value)}, options)
    if read.stray:
        yield Question("who_shares", {"name": read.stray})
    elif read.sharing.doubt is not None:
        yield Question(read.sharing.doubt, read.sharing.parameters)
    elif telling(scan, read):
        yield doubt(intent)
    elif ways := paid_or_owed(scan, intent.expenses[place]):
        yield Question("paid_or_owed", {}, tuple((label, _with_draft(intent, place, draft)) for label, draft in ways))


def _with_draft(intent: RecordExpenses, place: int, draft: ExpenseDraft) -> RecordExpenses:
    return replace(intent, expenses=(*intent.expenses[:place], draft, *intent.expenses[place + 1 :]))


def _which_amount(scan: Scan, read: Note, intent: RecordExpenses, place: int, values: Sequence[tuple[Decimal, str]]) -> Question:
    """`values`: what it may be, and in which currency."""
    options = []
    for value, code in values if len(values) <= _MOST_OPTIONS else ():
        rounded = Money.rounded(value, code) if value == read.amount.other else Money.of(value, code)
        if rounded.minor:
            options.append((f"{rounded} {code}", _with_draft(intent, place, _draft(scan, read, value=rounded.decimal, code=code))))
    text = scan.words([item for item in scan.shape.marks(AMOUNT) if item.first == read.amount.first] or scan.shape.marks(AMOUNT)[:1])
    return Question("ambiguous_amount", {"text": text}, tuple(options))


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


def _thing_alone(scan: Scan, items: Sequence[Item]) -> bool:
    """Whether a message is the name of one thing that money goes to, and no word of talk."""
    words = [item.mark for item in items]
    found = scan.lexicon.categories.at(words, 0) if words else None
    talk = scan.lexicon.words["words.chatter"] | scan.lexicon.words["words.elsewhere"] | scan.lexicon.words["query_words.vague"]
    return found is not None and found[1] == len(words) and found[0].name not in ("income", "other", "fees") and not talk & {*words}


def no_amount(scan: Scan) -> Candidate | None:
    """ "paid for dinner", or "lunch" and nothing else: in private the product asks how much; in a group it keeps silent."""
    if scan.shape.marks(AMOUNT) or scan.context.chat == "group" or gate(scan, scan.shape) is not None:
        return None
    items = [item for item in scan.shape.items if item.mark not in PUNCTUATION]
    if _thing_alone(scan, items):
        return Candidate("expense.no_amount", Nothing("no_amount"), 40, Question("no_amount", {"description": scan.words(items)}))
    said = [index for index, item in enumerate(items[:3]) if item.mark in scan.lexicon.words["words.asked"]]
    if not said or not 2 <= len(items) <= 8:
        return None
    words = [item.mark for item in items[said[0] + 1 :] if item.mark not in (SPEAKER, MEMBER, NEW, DAY)]
    if not words or any(word in scan.lexicon.words["words.chatter"] for word in words):
        return None
    return Candidate("expense.no_amount", Nothing("no_amount"), 40, Question("no_amount", {"description": describe(scan, scan.shape.items)[0]}))
