"""Keeps us from asking a service that does not answer: after failures in a row it is left alone, then asked once to see whether it is back."""

from __future__ import annotations

from datetime import datetime, timedelta


class Breaker:
    """`failures` in a row open it for `rest`, twice as long after each probe that fails, up to `rest_most`."""

    def __init__(self, *, failures: int, rest: timedelta, rest_most: timedelta) -> None:
        self._failures_most = failures
        self._shortest, self._longest = rest, rest_most
        self._failed = 0
        self._rest = rest
        self._until: datetime | None = None
        self._probing = False

    @property
    def is_open(self) -> bool:
        """Whether the service counts as away."""
        return self._until is not None

    def admits(self, now: datetime) -> bool:
        """Whether a call may be tried: any while closed, one at a time after a rest."""
        return self._until is None or (now >= self._until and not self._probing)

    def begin(self) -> bool:
        """A call that was admitted begins. Returns whether it is a probe, to be handed to `end`."""
        self._probing = self.is_open
        return self._probing

    def end(self, *, probe: bool, worked: bool | None, now: datetime) -> None:
        """`worked` None: it was broken off by ourselves, so nothing is known by it."""
        if probe:
            self._probing = False
        if worked:
            self._failed, self._rest, self._until = 0, self._shortest, None
        elif worked is False:
            self._failed += 1
            self._rest = min(self._rest * 2, self._longest) if probe else self._rest
            if probe or (not self.is_open and self._failed >= self._failures_most):
                self._until = now + self._rest
