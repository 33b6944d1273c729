"""Whether somebody may do what they are about to do in a book: asks the domain's table, and says no by raising."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from core.db import ledger
from core.db.session import UnitOfWork
from core.domain.bills import payers_of
from core.domain.ledger import EntryKind, JournalEntry, Role
from core.domain.money import Money
from core.domain.people import IN_ARCHIVE, Action, Book, Member, Rules, may
from core.errors import DomainError


def check(uow: UnitOfWork, book_id: UUID, member_id: UUID | None, action: Action, *, owners: Collection[UUID] = (), owned: bool = False) -> None:
    """`member_id` None: a job. `owners`: the members whose bill it is about; `owned`: that was checked.

    Raises DomainError `archived`, `left_group`, `viewer_only`, `admins_only`, `not_your_bill`, `own_approval`.
    """
    if member_id is None:
        return
    book = uow.book(book_id)
    member = book.first(book.member(member_id))
    firsts = {book.first(book.member(owner)).member_id for owner in owners}
    if not book.may(member, action, owners=[member.member_id] if owned else firsts):
        raise refusal(book, member, action)


def refusal(book: Book, member: Member, action: Action) -> DomainError:
    """Why not, and who could."""
    admins = [admin.name for admin in book.admins()]
    if book.rules.archived and action not in IN_ARCHIVE:
        return DomainError("archived", book=book.name)
    if not member.active:
        return DomainError("left_group", book=book.name)
    if not may(book.role_of(member), Action.RECORD, own=True, rules=Rules()):
        return DomainError("viewer_only", admins=admins)
    if action is Action.CHANGE:
        return DomainError("not_your_bill", admins=admins)
    return DomainError("own_approval") if action is Action.APPROVE else DomainError("admins_only", admins=admins)


async def check_change(uow: UnitOfWork, standing: JournalEntry, member_id: UUID | None) -> None:
    """Whether a member may change or take back what stands: their own, or by the group's rules anybody's. Raises as check."""
    book = uow.book(standing.book_id)
    owners = await owners_of(uow, standing) if book.rules.own_only else ()
    check(uow, standing.book_id, member_id, Action.CHANGE, owners=owners, owned=not book.rules.own_only)


async def owners_of(uow: UnitOfWork, standing: JournalEntry) -> set[UUID]:
    """Whose bill it is: who wrote it first, and who paid; of a payment both sides."""
    book = uow.book(standing.book_id)
    first = (await ledger.versions(uow, standing.book_id, bill_id=standing.bill_id))[0]
    sides = {posting.member_id for posting in standing.postings if posting.role is not Role.SHARE}
    found = {first.actor_id, *(payers_of(standing) if standing.kind is EntryKind.EXPENSE else sides)}
    return {book.first(book.member(member)).member_id for member in found if member is not None}


# ------------------------------------------------------------------ a second pair of eyes


def check_approved(uow: UnitOfWork, book_id: UUID, amount: Money, member_id: UUID | None) -> None:
    """Raises DomainError `needs_approval`."""
    over = uow.book(book_id).rules.approve_over
    if over is not None and needs_approval(uow.book(book_id), amount, member_id):
        raise DomainError("needs_approval", amount=over)


def needs_approval(book: Book, amount: Money, member_id: UUID | None) -> bool:
    """Whether a bill of a member waits for somebody else: over the limit, or in another currency, so that nobody can tell; where there is anybody."""
    over = book.rules.approve_over
    if over is None or member_id is None or (amount.currency == over.currency and amount.minor <= over.minor):
        return False
    return bool(approvers(book, member_id))


def approvers(book: Book, author_id: UUID) -> tuple[Member, ...]:
    """Who may approve a bill of that author."""
    here = (member for member in book.members if member.active and member.person_id is not None)
    return tuple(member for member in here if book.may(member, Action.APPROVE, owners=[book.first(book.member(author_id)).member_id]))
