"""Owns the rules that change what stands: corrections, taking back; and income."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Literal

from bot.conversation.intents import Correct, Nothing, Payment, RecordIncome, SplitSpec, TakeBack
from bot.conversation.parsing.categories import category_of, named_category
from bot.conversation.parsing.extras import Extras, read_extras
from bot.conversation.parsing.gates import gate
from bot.conversation.parsing.notes import describe, trimmed
from bot.conversation.parsing.requests import ordered
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.settlements import undated
from bot.conversation.parsing.shape import Item, Scan, Shape, distinct
from bot.conversation.parsing.sharing import Sharing, named, read_pairs, read_sharing
from bot.conversation.parsing.weights import read_weights, weighted_split
from core.domain.money import Money
from core.errors import DomainError
from core.reading.amounts import Amount
from core.reading.language import CENTS
from core.reading.text import folded_words

Period = Literal["day", "week", "month", "year"]
Groups = dict[str, tuple[Item, ...]]
Value = Money | str | date | tuple[Payment, ...] | tuple[str, ...] | SplitSpec


def take_back(scan: Scan) -> Candidate | None:
    """Undo the last, delete what a word names, end what recurs."""
    likely = scan.section("take_back")
    shape = ordered(scan, trimmed(scan, scan.shape.plain)) if likely else scan.shape
    if not likely or (shape.items and shape.items[-1].mark == "?"):
        return None
    for kind in ("cancel_recurring", "undo", "delete"):
        for pattern in likely.get(kind, ()):
            match = pattern.fullmatch(shape.text)
            if match is None:
                continue
            groups = {name: shape.span(match, name) for name, text in match.groupdict().items() if text}
            thing = groups.get("thing", ())  # after words that may mean anything ("forget ..."), it must be known to be of ours
            named_so = groups.get("target") or thing
            if not _ours(scan, named_so, known=bool(thing)):
                continue
            target = _named_entry(scan, named_so) or (str(groups["amount"][0].number) if "amount" in groups else "last")
            day = groups["date"][0].day if "date" in groups else None
            return Candidate(f"take_back.{kind}", TakeBack(kind, target, day.start if day else None), 92)
    return None


def is_deletion(text: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    """Whether a reply to a bill says no more than that it is to go: "delete"."""
    folded = " ".join(folded_words(text))
    return any(pattern.fullmatch(folded) for pattern in patterns)


def correction(scan: Scan) -> Candidate | None:
    """One field of an earlier entry is said anew."""
    if not scan.section("corrections"):
        return None
    shape = ordered(scan, trimmed(scan, scan.shape.plain))
    untrimmed = ordered(scan, scan.shape.plain.less(("!", ".")))
    if "?" in shape.text:
        return None
    forms = distinct(untrimmed, shape)
    for field, patterns in scan.section("corrections").items():
        for pattern in patterns:
            for form in forms:
                match = pattern.fullmatch(form.text)
                found = _correction(scan, form, field, match) if match is not None else None
                if found is not None:
                    return Candidate(f"correction.{field}", found, 87)
    return None


def _correction(scan: Scan, shape: Shape, field: str, match: re.Match[str]) -> Correct | Nothing | None:
    groups = {name: shape.span(match, name) for name, text in match.groupdict().items() if text}
    if "had" in groups and _counts_pieces(scan, groups["part"][0].amount):
        return Nothing("chatter")
    target = groups.get("target") or groups.get("heard", ())
    known = _heard(scan, target) if "heard" in groups else _ours(scan, target, known=True)
    value = _VALUES[field](scan, shape, groups) if known else None
    if not value:
        return None
    currencies = _currencies(scan, _amount_said(shape, groups)) if field == "amount" else ()
    return Correct(field, value, _target(scan, target), currencies)  # type: ignore[arg-type]  # the data file's keys are the fields


def _counts_pieces(scan: Scan, part: Amount | None) -> bool:
    """Whether nothing says that it is money which somebody had of something: "Bob ate 3 of it", written to nobody's bill."""
    return part is not None and part.currency is None and not part.strength and not scan.context.of_bill


def _amount_said(shape: Shape, groups: Groups) -> Item:
    return (groups.get("amount") or shape.marks("A"))[0]


