"""Double entry: postings move members' positions, a role says why, and an entry that does not sum to zero cannot exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from core.domain.money import Money


class Role(StrEnum):
    """Why a posting moves a position. A positive amount means the book owes the member more."""

    PAID = "paid"  # +: put money in for a bill
    SHARE = "share"  # -: owes this part of a bill; the only role that counts as spending
    SENT = "sent"  # +: paid a debt back
    RECEIVED = "received"  # -: was paid back
    EARNED = "earned"  # -: holds income that came in
    ENTITLED = "entitled"  # +: the income belongs to them
    SPARED = "spared"  # -: laid out of what is free
    ASIDE = "aside"  # +: lies with a goal, and is theirs as before


class EntryKind(StrEnum):
    EXPENSE = "expense"
    SETTLEMENT = "settlement"
    INCOME = "income"
    SAVING = "saving"  # put aside for the goal that `split` names, or taken out again
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class Posting:
    """One move of one member's position. `remainder`: exact share minus booked share, in millionths of a minor unit."""

    member_id: UUID
    role: Role
    amount: Money
    remainder: int = 0


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One thing that happened to money in one book. Never changed: an edit is a reversal and a new entry with the same `bill_id`."""

    book_id: UUID
    entry_id: UUID
    bill_id: UUID
    kind: EntryKind
    occurred_on: date
    recorded_at: datetime
    actor_id: UUID | None
    reason: str
    effect_key: bytes
    postings: tuple[Posting, ...]
    description: str = ""
    category: str | None = None
    author_id: UUID | None = None
    reverses: UUID | None = None
    split: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        assert len(self.postings) >= 2, "an entry moves at least two positions (or one position twice)"
        assert all(total == 0 for total in totals(self.postings).values()), "postings sum to zero in every currency"
        assert (self.kind is EntryKind.REVERSAL) == (self.reverses is not None), "a reversal names what it reverses"

    def amount(self) -> Money:
        """The bill's amount: what was put in. Only for entries of one currency."""
        positive = [posting.amount for posting in self.postings if posting.amount.minor > 0]
        return sum(positive[1:], positive[0]) if positive else Money(0, self.postings[0].amount.currency)


def parties(entry: JournalEntry) -> tuple[UUID, UUID]:
    """Who sent and who received a settlement."""
    by_role = {posting.role: posting.member_id for posting in entry.postings}
    return by_role[Role.SENT], by_role[Role.RECEIVED]


def laid_aside(entry: JournalEntry) -> Money:
    """What a saving put aside, below zero what it took out."""
    return next(posting.amount for posting in entry.postings if posting.role is Role.ASIDE)


def totals(postings: Iterable[Posting]) -> dict[str, int]:
    """Currency to the sum of amounts in minor units."""
    sums: dict[str, int] = defaultdict(int)
    for posting in postings:
        sums[posting.amount.currency] += posting.amount.minor
    return dict(sums)


def balance_parts(postings: Sequence[Posting]) -> dict[str, Money]:
    """One member's balance in one currency: what they `paid`, their `share` of it all, what was `settled`, and the `balance` that this makes."""
    currency = postings[0].amount.currency

    def total(*roles: Role) -> Money:
        return Money.total((posting.amount for posting in postings if posting.role in roles), currency)

    paid, share, whole = total(Role.PAID), total(Role.SHARE), total(*Role)
    return {"paid": paid, "share": -share, "settled": whole - paid - share, "balance": whole}


def reverse(entry: JournalEntry, *, entry_id: UUID, recorded_at: datetime, actor_id: UUID | None, reason: str, effect_key: bytes) -> JournalEntry:
    """The entry that takes `entry` back, remainders included: same day, same category, opposite signs."""
    assert entry.kind is not EntryKind.REVERSAL, "a reversal is not reversed: record the bill anew"
    return JournalEntry(
        book_id=entry.book_id,
        entry_id=entry_id,
        bill_id=entry.bill_id,
        kind=EntryKind.REVERSAL,
        occurred_on=entry.occurred_on,
        recorded_at=recorded_at,
        actor_id=actor_id,
        reason=reason,
        effect_key=effect_key,
        postings=tuple(Posting(posting.member_id, posting.role, -posting.amount, -posting.remainder) for posting in entry.postings),
        description=entry.description,
        category=entry.category,
        author_id=entry.author_id,
        reverses=entry.entry_id,
        split=entry.split,
    )


def taken_back(reversal: JournalEntry) -> JournalEntry:
    """The entry that a reversal took back, as far as the reversal tells: its own id and moment, the other's money, day and words."""
    roles = {posting.role for posting in reversal.postings}
    telling = {Role.SENT: EntryKind.SETTLEMENT, Role.EARNED: EntryKind.INCOME, Role.ASIDE: EntryKind.SAVING}
    kind = next((kind for role, kind in telling.items() if role in roles), EntryKind.EXPENSE)
    postings = tuple(replace(posting, amount=-posting.amount, remainder=-posting.remainder) for posting in reversal.postings)
    return replace(reversal, kind=kind, reverses=None, postings=postings)
