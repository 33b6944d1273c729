"""Counters and latencies for an operator: by stage and channel, never by person or chat."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from core.db.queues import ChannelState, QueueState

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """One a process.

    Stages: accepted, repeated, refused (by accept); answered, rejected, paced, dead (by a worker); sent, dead_letter (by delivery).
    Outcomes of questions to a model: expense, settlement, income, query (what was made of it), none, refused (not what the message says), failed,
    budget, busy, resting (it is left alone after failures).
    Outcomes of letters: taken, retry, paused (the platform asked), paced (given back), coalesced, moved, passed_on, held, expired, capped, dead.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.messages = Counter("tuppence_messages", "Messages by stage and channel.", ("stage", "channel"), registry=self.registry)
        self.sends = Counter("tuppence_sends", "Letters by channel and what came of them.", ("channel", "outcome"), registry=self.registry)
        self.failures = Counter("tuppence_failures", "Failures by stage and reason.", ("stage", "reason"), registry=self.registry)
        self.seconds = Histogram("tuppence_seconds", "Seconds a stage took.", ("stage",), buckets=_BUCKETS, registry=self.registry)
        self.carried = Counter("tuppence_carried", "Messages of ours by what carriers report of them.", ("state", "channel"), registry=self.registry)
        self.model = Counter("tuppence_model", "Messages for a language model by what came of them.", ("outcome",), registry=self.registry)
        self.model_away = Gauge("tuppence_model_away", "1 while the language model is left alone after failures.", registry=self.registry)
        self._pending = Gauge("tuppence_pending", "Rows that wait.", ("queue",), registry=self.registry)
        self._oldest = Gauge("tuppence_oldest_pending_seconds", "Age of the oldest row that waits.", ("queue",), registry=self.registry)
        self._waiting = Gauge("tuppence_waiting", "Letters that wait.", ("channel",), registry=self.registry)
        self._paced = Gauge("tuppence_paced", "Letters whose chat has to rest.", ("channel",), registry=self.registry)
        self._held = Gauge("tuppence_held", "Letters held until somebody writes.", ("channel",), registry=self.registry)
        self._oldest_waiting = Gauge("tuppence_oldest_waiting_seconds", "Age of the oldest letter that waits.", ("channel",), registry=self.registry)
        self._dead = Gauge("tuppence_dead", "Rows given up, for an operator to look at.", ("queue",), registry=self.registry)

    def took(self, stage: str, *, start: datetime, now: datetime) -> None:
        self.seconds.labels(stage).observe(max(0.0, (now - start).total_seconds()))

    def render(self, queues: dict[str, QueueState], channels: dict[str, ChannelState], *, now: datetime) -> bytes:
        """The text form for scraping; `queues` and `channels` as they are now."""
        for gauge in (self._waiting, self._paced, self._held, self._oldest_waiting):
            gauge.clear()  # a channel for which nothing waits is not among them
        for name, state in channels.items():
            self._waiting.labels(name).set(state.waiting)
            self._paced.labels(name).set(state.paced)
            self._held.labels(name).set(state.held)
            self._oldest_waiting.labels(name).set((now - state.oldest).total_seconds() if state.oldest else 0)
        for name, queue in queues.items():
            self._pending.labels(name).set(queue.pending)
            self._dead.labels(name).set(queue.dead)
            self._oldest.labels(name).set((now - queue.oldest).total_seconds() if queue.oldest else 0)
        return generate_latest(self.registry)
