"""Owns the rules that read money between people: paying back, and debts without a bill."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from bot.conversation.intents import PROPOSAL, ExpenseDraft, Nothing, Payment, Question, RecordExpenses, RecordSettlement, SplitSpec
from bot.conversation.parsing.equivalents import foreign_of
from bot.conversation.parsing.expenses import look_alike
from bot.conversation.parsing.gates import gate
from bot.conversation.parsing.leftovers import with_own_means
from bot.conversation.parsing.notes import trimmed
from bot.conversation.parsing.people import EVERYONE, NEW, SPEAKER, Mention
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import AMOUNT, DAY, Item, Scan, Shape
from bot.conversation.parsing.sharing import named
from bot.conversation.parsing.suggestions import suggest
from core.domain.money import Money
from core.errors import DomainError
from core.reading.text import fold, folded_words


def undated(scan: Scan, shape: Shape, *, led: bool = False) -> tuple[Shape, Item | None]:
    """The shape without its day, and the day. `led`: without the small word before it too, where it ends the text ("from last night")."""
    days = shape.marks(DAY)
    if not days:
        return shape, None
    items = [item for item in shape.items if item is not days[0]]
    if led and items and shape.items[-1] is days[0] and (items[-1].mark,) in scan.lexicon.edges:
        items.pop()
    return trimmed(scan, Shape(tuple(items))), days[0]


def settlement(scan: Scan) -> Candidate | None:
    """Who paid whom back: an amount, or all of it."""
    likely = scan.patterns("settlements.patterns")
    if not likely and scan.shape.marks("PN"):
        return None
    shape, day = undated(scan, trimmed(scan, scan.shape))
    if not shape.marks("PN"):
        shape, likely = _with_somebody(scan, shape), scan.lexicon.patterns["settlements.patterns"]
    if not (shape.marks("PN") or _names_oneself(scan, shape)) or gate(scan, shape) is not None:
        return None
    for pattern in likely:
        match = pattern.fullmatch(shape.text)
        if match is None:
            continue
        groups = {name: shape.span(match, name) for name, text in match.groupdict().items() if text is not None}
        sender, receiver = (groups.get(name, (None,))[0] for name in ("sender", "receiver"))
        candidate = _settlement(scan, shape, sender, receiver, groups, day)
        if candidate is not None:
            return candidate
    return None


def _names_oneself(scan: Scan, shape: Shape) -> bool:
    """ "I paid anna 20", said by Anna: nobody pays themselves back. "Mia" is a name too, where "mia" is "my"."""
    own, words = fold(scan.people.speaker), scan.lexicon.words["words.speaker"]
    said = [scan.tokens[item.first] for item in shape.marks(SPEAKER)]
    return len(said) > 1 and any(token.folded not in words or (token.folded == own and token.text[0].isupper()) for token in said)


def _with_somebody(scan: Scan, shape: Shape) -> Shape:
    """ "he paid me back 10": the shape with somebody for a pronoun that opens it, of whom nobody knows who it is."""
    first = shape.items[0] if shape.items else None
    if first is None or first.mark not in scan.lexicon.words["words.pronouns"] | scan.lexicon.words["words.somebody"]:
        return shape
    return Shape((replace(first, mark=NEW, mention=Mention(first.first, first.last, NEW, scan.words((first,)))), *shape.items[1:]))


def _of_reason(scan: Scan, day: Item) -> bool:
    """Whether a day says what the money is for, not when it was given: "20 to Bob for last night"."""
    place = next((place for place, item in enumerate(scan.shape.items) if item.first == day.first), 0)
    leads = (scan.lexicon.words[f"words.{name}"] for name in ("list_leads_purpose", "list_leads_payer", "owning"))
    return place > 0 and any(scan.shape.items[place - 1].mark in words for words in leads)


def _name(scan: Scan, item: Item | None) -> str:
    return item.mention.name if item is not None and item.mention is not None else scan.people.speaker


def _settlement(
    scan: Scan, shape: Shape, sender: Item | None, receiver: Item | None, groups: dict[str, tuple[Item, ...]], day: Item | None
) -> Candidate | None:
    giver, taker = _name(scan, sender), _name(scan, receiver)
    amount_item = (groups.get("amount") or groups.get("amount2") or (None,))[0]
    amount = amount_item.amount if amount_item is not None else None
    everything = any(pattern.search(shape.text) for pattern in scan.patterns("settlements.everything"))
    settling = any(item.mark in scan.lexicon.words["words.settling"] for item in shape.items)
    if giver == taker:
        return Candidate("settlement.same_person", Nothing("same_person"), 88) if amount is not None and receiver is not None else None
    if amount is None and not everything and not settling:
        return None
    new = tuple(_name(scan, item) for item in (sender, receiver) if item is not None and item.mark == NEW)
    when = day.day.start if day is not None and day.day is not None and not _of_reason(scan, day) else scan.today
    if amount is None:
        open_to_all = any(fold(name) in scan.lexicon.words["words.pronouns"] | scan.lexicon.words["words.somebody"] for name in new)
        return None if open_to_all else Candidate("settlement.all", RecordSettlement(giver, taker, None, when, new), 88)
    if amount.value == 0 or amount.negative:
        return Candidate("settlement.amount", Nothing("zero_amount" if amount.value == 0 else "negative_amount"), 88)
    try:
        money = Money.of(amount.value, amount.currency or scan.context.currency)
        question = _question(scan, giver, taker, money, new, when)
        if amount.other is not None:
            other = Money.rounded(amount.other, money.currency)
            options = tuple((f"{each} {each.currency}", RecordSettlement(giver, taker, each, when, new)) for each in (money, other))
            question = Question("ambiguous_amount", {"text": scan.words((amount_item,) if amount_item else ())}, options)
    except DomainError as problem:
        return Candidate("settlement.amount", Nothing(problem.code), 88)
    intent = RecordSettlement(giver, taker, money, when, new, foreign=foreign_of(amount))
    return Candidate("settlement.amount", intent, 88, question)


def _question(scan: Scan, giver: str, taker: str, money: Money, new: tuple[str, ...], when: date) -> Question | None:
    if with_own_means(scan, giver):
        return Question("who_shares", {"name": giver}) if new else Question(PROPOSAL)
    for written in new:
        if fold(written) in scan.lexicon.words["words.pronouns"] | scan.lexicon.words["words.somebody"]:
            return Question("who_shares", {"name": written})
        member = scan.people.like(written)
        if member is not None:
            same = RecordSettlement(member if giver == written else giver, member if taker == written else taker, money, when)
            return Question(
                "look_alike", {"written": written, "member": member}, ((member, same), (written, RecordSettlement(giver, taker, money, when, new)))
            )
    return None


def _shared_debt(scan: Scan, shape: Shape, day: Item | None) -> Candidate | None:
    """ "Anna and Bob owe me 15 each": one bill of 30 for the two; without "each" it may be either sum, which is asked.

    "Everyone owes me 5" is said of each of the others.
    """
    for pattern in scan.patterns("settlements.shared_debts"):
        match = pattern.fullmatch(shape.text)
        if match is None:
            continue
        (debtors, new), creditor = named(scan, shape.span(match, "debtors")), _name(scan, next(iter(shape.span(match, "creditor")), None))
        everyone = any(item.mark == EVERYONE for item in shape.span(match, "debtors"))
        debtors = tuple(person for person in debtors if person != creditor) if everyone else debtors
        amount = shape.span(match, "amount")[0].amount
        if len({item.number for item in shape.marks(AMOUNT)}) > 1:  # "15 and 20" are not the same for each
            return None
        if len(debtors) < 2 or creditor in debtors or new or amount is None or amount.other is not None or amount.value <= 0 or amount.negative:
            return None
        when = day.day.start if day is not None and day.day is not None else scan.today
        because = shape.span(match, "reason")
        reason = scan.words(because[len(because) > 1 and because[0].mark in scan.lexicon.words["words.determiners"] :])
        found = suggest(folded_words(reason), scan.lexicon)
        try:
            once = Money.of(amount.value, amount.currency or scan.context.currency)
        except DomainError as problem:
            return Candidate("expense.debt", Nothing(problem.code), 86)
        sums = [once * len(debtors), once]
        split = SplitSpec("equal", debtors)
        drafts = [
            ExpenseDraft(each, reason, found.category, when, (Payment(creditor),), split, None, found.confidence, found.choices) for each in sums
        ]
        whole, part = (RecordExpenses((draft,)) for draft in drafts)
        if everyone or shape.span(match, "each"):
            return Candidate("expense.debt", whole, 86)
        options = tuple((f"{money} {money.currency}", intent) for money, intent in zip(sums, (whole, part), strict=True))
        return Candidate("expense.debt", whole, 86, Question("ambiguous_amount", {"text": scan.words(shape.span(match, "amount"))}, options))
    return None


def debt(scan: Scan) -> Candidate | None:
    """ "Anna owes me 15", "I lent Bob 20", "borrowed 20 from Anna": the creditor paid, the debtor owes all of it."""
    if not scan.patterns("settlements.debts") and not scan.patterns("settlements.shared_debts"):
        return None
    shape, day = undated(scan, trimmed(scan, scan.shape), led=True)
    if not shape.marks("PNE") or gate(scan, shape) not in (None, "owed"):
        return None
    shared = _shared_debt(scan, shape, day)
    for pattern in scan.patterns("settlements.debts") if shared is None else ():
        match = pattern.fullmatch(shape.text)
        if match is None:
            continue
        debtor, creditor = (shape.span(match, name)[:1] if name in pattern.groupindex else () for name in ("debtor", "creditor"))
        names = [_name(scan, items[0] if items else None) for items in (debtor, creditor)]
        amount = shape.span(match, "amount")[0].amount
        if names[0] == names[1] or amount is None or amount.other is not None or amount.value == 0 or amount.negative:
            return None
        new = tuple(_name(scan, items[0]) for items in (debtor, creditor) if items and items[0].mark == NEW)
        reason = scan.words(shape.span(match, "reason"))
        when = day.day.start if day is not None and day.day is not None else scan.today
        try:
            money = Money.of(amount.value, amount.currency or scan.context.currency)
        except DomainError as problem:
            return Candidate("expense.debt", Nothing(problem.code), 86)
        found = suggest(folded_words(reason), scan.lexicon)
        split = SplitSpec("for", (names[0],))
        draft = ExpenseDraft(money, reason, found.category, when, (Payment(names[1]),), split, None, found.confidence, found.choices)
        intent = RecordExpenses((draft,), new)
        return Candidate("expense.debt", intent, 86, look_alike(scan, intent))
    return shared
