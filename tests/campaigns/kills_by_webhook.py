"""The kill campaign through the webhooks of Telegram and Twilio: updates and signed forms in, replies out by their APIs, within their pace and caps.

`python -m tests.campaigns.kills_by_webhook --kills 300`; exit 1 where anything was lost, doubled, out of order, or against a platform's rules.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys

from tests.campaigns.kills import Campaign, Plan, Result, report
from tests.support.platforms import webhooks

UNHURRIED_SECONDS = 2.0  # between two messages of a chat: a bot may answer it once a second


async def storm(plan: Plan) -> Result:
    async with webhooks() as platform:
        return await Campaign(plan, platform).run()


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    return report(asyncio.run(storm(Plan(kills=options.kills, seed=options.seed, pause=UNHURRIED_SECONDS))))


if __name__ == "__main__":
    sys.exit(main())