def _new_amount(scan: Scan, shape: Shape, groups: Groups) -> Value | None:
    return _money(scan, _amount_said(shape, groups).amount)


def _currencies(scan: Scan, item: Item) -> tuple[str, ...]:
    """The currencies that the words beside a number may mean, none where none is named: "$80" is said of any dollars."""
    if item.amount is None or item.amount.currency is None:
        return ()
    words = [token.folded for token in scan.tokens]
    found = [scan.language.designators.at(words, place) for place in range(item.first, item.last)]
    meant = [code for designator in found if designator is not None for code in designator[0].codes]
    return tuple(dict.fromkeys((item.amount.currency, *meant)))


def _new_currency(scan: Scan, shape: Shape, groups: Groups) -> Value | None:
    return currency_named(scan, scan.words(groups["currency"]))


def _new_date(scan: Scan, shape: Shape, groups: Groups) -> Value | None:
    span = groups["date"][0].day
    return span.start if span is not None else None


def _new_payers(scan: Scan, shape: Shape, groups: Groups) -> Value | None:
    people, new = named(scan, groups["payers"])
    return tuple(Payment(person) for person in people) if not new else None


def _other_people(scan: Scan, shape: Shape, groups: Groups) -> Value | None:
    people, new = named(scan, groups["people"])
    return people if not new else None


def _new_category(scan: Scan, shape: Shape, groups: Groups) -> Value | None:
    words = groups.get("category") or groups.get("sure") or ()
    category = named_category(scan.words(words), scan.lexicon)
    # After the word "category" it may be one of the person's own.
    return scan.words(words) if category is None and "category" in groups and len(words) <= 3 else category


def _new_description(scan: Scan, shape: Shape, groups: Groups) -> Value | None:
    return scan.words(groups.get("text", ()))


def _new_split(scan: Scan, shape: Shape, groups: Groups) -> Value | None:
    """Who shares, or the part of one of them. None where the words say anything else, or leave it open."""
    if "part" in groups:
        return _part_of(scan, groups)
    extras, left = read_extras(scan, Shape(groups.get("sharing", ())))
    if extras.more:
        return _with_more(scan, extras, left)
    read = _weighed(scan, left) or read_sharing(scan, left, payer=scan.people.speaker)
    percents_amiss = read.doubt == "split_does_not_add_up" and read.split.type == "percent"  # which is refused with what they make
    amiss = read.doubt is not None and not percents_amiss
    if not read.said or amiss or read.new or read.shape.marks("APIEN") or describe(scan, read.shape.items)[1]:
        return None
    return read.split


def _weighed(scan: Scan, shape: Shape) -> Sharing | None:
    """ "By nights: Anna 3, Bob 2", "60 % Anna, 40 % Bob": parts that need no amount."""
    pairs, left = read_weights(scan, shape)
    kind = "shares" if pairs else "percents"
    pairs = pairs or read_pairs(scan, shape, kind)
    if not pairs:
        return None
    sharing = weighted_split(kind, pairs, payer=scan.people.speaker)
    new = tuple(pair.person for pair in pairs if pair.new)
    return replace(sharing, shape=left.without([item for pair in pairs for item in pair.items]), new=new)


def _with_more(scan: Scan, extras: Extras, left: Shape) -> SplitSpec | None:
    """ "No, Anna pays 5 more": what the bill's people share else is in common. Nothing else may be said."""
    exact = [(person, Money.of(more, scan.context.currency)) for person, more in extras.more.items()]
    if extras.new or extras.guest or left.marks("APIEN") or describe(scan, left.items)[1]:
        return None
    return SplitSpec("adjusted", tuple(extras.more), exact=tuple(exact))


def _part_of(scan: Scan, groups: Groups) -> SplitSpec | None:
    """ "Anna's share is 40": hers alone; those who are not named share the rest. Without a name it is the speaker's."""
    amount = groups["part"][0].amount
    people, _ = named(scan, groups.get("who", ()))
    money = _money(scan, amount)
    person = people[0] if people else scan.people.speaker
    return SplitSpec("exact", (person,), exact=((person, money),)) if money is not None else None


