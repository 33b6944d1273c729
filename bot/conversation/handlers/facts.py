"""Facts of a bill and of the book put into words: who paid, who owes what through it, and the new standing."""

from __future__ import annotations

from uuid import UUID

from bot.conversation.scene import Scene
from core.domain import settlement
from core.domain.bills import payers_of, shares_of
from core.domain.ledger import EntryKind, JournalEntry, Role
from core.domain.money import Money

FACTS_MOST = 8


def what(scene: Scene, description: str) -> str:
    """The description with a capital, as it starts a sentence."""
    text = scene.voice.name(description) or scene.say("what_default")
    return text[:1].upper() + text[1:]


def titled(scene: Scene, entry: JournalEntry) -> str:
    """ "Taxi €24" or "Bob → Anna €18"."""
    if entry.kind is EntryKind.SETTLEMENT:
        return transfer(scene, *parties(entry), entry.amount())
    return f"{what(scene, entry.description)} {scene.voice.amount(amount_of(entry))}"


def amount_of(entry: JournalEntry) -> Money:
    """The bill's amount; a refund's is negative."""
    if entry.kind is EntryKind.EXPENSE:
        return Money(sum(amount.minor for amount in payers_of(entry).values()), entry.postings[0].amount.currency)
    return entry.amount()


def parties(entry: JournalEntry) -> tuple[UUID, UUID]:
    """Who sent and who received a settlement."""
    by_role = {posting.role: posting.member_id for posting in entry.postings}
    return by_role[Role.SENT], by_role[Role.RECEIVED]


def transfer(scene: Scene, sender: UUID, receiver: UUID, amount: Money) -> str:
    return scene.say("transfer", sender=scene.name(sender), receiver=scene.name(receiver), amount=amount)


def when(scene: Scene, entry: JournalEntry) -> str:
    """Nothing for today, else " · Thu 13 Mar"."""
    return "" if entry.occurred_on == scene.today else scene.say("on_day", day=entry.occurred_on)


def shares(scene: Scene, entry: JournalEntry) -> str:
    """ "€6 each", or "Anna €3.34 and you €3.33"; "Anna and you €30 each" where not everybody shares."""
    owed = shares_of(entry)
    everyone = with_everyone(scene, entry)
    amounts = set(owed.values())
    names = [scene.you_or_name(member) for member in sorted(owed, key=lambda member: member == scene.me.member_id)]
    if len(amounts) == 1 and len(owed) > 1:
        each = scene.say("each", amount=amounts.pop())
        return each if everyone else scene.say("part", who=scene.voice.listing(names), amount=each)
    parts = [scene.say("part", who=scene.you_or_name(member), amount=amount) for member, amount in list(owed.items())[:FACTS_MOST]]
    if len(owed) > FACTS_MOST:
        parts.append("…")
    return scene.voice.listing(parts)


def with_everyone(scene: Scene, entry: JournalEntry) -> bool:
    if entry.split.get("type") != "equal":
        return False
    active = {member.member_id for member in scene.book.members if member.active}
    return len(active) > 1 and set(shares_of(entry)) == active


def payers(scene: Scene, entry: JournalEntry) -> str:
    """ "you", or "Anna €20 and Bob €10" where several paid."""
    put_in = payers_of(entry)
    if len(put_in) == 1:
        return scene.you_or_name(next(iter(put_in)))
    return scene.voice.listing(scene.say("part", who=scene.you_or_name(member), amount=amount) for member, amount in put_in.items())


def is_alone(scene: Scene, entry: JournalEntry) -> bool:
    """Whether the bill concerns nobody but the sender."""
    return {posting.member_id for posting in entry.postings} == {scene.me.member_id}


def mine(scene: Scene, book_id: UUID | None = None) -> dict[str, int]:
    """The sender's own balance in a book by currency, in minor units, zeros left out; positive is owed to them."""
    me = scene.uow.book(book_id or scene.book_id).member_of(scene.person.person_id)
    assert me is not None, "a book of the sender has the sender in it"
    return {code: b.amount for (member, code), b in scene.uow.balances(book_id or scene.book_id).items() if member == me.member_id and b.amount}


def standing(scene: Scene) -> str:
    """ "You are owed €17.50 in all." over the currencies of the book."""
    balance = mine(scene)
    owed = {code: amount for code, amount in balance.items() if amount > 0}
    owes = {code: -amount for code, amount in balance.items() if amount < 0}
    said = [scene.say("owed", amount=scene.voice.amounts(owed))] if owed else []
    said += [scene.say("owe", amount=scene.voice.amounts(owes))] if owes else []
    return " ".join(said) or scene.say("even")


def plans(scene: Scene, book_id: UUID | None = None) -> list[settlement.Transfer[UUID]]:
    """The fewest transfers that make everyone of a book even, a currency at a time."""
    by_currency: dict[str, dict[UUID, int]] = {}
    for (member, currency), balance in scene.uow.balances(book_id or scene.book_id).items():
        if balance.amount:
            by_currency.setdefault(currency, {})[member] = balance.amount
    return [move for currency, balances in sorted(by_currency.items()) for move in settlement.plan(balances, currency).transfers]


def plan_text(scene: Scene, moves: list[settlement.Transfer[UUID]]) -> str:
    shown = [transfer(scene, move.sender, move.receiver, move.amount) for move in moves[:FACTS_MOST]]
    return " · ".join(shown + (["…"] if len(moves) > FACTS_MOST else []))


def in_book(scene: Scene, text: str) -> str:
    """Names the book where it is not the chat's own."""
    return text if scene.book_id == scene.home_id else scene.say("in_book", book=scene.voice.name(scene.book.name), text=text)


def everyone(scene: Scene) -> tuple[UUID, ...]:
    """All active members, the sender first."""
    active = [member.member_id for member in scene.book.members if member.active]
    return tuple(sorted(active, key=lambda member: member != scene.me.member_id))
