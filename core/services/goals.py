"""Saving for something: goals set and changed, money put aside for them and taken out, how they stand. Says nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from core.db import goals
from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.goals import Goal, Progress, checked, progress
from core.domain.ledger import EntryKind, JournalEntry, laid_aside
from core.domain.money import Money
from core.domain.people import name_key
from core.errors import DomainError
from core.services.bills import Effects, record_saving, take_back

NAME_MOST = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal of a book, and how it stands today."""

    book_id: UUID
    goal: Goal
    progress: Progress

    @property
    def aside(self) -> Money:
        return self._money(self.progress.aside)

    @property
    def left(self) -> Money:
        return self._money(self.progress.left)

    @property
    def behind(self) -> Money:
        return self._money(self.progress.behind)

    @property
    def each(self) -> Money | None:
        """What every step takes from now on."""
        return self._money(self.progress.each) if self.progress.each is not None else None

    def _money(self, minor: int) -> Money:
        return Money(minor, self.goal.amount.currency)


async def standings(uow: UnitOfWork, book_ids: list[UUID], *, today: date) -> list[Standing]:
    """Of every goal of these loaded books, the oldest first."""
    return [Standing(book_id, goal, progress(goal, moves, today=today)) for book_id in book_ids for goal, moves in await goals.of_book(uow, book_id)]


def called(found: list[Standing], name: str) -> list[Standing]:
    """Those that a name means: exactly, else those that have its words among theirs, or theirs among its."""
    key = name_key(name)
    exactly = [each for each in found if name_key(each.goal.name) == key]
    words = set(key.split())
    return exactly or [each for each in found if words and (words <= (own := set(name_key(each.goal.name).split())) or own <= words)]


async def set_up(uow: UnitOfWork, book_id: UUID, *, name: str, amount: Money, due_on: date | None, today: date) -> Goal:
    """A new goal. Raises DomainError `goal_amount`, `goal_past`."""
    checked(amount, due_on, today=today)
    goal = Goal(new_id(), name[:NAME_MOST], amount, due_on, today, 0)
    await goals.keep(uow, book_id, goal)
    return goal


async def change(uow: UnitOfWork, standing: Standing, *, today: date, amount: Money | None, due_on: date | None) -> Goal:
    """Another amount or day: the plan begins anew with what is aside. Raises DomainError `goal_amount`, `goal_past`, `goal_currency`."""
    before = standing.goal
    amount, due_on = amount or before.amount, due_on or before.due_on
    _check(before, amount)
    checked(amount, due_on if due_on != before.due_on else None, today=today)
    reached = before.reached_on if standing.progress.aside >= amount.minor else None
    goal = replace(before, amount=amount, due_on=due_on, planned_on=today, planned_aside=standing.progress.aside, reached_on=reached)
    await goals.keep(uow, standing.book_id, goal)
    return goal


async def rename(uow: UnitOfWork, standing: Standing, name: str) -> Goal:
    """The amount, the day and the plan stay."""
    goal = replace(standing.goal, name=name[:NAME_MOST])
    await goals.keep(uow, standing.book_id, goal)
    return goal


async def reach(uow: UnitOfWork, standing: Standing, *, today: date) -> bool:
    """Whether it is reached now and that was not said yet; it is from now on."""
    if not standing.progress.is_reached or standing.goal.reached_on is not None:
        return False
    await goals.keep(uow, standing.book_id, replace(standing.goal, reached_on=today))
    return True


def put_aside(uow: UnitOfWork, standing: Standing, amount: Money, *, member: UUID, on: date, effects: Effects, now: datetime) -> JournalEntry:
    """Raises DomainError `goal_amount`, `goal_currency`, and those of rights."""
    goal = standing.goal
    _check(goal, amount)
    return _move(uow, standing, amount, member=member, on=on, effects=effects, now=now)


