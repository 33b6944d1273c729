"""Ways to see who owes whom besides the shortest plan: by the bills, why a payment is planned, through one person; and booking a whole plan."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from bot.conversation.handlers import checks, exchange, expenses, facts, settlements
from bot.conversation.handlers.people import member_named
from bot.conversation.intents import Command
from bot.conversation.scene import News, Scene
from bot.conversation.turn import Button
from core.domain import debts, settlement
from core.domain.ledger import EntryKind, JournalEntry
from core.domain.money import Money
from core.domain.settlement import Transfer
from core.errors import DomainError
from core.services import bills, plans

_BILLS_MOST = 3  # named behind a debt
_Bills = dict[UUID, JournalEntry]

# ------------------------------------------------------------------ by the bills


async def direct(scene: Scene, command: Command) -> None:
    """ "Show direct debts": every pair by their common bills, nothing passed on."""
    known, deeds = await plans.deeds(scene.uow, scene.book_id)
    lines = [debt_line(scene, debt, currency, known) for currency in deeds for debt in debts.direct_debts(deeds[currency])]
    if not lines:
        scene.reply(facts.in_book(scene, scene.say("balances_even")))
        return
    shown = lines[: facts.FACTS_MOST] + (["…"] if len(lines) > facts.FACTS_MOST else [])
    scene.reply(facts.in_book(scene, "\n".join([scene.say("debts_title"), *shown])))


def debt_line(scene: Scene, debt: debts.Debt[UUID, UUID], currency: str, known: _Bills) -> str:
    """ "Dan owes Bob €12 (Dinner, Taxi)"."""
    common = {"debtor": scene.name(debt.debtor), "creditor": scene.name(debt.creditor), "amount": Money(debt.minor, currency)}
    named = [facts.what(scene, known[bill].description) for bill in debt.bills if known[bill].kind is EntryKind.EXPENSE]
    if not named:
        return scene.say("debt_line_plain", **common)
    return scene.say("debt_line", **common, bills=", ".join(named[:_BILLS_MOST]) + (", …" if len(named) > _BILLS_MOST else ""))


async def why(scene: Scene, command: Command) -> None:
    """ "Why does Dan pay Anna": the chain of bills behind each transfer of the plan between the two."""
    sender = (await member_named(scene, command.slots["sender"], make_guest=False)).member_id
    receiver = (await member_named(scene, command.slots["receiver"], make_guest=False)).member_id
    between = [move for move in await facts.plans(scene) if (move.sender, move.receiver) == (sender, receiver)]
    if not between:
        raise DomainError("no_debt", sender=scene.name(sender), receiver=scene.name(receiver))
    known, deeds = await plans.deeds(scene.uow, scene.book_id)
    lines: list[str] = []
    for move in between:
        lines.append(scene.say("why_transfer", sender=scene.name(sender), receiver=scene.name(receiver), amount=move.amount))
        lines += reasons(scene, move, deeds.get(move.amount.currency, []), known)
    scene.reply(facts.in_book(scene, "\n".join(lines)))


def reasons(scene: Scene, move: Transfer[UUID], deeds: list[debts.Deed[UUID, UUID]], known: _Bills) -> list[str]:
    """A line for each chain of debts that leads from the sender to the receiver, and one for what no chain accounts for."""
    currency = move.amount.currency
    found = debts.chains(debts.direct_debts(deeds), move.sender, move.receiver, move.amount.minor)
    lines = []
    for chain in found[: facts.FACTS_MOST]:
        steps = " · ".join(debt_line(scene, debt, currency, known) for debt in chain.debts)
        straight = scene.say("why_straight", steps=steps, amount=Money(chain.minor, currency), receiver=scene.name(move.receiver))
        lines.append(straight if len(chain.debts) > 1 else steps)
    rest = debts.unexplained(move.amount.minor, found)
    if rest:
        owed = {member: sum(deed.moved.get(member, 0) for deed in deeds) for member in (move.sender, move.receiver)}
        lines.append(
            scene.say(
                "why_rest",
                sender=scene.name(move.sender),
                receiver=scene.name(move.receiver),
                owed=Money(-owed[move.sender], currency),
                due=Money(owed[move.receiver], currency),
                amount=Money(rest, currency),
            )
        )
    return lines


# ------------------------------------------------------------------ other plans


async def through(scene: Scene, command: Command) -> None:
    """ "Everything through Anna": each pays her or is paid by her."""
    centre = (await member_named(scene, command.slots["person"], make_guest=False)).member_id
    moves = [
        Transfer(sender, receiver, Money(minor, currency))
        for currency, row in plans.balances(scene.uow, scene.book_id).items()
        for sender, receiver, minor in debts.through(row, centre)
    ]
    if not moves:
        scene.reply(facts.in_book(scene, scene.say("settle_nobody")))
        return
    buttons = [settlements.paid_button(scene, move.sender, move.receiver, move.amount) for move in moves[: facts.FACTS_MOST]]
    scene.reply(facts.in_book(scene, scene.say("plan_through", name=scene.name(centre), plan=facts.plan_text(scene, moves))), *buttons)


async def by_household(scene: Scene, command: Command) -> None:
    """ "Who owes whom by household": those who count as one pay and are paid together."""
    units = scene.book.units()
    heads = {member: scene.voice.listing(scene.name(each) for each in unit) for unit in units for member in unit}
    lines = []
    for currency, row in plans.balances(scene.uow, scene.book_id).items():
        for move in settlement.plan(debts.by_unit(row, units), currency).transfers:
            sender, receiver = (heads.get(member) or scene.name(member) for member in (move.sender, move.receiver))
            lines.append(scene.say("transfer", sender=sender, receiver=receiver, amount=move.amount))
    scene.reply(facts.in_book(scene, "\n".join(lines) or scene.say("balances_even")))


# ------------------------------------------------------------------ all of it at once


async def ask_all(scene: Scene, command: Command) -> None:
    """ "Everyone is even now": asked once, with the payments that would be noted."""
    made = await exchange.plan(scene, command.slots.get("currency"))
    moves = await facts.plans(scene)
    if not moves:
        scene.reply(facts.in_book(scene, scene.say("settle_nobody")))
        return
    action: dict[str, Any] = {"do": "settle_all", "book": str(scene.book_id), "moves": packed(moves)}
    if made is not None:
        used, exchanges = made
        shown = {"moves": [exchange.packed(move) for move in exchanges], "currency": exchanges[0].paid.currency, "day": used.day.isoformat()}
        action |= shown
    scene.state["pending"] = {"kind": "settle_all", "asker": str(scene.person.person_id), "action": action}
    yes = Button(scene.say("button_settle_all"), action, (scene.person.person_id,))
    planned = exchange.plan_text(scene, made) if made is not None else facts.plan_text(scene, moves)
    scene.reply(facts.in_book(scene, scene.say("settle_all_ask", plan=planned)), yes)


def packed(moves: list[Transfer[UUID]]) -> list[list[Any]]:
    return [[str(move.sender), str(move.receiver), move.amount.minor, move.amount.currency] for move in moves]


async def confirm_all(scene: Scene, action: dict[str, Any]) -> None:
    """The answer in words."""
    if checks.is_due(scene):
        checks.hold_press(scene, action, checks.what_of_press(scene, action))
        return
    await scene.move_to(UUID(action["book"]))
    await settle_all(scene, action, None)


async def settle_all(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    """Note every payment of the plan, if it still is the plan that was shown; else show what it is now."""
    scene.state.pop("pending", None)
    await scene.uow.flush()
    currency = action.get("currency")
    noted = note_plan(scene, await facts.plans(scene), action) if currency is None else note_exchanges(scene, await shown(scene, action), action)
    if noted is None:
        await ask_all(scene, Command("settle_all", {"currency": currency} if currency else {}))
        return
    entries, planned = noted
    scene.bill_ids += [entry.bill_id for entry in entries]

    async def told(view: Scene) -> str:
        return view.say("settle_all_done", plan=planned(view))

    if scene.shared:
        scene.news.append(News(scene.book_id, told, about=entries[0].bill_id))
    undo = expenses.undo_button(scene, [entry.bill_id for entry in entries])
    scene.reply(facts.in_book(scene, await told(scene)), undo, about=entries[0].bill_id, edits=outbox_id)


_Noted = tuple[list[JournalEntry], Callable[[Scene], str]]


def note_plan(scene: Scene, moves: list[Transfer[UUID]], action: dict[str, Any]) -> _Noted | None:
    """Every currency by itself; None where the plan is another by now."""
    if not moves or packed(moves) != action["moves"]:
        return None
    common: dict[str, Any] = {"on": scene.today, "effects": scene.effects, "now": scene.now}
    entries = [
        bills.record_settlement(scene.uow, scene.book_id, sender=move.sender, receiver=move.receiver, amount=move.amount, **common) for move in moves
    ]
    return entries, lambda view: facts.plan_text(view, moves)


async def shown(scene: Scene, action: dict[str, Any]) -> exchange.Planned | None:
    """The plan in one currency, by the rates that were shown."""
    return await exchange.plan(scene, action["currency"], day=date.fromisoformat(action["day"]))


def note_exchanges(scene: Scene, made: exchange.Planned | None, action: dict[str, Any]) -> _Noted | None:
    """The same in one currency."""
    if made is None or [exchange.packed(move) for move in made[1]] != action["moves"]:
        return None
    entries = [
        entry
        for move in made[1]
        for entry in bills.record_exchange(scene.uow, scene.book_id, move, on=scene.today, effects=scene.effects, now=scene.now)
    ]
    return entries, lambda view: exchange.plan_text(view, made)
