"""Owns reading who shares a bill and who paid it: takes those clauses out of a shape."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.conversation.intents import Payment, SplitSpec
from bot.conversation.parsing.people import EVERYONE, MEMBER, NEW, SPEAKER
from bot.conversation.parsing.shape import AMOUNT, US, Item, Scan, Shape
from core.domain.money import Money
from core.domain.splits import with_rest

_OF_PEOPLE = frozenset(("had", "between", "only", "halves", "ratio", "with", "for"))  # clauses that name somebody

_OF_SPEAKER = frozenset(("halves", "percents"))  # parts that may be the speaker's without a word for anybody: "half is mine"
_MOST_PEOPLE = 20  # a larger number behind an amount does not count people


@dataclass(frozen=True, slots=True)
class Sharing:
    """Who shares. `said`: the text says so. `doubt`: why the product must ask (a question's code). `new`: names that are no members."""

    split: SplitSpec
    shape: Shape
    said: bool = True
    doubt: str | None = None
    new: tuple[str, ...] = ()
    alone: bool = False
    parameters: dict[str, str] = field(default_factory=dict)


def named(scan: Scan, items: Sequence[Item]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The people of a list of mentions, in order and once each, and those of them who are no members."""
    people: list[str] = []
    new: list[str] = []
    for item in items:
        if item.mark == EVERYONE or item.mark == US:
            people += scan.people.members
        elif item.mark in (MEMBER, SPEAKER, NEW) and item.mention is not None:
            people.append(item.mention.name)
            if item.mark == NEW:
                new.append(item.mention.name)
    return tuple(dict.fromkeys(people)), tuple(dict.fromkeys(new))


def read_sharing(scan: Scan, shape: Shape, *, payer: str) -> Sharing:
    """The first clause found in the order of the data file; without one the chat's default."""
    for name, patterns in scan.section("sharing").items():
        if name in _OF_PEOPLE and not shape.peopled:
            continue
        for pattern in patterns:
            match = pattern.search(shape.text)
            if match is not None and (sharing := _clause(scan, shape, name, match, payer)) is not None:
                return _checked(scan, shape, match, sharing)
    if scan.context.default_split == "everyone" and len(scan.people.members) > 1:
        return Sharing(SplitSpec("equal", scan.people.members), shape, said=False)
    return Sharing(SplitSpec("none", (scan.people.speaker,)), shape, said=False)


def _checked(scan: Scan, shape: Shape, match: re.Match[str], sharing: Sharing) -> Sharing:
    """The sharing, asked about where the people of its clause go on to do something: "45 Bob and Cleo were in the car"."""
    items = shape.span(match)
    if not items or items[-1].mark not in (MEMBER, NEW):
        return sharing
    after = [item.mark for item in shape.items if item.first > items[-1].first][:1]
    acts = (scan.lexicon.words["words.clauses"] | scan.lexicon.words["leftovers.had"]) - scan.lexicon.words["words.determiners"]
    return replace(sharing, doubt=sharing.doubt or "who_shares") if acts & {*after} else sharing


def _clause(scan: Scan, shape: Shape, name: str, match: re.Match[str], payer: str) -> Sharing | None:  # noqa: PLR0911  # one a clause
    me, members = scan.people.speaker, scan.people.members
    rest = shape.without(shape.span(match))
    if _is_of_list(scan, shape, name, shape.span(match)):
        return None
    if name in ("alone", "own"):
        return _of_one(rest, payer=payer, me=me, own=name == "own")
    if name == "all_but":
        return _all_but(scan, shape, match)
    if name == "others":
        return _others(scan, match, rest, payer)
    if name in ("all_of_us", "evenly"):
        return Sharing(SplitSpec("equal" if len(members) > 1 else "none", members), rest)
    if name in ("ways", "two", "halved"):
        return _ways(scan, shape, match, int(shape.span(match, "count")[0].number or 0) if name == "ways" else 2)
    if name == "ratio":
        return _ratio(scan, shape, match, payer)
    group = "people" if "people" in match.re.groupindex else match.lastgroup or ""
    people, new = named(scan, shape.span(match, group))
    if not people:
        return None
    if name == "for":
        return _for(scan, rest, people, new)
    if name == "only":
        return _only(rest, people, new, payer=payer)
    if name in ("with", "halves"):
        return _with(scan, rest, people, new, payer=payer)
    people = tuple(dict.fromkeys((*people, me))) if match.groupdict().get("too") else people
    alone = name == "between" and len(people) == 1 and people != (me,)  # "taxi 18 auf Cleo": it may as well be paid by her
    said = shape.span(match)
    verb = said[-1].mark not in (MEMBER, NEW, SPEAKER) and any(item.mark in scan.lexicon.words["words.clauses"] for item in said)
    doubt = "who_shares" if alone else _had(scan, people, payer) if name == "had" or verb else None
    return Sharing(SplitSpec("equal" if people != (me,) else "none", people), rest, doubt=doubt, new=new)


def _of_one(rest: Shape, *, payer: str, me: str, own: bool) -> Sharing:
    """ "just me" is the speaker's, whoever paid; `own`: "only for himself" is the payer's, who must be somebody else to be called so."""
    who = payer if own else me
    return Sharing(SplitSpec("none" if payer == me else "for", (who,)), rest, alone=not own, doubt="who_shares" if own and payer == me else None)


def _had(scan: Scan, people: Sequence[str], payer: str) -> str | None:
    """ "Bob and Cleo had wine, 22": where nobody says who paid it may have been one of them."""
    me = scan.people.speaker
    silent = payer == me and me not in people and not any(item.mark == SPEAKER for item in scan.shape.items)
    return "who_shares" if silent else None


def _all_but(scan: Scan, shape: Shape, match: re.Match[str]) -> Sharing | None:
    items = shape.span(match, "but")
    left_out, new = named(scan, items)
    left_out = left_out or (scan.people.speaker,)  # "sin mí", "mere bina": me, in a form that is oftener "my"
    people = tuple(member for member in scan.people.members if member not in left_out)
    if not items or not people or (new and EVERYONE not in match.group().split()):
        return None
    rest = _unsaid(scan, shape.without(shape.span(match)), "left_out")
    return Sharing(SplitSpec("equal", people), rest, doubt="who_shares" if new else None)


def _is_of_list(scan: Scan, shape: Shape, name: str, found: Sequence[Item]) -> bool:
    """Whether a clause is but the end, or the beginning, of a longer list of people."""
    return (name in ("alone", "with") and _ends_list(scan, shape, found)) or (name == "alone" and _begins_list(scan, shape, found))


def _ends_list(scan: Scan, shape: Shape, found: Sequence[Item]) -> bool:
    """Whether a clause about the speaker alone is but the end of a list: "for Anna, for Bob and for me"."""
    joins, leads = scan.lexicon.words["words.joins"], scan.lexicon.words["words.list_leads_purpose"]
    if any(item.mark in (MEMBER, NEW, EVERYONE) for item in found):
        return False
    before = [item for item in shape.items if item.first < found[0].first]
    open_list = any(item.mark in joins for item in found) or (bool(before) and before[-1].mark in leads)
    while before and before[-1].mark in joins | leads:
        before.pop()
    return open_list and bool(before) and before[-1].mark in (MEMBER, NEW)


def _begins_list(scan: Scan, shape: Shape, found: Sequence[Item]) -> bool:
    """Whether a clause about the speaker alone goes on with somebody else: "only me and Anna", but not "just me and Anna paid"."""
    after = [item.mark for item in shape.items if item.first > found[-1].first][:3]
    joins, payers = scan.lexicon.words["words.joins"] - {",", ";"}, scan.lexicon.words["words.payers"]
    return len(after) > 1 and after[0] in joins and after[1] in (MEMBER, NEW) and after[2:] not in ([payer] for payer in payers)


def _unsaid(scan: Scan, shape: Shape, kind: str) -> Shape:
    """The shape without what says again what was understood: "Cleo didn't eat, dinner 60 without her"."""
    matches = (pattern.search(shape.text) for pattern in scan.lexicon.patterns.get(f"pairs.{kind}", ()))
    return next((shape.without(shape.span(match)) for match in matches if match is not None), shape)


def _others(scan: Scan, match: re.Match[str], rest: Shape, payer: str) -> Sharing | None:
    """All but who paid; with "and me" all."""
    people = tuple(member for member in scan.people.members if member != payer or match.groupdict().get("too"))
    return Sharing(SplitSpec("equal" if len(people) > 1 else "for", people), rest) if people else None


def _with(scan: Scan, rest: Shape, people: tuple[str, ...], new: tuple[str, ...], *, payer: str) -> Sharing:
    """ "with X" is the speaker and X, also where X paid. Where another paid, "with me" is the two of them, "with Bob" leaves the speaker open."""
    me = scan.people.speaker
    everybody = tuple(dict.fromkeys((payer, *people, *([me] if people == (payer,) else []))))
    doubt = "who_shares" if payer != me and me not in people and payer not in people else None
    return Sharing(SplitSpec("equal" if everybody != (me,) else "none", everybody), rest, doubt=doubt, new=new)


def _only(rest: Shape, people: tuple[str, ...], new: tuple[str, ...], *, payer: str) -> Sharing:
    """ "only Anna and me". Whether "100 only Anna" leaves the speaker without a part is anybody's guess."""
    ordered = tuple(dict.fromkeys((payer, *people))) if payer in people else people
    return Sharing(SplitSpec("equal", ordered), rest, doubt="who_shares" if len(people) == 1 else None, new=new)


def _for(scan: Scan, rest: Shape, people: tuple[str, ...], new: tuple[str, ...]) -> Sharing | None:
    handles = {token.text for place, token in enumerate(scan.tokens) if place and scan.tokens[place - 1].text == "@"}
    if set(people) == set(new) and not set(new) <= handles:
        return None  # "for Heathrow" is a purpose; only a handle is surely a person, and who stands in a list with a member
    if len(people) == 1:
        return Sharing(SplitSpec("for", people), rest, new=new)
    return Sharing(SplitSpec("equal", people), rest, new=new)


def _ratio(scan: Scan, shape: Shape, match: re.Match[str], payer: str) -> Sharing | None:
    """ "60/40 with Anna", "50/30/20 between me, Anna and Bob": the payer's first where not named; parts of 100 are percentages."""
    item = shape.span(match, "ratio")[0]
    parts = [Decimal(token.text) for token in scan.tokens[item.first : item.last] if token.kind == "n" and token.text.isdigit()]
    people, new = named(scan, shape.span(match, "people"))
    people = people if len(people) == len(parts) > 2 else tuple(dict.fromkeys((payer, *people)))
    if not 2 <= len(parts) == len(people) or not all(parts):
        return None
    spec = SplitSpec("percent" if sum(parts) == 100 else "shares", people, weights=tuple(zip(people, parts, strict=True)))
    return Sharing(spec, shape.without(shape.span(match)), new=new)


def _ways(scan: Scan, shape: Shape, match: re.Match[str], count: int) -> Sharing:
    """ "split 3 ways": everyone, where that many are here; two are the speaker and the only other one; else it is asked."""
    members, rest = scan.people.members, shape.without([*shape.span(match), *shape.span(match, "count")])
    named_here = [item for item in rest.items if item.mark in (MEMBER, SPEAKER, NEW)]
    if named_here and len(named(scan, named_here)[0]) in (count, count - 1):
        people, new = named(scan, named_here)
        return Sharing(
            SplitSpec("equal", tuple(dict.fromkeys((*people, *([scan.people.speaker] if len(people) < count else []))))),
            rest.without(named_here),
            new=new,
        )
    if count == len(members):
        return Sharing(SplitSpec("equal", members), rest)
    return Sharing(SplitSpec("none", (scan.people.speaker,)), rest, doubt="who_shares", parameters={"count": str(count)})


def take_headcount(scan: Scan, sharing: Sharing) -> Sharing:
    """ "dinner 36 for 4" says how many were there, not what it was; in a group of another number it is asked who they were."""
    items = sharing.shape.items
    if sharing.said or len(items) < 2 or (count := items[-1].number) is None or items[-1].mark != AMOUNT:
        return sharing
    leads = scan.lexicon.words["words.counting"] | scan.lexicon.words["words.splitting"]
    if items[-2].mark not in leads or count % 1 or not 1 < count <= _MOST_PEOPLE:
        return sharing
    elsewhere = len(sharing.split.people) > 1 and count != len(scan.people.members)
    return replace(sharing, shape=sharing.shape.without(items[-2:]), doubt="who_shares" if elsewhere else sharing.doubt)


def read_payers(scan: Scan, shape: Shape) -> tuple[tuple[Payment, ...], tuple[str, ...], bool, Shape]:
    """Who paid (the speaker where nobody is named), new names among them, whether the text says it, and the shape without the clause."""
    for patterns in scan.section("payers").values() if shape.peopled else ():
        for pattern in patterns:
            match = pattern.search(shape.text)
            if match is None:
                continue
            mentions = shape.span(match, "payer")
            people, new = named(scan, mentions)
            if people and not _is_object(mentions):
                return tuple(Payment(person) for person in people), new, True, shape.without(shape.span(match))
    return (Payment(scan.people.speaker),), (), False, shape


def _is_object(mentions: Sequence[Item]) -> bool:
    """Whether the last of some people is whom it was done for: "Bob me invitó". Somebody who pays too is joined ("Bob y yo")."""
    return len(mentions) > 1 and mentions[-1].mark == SPEAKER and mentions[-2].mark == MEMBER and mentions[-2].last == mentions[-1].first


def read_payments(scan: Scan, shape: Shape) -> tuple[tuple[Pair, ...], Shape] | None:
    """ "Anna paid 30 and Bob 20": who put in how much, two people at least, and the shape without it. Nothing else stands between them."""
    pairs = read_pairs(scan, shape, "paid") if len(shape.marks(AMOUNT)) > 1 else []
    used = {item.first for pair in pairs for item in pair.items}
    said = scan.lexicon.words["words.payers"] | scan.lexicon.words["words.list_leads_payer"]
    if len(pairs) < 2 or not any(item.mark in said for pair in pairs for item in pair.items):
        return None
    between = [item for item in shape.items if min(used) < item.first < max(used) and item.first not in used]
    joins = [item for item in between if item.mark in scan.lexicon.words["words.joins"]]
    if len(joins) < len(between) and not _one_bill(scan, shape, pairs, said):
        return None
    return tuple(pairs), shape.without([*(item for pair in pairs for item in pair.items), *joins])


def _one_bill(scan: Scan, shape: Shape, pairs: Sequence[Pair], verbs: frozenset[str]) -> bool:
    """Whether the bill is named but once, after the first of those who paid: "Anna paid 25 for gas, Bob put 20", "... and Bob 20".

    Each of the others needs a verb of paying or an "and", and none has words of their own: "... and Bob paid 20 for lunch" is another bill.
    """
    ends = [max(item.first for item in pair.items) for pair in pairs]
    places = {item.first: place for place, item in enumerate(shape.items)}
    joins = scan.lexicon.words["words.joins"] - {",", ";", "/"}
    for pair, end in zip(pairs[1:], ends[1:], strict=True):
        first = places[min(item.first for item in pair.items)]
        if not any(item.mark in verbs for item in pair.items) and shape.items[first - 1].mark not in joins:
            return False
        after = shape.items[places[end] + 1 : places[end] + 2]
        if any(item.mark not in scan.lexicon.words["words.joins"] | {"."} for item in after):
            return False
    return True


@dataclass(frozen=True, slots=True)
class Pair:
    """One person's part of the bill: the items it was said with, and the part's item."""

    person: str
    new: bool
    part: Item
    items: tuple[Item, ...]


def read_pairs(scan: Scan, shape: Shape, kind: str) -> list[Pair]:
    """People with a part each ("anna 20, bob 25"; "60 % me"); the pattern that finds most. One that names nobody is the speaker's ("is mine")."""
    best: list[Pair] = []
    if not shape.peopled and kind not in _OF_SPEAKER:
        return best
    for pattern in scan.patterns(f"pairs.{kind}"):
        found = []
        for match in pattern.finditer(shape.text):
            who, part = next(iter(shape.span(match, "who")), None), shape.span(match, "part")[0]
            mention = who.mention if who is not None else None
            if mention is not None or "who" not in match.re.groupindex:
                items = shape.span(match)
                kept = shape.span(match, "what") if kind == "paid" else ()
                name = mention.name if mention is not None else scan.people.speaker
                found.append(Pair(name, who is not None and who.mark == NEW, part, tuple(item for item in items if item not in kept)))
        if len({pair.person for pair in found}) == len(found) > len(best):
            best = found
    return best


def exact_split(total: Money, parts: Sequence[tuple[str, Money]], *, payer: str, rest: Sequence[str] = ()) -> Sharing:
    """Exact parts of a total. What is left over goes to `rest`, else to the only one who can mean it: the payer, where not named."""
    people = [person for person, _ in parts]
    takers = [person for person in rest if person not in people] or ([payer] if payer not in people else [])
    exact, left = with_rest(total, parts, takers=takers)
    doubt = "split_does_not_add_up" if left else None
    parameters = {"difference": str(left), "currency": total.currency} if doubt else {}
    return Sharing(SplitSpec("exact", tuple(person for person, _ in exact), exact=exact), Shape(()), doubt=doubt, parameters=parameters)


def in_shape(sharing: Sharing, shape: Shape) -> Sharing:
    return replace(sharing, shape=shape)
