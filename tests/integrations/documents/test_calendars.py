"""Calendar files: well formed, and an RRULE means the same days as the rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
from dateutil.rrule import rrulestr

from core.domain.recurrence import WORKING_DAYS, Event, Every, Rule, occurrences
from integrations.documents.calendars import Calendars

NOW = datetime(2025, 3, 14, 12, tzinfo=UTC)
START = date(2024, 2, 29)
RULES = (
    Rule(Every.DAY, START),
    Rule(Every.DAY, START, interval=3),
    Rule(Every.DAY, START, weekdays=WORKING_DAYS),
    Rule(Every.WEEK, START),
    Rule(Every.WEEK, START, interval=2, weekdays=frozenset({1, 5})),
    Rule(Every.MONTH, START, day=1),
    Rule(Every.MONTH, START, day=30),
    Rule(Every.MONTH, START, day=31),
    Rule(Every.MONTH, START, interval=2, day=-1),
    Rule(Every.MONTH, START, nth=2, weekdays=frozenset({2})),
    Rule(Every.MONTH, START, nth=-1, weekdays=WORKING_DAYS),
    Rule(Every.YEAR, START),
    Rule(Every.YEAR, START, month=4, day=3),
    Rule(Every.YEAR, START, month=5, nth=1, weekdays=frozenset({1})),
)


def written(*rules: Rule) -> icalendar.Calendar:
    events = [Event(f"rule{number}", "rent €900", rule, next(occurrences(rule, START, date.max))) for number, rule in enumerate(rules)]
    document = Calendars().write(events, now=NOW)
    assert (document.name, document.media_type) == ("tuppence.ics", "text/calendar")
    return icalendar.Calendar.from_ical(document.content)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_calendar_shows_the_days_of_the_rule(rule: Rule) -> None:
    (event,) = written(rule).events
    first, last = event["DTSTART"].dt, START + timedelta(days=4000)
    shown = rrulestr(event["RRULE"].to_ical().decode(), dtstart=datetime.combine(first, datetime.min.time()))
    wanted = list(occurrences(rule, first, last))
    assert wanted
    assert [each.date() for each in shown.between(datetime(2000, 1, 1), datetime.combine(last, datetime.min.time()), inc=True)] == wanted


def test_a_file_is_well_formed_and_keeps_identities() -> None:
    calendar = written(*RULES)
    assert calendar["VERSION"] == "2.0"
    assert [event["UID"] for event in calendar.events] == [f"rule{number}@tuppence" for number in range(len(RULES))]
    assert all(event.errors == [] for event in calendar.events)


def test_the_last_day_is_in_the_file() -> None:
    (event,) = written(Rule(Every.MONTH, START, until=date(2025, 5, 31), day=1)).events
    assert event["RRULE"]["UNTIL"] == [date(2025, 5, 31)]
