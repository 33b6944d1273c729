"""Recording, changing and taking back bills, settlements and income: always new entries, never a change of an old one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from core.db import ledger
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.bills import Bill, amount_of, frozen, postings
from core.domain.exchange import Exchange, Paid, kept
from core.domain.ledger import EntryKind, JournalEntry, Posting, Role, reverse
from core.domain.money import Money
from core.domain.people import Action
from core.errors import DomainError
from core.services import rights


@dataclass(slots=True)
class Effects:
    """Hands out the idempotency keys of one message's effects, in order, and says whose they are."""

    key: bytes
    actor_id: UUID | None
    author_id: UUID | None
    count: int = 0

    def next_key(self) -> bytes:
        self.count += 1
        return self.key + self.count.to_bytes(2, "big")


def record_bill(
    uow: UnitOfWork,
    book_id: UUID,
    bill: Bill,
    effects: Effects,
    *,
    now: datetime,
    bill_id: UUID | None = None,
    reason: str = "recorded",
    approved: bool = False,
) -> JournalEntry:
    """Post an expense. `approved`: by somebody else, or no more than what was there.

    Raises DomainError `split_does_not_add_up`, `payments_do_not_add_up`, `nobody_shares`, `zero_amount`, `needs_approval`, and those of rights.
    """
    if not bill.amount:
        raise DomainError("zero_amount")
    rights.check(uow, book_id, effects.actor_id, Action.RECORD)
    if not approved:
        rights.check_approved(uow, book_id, bill.amount, effects.actor_id)
    currency = bill.amount.currency
    behind = {member: balance.remainder for (member, code), balance in uow.balances(book_id).items() if code == currency}
    entry_id = new_id()
    entry = JournalEntry(
        book_id=book_id,
        entry_id=entry_id,
        bill_id=bill_id or entry_id,
        kind=EntryKind.EXPENSE,
        occurred_on=bill.date,
        recorded_at=now,
        actor_id=effects.actor_id,
        reason=reason,
        effect_key=effects.next_key(),
        postings=postings(bill, behind=behind),
        description=bill.description,
        category=bill.category or "other",
        author_id=effects.author_id,
        split=frozen(bill),
    )
    uow.post(entry)
    return entry


def amend_bill(
    uow: UnitOfWork, standing: JournalEntry, bill: Bill, effects: Effects, *, now: datetime, reason: str = "edited", approved: bool = False
) -> JournalEntry:
    """Reverse what stands and post the bill anew under the same bill id; the rounding is given back first. Raises as record_bill."""
    approved = approved or not is_more(bill.amount, amount_of(standing))
    take_back(uow, standing, effects, now=now, reason=reason)
    return record_bill(uow, standing.book_id, bill, effects, now=now, bill_id=standing.bill_id, reason=reason, approved=approved)


def is_more(amount: Money, than: Money) -> bool:
    """Of another currency nobody can tell, so it is."""
    return amount.currency != than.currency or amount.minor > than.minor


def take_back(uow: UnitOfWork, standing: JournalEntry, effects: Effects, *, now: datetime, reason: str) -> JournalEntry:
    """Reverse what stands. `reason`: undone, deleted, declined, edited, restored. Raises as rights.check; whose it is was checked before."""
    if reason == "declined":
        rights.check(uow, standing.book_id, effects.actor_id, Action.SETTLE, owners=[posting.member_id for posting in standing.postings])
    else:
        rights.check(uow, standing.book_id, effects.actor_id, Action.CHANGE, owned=True)
    entry = reverse(standing, entry_id=new_id(), recorded_at=now, actor_id=effects.actor_id, reason=reason, effect_key=effects.next_key())
    uow.post(entry)
    return entry


async def undo(uow: UnitOfWork, standing: JournalEntry, effects: Effects, *, now: datetime) -> JournalEntry | None:
    """Take back the newest version: the version before it stands again, or nothing where it was the first. Returns what stands now."""
    before = await _version_before(uow, standing)
    take_back(uow, standing, effects, now=now, reason="undone")
    if before is None:
        return None
    entry = JournalEntry(
        book_id=before.book_id,
        entry_id=new_id(),
        bill_id=before.bill_id,
        kind=before.kind,
        occurred_on=before.occurred_on,
        recorded_at=now,
        actor_id=before.actor_id,  # whose bill it is again; the reversal says who took the change back
        reason="restored",
        effect_key=effects.next_key(),
        postings=before.postings,
        description=before.description,
        category=before.category,
        author_id=before.author_id,
        split=before.split,
    )
    uow.post(entry)
    return entry


