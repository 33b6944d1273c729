"""What is worth telling people without being asked: how budgets go, and what is odd about spendings; of their own parts only. Writes no letter."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from core.db import figures, notices
from core.db.figures import Asked, Whose
from core.db.notices import Told
from core.db.session import UnitOfWork
from core.domain.ahead.anomalies import PEERS, Finding, Oddity, judge, missing
from core.domain.ahead.backtest import ALERT
from core.domain.ahead.forecast import Basis
from core.domain.ahead.ranks import WHOLE
from core.domain.ahead.spending import Spending
from core.domain.bills import amount_of, shares_of
from core.domain.budgets import NEARLY, Budget
from core.domain.categories import OTHER
from core.domain.goals import telling_period
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.domain.notices import SELDOM, WEAK, Kind, Manners, Wish, when
from core.domain.people import name_key
from core.ports import RateHistory
from core.services import goals
from core.services.budgets import PAST_PERIODS, Standing, standings
from core.services.figures import Kinds

SURE = 800  # thousandths: how likely an excess must be for who wants less
RECENT = timedelta(days=14)  # an expense of longer ago is no news
LATELY = timedelta(days=400)  # what an expense is compared with when it is written down
LONG = timedelta(days=3 * 366)  # what bills are found in
PARTS_MOST = 2000  # of a book, the newest
AT_HAND = 300  # of these, what an answer is not slower for
SEASONED = (20, timedelta(days=60))  # payments, and since when, without which nobody knows what is usual in all
_ORDER = (Kind.TWICE, Kind.OVER, Kind.AMOUNT, Kind.AHEAD, Kind.NEARLY, Kind.MISSING, Kind.PRICE, Kind.GOAL, Kind.NEW)


@dataclass(frozen=True, slots=True)
class Part:
    """What some members' parts of one expense come to. What was paid for stands for the merchant: it is all that most people write."""

    bill_id: UUID
    recorded_at: datetime
    amount: Money
    spending: Spending
    description: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing to be told: of a budget its `standing`, of a `goal` how it stands, of spendings the `finding` and what was paid for.

    `along`: what need not be told any more then. `bill_ids`: the evidence, the newest last.
    """

    told: Told
    bill_ids: tuple[UUID, ...] = ()
    along: tuple[Told, ...] = ()
    standing: Standing | None = None
    finding: Finding | None = None
    goal: goals.Standing | None = None
    currency: str = ""
    description: str = ""

    @property
    def kind(self) -> Kind:
        return self.told.kind

    @property
    def usual(self) -> Money:
        """What is mostly paid there, or was before; of a finding."""
        assert self.finding is not None, "asked of a finding"
        return Money(self.finding.usual, self.currency)

    @property
    def amount(self) -> Money:
        """What was paid; of a finding."""
        assert self.finding is not None, "asked of a finding"
        return Money(self.finding.payment.minor, self.currency)


# ------------------------------------------------------------------ budgets


async def of_budgets(
    uow: UnitOfWork,
    found: Sequence[Budget],
    whose: Whose,
    *,
    today: date,
    payday: int | None,
    history: RateHistory | None,
    spent: Sequence[Part] | None = None,
) -> list[Alert]:
    """Of budgets what they have reached, and what they will. `spent`: only those for which one of these counts, without looking ahead."""
    meant = [each for each in found if spent is None or any(_is_of(part, each) for part in spent)]
    told = await standings(uow, meant, whose, today=today, payday=payday, history=history, look_back=0 if spent is not None else PAST_PERIODS)
    alerts: list[Alert] = []
    for each in told:
        period = each.status.period
        counted = [part for part in spent or () if _is_of(part, each.budget) and period.first <= part.spending.on <= period.last]
        if spent is None or counted:
            alerts += _of_budget(each, counted[-1].bill_id if counted else None)
    return alerts


def _is_of(part: Part, budget: Budget) -> bool:
    return budget.category in (None, part.spending.category)


def _of_budget(standing: Standing, bill_id: UUID | None) -> list[Alert]:
    """All that can be said of it; with the more telling thing the lesser ones are told too."""
    about = f"{standing.budget.category or ''} {standing.budget.cycle}"
    reached, lesser = _reached(standing)
    told = [Told(kind, about, standing.status.period.first, bill_id) for kind in (*reached, *lesser)]
    bills = (bill_id,) if bill_id is not None else ()
    return [Alert(each, bills, tuple(told[place + 1 :]), standing=standing) for place, each in enumerate(told[: len(reached)])]


def _reached(standing: Standing) -> tuple[list[Kind], list[Kind]]:
    """What can be said of a budget, the most telling first, and what it makes needless."""
    now = standing.status
    if now.spent <= 0:
        return [], []
    if now.left <= 0:
        return [Kind.OVER], [Kind.AHEAD, Kind.NEARLY]
    nearly = [Kind.NEARLY] if now.share >= NEARLY else []
    return ([Kind.AHEAD, *nearly] if is_on_the_way(standing, at_least=ALERT) else nearly), []


def is_on_the_way(standing: Standing, *, at_least: int) -> bool:
    """Whether the period will probably end above the budget, as far as enough earlier ones tell."""
    known = standing.forecast.basis is Basis.ENOUGH and standing.status.days_left > 1
    return known and standing.chance_above >= at_least and standing.forecast.expected > standing.status.limit


# ------------------------------------------------------------------ goals


def of_goals(found: Iterable[goals.Standing], *, today: date) -> list[Alert]:
    """Those that fall behind, each told once a month as long as that lasts, and those whose day came too early."""
    told = []
    for each in found:
        due, since = each.goal.due_on, each.progress.low_since
        if due is not None and since is not None and not each.progress.is_reached:
            told.append(Alert(Told(Kind.GOAL, each.goal.goal_id.hex, telling_period(since, due, today=today)), goal=each))
    return told


# ------------------------------------------------------------------ spendings


def own_part(entry: JournalEntry, members: Collection[UUID], counts_as: Callable[[str], str]) -> Part | None:
    """What some members' parts of an expense come to; None where it is none of their money. `counts_as`: of its category."""
    own = [share for member, share in shares_of(entry).items() if member in members]
    total = Money.total(own, amount_of(entry).currency)
    return _part(entry, total, counts_as) if total else None


