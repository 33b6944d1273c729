"""Proof that the kill campaign is able to fail: each seeded bug must be found, by the invariant that it breaks.

`python -m tests.campaigns.hunt` looks for all of them; exit 1 where one got away.
"""

from __future__ import annotations

import asyncio
import sys

from tests.campaigns.kills import Campaign, Plan, Script

# The bug, where to kill so that it shows, and the invariant that it breaks.
PREY: dict[str, tuple[tuple[str, ...], str]] = {
    "ack_before_commit": (("before_inbox_commit",), "I1"),
    "two_transactions": (("after_ledger_commit",), "I4"),
    "no_unique_key": ((), "I2"),
    "reply_before_commit": (("before_ledger_commit",), "I4"),
}


def hunt(mutant: str, *, seed: int, script: Script | None = None, breaks: str = "") -> list[str]:
    """The findings that name the invariant which this bug breaks (`breaks`: in that script); none: it got away."""
    points, invariant = PREY[mutant]
    share = 0.0 if points else 1.0
    plan = Plan(kills=6, seed=seed, mutant=mutant, points=points, random_share=share, services=1, pause=0.01, seconds=20)
    result = asyncio.run(Campaign(plan, script=script).run())
    return [finding for finding in result.findings if finding.startswith(breaks or invariant)]


def main() -> int:
    escaped = 0
    for mutant in PREY:
        found = hunt(mutant, seed=1)
        escaped += not found
        print(f"{mutant}: {found[0] if found else 'NOT FOUND'}", flush=True)
    return 1 if escaped else 0


if __name__ == "__main__":
    sys.exit(main())
