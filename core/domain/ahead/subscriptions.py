"""What comes back by itself: subscriptions and bills in a history of spending, by merchant, amount and rhythm. Asks nobody and books nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from statistics import median_low

from core.domain.ahead.rhythm import RHYTHMS, Rhythm, chains, rhythm_of
from core.domain.ahead.spending import Spending

NEAR = 106  # percent: amounts this close are one price, in another currency's money
CHANGE = 103  # percent: a step that is called a new price; less is the exchange rate
REGULAR = 3  # payments that make a rhythm
VARYING = 4  # payments that differ by more than NEAR must be at least as many, and
VARYING_TIMES = 3  # none more than so many times their median, nor less than that part of it
STEP_TIMES = 4  # a price that becomes more than so many times as high is another thing
MONTH = 28  # days: what comes as often or more often goes by the week
TWINS = 3  # subscriptions of one price at one merchant


class State(StrEnum):
    """`candidate`: seen twice. `changed`: its newest price is new. `ended`: two were due since, and none came."""

    CANDIDATE = "candidate"
    CONFIRMED = "confirmed"
    CHANGED = "changed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Subscription:
    """Payments that belong together, the oldest first; `due`: when the next one is. `varies`: the amount depends on use."""

    merchant: str
    rhythm: Rhythm
    payments: tuple[Spending, ...]
    state: State
    varies: bool

    @property
    def minor(self) -> int:
        """What it costs, in minor units: the newest price, or the usual one where it varies."""
        return median_low([each.minor for each in self.payments[-6:]]) if self.varies else self.payments[-1].minor

    @property
    def before(self) -> int:
        """What it cost before its newest payment."""
        return self.payments[-2].minor

    @property
    def due(self) -> date:
        """When the next one comes: a rhythm after the last one, on the usual day of the month where that is steady."""
        expected = self.rhythm.after(self.payments[-1].on)
        if self.rhythm.days <= MONTH:  # by the week
            return expected
        usual = median_low([each.on.day for each in self.payments[-6:]])
        near = [expected + timedelta(days=off) for off in range(-self.rhythm.slack, self.rhythm.slack + 1)]
        return next((day for day in near if day.day == usual), expected)


def subscriptions(spendings: Iterable[Spending], today: date, *, denied: frozenset[str] = frozenset()) -> list[Subscription]:
    """All that came back up to `today`, by merchant; where none is known, by category. `denied`: merchants of which a person said that it is none."""
    rows: dict[str, list[Spending]] = {}
    for each in sorted(spendings, key=lambda each: (each.on, each.minor)):
        if each.on <= today and each.minor > 0:
            rows.setdefault(each.merchant or each.category, []).append(each)
    return [found for name, each in sorted(rows.items()) if name not in denied for found in _of_merchant(name, each, today)]


def _of_merchant(name: str, rows: list[Spending], today: date) -> list[Subscription]:
    """Those of exactly one price first; what they leave may be one whose amount varies, or of nearly one price, or other prices of theirs."""
    streams, left = _at_prices(rows, 100)
    left = _with_other_prices(streams, left)
    if (varying := _varying(name, left, today)) is not None:
        return [*_made(name, streams, today), varying]
    near, left = _at_prices(left, NEAR)
    left = _with_other_prices(near, left)
    return [*_made(name, streams + near, today), *_candidates(name, left, today)]


def _at_prices(rows: list[Spending], near: int) -> tuple[list[list[Spending]], list[Spending]]:
    """The streams of payments of one price each, and what they leave."""
    streams = [stream for price in _prices(rows, near) for stream in _streams(price) if near == 100 or _stands_out(stream, rows)]
    taken = {id(each) for stream in streams for each in stream}
    return _joined(streams), [each for each in rows if id(each) not in taken]


def _stands_out(stream: Sequence[Spending], rows: Sequence[Spending]) -> bool:
    """Of a merchant where one buys something every other day, some amounts are always close: at least half of what was paid there meanwhile."""
    meanwhile = sum(stream[0].on <= each.on <= stream[-1].on for each in rows)
    return len(stream) >= VARYING and 2 * len(stream) >= meanwhile


def _varying(name: str, rows: Sequence[Spending], today: date) -> Subscription | None:
    """All of them as one, where they come regularly: by the month or less often, for what one buys every week is a habit."""
    rhythm = rhythm_of([each.on for each in rows])
    if rhythm is None or rhythm.days < MONTH or len(rows) < VARYING or not _alike(rows):
        return None
    amounts = [each.minor for each in rows]
    return _subscription(name, rows, rhythm, today, varies=100 * max(amounts) > NEAR * min(amounts))


def _prices(rows: Sequence[Spending], near: int) -> list[list[Spending]]:
    """Rows whose amounts are next to each other."""
    found: list[list[Spending]] = []
    for each in sorted(rows, key=lambda each: each.minor):
        if found and 100 * each.minor <= near * found[-1][-1].minor:
            found[-1].append(each)
        else:
            found.append([each])
    return [sorted(price, key=lambda each: each.on) for price in found]


def _streams(price: list[Spending]) -> list[list[Spending]]:
    """One stream where the price comes regularly; several where few chains of a rhythm take up nearly all of it."""
    if len(price) < REGULAR:
        return []
    days = [each.on for each in price]
    if rhythm_of(days) is not None:
        return [price]
    most = TWINS + len(days) // 10
    for rhythm in RHYTHMS:
        long = [chain for chain in chains(days, rhythm, most=most) if len(chain) >= REGULAR]
        if 1 <= len(long) <= TWINS and 10 * sum(map(len, long)) >= 9 * len(days):
            streams = [[price[place] for place in chain] for chain in long]
            if all(rhythm_of([each.on for each in stream]) is rhythm for stream in streams):
                return streams
    return []


def _joined(streams: list[list[Spending]]) -> list[list[Spending]]:
    """Streams that go on where another of the same rhythm ended are one, with a new price."""
    joined: list[list[Spending]] = []
    for stream in sorted(streams, key=lambda each: each[0].on):
        rhythm = rhythm_of([each.on for each in stream])
        ended = [
            other for other in joined if rhythm is not None and rhythm_of([each.on for each in other]) is rhythm and _goes_on(other, stream, rhythm)
        ]
        if ended:
            ended[-1].extend(stream)
        else:
            joined.append(list(stream))
    return joined


def _goes_on(before: list[Spending], after: list[Spending], rhythm: Rhythm) -> bool:
    steps = rhythm.steps((after[0].on - before[-1].on).days) if after[0].on > before[-1].on else None
    return steps is not None and steps <= 2 and _step(before[-1].minor, after[0].minor)


def _step(one: int, other: int) -> bool:
    return max(one, other) <= STEP_TIMES * min(one, other)


def _with_other_prices(streams: list[list[Spending]], rows: list[Spending]) -> list[Spending]:
    """Puts payments to the stream that they precede (a trial) or go on with (a new price); what is left."""
    left = []
    for each in rows:
        stream = next((stream for stream in streams if _belongs(stream, each)), None)
        if stream is None:
            left.append(each)
        else:
            stream.append(each)
            stream.sort(key=lambda payment: payment.on)
    return left


def _belongs(stream: list[Spending], each: Spending) -> bool:
    """On a day of the rhythm where the stream has no payment: before its first, after its last, or in a gap."""
    rhythm = rhythm_of([payment.on for payment in stream])
    if rhythm is None:
        return False
    before = max((payment.on for payment in stream if payment.on <= each.on), default=None)
    after = min((payment.on for payment in stream if payment.on >= each.on), default=None)
    if before is None and after is not None:
        return rhythm.steps((after - each.on).days) == 1 and each.minor < stream[0].minor
    fits = before is not None and before < each.on and rhythm.steps((each.on - before).days) == 1 and _step(stream[-1].minor, each.minor)
    return fits and (after is None or rhythm.steps((after - each.on).days) is not None)


def _alike(rows: Sequence[Spending]) -> bool:
    usual = median_low([each.minor for each in rows])
    return all(each.minor <= VARYING_TIMES * usual and usual <= VARYING_TIMES * each.minor for each in rows)


def _made(name: str, streams: list[list[Spending]], today: date) -> list[Subscription]:
    rhythms = ((stream, rhythm_of([each.on for each in stream])) for stream in streams)
    return [_subscription(name, stream, rhythm, today) for stream, rhythm in rhythms if rhythm is not None]


def _subscription(name: str, stream: Sequence[Spending], rhythm: Rhythm, today: date, *, varies: bool = False) -> Subscription:
    made = Subscription(name, rhythm, tuple(stream), State.CONFIRMED, varies)
    if (today - made.due).days > rhythm.days + rhythm.slack:
        return replace(made, state=State.ENDED)
    return replace(made, state=State.CHANGED) if not varies and _changed(stream) else made


def _changed(stream: Sequence[Spending]) -> bool:
    low, high = sorted((stream[-1].minor, stream[-2].minor))
    return 100 * high > CHANGE * low


def _candidates(name: str, rows: Sequence[Spending], today: date) -> list[Subscription]:
    """Two of the same amount, a month or a year apart, the newest of them not long ago."""
    ordered = sorted(rows, key=lambda each: (each.minor, each.on))
    found: list[Subscription] = []
    free = len(ordered)  # from here on each is of a pair already: none is in two
    for place in range(len(ordered) - 2, -1, -1):
        one, other = ordered[place : place + 2]
        rhythm = next((each for each in RHYTHMS if each.name in ("monthly", "yearly") and each.steps((other.on - one.on).days) == 1), None)
        recent = rhythm is not None and (today - other.on).days <= rhythm.days + rhythm.slack
        if rhythm is not None and recent and one.minor == other.minor and place + 1 < free:
            found.append(Subscription(name, rhythm, (one, other), State.CANDIDATE, False))
            free = place
    return found[::-1]
