"""Owns the test of what a reading left over: words that say more than was understood of an expense, for which it is asked about. Reads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from bot.conversation.intents import PROPOSAL, ExpenseDraft, Nothing, Payment, Question, RecordExpenses, SplitSpec
from bot.conversation.parsing.gates import gate
from bot.conversation.parsing.joint import rest_of_unknown
from bot.conversation.parsing.notes import Note
from bot.conversation.parsing.people import MEMBER, SPEAKER
from bot.conversation.parsing.recurring import names_no_day, never_comes
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import DAY, Scan, Shape

_LISTS = ("sharing", "paying", "returned", "persons", "repeating")
_LONGEST = 3  # words of a phrase
_RIDES = frozenset(("transport",))  # categories of what goes back without any money coming back


def lacking(scan: Scan, shape: Shape, read: Note | None) -> Candidate | None:
    """One that says no sum to share, or a day or rhythm that there is not."""
    if rest_of_unknown(scan, shape) and gate(scan, shape) is None:
        return Candidate("expense.no_amount", Nothing("no_amount"), 90, Question("no_amount", {"description": ""}))
    if (read is None or read.recurring is None) and names_no_day(scan, shape):
        return Candidate("expense.no_such_day", Nothing("impossible_day"), 89)
    return Candidate("expense.never_comes", Nothing("impossible_rhythm"), 89) if never_comes(scan, shape) else None


def telling(scan: Scan, read: Note) -> str:
    """The first phrase that no description has: of who shares, who pays, what came back, of somebody, of how often. "" where there is none."""
    if read.payer_said and (means := with_own_means(scan, read.payments[0].person)):
        return means
    known = [scan.lexicon.words[f"leftovers.{name}"] for name in _LISTS]
    words = [word for word in read.words if word != DAY]
    return next((phrase for _, phrase in _phrases(scan, words) if any(phrase in found for found in known)), "")


def with_own_means(scan: Scan, payer: str) -> str:
    """What of the speaker's somebody else is said to have paid with, which cannot be: "Bob paid me 20 with my card". "" where there is none."""
    found = (pattern.search(scan.shape.text) for pattern in scan.lexicon.patterns["settlements.own_means"])
    return next((match.group() for match in found if match is not None and payer != scan.people.speaker), "")


def came_back(scan: Scan, shape: Shape) -> bool:
    """Whether a group is told of money that somebody got again, which is no bill: "Anna got 60 back from the hotel", but not "taxi back 20"."""
    if scan.context.chat != "group":
        return False
    words, things = [item.mark for item in shape.items], scan.lexicon.categories
    again, back = scan.lexicon.words["leftovers.returned"], scan.lexicon.words["leftovers.back"]
    for place, phrase in _phrases(scan, words):
        if phrase in again or phrase in back:
            before = {found[0].name for start in range(place) if (found := things.at(words, start)) is not None}
            return not before & (_RIDES if phrase in back else _RIDES | {"travel"})
    return False


def _phrases(scan: Scan, words: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Where each phrase of a text begins, from left to right and longer ones first, without those of things that are descriptions all the same."""
    things = scan.lexicon.words["leftovers.things"]
    taken = 0
    for place, size in ((place, size) for place in range(len(words)) for size in range(_LONGEST, 0, -1) if place + size <= len(words)):
        phrase = " ".join(words[place : place + size])
        if place >= taken and phrase in things:
            taken = place + size
        elif place >= taken:
            yield place, phrase


def besides(scan: Scan, read: Note, code: str) -> list[tuple[Decimal, str]]:
    """What it may be as well, in which currency."""
    return [(other.value, other.currency or code) for other in read.others]


def doubt(intent: RecordExpenses) -> Question:
    """What is asked then: whether all of it is right, where one line can show it; else who shares."""
    draft = intent.expenses[0]
    shown = len(intent.expenses) == 1 and not intent.unknown_people and intent.group is None and draft.recurring is None
    plain = shown and len(draft.payments) == 1 and draft.split.type in ("none", "equal", "for")
    return Question(PROPOSAL) if plain else Question("who_shares")


def paid_or_owed(scan: Scan, draft: ExpenseDraft) -> tuple[tuple[str, ExpenseDraft], ...]:
    """ "Bob and I paid 90, me 60 and Bob 30": what each put in, or what each has to bear; by label. Nothing where it is clear."""
    parts = dict(draft.split.exact)
    payers = {payment.person for payment in draft.payments if payment.amount is None}
    if draft.split.type != "exact" or len(payers) < 2 or payers != parts.keys() or len(payers) != len(draft.payments):
        return ()
    everyone = scan.context.default_split == "everyone" and len(scan.people.members) > 1
    split = SplitSpec("equal", scan.people.members if everyone else tuple(parts))
    put_in = tuple(Payment(payment.person, parts[payment.person]) for payment in draft.payments)
    return ("paid_so", replace(draft, payments=put_in, split=split, by_default=everyone)), ("owe_so", draft)


def asked(reads: Sequence[Note], parts: Sequence[Shape]) -> list[Note]:
    """The notes, each whose part begins with somebody else than its payer asked about: "Anna brought wine 12 and I dessert 9"."""
    found = []
    for read, part in zip(reads, parts, strict=True):
        first, mention = part.items[0], part.items[0].mention
        unsure = mention is not None and first.mark in (MEMBER, SPEAKER) and not mention.owns and mention.name != read.payments[0].person
        spoken = next((item.mention for item in part.items if item.mark == SPEAKER and not read.verb and not read.sharing.said), None)
        somebody = mention if unsure else spoken  # "rent 900, I owe 225"
        found.append(replace(read, stray=read.stray or somebody.name) if somebody is not None else read)
    return found