def whole_part(entry: JournalEntry, counts_as: Callable[[str], str]) -> Part:
    """All of a bill, as it counts for a group."""
    return _part(entry, amount_of(entry), counts_as)


def _part(entry: JournalEntry, amount: Money, counts_as: Callable[[str], str]) -> Part:
    return part_of(entry.bill_id, entry.recorded_at, amount, entry.occurred_on, counts_as(entry.category or OTHER), entry.description)


def part_of(bill_id: UUID, recorded_at: datetime, amount: Money, on: date, category: str, description: str) -> Part:
    """Ready to be compared."""
    return Part(bill_id, recorded_at, amount, Spending(on, amount.minor, category, _paid_for(description)), description)


@lru_cache(maxsize=4096)  # people write the same few words again and again
def _paid_for(description: str) -> str:
    return name_key(description)


async def past(uow: UnitOfWork, whose: Whose, *, since: date, most: int = PARTS_MOST) -> list[Part]:
    """What members spent in loaded books, the oldest first; what this transaction has not written yet is left out. `most`: of a book, the newest."""
    kinds = Kinds(uow, whose)
    bills = await figures.bills(uow, whose, Asked(first=since), most=most)
    found = [
        part_of(each.bill_id, each.recorded_at, each.amount, each.on, kinds.counts_as(each.book_id, each.category), each.words) for each in bills
    ]
    return sorted(found, key=lambda part: (part.spending.on, part.recorded_at, part.bill_id))


