"""Expenses that come back by a rule, the days of theirs that were dealt with, and the clock that wakes them. Decides no day, and posts nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from core.db.bodies import decode_address
from core.db.conversations import SILENT
from core.db.crypto import Keys
from core.db.ledger import STANDS
from core.db.session import UnitOfWork
from core.domain.messages import ChatAddress, ChatKind, Person
from core.domain.money import Money
from core.domain.recurrence import Every, Rule

Json = dict[str, Any]


class State(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Outcome(StrEnum):
    """What became of a day: `asked` waits for somebody's word."""

    POSTED = "posted"
    ASKED = "asked"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Recurring:
    """An expense and the rule by which it comes back. `draft`: how its words were understood. `said_by`: whose words, as the channel knows them.

    `at`: the time of its days, in the book's zone. `asks`: nothing is posted before somebody says so. `next_on`: the first day not dealt with.
    """

    book_id: UUID
    rule_id: UUID
    person_id: UUID
    member_id: UUID
    conversation_id: UUID
    amount: Money
    what: str
    draft: Json
    said_by: Person
    thread: str | None
    rule: Rule
    at: time
    asks: bool
    state: State
    next_on: date | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Chat:
    """Where a rule is told; `silent`: nothing may be said there. `heard_at`: when its people last wrote."""

    address: ChatAddress
    kind: ChatKind
    silent: bool
    heard_at: datetime | None


@dataclass(frozen=True, slots=True)
class Spent:
    """A bill that stands, as it is called."""

    on: date
    what: str
    category: str
    amount: Money


async def keep(uow: UnitOfWork, found: Recurring) -> None:
    """A rule, new or changed."""
    data_key = uow.keys.new_data_key()
    rule = found.rule
    content = {
        "minor": found.amount.minor,
        "currency": found.amount.currency,
        "what": found.what,
        "draft": found.draft,
        "user": found.said_by.user,
        "name": found.said_by.name,
        "thread": found.thread,
    }
    await uow.execute(
        """INSERT INTO recurring (book_id, rule_id, person_id, member_id, conversation_id, data_key, content, every, every_count, starts_on, until,
          weekdays, day, nth, month, at_time, asks, state, next_on, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::smallint[], $13, $14, $15, $16, $17, $18, $19, $20)
        ON CONFLICT (book_id, rule_id) DO UPDATE SET conversation_id = excluded.conversation_id, data_key = excluded.data_key,
          content = excluded.content, every = excluded.every, every_count = excluded.every_count, starts_on = excluded.starts_on,
          until = excluded.until, weekdays = excluded.weekdays, day = excluded.day, nth = excluded.nth, month = excluded.month,
          at_time = excluded.at_time, asks = excluded.asks, state = excluded.state, next_on = excluded.next_on""",
        found.book_id,
        found.rule_id,
        found.person_id,
        found.member_id,
        found.conversation_id,
        data_key,
        uow.keys.encrypt(data_key, orjson.dumps(content)),
        rule.every.value,
        rule.interval,
        rule.start,
        rule.until,
        sorted(rule.weekdays),
        rule.day,
        rule.nth,
        rule.month,
        found.at,
        found.asks,
        found.state.value,
        found.next_on,
        found.created_at,
    )


async def wind(uow: UnitOfWork, found: Recurring, *, next_on: date | None, next_at: datetime | None) -> None:
    """The next day of a rule, and when it is. None: nothing wakes it, and unless it is paused it is over."""
    await uow.execute(
        """UPDATE recurring SET next_on = $3, state = CASE WHEN $3::date IS NULL AND state = 'active' THEN 'ended' ELSE state END
        WHERE book_id = $1 AND rule_id = $2""",
        found.book_id,
        found.rule_id,
        next_on,
    )
    if next_at is None:
        await uow.execute("DELETE FROM recurring_clock WHERE rule_id = $1", found.rule_id)
        return
    await uow.execute(
        """INSERT INTO recurring_clock (rule_id, book_id, next_at) VALUES ($1, $2, $3)
        ON CONFLICT (rule_id) DO UPDATE SET next_at = excluded.next_at""",
        found.rule_id,
        found.book_id,
        next_at,
    )


