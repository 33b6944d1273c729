"""Owns the test of what a reading left over: words that say more than was understood of an expense, for which it is asked about. Reads nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from bot.conversation.intents import PROPOSAL, ExpenseDraft, Payment, Question, RecordExpenses, SplitSpec
from bot.conversation.parsing.notes import Note
from bot.conversation.parsing.people import MEMBER, SPEAKER
from bot.conversation.parsing.shape import DAY, Scan, Shape

_LISTS = ("sharing", "paying", "returned", "persons", "repeating")
_LONGEST = 3  # words of a phrase


def telling(scan: Scan, read: Note) -> str:
    """The first phrase that no description has: of who shares, who pays, what came back, of somebody, of how often. "" where there is none."""
    words = [word for word in read.words if word != DAY]
    known = [scan.lexicon.words[f"leftovers.{name}"] for name in _LISTS]
    things = scan.lexicon.words["leftovers.things"]
    phrases = ((place, size) for place in range(len(words)) for size in range(_LONGEST, 0, -1) if place + size <= len(words))
    taken = 0
    for place, size in phrases:
        phrase = " ".join(words[place : place + size])
        if place >= taken and phrase in things:
            taken = place + size
        elif place >= taken and any(phrase in found for found in known):
            return phrase
    return ""


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