async def take_out(
    uow: UnitOfWork, standing: Standing, amount: Money, *, member: UUID, on: date, effects: Effects, now: datetime
) -> list[JournalEntry]:
    """Of the member's own part first, then of the others' in a group. Raises as put_aside, and `goal_too_much` for more than lies there."""
    goal = standing.goal
    _check(goal, amount)
    if amount.minor > standing.progress.aside:
        raise DomainError("goal_too_much", what=goal.name, aside=standing.aside)
    parts = await goals.parts(uow, standing.book_id, goal.goal_id)
    left, entries = amount.minor, []
    for owner in sorted(parts, key=lambda each: each != member):
        part = min(left, parts[owner])
        if part > 0:
            left -= part
            taken = Money(-part, amount.currency)
            entries.append(_move(uow, standing, taken, member=owner, on=on, effects=effects, now=now))
    return entries


async def move_anew(uow: UnitOfWork, moved: JournalEntry, amount: Money, *, on: date, effects: Effects, now: datetime) -> JournalEntry:
    """The same move with another amount (above zero) or day. Raises as take_out."""
    goal_id, before = UUID(str(moved.split["goal"])), laid_aside(moved)
    standing = next((each for each in await standings(uow, [moved.book_id], today=on) if each.goal.goal_id == goal_id), None)
    if standing is None:
        raise DomainError("already_gone")
    _check(standing.goal, amount)
    signed = amount if before.minor > 0 else -amount
    if standing.progress.aside - before.minor + signed.minor < 0:
        raise DomainError("goal_too_much", what=standing.goal.name, aside=standing.aside)
    take_back(uow, moved, effects, now=now, reason="edited")
    member = moved.postings[0].member_id
    return _move(uow, standing, signed, member=member, on=on, effects=effects, now=now, changes=moved)


@asynccontextmanager
async def none_overdrawn(uow: UnitOfWork, entries: Sequence[JournalEntry]) -> AsyncIterator[None]:
    """Around taking these entries back. Raises DomainError `goal_too_much` where a goal would lose what was taken out of it meanwhile.

    A goal that was dropped is one again where something lies with it again.
    """
    goal_of = {(entry.book_id, UUID(str(entry.split["goal"]))): entry for entry in entries if entry.kind is EntryKind.SAVING}
    before = {key: sum((await goals.parts(uow, *key)).values()) for key in goal_of}
    yield
    for key, entry in goal_of.items():
        aside = sum((await goals.parts(uow, *key)).values())
        if aside < min(0, before[key]):
            raise DomainError("goal_too_much", what=entry.description, aside=Money(max(0, before[key]), laid_aside(entry).currency))
        if aside:
            await goals.revive(uow, *key)


async def drop(uow: UnitOfWork, standing: Standing, *, today: date, effects: Effects, now: datetime) -> list[JournalEntry]:
    """It is a goal no more; what lay with it is free again, of each what was theirs."""
    await goals.drop(uow, standing.book_id, standing.goal.goal_id, on=today)
    parts = await goals.parts(uow, standing.book_id, standing.goal.goal_id)
    code = standing.goal.amount.currency
    return [_move(uow, standing, Money(-minor, code), member=member, on=today, effects=effects, now=now) for member, minor in parts.items() if minor]


def _check(goal: Goal, amount: Money) -> None:
    """In which currency a goal is counted never changes: what was taken back may come again."""
    if amount.minor <= 0:
        raise DomainError("goal_amount")
    if amount.currency != goal.amount.currency:
        raise DomainError("goal_currency", what=goal.name, currency=goal.amount.currency)


def _move(
    uow: UnitOfWork,
    standing: Standing,
    amount: Money,
    *,
    member: UUID,
    on: date,
    effects: Effects,
    now: datetime,
    changes: JournalEntry | None = None,
) -> JournalEntry:
    return record_saving(
        uow,
        standing.book_id,
        member=member,
        goal_id=standing.goal.goal_id,
        amount=amount,
        description=standing.goal.name,
        on=on,
        effects=effects,
        now=now,
        bill_id=changes.bill_id if changes is not None else None,
        reason="edited" if changes is not None else "recorded",
    )
