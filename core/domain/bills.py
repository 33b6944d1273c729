"""A bill as people see it (who paid, who shares, how) and its one way into and out of ledger postings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.domain.ledger import EntryKind, JournalEntry, Posting, Role
from core.domain.money import Money
from core.domain.splits import split
from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Bill:
    """Weights and exact shares are frozen here, so that reading the bill again never changes it.

    `payments`: member to amount, None for an equal part of what the others did not pay. `people`: who shares, in order.
    """

    amount: Money
    description: str
    category: str | None
    date: date
    payments: tuple[tuple[UUID, Money | None], ...]
    split_type: str
    people: tuple[UUID, ...]
    weights: tuple[tuple[UUID, Decimal], ...] = ()
    exact: tuple[tuple[UUID, Money], ...] = ()

    def with_amount(self, amount: Money) -> Bill:
        """The same bill over another amount: a single payer pays all of it; exact shares no longer hold unless they add up."""
        payments = self.payments if len(self.payments) > 1 else tuple((member, None) for member, _ in self.payments)
        return replace(self, amount=amount, payments=payments)

    def with_people(self, people: Sequence[UUID]) -> Bill:
        """The same bill shared equally by others."""
        if not people:
            raise DomainError("nobody_shares")
        return replace(self, split_type="equal", people=tuple(people), weights=(), exact=())


def paid(bill: Bill) -> dict[UUID, Money]:
    """Who put in how much; the parts sum to the amount. Raises DomainError `payments_do_not_add_up`."""
    known = {member: amount for member, amount in bill.payments if amount is not None}
    rest = bill.amount - sum(known.values(), Money(0, bill.amount.currency))
    open_payers = [member for member, amount in bill.payments if amount is None]
    if not open_payers:
        if rest:
            raise DomainError("payments_do_not_add_up", difference=rest)
        return known
    return known | {share.member: share.amount for share in split(rest, type="equal", people=open_payers)}


def postings(bill: Bill, *, behind: Mapping[UUID, int]) -> tuple[Posting, ...]:
    """The bill on the ledger: what each put in, then what each owes. `behind`: each member's rounding so far (see splits)."""
    put_in = paid(bill)
    shares = split(
        bill.amount,
        type=bill.split_type,
        people=bill.people,
        weights=dict(bill.weights) or None,
        exact=dict(bill.exact) or None,
        payers=tuple(put_in),
        behind=behind,
    )
    return (
        *(Posting(member, Role.PAID, amount) for member, amount in put_in.items()),
        *(Posting(share.member, Role.SHARE, -share.amount, share.remainder) for share in shares),
    )


def frozen(bill: Bill) -> dict[str, Any]:
    """What the entry keeps of how the bill was split (JSON)."""
    return {
        "type": bill.split_type,
        "people": [str(member) for member in bill.people],
        "payments": [[str(member), None if amount is None else amount.minor] for member, amount in bill.payments],
        "weights": {str(member): str(weight) for member, weight in bill.weights},
        "exact": {str(member): amount.minor for member, amount in bill.exact},
    }


def bill_of(entry: JournalEntry) -> Bill:
    """The bill behind an expense entry."""
    assert entry.kind is EntryKind.EXPENSE
    kept: Mapping[str, Any] = entry.split
    currency = entry.postings[0].amount.currency
    paid_minor = sum(posting.amount.minor for posting in entry.postings if posting.role is Role.PAID)
    return Bill(
        amount=Money(paid_minor, currency),
        description=entry.description,
        category=entry.category,
        date=entry.occurred_on,
        payments=tuple((UUID(member), None if minor is None else Money(minor, currency)) for member, minor in kept["payments"]),
        split_type=kept["type"],
        people=tuple(UUID(member) for member in kept["people"]),
        weights=tuple((UUID(member), Decimal(weight)) for member, weight in kept["weights"].items()),
        exact=tuple((UUID(member), Money(minor, currency)) for member, minor in kept["exact"].items()),
    )


def shares_of(entry: JournalEntry) -> dict[UUID, Money]:
    """Member to what they owe of an expense (positive)."""
    return {posting.member_id: -posting.amount for posting in entry.postings if posting.role is Role.SHARE}


def payers_of(entry: JournalEntry) -> dict[UUID, Money]:
    """Member to what they put in."""
    return {posting.member_id: posting.amount for posting in entry.postings if posting.role is Role.PAID}
