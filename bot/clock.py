"""The system's clock: the only place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime


class SystemClock:
    """Now, aware, in UTC."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)
