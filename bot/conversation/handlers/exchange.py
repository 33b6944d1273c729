"""What the books come to in another currency: shown on request, settled on request or as the group wants it. Always says the day and the source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from bot.conversation import reporting
from bot.conversation.handlers import facts
from bot.conversation.handlers.agreements import agree
from bot.conversation.intents import Command, RecordSettlement
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import people
from core.domain.currencies import is_currency
from core.domain.exchange import Exchange, Paid, debts_of, handed_over
from core.domain.figures import Table
from core.domain.ledger import JournalEntry, parties
from core.domain.rates import Rate, Sheet, convert, sum_in, unknown
from core.domain.settlement import Transfer
from core.errors import DomainError
from core.services import plans, rates

Planned = tuple[Sheet, Sequence[Exchange[UUID]]]


async def sheet(scene: Scene, *, day: date | None = None) -> Sheet | None:
    """The newest rates that are known on a day (today)."""
    return await rates.sheet(scene.uow, scene.rates, day=day or scene.today)


def by_rates(scene: Scene, used: Sheet | Rate) -> str:
    """ "at the ECB's rates of Fri 14 Mar"; says so where they are old, or only what somebody said."""
    return reporting.by_rates(scene.voice, used, scene.today)


# ------------------------------------------------------------------ what a group wants


async def settle_in(scene: Scene, command: Command) -> None:
    """ "Convert everything to euro": from now on everybody is made even in that currency. Raises `no_rate`, `unknown_currency`."""
    code = command.slots["currency"]
    if not is_currency(code):
        raise DomainError("unknown_currency", currency=scene.voice.name(code))
    _known(await sheet(scene), [code])
    wanted = people.update_book(scene.uow, scene.book_id, settles_in=code)
    await agree(scene, wanted, lambda view: view.say("settles_in_set", currency=code))


async def keep_apart(scene: Scene, command: Command) -> None:
    await agree(scene, people.update_book(scene.uow, scene.book_id, settles_in=None), lambda view: view.say("kept_apart"))


# ------------------------------------------------------------------ plans in one currency


async def plan(scene: Scene, currency: str | None, *, day: date | None = None) -> Planned | None:
    """How everybody is made even in the currency that was asked for, else in the group's. None where every debt is in it, or is to stay apart.

    Raises `no_rate` where a rate that was asked for is not known; a group's wish waits until it is.
    """
    wanted = currency or scene.book.settles_in
    still = [code for code, row in plans.balances(scene.uow, scene.book_id).items() if any(row.values())]
    if wanted is None or not still or still == [wanted]:
        return None
    found = await sheet(scene, day=day)
    if currency is None and unknown([wanted, *still], found):
        return None
    used = _known(found, [wanted, *still])
    made = await plans.exchanges(scene.uow, scene.book_id, used, wanted)
    return (used, made) if made else None


def _known(found: Sheet | None, currencies: Iterable[str]) -> Sheet:
    missing = unknown(currencies, found)
    if found is None or missing:
        raise DomainError("no_rate", currency=", ".join(missing))
    return found


def plan_text(scene: Scene, made: Planned, *, largest: bool = False) -> str:
    """The payments (the `largest` alone), and by which rates."""
    used, moves = made
    transfers = [Transfer(move.sender, move.receiver, move.paid) for move in moves]
    return scene.say("plan_at_rates", plan=facts.plan_text(scene, transfers, largest=largest), rates=by_rates(scene, used))


async def left(scene: Scene) -> str | None:
    """The plan of a group that settles in one currency; None where the plans of the currencies count."""
    made = await plan(scene, None)
    return plan_text(scene, made, largest=True) if made is not None else None


async def tell(scene: Scene, currency: str | None, *, own: bool = False) -> bool:
    """ "Who owes whom in euro": whether that was the answer. `own`: the sender's payments alone."""
    made = await plan(scene, currency)
    if made is None:
        return False
    used, moves = made
    mine = [move for move in moves if not own or scene.me.member_id in (move.sender, move.receiver)]
    if not mine:
        scene.reply(facts.in_book(scene, scene.say("balance_me_even", book=scene.voice.name(scene.book.name))))
        return True
    target = {"book": str(scene.book_id)}
    again = Button(scene.say("button_settle"), {"do": "settle", "currency": mine[0].paid.currency, **target})
    scene.reply(facts.in_book(scene, counted(scene, (used, mine))), Button(scene.say("button_why"), {"do": "why", **target}), again)
    return True