async def _version_before(uow: UnitOfWork, standing: JournalEntry) -> JournalEntry | None:
    """The version that the standing one changed, or (where that was itself undone) the one before: what was undone is not come back to."""
    versions = await ledger.versions(uow, standing.book_id, bill_id=standing.bill_id)
    stands: list[JournalEntry] = []  # a change lies on top of what it changed
    for entry, follower in zip(versions, [*versions[1:], None], strict=True):
        if entry.reason == "undone":
            stands.pop()
        elif entry.kind is EntryKind.REVERSAL:
            if follower is None or follower.reason != entry.reason:  # taken back without a new version
                stands.clear()
        elif entry.reason != "restored":
            stands.append(entry)
    return stands[-2] if len(stands) > 1 else None


def record_settlement(
    uow: UnitOfWork,
    book_id: UUID,
    *,
    sender: UUID,
    receiver: UUID,
    amount: Money,
    on: date,
    effects: Effects,
    now: datetime,
    bill_id: UUID | None = None,
    paid: Paid | None = None,
) -> JournalEntry:
    """Post a payment between two members; `paid`: what was handed over, where that was another currency.

    Raises DomainError `zero_amount`, `negative_amount`, `same_person`.
    """
    if amount.minor <= 0:
        raise DomainError("negative_amount" if amount else "zero_amount")
    if sender == receiver:
        raise DomainError("same_person")
    rights.check(uow, book_id, effects.actor_id, Action.SETTLE, owners=(sender, receiver))
    legs = (Posting(sender, Role.SENT, amount), Posting(receiver, Role.RECEIVED, -amount))
    split = kept(paid) if paid is not None else {}
    return _post_plain(
        uow, book_id, EntryKind.SETTLEMENT, legs, on=on, description="", category=None, effects=effects, now=now, bill_id=bill_id, split=split
    )


def record_exchange(uow: UnitOfWork, book_id: UUID, found: Exchange[UUID], *, on: date, effects: Effects, now: datetime) -> list[JournalEntry]:
    """Post a payment in one currency as the debts that it settles, each in its own."""
    return [
        record_settlement(
            uow,
            book_id,
            sender=cover.debt.sender,
            receiver=cover.debt.receiver,
            amount=cover.debt.amount,
            on=on,
            effects=effects,
            now=now,
            paid=cover.paid,
        )
        for cover in found.covers
    ]


def record_income(
    uow: UnitOfWork, book_id: UUID, *, member: UUID, amount: Money, description: str, on: date, effects: Effects, now: datetime
) -> JournalEntry:
    """Post income of one member: it never moves a balance."""
    if amount.minor <= 0:
        raise DomainError("negative_amount" if amount else "zero_amount")
    rights.check(uow, book_id, effects.actor_id, Action.RECORD)
    legs = (Posting(member, Role.EARNED, -amount), Posting(member, Role.ENTITLED, amount))
    return _post_plain(uow, book_id, EntryKind.INCOME, legs, on=on, description=description, category="income", effects=effects, now=now)


def record_saving(
    uow: UnitOfWork,
    book_id: UUID,
    *,
    member: UUID,
    goal_id: UUID,
    amount: Money,
    description: str,
    on: date,
    effects: Effects,
    now: datetime,
    bill_id: UUID | None = None,
    reason: str = "recorded",
) -> JournalEntry:
    """Put money of one member aside for a goal, or (below zero) take it out: it stays theirs, so no balance moves and nothing is spent."""
    if not amount:
        raise DomainError("zero_amount")
    rights.check(uow, book_id, effects.actor_id, Action.RECORD)
    legs = (Posting(member, Role.SPARED, -amount), Posting(member, Role.ASIDE, amount))
    split = {"goal": str(goal_id)}
    return _post_plain(
        uow,
        book_id,
        EntryKind.SAVING,
        legs,
        on=on,
        description=description,
        category=None,
        effects=effects,
        now=now,
        bill_id=bill_id,
        split=split,
        reason=reason,
    )


def _post_plain(
    uow: UnitOfWork,
    book_id: UUID,
    kind: EntryKind,
    legs: tuple[Posting, ...],
    *,
    on: date,
    description: str,
    category: str | None,
    effects: Effects,
    now: datetime,
    bill_id: UUID | None = None,
    split: Mapping[str, object] | None = None,
    reason: str = "recorded",
) -> JournalEntry:
    entry_id = new_id()
    entry = JournalEntry(
        book_id=book_id,
        entry_id=entry_id,
        bill_id=bill_id or entry_id,
        kind=kind,
        occurred_on=on,
        recorded_at=now,
        actor_id=effects.actor_id,
        reason=reason,
        effect_key=effects.next_key(),
        postings=legs,
        description=description,
        category=category,
        author_id=effects.author_id,
        split=split or {},
    )
    uow.post(entry)
    return entry
