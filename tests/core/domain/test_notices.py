"""When something is told that nobody asked for: by day, in no quiet hours, in a digest, never what is not wanted; and safety always."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.notices import TOPICS, Kind, Manners, Pace, Topic, Wish, checked_quiet, next_look, when, when_to_look
from core.domain.reminders import is_quiet
from core.errors import DomainError

ROME = ZoneInfo("Europe/Rome")
NIGHT = (time(22), time(8))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2025; the 10th is a Monday."""
    return datetime(2025, 3, day, hour, minute, tzinfo=ROME)


def test_every_kind_has_a_topic() -> None:
    assert set(TOPICS) == set(Kind) and {*TOPICS.values(), Topic.TIPS} == set(Topic), "tips are said when somebody asks"


@pytest.mark.parametrize(
    ("manners", "now", "told"),
    [
        (Manners(), at(14, 12), at(14, 12)),
        (Manners(), at(14, 23), at(15, 9)),
        (Manners(), at(14, 3), at(14, 9)),
        (Manners(quiet=(time(8), time(11))), at(14, 9, 30), at(14, 11)),
        (Manners(quiet=(time(20), time(11))), at(14, 20, 30), at(15, 11)),
        (Manners(quiet=(time(20), time(7))), at(14, 20, 30), at(15, 9)),
        (Manners(quiet=(time(8), time(7))), at(14, 12), at(15, 7)),
        (Manners(muted_until=at(17, 9)), at(14, 12), at(17, 9)),
        (Manners(muted_until=at(17, 9), quiet=(time(8), time(10))), at(14, 12), at(17, 10)),
        (Manners(muted_until=at(14, 9)), at(14, 12), at(14, 12)),
        (Manners(pace=Pace.OFF), at(14, 12), None),
        (Manners(wishes={Topic.BUDGETS: Wish.MUTED}), at(14, 12), None),
        (Manners(rests={Topic.BUDGETS: at(17, 9)}), at(14, 12), None),
        (Manners(rests={Topic.BUDGETS: at(14, 9), Topic.BILLS: at(17, 9)}), at(14, 12), at(14, 12)),
        (Manners(wishes={Topic.BILLS: Wish.MUTED, Topic.BUDGETS: Wish.LESS}), at(14, 12), at(14, 12)),
    ],
)
def test_when_a_letter_may_come(manners: Manners, now: datetime, told: datetime | None) -> None:
    assert when(manners, Kind.OVER, now=now, zone=ROME) == told


@pytest.mark.parametrize(
    ("manners", "told"),
    [
        (Manners(quiet=NIGHT), at(14, 23)),
        (Manners(pace=Pace.DAILY), at(15, 9)),
        (Manners(pace=Pace.WEEKLY), at(17, 9)),
        (Manners(muted_until=at(16, 9)), at(16, 9)),
        (Manners(pace=Pace.WEEKLY, muted_until=at(18, 9)), at(24, 9)),
    ],
)
def test_an_answer_is_held_back_by_digests_but_by_no_night(manners: Manners, told: datetime) -> None:
    found = when(manners, Kind.NEARLY, now=at(14, 23), zone=ROME, answer=True)
    assert found == told


def test_safety_is_told_at_any_hour_whatever_was_said() -> None:
    deaf = Manners(quiet=NIGHT, pace=Pace.OFF, muted_until=at(30, 9), wishes=dict.fromkeys(Topic, Wish.MUTED))
    assert when(deaf, None, now=at(14, 3), zone=ROME) == at(14, 3)


@pytest.mark.parametrize(
    ("manners", "now", "then"),
    [
        (Manners(), at(14, 12), at(15, 9)),
        (Manners(), at(14, 8, 59), at(14, 9)),
        (Manners(), at(14, 9), at(15, 9)),
        (Manners(pace=Pace.WEEKLY), at(14, 12), at(17, 9)),
        (Manners(pace=Pace.WEEKLY), at(17, 9), at(24, 9)),
        (Manners(quiet=(time(20), time(11))), at(14, 12), at(15, 11)),
        (Manners(muted_until=at(20, 9)), at(14, 12), at(20, 9)),
    ],
)
def test_when_there_is_looked_next(manners: Manners, now: datetime, then: datetime) -> None:
    assert next_look(manners, now, zone=ROME) == then


MANNERS = st.builds(
    Manners,
    quiet=st.none() | st.tuples(st.times().map(lambda t: t.replace(second=0, microsecond=0)), st.just(time(7, 30))).filter(lambda q: q[0] != q[1]),
    pace=st.sampled_from([Pace.ONCE, Pace.DAILY, Pace.WEEKLY]),
    muted_until=st.none() | st.integers(-100, 100).map(lambda hours: at(14, 12) + timedelta(hours=hours)),
)


@given(MANNERS, st.integers(0, 24 * 60 * 14))
def test_no_letter_in_quiet_hours_at_night_or_while_muted(manners: Manners, minutes: int) -> None:
    now = at(10, 0) + timedelta(minutes=minutes)
    for moment in (when_to_look(manners, now=now, zone=ROME), next_look(manners, now, zone=ROME)):
        assert moment >= now
        assert manners.quiet is None or not is_quiet(manners.quiet, moment.astimezone(ROME).time())
        assert manners.muted_until is None or moment >= manners.muted_until
        assert moment.astimezone(ROME).hour >= 9 or (manners.quiet is not None and is_quiet(manners.quiet, time(9)))
    assert next_look(manners, now, zone=ROME) > now


def test_quiet_hours_that_are_none() -> None:
    assert checked_quiet(*NIGHT) == NIGHT
    with pytest.raises(DomainError) as problem:
        checked_quiet(time(22), time(22))
    assert problem.value.code == "quiet_hours_same"
    assert replace(Manners(), quiet=NIGHT).quiet == NIGHT
