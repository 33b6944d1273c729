"""Named places where a test kills the process; without a test they do nothing."""

from __future__ import annotations

import os
import signal

NAMES = (
    "after_body_read",
    "before_inbox_commit",
    "after_inbox_commit",
    "after_claim",
    "before_ledger_commit",
    "after_ledger_commit",
    "before_send",
    "after_send_before_mark",
    "after_receipt_claim",
    "before_receipt_commit",
    "after_receipt_commit",
)

_armed: dict[str, int] = {}


def arm(spec: str | None) -> None:
    """`spec`: "after_claim:3,before_send:1" kills the process at the third claim or the first send, whichever comes first. None: never.

    Raises ValueError for a name that is not a failpoint's.
    """
    _armed.clear()
    for part in (spec or "").split(","):
        if not part:
            continue
        name, _, hits = part.partition(":")
        if name not in NAMES:
            raise ValueError(f"no failpoint is called {name}")
        _armed[name] = int(hits or 1)


def failpoint(name: str) -> None:
    """Die here by SIGKILL when a test said so."""
    if name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
