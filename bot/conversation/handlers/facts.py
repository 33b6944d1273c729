"""Facts of a bill and of the book put into words: who paid, who owes what through it, and the new standing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from bot.conversation.replies.formats import opening
from bot.conversation.scene import Scene
from core.domain import settlement
from core.domain.bills import amount_of, payers_of, shares_of
from core.domain.exchange import handed_over, paid_of
from core.domain.ledger import EntryKind, JournalEntry, laid_aside, parties
from core.domain.money import Money
from core.services import plans as services

FACTS_MOST = 8
PLAN_MOST = 24
BAR = 10  # signs


def what(scene: Scene, description: str) -> str:
    """The description with a capital, as it starts a sentence."""
    return opening(scene.voice.name(description) or scene.say("what_default"))


def titled(scene: Scene, entry: JournalEntry) -> str:
    """ "Taxi €24" or "Bob → Anna €18"."""
    if entry.kind is EntryKind.SETTLEMENT:
        return transfer(scene, *parties(entry), amount(scene, entry))
    if entry.kind is EntryKind.SAVING:
        return saved(scene, [entry])
    return f"{what(scene, entry.description)} {amount(scene, entry)}"


def titles(scene: Scene, entries: Sequence[JournalEntry]) -> str:
    """The same of several; the parts of a payment in another currency are told as that payment."""
    whole = handed_over(entries) if entries[0].kind is EntryKind.SETTLEMENT else None
    pairs = {frozenset(parties(entry)) for entry in entries} if whole is not None else set()
    if whole is not None and len(pairs) == 1:
        return transfer(scene, *parties(entries[0]), whole.money)
    return ", ".join(titled(scene, entry) for entry in entries)


def saved(scene: Scene, entries: Sequence[JournalEntry]) -> str:
    """ "€50 put aside for Bike": what entries moved for one goal, all in one direction."""
    moved = Money.total((laid_aside(entry) for entry in entries), entries[0].postings[0].amount.currency)
    return scene.say(
        "saving_in" if moved.minor > 0 else "saving_out", amount=moved if moved.minor > 0 else -moved, what=what(scene, entries[0].description)
    )


def bar(thousandths: int) -> str:
    """A part of a whole as a row of signs."""
    full = min(BAR, thousandths * BAR // 1000)
    return "█" * full + "░" * (BAR - full)


def amount(scene: Scene, entry: JournalEntry) -> str:
    """ "€24", or "€18.50 ($20)" where another currency was handed over."""
    text, paid = scene.voice.amount(amount_of(entry)), paid_of(entry)
    return text if paid is None or paid.money == amount_of(entry) else scene.say("with_foreign", amount=text, foreign=paid.money)


def transfer(scene: Scene, sender: UUID, receiver: UUID, amount: Money | str) -> str:
    return scene.say("transfer", sender=scene.name(sender), receiver=scene.name(receiver), amount=amount)


def when(scene: Scene, entry: JournalEntry) -> str:
    """Nothing for today, else " · Thu 13 Mar"."""
    return "" if entry.occurred_on == scene.today else scene.say("on_day", day=entry.occurred_on)


def shares(scene: Scene, entry: JournalEntry) -> str:
    """ "€6 each", or "Anna €3.34 and you €3.33"; "Anna and you €30 each" where not everybody shares."""
    owed = shares_of(entry)
    everyone = with_everyone(scene, entry)
    amounts = set(owed.values())
    names = [scene.you_or_name(member) for member in sorted(owed, key=lambda member: member == scene.you)]
    if len(amounts) == 1 and len(owed) > 1:
        each = scene.say("each", amount=amounts.pop())
        return each if everyone else scene.say("part", who=scene.voice.listing(names), amount=each)
    parts = [scene.say("part", who=scene.you_or_name(member), amount=amount) for member, amount in list(owed.items())[:FACTS_MOST]]
    if len(owed) > FACTS_MOST:
        parts.append("…")
    return scene.voice.listing(parts)


def with_everyone(scene: Scene, entry: JournalEntry) -> bool:
    if entry.split.get("type") != "equal" or not scene.shared:
        return False
    active = {member.member_id for member in scene.book.members if member.active}
    return len(active) > 1 and set(shares_of(entry)) == active


def payers(scene: Scene, entry: JournalEntry, *, you: str = "you") -> str:
    """ "you", or "Anna €20 and Bob €10" where several paid. `you`: the catalogue's code of the reader, as the sentence needs it."""
    put_in = payers_of(entry)
    if len(put_in) == 1:
        return scene.you_or_name(next(iter(put_in)), you=you)
    return scene.voice.listing(scene.say("part", who=scene.you_or_name(member, you=you), amount=amount) for member, amount in put_in.items())


