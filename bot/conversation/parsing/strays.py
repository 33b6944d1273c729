"""Owns finding who is named in a note of an expense while no clause says what part he has in it. Shares nothing out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from bot.conversation.parsing.people import EVERYONE, MEMBER
from bot.conversation.parsing.shape import DAY, PERIOD, Item, Scan, Shape

_NEAR = 4  # items between a thing, its owner and what it was paid for


def unnamed_payer(scan: Scan, shape: Shape, *, said: bool) -> str:
    """The pronoun of somebody who paid ("she paid 20"), where nobody is named instead."""
    first = next((place for place, item in enumerate(shape.items) if item.mark not in (DAY, PERIOD, ",")), 0)
    word = shape.items[first].mark if not said else ""
    verbs = scan.lexicon.words["words.payers"] | scan.lexicon.words["words.spent"]
    for item, after in pairwise(shape.items) if not said else ():
        if item.mark in scan.lexicon.words["words.pronouns"] and after.mark in verbs:
            return scan.words([item])
    acts = word and any(item.mark in verbs for item in shape.items)
    return word if acts and word in scan.lexicon.words["words.pronouns"] else ""


def somebody_left(scan: Scan, items: Sequence[Item], *, said: bool) -> str:
    """Who is named at an edge: "taxi Anna" leaves open what Anna has to do with it, "Anna's gift" and "regalo de Anna" describe.

    `said`: after who shares only the end is looked at.
    """
    led = len(items) > 1 and items[1].mark in (":", ",")  # "Cleo: museum 60 for Anna and Bob"
    acts = len(items) > 1 and items[0].mark == MEMBER and scan.lexicon.categories.at([items[1].mark], 0) is None
    for place in () if not items else (len(items) - 1,) if said and not led and not acts else (0, len(items) - 1):
        item, before = items[place], items[place - 1].mark if place else ""
        if item.mark == MEMBER and item.mention and not item.mention.owns and before not in scan.lexicon.words["words.owning"]:
            return item.mention.name
    parted = any(item.mark in scan.lexicon.words["words.splitting"] for item in items)
    for item in items if parted else ():
        if item.mark == MEMBER and item.mention:
            return item.mention.name  # "sam's half of the bill was 31": what is theirs, or what all of it was
    acting = scan.lexicon.words["words.payers"] | scan.lexicon.words["words.auxiliaries"] | scan.lexicon.words["words.dealings"]
    for item, after in pairwise(items):
        if item.mention is not None and item.mark == MEMBER and after.mark in acting:
            return item.mention.name
    return _unclear(scan, items, said=said)


def _unclear(scan: Scan, items: Sequence[Item], *, said: bool) -> str:
    """Of whom a clause of its own tells: "uber 20, Bob got off early", "everyone puts in 10", "the boys had burgers"."""
    words = scan.lexicon.words
    acts = words["words.payers"] | words["words.clauses"]
    if items and items[0].mark == EVERYONE and not said:
        return scan.words(items[:1])
    for before, item in pairwise(items):
        if item.mark == EVERYONE and not said:
            return scan.words([item])
        loose = item.mark == MEMBER and item.mention is not None and not item.mention.owns
        if item.mention is not None and loose and before.mark not in words["words.owning"]:
            return item.mention.name
        if before.mark in words["words.kin"] and item.mark in acts:
            return scan.words([before])
    for is_, of, item in zip(items, items[1:], items[2:], strict=False):
        if item.mark == MEMBER and item.mention is not None and of.mark in words["words.owning"] and is_.mark in words["leftovers.being"]:
            return item.mention.name  # "a luz 80 é do Bob"
    return ""


def owner(scan: Scan, shape: Shape) -> str:
    """Whose a thing is that was paid for ("I paid 30 for Bob's ticket"): the owner may owe it. What is given to somebody is no such thing."""
    words, folded = scan.lexicon.words, [token.folded for token in scan.tokens]
    for place, item in enumerate(shape.items):
        before = [other.mark for other in shape.items[max(0, place - _NEAR) : place]]
        if not words["words.bought_for"] & {*before}:
            continue
        mention = item.mention or scan.people.at(scan.tokens, folded, item.first)
        if mention is None or mention.letter != MEMBER or not (mention.owns or before[-1] in words["words.owning"]):
            continue
        near = {*before, *(other.mark for other in shape.items[place + 1 : place + _NEAR])}
        if not words["words.occasions"] & near:
            return mention.name
    return ""
