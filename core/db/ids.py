"""Identifiers made by the application: UUID version 7 (RFC 9562), in order within a process."""

from __future__ import annotations

import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> UUID:
    """48 bits of milliseconds and a counter-like 74-bit tail; greater than every id this process made before."""
    global _last
    with _lock:
        stamp = time.time_ns() // 1_000_000
        value = (stamp << 74) | secrets.randbits(73)
        _last = value if value > _last else _last + 1 + secrets.randbits(8)
        value = _last
    high, low = value >> 62, value & ((1 << 62) - 1)
    stamp, tail = high >> 12, high & 0xFFF
    return UUID(int=(stamp << 80) | (0x7 << 76) | (tail << 64) | (0b10 << 62) | low)