def of_expense(part: Part, before: Iterable[Part]) -> Alert | None:
    """What is odd about an expense, by what the same people spent before. Nothing where it is none of their money."""
    code, on = part.amount.currency, part.spending.on
    known = [each for each in before if each.bill_id != part.bill_id and each.amount.currency == code and each.spending.on <= on]
    finding = judge(part.spending, [each.spending for each in known])
    if finding is None or not _is_convincing(finding, [each.spending for each in known]):
        return None
    about = part.spending.merchant or part.spending.category
    told = Told(Kind(finding.oddity.value), about, on.replace(day=1), part.bill_id)
    evidence = [each.bill_id for each in known if each.spending.merchant == part.spending.merchant][-PEERS:]
    return Alert(told, (*evidence, part.bill_id), finding=finding, currency=code, description=part.description)


def _is_convincing(finding: Finding, known: Sequence[Spending]) -> bool:
    """Of who has just begun nobody knows what is usual; small change twice a day is no mistake."""
    paid, there = finding.payment, [each for each in known if each.merchant == finding.payment.merchant]
    if finding.oddity is Oddity.PRICE:
        return True
    if finding.oddity is Oddity.TWICE:
        amounts = sorted(each.minor for each in known)
        return len(amounts) >= PEERS and paid.minor > amounts[len(amounts) // 2]
    count, time = SEASONED
    return len(there) >= PEERS or (len(known) >= count and paid.on - known[0].on >= time)


def of_missing(parts: Sequence[Part], *, today: date) -> list[Alert]:
    """Bills that did not come; the parts are the oldest first."""
    found = []
    for code in sorted({each.amount.currency for each in parts}):
        rows = [each for each in parts if each.amount.currency == code]
        for finding in missing([each.spending for each in rows], today):
            of_bill = [each for each in rows if each.spending.merchant == finding.payment.merchant]
            assert finding.due is not None, "a missing bill was due"
            told = Told(Kind.MISSING, finding.payment.merchant or finding.payment.category, finding.due)
            evidence = tuple(each.bill_id for each in of_bill[-PEERS:])
            found.append(Alert(told, evidence, finding=finding, currency=code, description=of_bill[-1].description))
    return found


# ------------------------------------------------------------------ what is told of it


async def worth_telling(
    uow: UnitOfWork,
    owner: UUID,
    found: Sequence[Alert],
    manners: Manners,
    *,
    now: datetime,
    zone: ZoneInfo,
    within: Sequence[UUID],
    answer: bool = False,
    edited: bool = False,
) -> list[Alert]:
    """What may be told now and was not told yet, the most important first. `owner`: the book of whom it is told; the others: see below.

    `within`: the loaded books in which bills are that set something off. `answer`: it goes into what answers a message.
    `edited`: what was told of the same bill is told again, in its place or with other figures.
    """
    wanted = [each for each in found if when(manners, each.kind, now=now, zone=zone, answer=answer) == now]
    lately = await notices.kinds_since(uow, owner, now - SELDOM) if manners.wishes else {}
    wanted = [each for each in wanted if manners.wish(each.kind) is not Wish.LESS or _is_strong(each, lately)]
    new = set(await notices.untold(uow, owner, [each.told for each in wanted], within=within, edited=edited))
    told = sorted((each for each in wanted if each.told in new), key=lambda each: _ORDER.index(each.kind))
    needless = {lesser for each in told for lesser in each.along}
    return [each for each in told if each.told not in needless]


def _is_strong(alert: Alert, lately: dict[Kind, datetime]) -> bool:
    """For who wants less: nothing weak, nothing of a kind that was told lately, and what is to come only where that is sure."""
    if alert.kind in WEAK or alert.kind in lately:
        return False
    return alert.kind is not Kind.AHEAD or (alert.standing is not None and is_on_the_way(alert.standing, at_least=SURE))


async def note(uow: UnitOfWork, owner: UUID, told: Iterable[Alert], *, now: datetime) -> None:
    """They are told now."""
    for alert in told:
        for each in (alert.told, *alert.along):
            await notices.note(uow, owner, each, now=now)


def in_tenths(chance: int) -> int:
    """A chance in thousandths as so many times in ten, never all of them."""
    return min(9, (10 * chance + WHOLE // 2) // WHOLE)
