"""What people save for: what is left, what a week or month takes until the day, and whether they keep up. Pure; moves no money."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from core.domain.money import Money
from core.errors import DomainError

WEEKS_UNTIL = timedelta(days=92)  # a longer way is gone by the month
MONTHS_A_YEAR, DAYS_A_WEEK = 12, 7


class Step(StrEnum):
    """How often something is to be put aside."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Goal:
    """An amount for something, perhaps by a day. The plan is a straight line from `planned_aside` (minor units) on `planned_on`."""

    goal_id: UUID
    name: str
    amount: Money
    due_on: date | None
    planned_on: date
    planned_aside: int
    reached_on: date | None = None  # said once


@dataclass(frozen=True, slots=True)
class Move:
    """Minor units put aside on a day, negative where they were taken out."""

    on: date
    minor: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How a goal stands on a day, in minor units. `each`: what every step takes from now on; None without a coming day, or where nothing is left.

    `behind`: what the plan is ahead of what is aside; 0: on pace. `low_since`: since when that is worth telling.
    """

    aside: int
    left: int
    share: int  # thousandths of the amount that are there
    step: Step | None
    steps: int
    each: int | None
    behind: int
    low_since: date | None
    today: date

    @property
    def is_reached(self) -> bool:
        return self.left == 0


def checked(amount: Money, due_on: date | None, *, today: date) -> None:
    """Raises DomainError `goal_amount` for nothing or less, `goal_past` for a day that does not come any more."""
    if amount.minor <= 0:
        raise DomainError("goal_amount")
    if due_on is not None and due_on <= today:
        raise DomainError("goal_past", due=due_on)


def progress(goal: Goal, moves: Sequence[Move], *, today: date) -> Progress:
    """How it stands. What was missed is spread over the steps that are left."""
    aside, whole = sum(move.minor for move in moves), goal.amount.minor
    left, due = max(0, whole - aside), goal.due_on
    share = min(1000, max(0, aside) * 1000 // whole)
    if due is None:
        return Progress(aside, left, share, None, 0, None, 0, None, today)
    step = step_of(today, due)
    steps = count_steps(step, today, due) if due > today else 0
    each = -(-left // steps) if steps and left else None
    behind = max(0, _planned(goal, due, today) - aside)
    return Progress(aside, left, share, step, steps, each, behind, _low_since(goal, due, moves, today=today), today)


def step_of(first: date, last: date) -> Step:
    return Step.WEEK if last - first <= WEEKS_UNTIL else Step.MONTH


def count_steps(step: Step, first: date, last: date) -> int:
    """Whole steps that reach from one day to another, at least one: the last may be shorter."""
    passed = passed_steps(step, first, last)
    return max(1, passed + (after(step, first, passed) < last))


def passed_steps(step: Step, first: date, last: date) -> int:
    """Whole steps that are over."""
    if last <= first:
        return 0
    if step is Step.WEEK:
        return (last - first).days // DAYS_A_WEEK
    months = (last.year - first.year) * MONTHS_A_YEAR + last.month - first.month
    return months - (after(step, first, months) > last)


def after(step: Step, first: date, count: int) -> date:
    """The day so many steps later; of a month that is too short, its last."""
    if step is Step.WEEK:
        return first + timedelta(days=DAYS_A_WEEK * count)
    year, month = divmod(first.year * MONTHS_A_YEAR + first.month - 1 + count, MONTHS_A_YEAR)
    for day in (first.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(first.day, day))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


def _planned(goal: Goal, due: date, day: date) -> int:
    """What the plan has aside on a day: by whole steps, so that nobody is behind before a step is over."""
    step = step_of(goal.planned_on, due)
    steps = count_steps(step, goal.planned_on, due)
    passed = steps if day >= due else min(steps, passed_steps(step, goal.planned_on, day))
    return goal.planned_aside + max(0, goal.amount.minor - goal.planned_aside) * passed // steps


def _low_since(goal: Goal, due: date, moves: Sequence[Move], *, today: date) -> date | None:
    """The day on which the present stretch of a low pace began.

    It begins a whole step behind and ends only where the plan is kept again, so that who swings about it is not told each time.
    Looked at is every day on which the plan or what is aside changes, in the order of the days.
    """
    step = step_of(goal.planned_on, due)
    steps = count_steps(step, goal.planned_on, due)
    a_step = max(1, (goal.amount.minor - goal.planned_aside) // steps)
    ends = [min(due, after(step, goal.planned_on, number)) for number in range(1, min(steps, passed_steps(step, goal.planned_on, today)) + 1)]
    moved = Counter[date]()
    for move in moves:
        moved[move.on] += move.minor
    since, aside = None, 0
    for day in sorted({*ends, *moved, *([due] if today >= due else [])}):
        aside += moved[day]
        missing = _planned(goal, due, day) - aside
        if missing <= 0:
            since = None
        elif day > goal.planned_on and since is None and (missing >= a_step or day >= due):
            since = day
    return since


def telling_period(since: date, due: date, *, today: date) -> date:
    """The day by which a low pace is told once: the month of the stretch that today lies in. What is over is told once."""
    if today >= due:
        return due
    return after(Step.MONTH, since, passed_steps(Step.MONTH, since, today))
