"""The kill campaign through the webhooks of Telegram and Twilio: updates and signed forms in, replies out by their APIs, within their pace and caps.

`python -m tests.campaigns.kills_by_webhook --kills 300`; exit 1 where anything was lost, doubled, out of order, or against a platform's rules.
"""

from __future__ import annotations

import sys
from dataclasses import replace

from tests.campaigns.kills import Campaign, Plan, Result, run
from tests.support.platforms import webhooks

UNHURRIED_SECONDS = 2.0  # between two messages of a chat: a bot may answer it once a second


async def storm(plan: Plan) -> Result:
    async with webhooks() as platform:
        return await Campaign(replace(plan, pause=UNHURRIED_SECONDS), platform).run()


if __name__ == "__main__":
    sys.exit(run(storm, kills=300))