_VALUES: dict[str, Callable[[Scan, Shape, Groups], Value | None]] = {
    "amount": _new_amount,
    "currency": _new_currency,
    "date": _new_date,
    "payers": _new_payers,
    "participants_add": _other_people,
    "participants_remove": _other_people,
    "split": _new_split,
    "category": _new_category,
    "description": _new_description,
}


def _ours(scan: Scan, items: tuple[Item, ...], *, known: bool = False) -> bool:
    """Whether words can name an entry of the books: said before in the chat, or a known kind of thing; without `known` any few words will do."""
    words = [scan.tokens[item.first].folded for item in items if item.mark not in scan.lexicon.words["words.vague"]]
    if any(word in scan.lexicon.words["words.elsewhere"] for word in words):
        return False
    if not words or category_of(words, scan.lexicon) is not None or (len(words) <= 3 and not known):
        return True
    said = {word for text in scan.context.context[-20:] for word in folded_words(text)}
    return any(len(word) > 3 and word in said for word in words)


def _named_entry(scan: Scan, items: tuple[Item, ...]) -> str:
    """The words that name an entry, without the small ones before them: "borra lo del taxi"."""
    while len(items) > 1 and items[0].mark in scan.lexicon.words["words.vague"]:
        items = items[1:]
    return scan.words(items)


def _heard(scan: Scan, items: tuple[Item, ...]) -> bool:
    """Whether one message of the chat has all words of a target: "the taxi was 19" after "taxi 14" says it anew, else it is a new one."""
    words = {scan.tokens[item.first].folded for item in items if item.mark not in scan.lexicon.words["words.vague"]}
    return bool(words) and any(words <= set(folded_words(text)) for text in scan.context.context[-20:])


def _target(scan: Scan, items: tuple[Item, ...]) -> str:
    words = [item for item in items if item.mark not in scan.lexicon.words["words.vague"]]
    return scan.words(words) or "last"


def _money(scan: Scan, amount: Amount | None) -> Money | None:
    if amount is None or amount.negative or amount.value == 0 or amount.other is not None:
        return None
    try:
        return Money.of(amount.value, amount.currency or scan.context.currency)
    except DomainError:
        return None


def currency_named(scan: Scan, text: str) -> str | None:
    """The currency that a text names as a whole ("usd", "US dollars", "€"); of several that share a word the chat's own, else the first."""
    words = folded_words(text)
    if not words:
        return None
    found = scan.language.designators.at(words, 0)
    if found is None or found[1] != len(words) or found[0].codes == CENTS:
        return None
    return scan.context.currency if scan.context.currency in found[0].codes and len(found[0].codes) > 1 else found[0].codes[0]


def income(scan: Scan) -> Candidate | None:
    """Money that came in from outside the book: pay, a sale, a refund."""
    likely = scan.section("income")
    if not likely:
        return None
    shape, day = undated(scan, trimmed(scan, scan.shape.plain))
    if not shape.marks("A") or gate(scan, shape) is not None:
        return None
    for name in ("refund", "patterns"):
        for pattern in likely.get(name, ()):
            match = pattern.fullmatch(shape.text)
            if match is None:
                continue
            groups = {key: shape.span(match, key) for key, text in match.groupdict().items() if text}
            somebody = scan.lexicon.words["words.pronouns"] | scan.lexicon.words["words.somebody"] | {"P", "E"}
            source = groups.get("from", ())
            whose = any(item.mark in ("P", "E") for item in shape.items) or any(item.mark == "I" for item in source)
            opened = source[len(source) > 1 and source[0].mark in scan.lexicon.words["words.articles"] :]  # "el" is he as well as the
            if any(item.mark in somebody for item in opened) or (whose and name == "refund" and scan.context.chat == "group"):
                return None  # "30 back for the hotel with Anna": whose part of it is, is not said
            money = _money(scan, groups["amount"][0].amount)
            if money is None:
                return None
            if name == "refund" and source:
                what = scan.words(source[len(source) > 1 and source[0].mark in scan.lexicon.words["words.determiners"] :])
            else:
                what = scan.words(groups.get("what", ())) or scan.words(source)
            when = day.day.start if day is not None and day.day is not None else scan.today
            return Candidate(f"income.{'refund' if name == 'refund' else 'received'}", RecordIncome(money, what, when, refund=name == "refund"), 89)
    return None
