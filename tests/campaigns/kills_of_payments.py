"""The kill campaign over payments: proposed, called paid and confirmed in many groups while processes die; none may be twice, none lost.

`python -m tests.campaigns.kills_of_payments --kills 300`; exit 1 where an acknowledged step is gone, or anything was booked that nobody confirmed.
"""

from __future__ import annotations

import collections
import json
import sys
from collections.abc import Mapping

import asyncpg

from core.domain.payments.states import State
from tests.campaigns.kills import Campaign, Plan, Result, run, wrong_sums
from tests.support.platforms import Platform, Post

JOINS = 2  # the first messages of a group
STEPS = ("bill", "pay", "says", "insists", "confirms")
RANKS = {None: 0, State.PROPOSED: 1, State.LINK_SENT: 1, State.PAYER_SAYS_PAID: 2, State.RECEIVER_CONFIRMED: 3}
REACHED = {"bill": 0, "pay": 1, "says": 2, "insists": 2, "confirms": 3}  # the rank that a step leads to: who insists confirms nothing


class Payments:
    """In each group one pays for both, again and again for another amount, and the other pays it back."""

    def post(self, platform: Platform, chat: str, number: int) -> Post:
        """Only on the load platform: no other has groups here."""
        payer, receiver = people(chat)
        if number <= JOINS:
            said, user, kind = "", (payer, receiver)[number - 1], "join"
        else:
            amount, step = place(number)
            user, said = (receiver if step in ("bill", "confirms") else payer), words(step, payer, receiver, amount)
            kind = "text"
        body = {"chat": chat, "id": f"{chat}-{number}", "position": number, "text": said, "user": user, "kind": kind, "group": True}
        return Post("/webhooks/load", json.dumps(body).encode(), {"Content-Type": "application/json"})

    async def check(self, dsn: str, received: list[tuple[str, str]], acked: Mapping[str, list[int]], result: Result) -> None:
        """P1 no loss, P2 no double, P3 the receiver alone confirms, P4 told, and the sums of all books (I3)."""
        connection = await asyncpg.connect(dsn)
        states = await connection.fetch("SELECT state, count(*), min(reason) FROM inbox WHERE state <> 'done' GROUP BY state")
        result.findings += [f"P1: {row[1]} messages ended as {row[0]} ({row[2]})" for row in states]
        result.findings += await wrong_sums(connection)
        payments = await connection.fetch("SELECT b.name, p.* FROM payments p JOIN books b USING (book_id)")
        booked = await connection.fetch(
            """SELECT b.name, e.bill_id, e.actor_id, max(p.amount) AS amount FROM entries e JOIN postings p USING (book_id, entry_id)
            JOIN books b USING (book_id) WHERE e.kind = 'settlement' GROUP BY 1, 2, 3, e.entry_id"""
        )
        await connection.close()
        for chat, numbers in acked.items():
            mine = [row for row in payments if row["name"] == chat]
            result.findings += wrong_steps(chat, numbers, mine) + wrong_bookings(chat, mine, [row for row in booked if row["name"] == chat])
            result.findings += untold(chat, mine, [text for where, text in received if where == chat])


def people(chat: str) -> tuple[str, str]:
    """Who pays and who is paid in a group: names of letters alone."""
    tens, ones = divmod(int(chat.removeprefix("chat")), 10)
    letters = f"{chr(ord('a') + tens)}{chr(ord('a') + ones)}"
    return f"ben{letters}", f"anna{letters}"


def place(number: int) -> tuple[int, str]:
    """The amount that a message is about, in whole euros, each of a group its own; and which step it is."""
    round_, step = divmod(number - JOINS - 1, len(STEPS))
    return round_ + 1, STEPS[step]


def words(step: str, payer: str, receiver: str, amount: int) -> str:
    return {
        "bill": f"paid {2 * amount}.00 EUR for gadget",
        "pay": f"pay {receiver}",
        "says": f"I paid {receiver} {amount}.00 EUR",
        "insists": f"{payer} paid {receiver} {amount}.00 EUR",
        "confirms": f"{payer} paid me {amount}.00 EUR",
    }[step]


def wrong_steps(chat: str, numbers: list[int], payments: list[asyncpg.Record]) -> list[str]:
    """Each payment is at least where its last acknowledged step led, and no further than one message that nobody could acknowledge."""
    found, states = [], {row["amount"] // 100: State(row["state"]) for row in payments}
    last: dict[int, str] = {}
    for number in sorted(numbers):
        if number > JOINS:
            amount, step = place(number)
            last[amount] = step
    following = STEPS[1:] + STEPS[-1:]
    for amount, step in last.items():
        rank = RANKS[states.get(amount)]
        found += [f"P1: {chat} lost {step!r} of €{amount}: {states.get(amount)}"] if rank < REACHED[step] else []
        found += [f"P3: {chat} went on by itself after {step!r} of €{amount}"] if rank > REACHED[following[STEPS.index(step)]] else []
    return found


def wrong_bookings(chat: str, payments: list[asyncpg.Record], booked: list[asyncpg.Record]) -> list[str]:
    """One payment an amount, one settlement a confirmed payment, by the word of its receiver, and no other."""
    found = [f"P2: {chat} has {times} payments of {amount}" for amount, times in _counted(payments) if times > 1]
    found += [f"P2: {chat} has {times} settlements of {amount}" for amount, times in _counted(booked) if times > 1]
    receivers = {row["bill_id"]: (row["receiver_id"], row["amount"]) for row in payments if row["state"] == State.RECEIVER_CONFIRMED}
    told = {row["bill_id"]: (row["actor_id"], row["amount"]) for row in booked}
    found += [f"P1: {chat} has {len(receivers)} confirmed payments and {len(told)} settlements"] if receivers.keys() != told.keys() else []
    found += [f"P3: {chat}: {bill} was booked by another's word" for bill in receivers.keys() & told.keys() if receivers[bill] != told[bill]]
    return found


def _counted(rows: list[asyncpg.Record]) -> list[tuple[int, int]]:
    return list(collections.Counter(row["amount"] for row in rows).items())


def untold(chat: str, payments: list[asyncpg.Record], texts: list[str]) -> list[str]:
    """P4: every payment that was confirmed was told to be so in its group."""
    payer, receiver = people(chat)
    amounts = [row["amount"] // 100 for row in payments if row["state"] == State.RECEIVER_CONFIRMED]
    told = [amount for amount in amounts if any(text.startswith(f"{payer} → {receiver} €{amount:,}, confirmed") for text in texts)]
    return [f"P4: {chat} was not told of {len(amounts) - len(told)} confirmations"] if len(told) < len(amounts) else []


async def storm(plan: Plan) -> Result:
    return await Campaign(plan, script=Payments()).run()


if __name__ == "__main__":
    sys.exit(run(storm, kills=300))