async def due(uow: UnitOfWork, *, limit: int, now: datetime) -> list[tuple[UUID, UUID]]:
    """(book, rule) of those whose moment has come, for this transaction alone."""
    rows = await uow.connection.fetch(
        "SELECT book_id, rule_id FROM recurring_clock WHERE next_at <= $1 ORDER BY next_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED", now, limit
    )
    return [(row["book_id"], row["rule_id"]) for row in rows]


async def of_books(uow: UnitOfWork, book_ids: Sequence[UUID]) -> list[Recurring]:
    """Those of loaded books that have not ended, the oldest first."""
    await uow.flush()
    rows = await uow.connection.fetch(
        "SELECT * FROM recurring WHERE book_id = ANY($1::uuid[]) AND state <> 'ended' AND content IS NOT NULL ORDER BY created_at, rule_id",
        list(book_ids),
    )
    return [_recurring(uow.keys, row) for row in rows]


async def find(uow: UnitOfWork, book_id: UUID, rule_id: UUID) -> Recurring | None:
    """One of a loaded book, ended or not; None where there is none, or its words were erased."""
    await uow.flush()
    row = await uow.connection.fetchrow("SELECT * FROM recurring WHERE book_id = $1 AND rule_id = $2 AND content IS NOT NULL", book_id, rule_id)
    return _recurring(uow.keys, row) if row is not None else None


async def taken(uow: UnitOfWork, book_id: UUID, rule_ids: Collection[UUID]) -> set[UUID]:
    """Those of these ids that a rule of the book has, ended or not."""
    await uow.flush()
    rows = await uow.connection.fetch("SELECT rule_id FROM recurring WHERE book_id = $1 AND rule_id = ANY($2::uuid[])", book_id, list(rule_ids))
    return {row["rule_id"] for row in rows}


async def claim(uow: UnitOfWork, found: Recurring, days: Sequence[date], outcome: Outcome, *, now: datetime) -> list[date]:
    """The days that nobody has dealt with before this transaction, ascending."""
    await uow.flush()
    rows = await uow.connection.fetch(
        """INSERT INTO occurrences (book_id, rule_id, day, outcome, claimed_at) SELECT $1, $2, day, $4, $5 FROM unnest($3::date[]) day
        ON CONFLICT DO NOTHING RETURNING day""",
        found.book_id,
        found.rule_id,
        list(days),
        outcome.value,
        now,
    )
    return sorted(row["day"] for row in rows)


async def outcome(uow: UnitOfWork, found: Recurring, day: date) -> Outcome | None:
    """What became of a day; None where nobody dealt with it."""
    await uow.flush()
    kept = await uow.connection.fetchval(
        "SELECT outcome FROM occurrences WHERE book_id = $1 AND rule_id = $2 AND day = $3", found.book_id, found.rule_id, day
    )
    return Outcome(kept) if kept is not None else None


async def decide(uow: UnitOfWork, found: Recurring, day: date, outcome: Outcome) -> bool:
    """Whether the day waited for a word until now."""
    await uow.flush()
    decided = await uow.connection.fetchval(
        """UPDATE occurrences SET outcome = $4 WHERE book_id = $1 AND rule_id = $2 AND day = $3 AND outcome = 'asked' RETURNING true""",
        found.book_id,
        found.rule_id,
        day,
        outcome.value,
    )
    return decided is not None


async def reopen(uow: UnitOfWork, found: Recurring, days: Sequence[date]) -> None:
    """What was to be posted could not be: these days wait for a word."""
    await uow.execute(
        "UPDATE occurrences SET outcome = 'asked' WHERE book_id = $1 AND rule_id = $2 AND day = ANY($3::date[]) AND outcome = 'posted'",
        found.book_id,
        found.rule_id,
        list(days),
    )


