"""A bill as people see it (who paid, who shares, how) and its one way into and out of ledger postings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.domain.exchange import Paid, kept, read_paid
from core.domain.ledger import EntryKind, JournalEntry, Posting, Role
from core.domain.money import Money
from core.domain.splits import ClaimedLine, split, split_lines, with_rest
from core.errors import DomainError


@dataclass(frozen=True, slots=True)
class Bill:
    """Weights and exact shares are frozen here, so that reading the bill again never changes it.

    `payments`: member to amount, None for an equal part of what the others did not pay. `people`: who shares, in order. `exact`: what each owes, or
    (type `adjusted`) more than a common part, less where negative.
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
    foreign: Paid | None = None  # what was handed over, where that was another currency
    lines: tuple[ClaimedLine[UUID], ...] = ()  # of the type `items`; one that is shared equally again keeps them, unclaimed

    def with_amount(self, amount: Money) -> Bill:
        """The same bill over another amount: a single payer pays all of it; exact shares no longer hold unless they add up."""
        payments = self.payments if len(self.payments) > 1 else tuple((member, None) for member, _ in self.payments)
        return replace(self, amount=amount, payments=payments, foreign=self.foreign if amount == self.amount else None)

    def recounted(self, code: str) -> Bill:
        """The same numbers in another currency. Raises `too_many_decimals`, `unknown_currency`."""

        def move(amount: Money) -> Money:
            return Money.of(amount.decimal.normalize(), code)

        return replace(
            self,
            amount=move(self.amount),
            payments=tuple((member, amount and move(amount)) for member, amount in self.payments),
            exact=tuple((member, move(amount)) for member, amount in self.exact),
            lines=tuple(replace(line, amount=move(Money(line.amount, self.amount.currency)).minor) for line in self.lines),
            foreign=None,
        )

    def with_tip(self, tip: Money) -> Bill:
        """The same bill with something on top."""
        return self.with_amount(self.amount + tip)

    def left_to(self, others: Sequence[UUID]) -> Bill:
        """The same bill of exact parts, others sharing equally what these leave. As it is where they leave nothing."""
        exact, _ = with_rest(self.amount, self.exact, takers=others)
        return self if exact == self.exact else replace(self, exact=exact, people=(*self.people, *others))

    def with_people(self, people: Sequence[UUID]) -> Bill:
        """The same bill shared equally by others."""
        if not people:
            raise DomainError("nobody_shares")
        if self.split_type == "items":
            return self.with_lines([replace(line, claims=tuple(claim for claim in line.claims if claim[0] in people)) for line in self.lines], people)
        return replace(self, split_type="equal", people=tuple(people), weights=(), exact=())

    def undivided(self, people: Sequence[UUID]) -> Bill:
        """The same bill shared equally, whoever claimed what."""
        return replace(self.with_lines([replace(line, claims=()) for line in self.lines], people), split_type="equal")

    def with_lines(self, lines: Sequence[ClaimedLine[UUID]], people: Sequence[UUID]) -> Bill:
        """The same bill shared by its lines; `people` share what nobody claimed."""
        return replace(self, split_type="items", people=tuple(people), weights=(), exact=(), lines=tuple(lines))


def paid(bill: Bill) -> dict[UUID, Money]:
    """Who put in how much; the parts sum to the amount. Raises DomainError `payments_do_not_add_up`."""
    known = {member: amount for member, amount in bill.payments if amount is not None}
    rest = bill.amount - Money.total(known.values(), bill.amount.currency)
    open_payers = [member for member, amount in bill.payments if amount is None]
    if not open_payers:
        if rest:
            raise DomainError("payments_do_not_add_up", difference=rest)
        return known
    if known and (not rest or (rest.minor > 0) != (bill.amount.minor > 0)):
        raise DomainError("payments_do_not_add_up", difference=rest)  # nothing is left that somebody else may have paid
    return known | {share.member: share.amount for share in split(rest, type="equal", people=open_payers)}


def postings(bill: Bill, *, behind: Mapping[UUID, int]) -> tuple[Posting, ...]:
    """The bill on the ledger: what each put in, then what each owes. `behind`: each member's rounding so far (see splits)."""
    put_in = paid(bill)
    if bill.split_type == "items":
        shares = split_lines(bill.amount, lines=bill.lines, people=bill.people, payers=tuple(put_in), behind=behind)
    else:
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
    lines = [[line.number, line.amount, line.quantity, [[str(member), part] for member, part in line.claims]] for line in bill.lines]
    return (
        ({"lines": lines} if bill.lines else {})
        | (kept(bill.foreign) if bill.foreign is not None else {})
        | {
            "type": bill.split_type,
            "people": [str(member) for member in bill.people],
            "payments": [[str(member), None if amount is None else amount.minor] for member, amount in bill.payments],
            "weights": {str(member): str(weight) for member, weight in bill.weights},
            "exact": {str(member): amount.minor for member, amount in bill.exact},
        }
    )


def bill_of(entry: JournalEntry) -> Bill:
    """The bill behind an expense entry."""
    assert entry.kind is EntryKind.EXPENSE
    return thawed(entry.split, amount=amount_of(entry), description=entry.description, category=entry.category, on=entry.occurred_on)


def thawed(kept: Mapping[str, Any], *, amount: Money, description: str, category: str | None, on: date) -> Bill:
    """The bill of which `frozen` kept how it was split."""
    currency = amount.currency
    return Bill(
        amount=amount,
        description=description,
        category=category,
        date=on,
        payments=tuple((UUID(member), None if minor is None else Money(minor, currency)) for member, minor in kept["payments"]),
        split_type=kept["type"],
        people=tuple(UUID(member) for member in kept["people"]),
        weights=tuple((UUID(member), Decimal(weight)) for member, weight in kept["weights"].items()),
        exact=tuple((UUID(member), Money(minor, currency)) for member, minor in kept["exact"].items()),
        foreign=read_paid(kept, currency) if "paid" in kept else None,
        lines=tuple(
            ClaimedLine(number, minor, quantity, tuple((UUID(member), part) for member, part in claims))
            for number, minor, quantity, claims in kept.get("lines", ())
        ),
    )


def amount_of(entry: JournalEntry) -> Money:
    """What an entry is about; a refund's amount is negative."""
    if entry.kind is EntryKind.EXPENSE:
        put_in = (posting.amount for posting in entry.postings if posting.role is Role.PAID)
        return Money.total(put_in, entry.postings[0].amount.currency)
    return entry.amount()


def shares_of(entry: JournalEntry) -> dict[UUID, Money]:
    """Member to what they owe of an expense (positive)."""
    return {posting.member_id: -posting.amount for posting in entry.postings if posting.role is Role.SHARE}


def payers_of(entry: JournalEntry) -> dict[UUID, Money]:
    """Member to what they put in."""
    return {posting.member_id: posting.amount for posting in entry.postings if posting.role is Role.PAID}
