"""When a group is reminded of something: by day, where it lives."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_BEGINS, DAY_ENDS = time(9), time(21)


def by_day(moment: datetime, *, zone: ZoneInfo) -> datetime:
    """The moment itself where it is between 9 and 21 o'clock in the zone, else the next morning at 9. Both are aware."""
    local = moment.astimezone(zone)
    if DAY_BEGINS <= local.time() < DAY_ENDS:
        return moment
    morning = local.date() + timedelta(days=1 if local.time() >= DAY_ENDS else 0)
    return datetime.combine(morning, DAY_BEGINS, tzinfo=zone)
