"""Keeps sends within the pace that platforms set: which may begin now, over all processes, and when the next may. Sends nothing itself.

A channel with N sends a second has N slots in the database, each leased by one process at a time, and a slot begins no two sends within a second:
so there are at most N in any second, whoever sends. What a chat may see is kept by its row, written before its next letter can be claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from core.db import pacing
from core.db.outbox import ClaimedLetter, Room
from core.db.pacing import Call
from core.db.session import Connection
from core.domain.messages import Pace
from core.ports import Channel

SECOND = timedelta(seconds=1.05)  # a little more: what leaves us a second apart may arrive closer together
MINUTE = timedelta(seconds=61)
LEASE = timedelta(seconds=30)
LEASE_MARGIN = timedelta(seconds=2)  # a send is not begun so near to the end of the lease
LEASE_AGAIN = timedelta(seconds=5)  # slots are leased again so often while there is something to send
REFUSALS_IN_A_ROW = 8  # of different chats, asked to wait without one success between: the platform means the whole channel


@dataclass(slots=True)
class _Slots:
    """The slots of one channel that this process holds: when each may begin the next send.

    `used`, by letter on its way: its slot, and the moment from which that is free again should the send not end before.
    """

    most: int
    free_at: dict[int, datetime] = field(default_factory=dict)
    used: dict[UUID, tuple[int, datetime]] = field(default_factory=dict)
    until: datetime | None = None
    leased_at: datetime | None = None

    def free(self, now: datetime) -> int:
        return sum(at <= now for at in self.free_at.values()) if self._ours(now) else 0

    def _ours(self, now: datetime) -> bool:
        return self.until is not None and now < self.until - LEASE_MARGIN

    def begin(self, letter_id: UUID, now: datetime) -> bool:
        """Whether a send may begin at this moment; then it has."""
        if not self._ours(now):
            return False
        slot = min(self.free_at, key=self.free_at.__getitem__, default=None)
        if slot is None or self.free_at[slot] > now:
            return False
        self.free_at[slot] = now + SECOND
        self.used[letter_id] = slot, now + SECOND
        return True

    def ended(self, letter_id: UUID, now: datetime) -> None:
        """The send may have arrived as late as now: its slot rests from now on, unless it was used again meanwhile."""
        slot, free_at = self.used.pop(letter_id, (None, now))
        if slot is not None and self.free_at.get(slot) == free_at:
            self.free_at[slot] = now + SECOND

    def next_free(self) -> datetime | None:
        return min(self.free_at.values(), default=None)


class Pacer:
    """What one process knows of the pace of its channels."""

    def __init__(self, channels: Mapping[str, Channel]) -> None:
        self._channels = channels
        self._slots: dict[str, _Slots] = {}
        self._worker: int | None = None
        self._refused: dict[str, set[UUID]] = {}
        self._claimed: dict[str, set[UUID]] = {}  # by channel: letters that are to begin in a moment, each of which needs a slot

    def pace_of(self, channel: str) -> Pace:
        return self._channels[channel].capabilities.pace

    def _slots_of(self, channel: str) -> _Slots | None:
        most = self.pace_of(channel).a_second
        if most is None:
            return None
        return self._slots.setdefault(channel, _Slots(most))

    async def room(self, connection: Connection, letters: Mapping[str, int], *, worker: int, now: datetime) -> dict[str, Room]:
        """How many letters of each channel may be claimed now; `letters`: how many this process can carry. Leases slots where it is time to."""
        if worker != self._worker:  # our number was lost with its connection, and the slots with it
            self._worker, self._slots = worker, {}
        rooms = {}
        for channel, most in letters.items():
            slots = self._slots_of(channel)
            if slots is not None:
                await self._lease(connection, channel, slots, worker=worker, now=now)
            rooms[channel] = Room(most, most if slots is None else min(most, max(0, slots.free(now) - len(self._claimed.get(channel, ())))))
        return rooms

    def claimed(self, letter: ClaimedLetter) -> None:
        """The letter is going to begin: keep a slot for it until `begin`, or until it was given back (`left`)."""
        if letter.counts and self._slots_of(letter.channel) is not None:
            self._claimed.setdefault(letter.channel, set()).add(letter.letter_id)

    def left(self, letter: ClaimedLetter) -> None:
        self._claimed.get(letter.channel, set()).discard(letter.letter_id)

    async def _lease(self, connection: Connection, channel: str, slots: _Slots, *, worker: int, now: datetime) -> None:
        if slots.leased_at is not None and now - slots.leased_at < LEASE_AGAIN:
            return
        leased = await pacing.lease_slots(connection, channel=channel, most=slots.most, worker=worker, until=now + LEASE, now=now)
        slots.free_at = {slot.no: now + SECOND if slot.fresh else slots.free_at.get(slot.no, now) for slot in leased}
        slots.leased_at, slots.until = now, now + LEASE

    def begin(self, letter: ClaimedLetter, now: datetime) -> bool:
        """Whether the letter may be sent at this very moment; it counts as sent from here on."""
        self.left(letter)
        if not letter.counts:
            return True
        slots = self._slots_of(letter.channel)
        return slots is None or slots.begin(letter.letter_id, now)

    def ended(self, letter: ClaimedLetter, now: datetime) -> None:
        """The send came to an end, whatever it was."""
        slots = self._slots.get(letter.channel)
        if slots is not None:
            slots.ended(letter.letter_id, now)

    def call(self, letter: ClaimedLetter, at: datetime) -> Call | None:
        """What is to be remembered of a send to the letter's chat; None where its channel sets no pace for chats."""
        pace = self.pace_of(letter.channel)
        a_minute = (pace.group_a_minute or 0) if letter.group else 0
        if not letter.counts or not (pace.chat_seconds or a_minute):
            return None
        return Call(letter.conversation_id, at, SECOND * (pace.chat_seconds or 0), a_minute)

    async def record(self, connection: Connection, calls: Iterable[Call | None]) -> None:
        """Must be done before the letters of these sends are marked, or in the same transaction: then nobody claims the next too early."""
        known = [call for call in calls if call is not None]
        if known:
            await pacing.record_calls(connection, known, minute=MINUTE)

    def taken(self, channel: str) -> None:
        """A letter was taken: the channel as a whole is open."""
        self._refused.pop(channel, None)

    async def paused(self, connection: Connection, letter: ClaimedLetter, *, until: datetime, everywhere: bool) -> None:
        """The platform asked to wait: that chat does, and the whole channel where it was said or too many chats in a row were told so."""
        refused = self._refused.setdefault(letter.channel, set())
        refused.add(letter.conversation_id)
        await pacing.pause_chat(connection, letter.conversation_id, until=until)
        if everywhere or len(refused) >= REFUSALS_IN_A_ROW:
            refused.clear()
            await pacing.pause_channel(connection, letter.channel, until=until)

    def next_free(self, channel: str) -> datetime | None:
        """When the next slot of this process is free; None for a channel without a pace."""
        slots = self._slots.get(channel)
        return slots.next_free() if slots is not None else None
