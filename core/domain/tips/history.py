"""What tips look at, a person's own parts of bills in one currency, and what they find there. Holds values; judges nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from core.domain.ahead.spending import Spending
from core.domain.ahead.subscriptions import State, Subscription, subscriptions

WINDOW = 90  # days that tips speak of
MONTH = 30  # days of what is saved "a month"
YEAR_TENTHS = 304  # tenths of days of a month of which twelve are a year


@dataclass(frozen=True, slots=True)
class Part:
    """A person's part of one expense, in minor units. `place`: a normalised merchant; `occasions`: what its words say it was, by core.reading."""

    book_id: UUID
    bill_id: UUID
    on: date
    minor: int
    category: str
    title: str = ""
    place: str = ""
    occasions: frozenset[str] = frozenset()
    foreign: bool = False  # paid in another currency, and converted


@dataclass(frozen=True, slots=True)
class Kept:
    """A monthly budget and what its last full months cost, the oldest first, in minor units. `category` None: everything."""

    category: str | None
    limit: int
    spent: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Recurring:
    """What comes back by itself, and goes on; its payments are parts."""

    subscription: Subscription
    parts: tuple[Part, ...]

    @property
    def monthly(self) -> int:
        """What it costs a month, in minor units."""
        return self.subscription.minor * YEAR_TENTHS // self.subscription.rhythm.tenths


@dataclass(frozen=True)
class History:
    """Parts up to `today`, oldest first. `unit`: minor units of a whole one. `owed`: what others owe since before that many days, by bills."""

    parts: Sequence[Part]
    today: date
    unit: int = 100
    budgets: Sequence[Kept] = ()
    owed: Sequence[Part] = ()  # bills that the person paid for others; `minor` is what is still open of them
    payday: int | None = None

    @cached_property
    def days(self) -> int:
        """How many days of the window are known, in whole months where there is one: so that no month in it is short."""
        known = min(WINDOW, (self.today - self.parts[0].on).days + 1) if self.parts else 1
        return known // MONTH * MONTH or known

    @cached_property
    def recent(self) -> tuple[Part, ...]:
        """The parts of the window that cost something."""
        return tuple(each for each in self.within(0, self.days) if each.minor > 0)

    def within(self, newest: int, oldest: int) -> list[Part]:
        """Parts of the days from `oldest` (left out) to `newest` days ago: 0, 30 are the last thirty days with today."""
        return [each for each in self.parts if newest <= (self.today - each.on).days < oldest]

    def monthly(self, minor: int) -> int:
        """So much of the window, by the month."""
        return minor * MONTH // self.days

    @cached_property
    def spending(self) -> int:
        """What everything costs a month."""
        return self.monthly(sum(each.minor for each in self.recent))

    @cached_property
    def recurring(self) -> tuple[Recurring, ...]:
        """Subscriptions and bills that go on, those seen twice left out."""
        pairs = [(Spending(each.on, each.minor, each.category, each.place), each) for each in self.parts if each.minor > 0]
        part_of = {id(spending): part for spending, part in pairs}  # two spendings may be equal, and are two
        found = subscriptions([spending for spending, _ in pairs], self.today)
        going = [each for each in found if each.state not in (State.ENDED, State.CANDIDATE)]
        return tuple(Recurring(each, tuple(part_of[id(payment)] for payment in each.payments)) for each in going)


@dataclass(frozen=True, slots=True)
class What:
    """What a tip is about, for words to name: a `category`, an `occasion`, a `place` (as people call it), or `everything`."""

    kind: str = "everything"
    name: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a measure found: the parts that show it and what could be saved a month, at least and at most, in minor units.

    `amounts` in minor units and `counts` by the names that the sentence has for them.
    """

    what: What
    evidence: tuple[Part, ...]
    saving: int
    low: int
    high: int
    amounts: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)


def exact(what: What, evidence: Sequence[Part], saving: int, **amounts: int) -> Finding:
    """What needs no estimate."""
    return Finding(what, tuple(evidence), saving, saving, saving, amounts)