def counted(scene: Scene, made: Planned) -> str:
    return scene.say("balances", plan=plan_text(scene, made), count=facts.count_text(scene, len(made[1])))


# ------------------------------------------------------------------ paying one of them


def packed(move: Exchange[UUID]) -> list[list[Any]]:
    """The debts that a payment settles, as a button and a question keep them."""
    return [[str(each.debt.sender), str(each.debt.receiver), each.debt.amount.minor, each.debt.amount.currency] for each in move.covers]


def settled(view: Scene, entries: Sequence[JournalEntry]) -> str | None:
    """ "Bob → Anna $54 for €50, at the ECB's rates of Fri 14 Mar."; None where they were paid in their own currency."""
    whole = handed_over(entries)
    if whole is None:
        return None
    owed, less = debts_of(entries)
    debts = view.voice.amounts(owed)
    if less:
        debts = view.say("debts_less", debts=debts, less=view.voice.amounts(less))
    sender, receiver = (view.name(member) for member in parties(entries[0]))
    return view.say("settled_in", sender=sender, receiver=receiver, paid=whole.money, debts=debts, rates=by_rates(view, whole.rate))


# ------------------------------------------------------------------ totals


async def in_all(scene: Scene, sums: dict[str, int], currency: str) -> str:
    """ "About €412 in all, at the ECB's rates of Fri 14 Mar.", in a currency that was asked for; nothing where there is but that one.

    What has no rate is left out, and named. Raises `no_rate` where the currency itself has none.
    """
    held = {code: minor for code, minor in sums.items() if minor}
    if set(held) <= {currency}:
        return ""
    found = await sheet(scene)
    missing = unknown([currency, *held], found)
    if found is None or currency in missing or set(held) <= {*missing}:
        raise DomainError("no_rate", currency=", ".join(missing))
    known = {code: minor for code, minor in held.items() if code not in missing}
    text = scene.say("about_in_all", amount=sum_in(known, found, currency), rates=by_rates(scene, found))
    return f"{text} {scene.say('without_rate', currency=', '.join(missing))}" if missing else text


def whole(scene: Scene, table: Table, *, asked: bool = False) -> str:
    """The same of figures that are counted in one currency already; where that was not `asked` for, nothing instead of `no_rate`."""
    held = {code: minor for code, minor in table.total.sums.items() if minor}
    if set(held) <= {table.currency} or (len(held) < 2 and not asked):
        return ""
    if table.sheet is None or set(held) <= {*table.without}:
        if asked:
            raise DomainError("no_rate", currency=", ".join(sorted({*held} - {table.currency})))
        return ""
    return reporting.rates(scene.voice, table, scene.today)


async def by_day_rate(scene: Scene, intent: RecordSettlement) -> Paid | None:
    """What was handed over for the amount, by the rates of the day that was offered. None where these make it another amount by now."""
    if intent.amount is None or intent.foreign is None or intent.rated_on is None:
        return None
    used = await sheet(scene, day=intent.rated_on)
    if used is None or used.day != intent.rated_on or unknown([intent.amount.currency, intent.foreign.currency], used):
        return None
    if convert(intent.foreign, used.rate(intent.foreign.currency, intent.amount.currency)) != intent.amount:
        return None
    return Paid(intent.foreign, used.rate(intent.amount.currency, intent.foreign.currency))


def home(scene: Scene) -> str:
    """The currency in which totals are counted: the group's where it has one, else that of the book at hand."""
    return scene.book.settles_in or scene.book.currency
