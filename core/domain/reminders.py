"""When a group is told of something: by day, and not in its quiet hours, where it lives."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_BEGINS, DAY_ENDS = time(9), time(21)


def is_quiet(quiet: tuple[time, time], at: time) -> bool:
    """Whether a local time lies in quiet hours, which may go over midnight; their end does not."""
    begins, ends = quiet
    return begins <= at < ends if begins <= ends else at >= begins or at < ends


def after_quiet(moment: datetime, quiet: tuple[time, time], *, zone: ZoneInfo) -> datetime:
    """When the quiet hours end that a moment lies in: of the same day, or of the next. Both are aware."""
    local, ends = moment.astimezone(zone), quiet[1]
    return datetime.combine(local.date() + timedelta(days=0 if local.time() < ends else 1), ends, tzinfo=zone)


def by_day(moment: datetime, *, zone: ZoneInfo) -> datetime:
    """The moment itself where it is between 9 and 21 o'clock in the zone, else the next morning at 9. Both are aware."""
    local = moment.astimezone(zone)
    if DAY_BEGINS <= local.time() < DAY_ENDS:
        return moment
    morning = local.date() + timedelta(days=1 if local.time() >= DAY_ENDS else 0)
    return datetime.combine(morning, DAY_BEGINS, tzinfo=zone)
