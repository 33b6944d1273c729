"""The table of jobs and the clock that sets them off: each once a period, however many schedulers run."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.jobs import pins
from bot.jobs.approvals import WaitingBills
from bot.jobs.lapses import UnfinishedPayments
from bot.jobs.mail import Mailboxes
from bot.jobs.notices import DailyLooks, enrol
from bot.jobs.nudges import OwedMoney
from bot.jobs.recurring import RepeatingBills
from bot.jobs.reminders import UnclaimedLines
from bot.jobs.reports import PlannedReports
from bot.log import error_fields, log
from core.db import imports, retention
from core.db.caps import forget_old_days
from core.db.session import Database, UnitOfWork
from core.ports import Channel, Clock, RateHistory

BODIES_KEPT = timedelta(days=7)

Work = Callable[[UnitOfWork, datetime], Awaitable[bool | None]]  # true: there is more, for a transaction of its own


@dataclass(frozen=True, slots=True)
class Job:
    """`period` is a strftime pattern: the job is done once for each value that the time in UTC gives. A missed period is not made up.

    None: it is done at every look, and claims by itself what it works on.
    """

    name: str
    period: str | None
    work: Work


async def erase_bodies(uow: UnitOfWork, now: datetime) -> None:
    count = await retention.erase_bodies(uow, before=now - BODIES_KEPT)
    await forget_old_days(uow, now=now)
    await imports.forget(uow, before=now - BODIES_KEPT)
    log.info("bodies erased", job="erase_bodies", count=count)


async def sign_heads(uow: UnitOfWork, now: datetime) -> None:
    """Put the newest link of every book's chain into the log, signed: who rewrites a whole chain must also rewrite the log."""
    async for page in retention.chain_heads(uow):
        for book_id, number, head in page:
            signature = uow.keys.digest("chain head", book_id.hex, str(number), head.hex())
            log.info("chain head", job="sign_heads", head=f"{book_id} {number} {head.hex()} {signature.hex()}")


JOBS = (Job("erase_bodies", "%Y-%m-%dT%H", erase_bodies), Job("sign_heads", "%Y-%m-%d", sign_heads))


def jobs_with(channels: Mapping[str, Channel], *, address: str = "", history: RateHistory | None = None) -> tuple[Job, ...]:
    """All jobs, those too that write to people. `address`: where our own pages are; `history`: the exchange rates that came along."""
    return (
        *JOBS,
        Job("repeating_bills", None, RepeatingBills(channels).hand_over),
        Job("unclaimed_lines", None, UnclaimedLines(channels).remind),
        Job("owed_money", None, OwedMoney(channels).remind),
        Job("unfinished_payments", "%Y-%m-%dT%H", UnfinishedPayments(channels).close),
        Job("waiting_bills", None, WaitingBills(channels).remind),
        Job("pinned_balances", None, pins.renew),
        Job("enrol", "%Y-%m-%dT%H", enrol),
        Job("notices", None, DailyLooks(channels, history).look),
        Job("mailboxes", None, Mailboxes(channels).look_after),
        Job("planned_reports", None, PlannedReports(channels, address=address, history=history).send),
    )


class Schedule:
    """Looks at the table as often as `run_due` is called."""

    def __init__(self, database: Database, *, clock: Clock, jobs: tuple[Job, ...] = JOBS) -> None:
        self._database = database
        self._clock = clock
        self._jobs = jobs

    async def run_due(self) -> list[str]:
        """Do what is due now and not done, in turns: a job with much to do holds up no other. What fails is tried again at the next look.

        Returns the names of the jobs of a period that were done.
        """
        done: list[str] = []
        waiting = self._jobs
        while waiting:
            waiting = tuple([job for job in waiting if await self._has_more(job, done)])
        return done

    async def _has_more(self, job: Job, done: list[str]) -> bool:
        """Do one transaction's work of it, unless another scheduler does; whether more is due."""
        now = self._clock()
        try:
            async with self._database.unit_of_work() as uow:
                if job.period is not None and not await retention.claim_occurrence(uow, job=job.name, period=now.strftime(job.period), now=now):
                    return False
                more = await job.work(uow, now)
        except Exception as error:
            log.error("job failed", job=job.name, **error_fields(error))
            return False
        done += [job.name] if job.period is not None else []
        return bool(more)