async def spent(uow: UnitOfWork, book_id: UUID, *, member_id: UUID, since: date) -> list[Spent]:
    """What a member alone paid from a day on and stands, oldest first: whole bills, each as it is called. Payments and income are none."""
    await uow.flush()
    rows = await uow.connection.fetch(
        f"""SELECT e.occurred_on, t.description, coalesce(e.category, 'other') AS category, p.currency, sum(p.amount)::bigint AS amount
        FROM entries e JOIN entry_texts t USING (book_id, entry_id) JOIN postings p USING (book_id, entry_id)
        WHERE e.book_id = $1 AND e.kind = 'expense' AND p.role = 'paid' AND e.occurred_on >= $3 AND t.description <> '' AND {STANDS}
          AND p.member_id = $2 AND NOT EXISTS (SELECT FROM postings o
            WHERE o.book_id = e.book_id AND o.entry_id = e.entry_id AND o.role = 'paid' AND o.member_id <> $2)
        GROUP BY e.entry_id, 1, 2, 3, 4 ORDER BY 1""",
        book_id,
        member_id,
        since,
    )
    return [Spent(row["occurred_on"], row["description"], row["category"], Money(row["amount"], row["currency"])) for row in rows]


async def chats(uow: UnitOfWork, found: Sequence[Recurring]) -> dict[UUID, Chat]:
    """Where rules are told, by the id of the chat in which they were said; not those that are forgotten. A chat that moved is where it is now."""
    rows = await uow.connection.fetch(
        f"""SELECT o.id, c.channel, c.kind, c.address, c.data_key, c.heard_at,
          {SILENT} AS silent
        FROM conversations o JOIN conversations c ON c.id = coalesce(o.moved_to, o.id)
        WHERE o.id = ANY($1::uuid[]) AND c.data_key IS NOT NULL""",
        [each.conversation_id for each in found],
    )
    return {
        row["id"]: Chat(
            decode_address(uow.keys.decrypt(row["data_key"], row["address"]), channel=row["channel"]),
            ChatKind(row["kind"]),
            row["silent"],
            row["heard_at"],
        )
        for row in rows
    }


async def export_rows(uow: UnitOfWork, book_id: UUID, person_id: UUID) -> list[dict[str, Any]]:
    """A person's own rules of a book as JSON values."""
    days = await uow.connection.fetch("SELECT rule_id, day, outcome FROM occurrences WHERE book_id = $1 ORDER BY day", book_id)
    return [
        {
            "what": each.what,
            "amount": str(each.amount),
            "currency": each.amount.currency,
            "every": each.rule.every.value,
            "interval": each.rule.interval,
            "starts": each.rule.start.isoformat(),
            "until": each.rule.until and each.rule.until.isoformat(),
            "weekdays": sorted(each.rule.weekdays),
            "day": each.rule.day,
            "nth": each.rule.nth,
            "month": each.rule.month,
            "at": each.at.isoformat("minutes"),
            "asks": each.asks,
            "state": each.state.value,
            "next": each.next_on and each.next_on.isoformat(),
            "since": each.created_at.isoformat(),
            "days": [{"day": row["day"].isoformat(), "outcome": row["outcome"]} for row in days if row["rule_id"] == each.rule_id],
        }
        for each in await of_books(uow, [book_id])
        if each.person_id == person_id
    ]


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    """What a person said comes back no more, in all of their loaded books."""
    await uow.execute(
        "DELETE FROM recurring_clock WHERE rule_id IN (SELECT rule_id FROM recurring WHERE person_id = $1)",
        person_id,
    )
    await uow.execute("UPDATE recurring SET data_key = NULL, content = NULL, state = 'ended', next_on = NULL WHERE person_id = $1", person_id)


def _recurring(keys: Keys, row: asyncpg.Record) -> Recurring:
    content = orjson.loads(keys.decrypt(row["data_key"], row["content"]))
    rule = Rule(
        every=Every(row["every"]),
        start=row["starts_on"],
        interval=row["every_count"],
        until=row["until"],
        weekdays=frozenset(row["weekdays"]),
        day=row["day"],
        nth=row["nth"],
        month=row["month"],
    )
    return Recurring(
        book_id=row["book_id"],
        rule_id=row["rule_id"],
        person_id=row["person_id"],
        member_id=row["member_id"],
        conversation_id=row["conversation_id"],
        amount=Money(content["minor"], content["currency"]),
        what=content["what"],
        draft=content["draft"],
        said_by=Person(content["user"], content["name"]),
        thread=content["thread"],
        rule=rule,
        at=row["at_time"],
        asks=row["asks"],
        state=State(row["state"]),
        next_on=row["next_on"],
        created_at=row["created_at"],
    )