def is_alone(scene: Scene, entry: JournalEntry) -> bool:
    """Whether the bill concerns nobody but who reads this. A goal of several concerns them all."""
    if entry.kind is EntryKind.SAVING and scene.shared:
        return False
    return {scene.first(posting.member_id) for posting in entry.postings} == {scene.you}


def mine(scene: Scene, book_id: UUID | None = None) -> dict[str, int]:
    """The reader's own balance in a book by currency, in minor units, zeros left out; positive is owed to them."""
    person_id = scene.person.person_id if scene.reader is None else scene.reader.person_id
    me = next((m for m in scene.uow.book(book_id or scene.book_id).members if m.person_id == person_id), None)
    assert me is not None, "a book of the reader has the reader in it"
    return {code: minor for (member, code), minor in balances(scene, book_id).items() if member == me.member_id and minor}


def balances(scene: Scene, book_id: UUID | None = None) -> dict[tuple[UUID, str], int]:
    """(member, currency) to minor units, of a member who is in the book twice both positions together."""
    book = scene.uow.book(book_id or scene.book_id)
    sums: dict[tuple[UUID, str], int] = defaultdict(int)
    for (member, currency), balance in scene.uow.balances(book.book_id).items():
        sums[book.first(book.member(member)).member_id, currency] += balance.amount
    return sums


def standing(scene: Scene) -> str:
    """ "You are owed €17.50 in all." over the currencies of the book; to a whole group nothing."""
    if scene.to_group:
        return ""
    balance = mine(scene)
    owed = {code: amount for code, amount in balance.items() if amount > 0}
    owes = {code: -amount for code, amount in balance.items() if amount < 0}
    said = [scene.say("owed", amount=scene.voice.amounts(owed))] if owed else []
    said += [scene.say("owe", amount=scene.voice.amounts(owes))] if owes else []
    return " ".join(said) or scene.say("even")


async def plans(scene: Scene, book_id: UUID | None = None) -> list[settlement.Transfer[UUID]]:
    """The fewest transfers that make everyone of a book even, a currency at a time; what is left of them while they are paid."""
    made = await services.plans(scene.uow, book_id or scene.book_id)
    return [move for plan in made.values() for move in plan.transfers]


def plan_text(scene: Scene, moves: list[settlement.Transfer[UUID]], *, largest: bool = False) -> str:
    """Each payment: side by side, or many below each other. In plain text, and where that is enough, the `largest` alone."""
    most = FACTS_MOST if largest or scene.voice.plain else PLAN_MOST
    shown = [transfer(scene, move.sender, move.receiver, move.amount) for move in moves[:most]] + (["…"] if len(moves) > most else [])
    return ("\n" if len(shown) > FACTS_MOST + 1 else " · ").join(shown)


def count_text(scene: Scene, count: int) -> str:
    return scene.say("payments_left", count=count)


def in_book(scene: Scene, text: str) -> str:
    """Names the book where it is not the chat's own; personal books have no name."""
    return text if scene.book_id == scene.home_id or not scene.shared else scene.say("in_book", book=scene.voice.name(scene.book.name), text=text)


def everyone(scene: Scene) -> tuple[UUID, ...]:
    """All active members, the sender first."""
    active = [member.member_id for member in scene.book.members if member.active]
    return tuple(sorted(active, key=lambda member: member != scene.me.member_id))
