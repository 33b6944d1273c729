"""Paying back: a settlement counts when it is said; the receiver's "no" reverses it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bot.conversation.handlers import expenses, facts
from bot.conversation.handlers.people import member_named
from bot.conversation.intents import RecordSettlement
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import ledger
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.errors import DomainError
from core.services import bills

CHECKS_MOST = 10


async def settle(scene: Scene, intent: RecordSettlement) -> None:
    sender = (await member_named(scene, intent.sender, make_guest=True)).member_id
    receiver = (await member_named(scene, intent.receiver, make_guest=True)).member_id
    owed = [intent.amount] if intent.amount else all_owed(scene, sender, receiver)
    entries = [
        bills.record_settlement(
            scene.uow, scene.book_id, sender=sender, receiver=receiver, amount=amount, on=intent.date, effects=scene.effects, now=scene.now
        )
        for amount in owed
    ]
    scene.bill_ids += [entry.bill_id for entry in entries]
    announce(scene, entries)


def all_owed(scene: Scene, sender: UUID, receiver: UUID) -> list[Money]:
    """What the plan has `sender` pay `receiver`; else as much as the one owes and the other is owed. Raises `no_debt`."""
    if sender == receiver:
        raise DomainError("same_person")
    planned = [move.amount for move in facts.plans(scene) if (move.sender, move.receiver) == (sender, receiver)]
    if planned:
        return planned
    balances = scene.uow.balances(scene.book_id)
    found = []
    for currency in sorted({code for _, code in balances}):
        owes, is_owed = balances.get((sender, currency)), balances.get((receiver, currency))
        if owes and is_owed and owes.amount < 0 < is_owed.amount:
            found.append(Money(min(-owes.amount, is_owed.amount), currency))
    if not found:
        raise DomainError("no_debt", sender=scene.name(sender), receiver=scene.name(receiver))
    return found


def announce(scene: Scene, entries: list[JournalEntry], *, edits: UUID | None = None) -> None:
    """What was settled, whether the receiver is asked, and what is left."""
    sender, receiver = facts.parties(entries[0])
    amounts = " + ".join(scene.voice.amount(entry.amount()) for entry in entries)
    text = [scene.say("settled", sender=scene.name(sender), receiver=scene.name(receiver), amount=amounts)]
    receiver_person = scene.book.member(receiver).person_id
    buttons: tuple[Button, ...] = (expenses.undo_button(scene, [entry.bill_id for entry in entries]),)
    if receiver_person is not None and receiver_person != scene.person.person_id:
        text.append(scene.say("settled_ask", receiver=scene.name(receiver)))
        check = {"bills": [str(entry.bill_id) for entry in entries], "book": str(scene.book_id), "receiver": str(receiver_person)}
        scene.state["checks"] = [*scene.state.get("checks", []), check][-CHECKS_MOST:]
        buttons = (
            Button(scene.say("button_yes"), {"do": "arrived", **check}, (receiver_person,)),
            Button(scene.say("button_no"), {"do": "not_arrived", **check}, (receiver_person, scene.person.person_id)),
        )
    left = facts.plans(scene)
    text.append(scene.say("settled_left", plan=facts.plan_text(scene, left)) if left else scene.say("settled_all"))
    scene.reply(facts.in_book(scene, " ".join(text)), *buttons, about=entries[0].bill_id, edits=edits)


def waiting_check(scene: Scene) -> dict[str, Any] | None:
    """The settlement that the sender, as its receiver, has not yet answered for: the one replied to, else the newest."""
    mine = [check for check in scene.state.get("checks", []) if check["receiver"] == str(scene.person.person_id)]
    answered = {str(bill) for bill in (scene.turn.replied_to.bill_ids if scene.turn.replied_to else ())}
    chosen = [check for check in mine if answered & set(check["bills"])] or mine
    return chosen[-1] if chosen else None


async def answer_check(scene: Scene, check: dict[str, Any], *, arrived: bool, edits: UUID | None = None) -> None:
    """The receiver said whether the money came."""
    scene.state["checks"] = [other for other in scene.state.get("checks", []) if other["bills"] != check["bills"]]
    await scene.move_to(UUID(check["book"]))
    await scene.uow.flush()
    standing = [found for bill in check["bills"] if (found := await ledger.standing(scene.uow, scene.book_id, bill_id=UUID(bill))) is not None]
    if not standing:
        raise DomainError("already_gone")
    sender, receiver = facts.parties(standing[0])
    told = {"sender": scene.name(sender), "receiver": scene.name(receiver), "amount": " + ".join(scene.voice.amount(e.amount()) for e in standing)}
    if not arrived:
        for entry in standing:
            bills.take_back(scene.uow, entry, scene.effects, now=scene.now, reason="declined")
        scene.bill_ids += [entry.bill_id for entry in standing]
    text = scene.say("settle_confirmed" if arrived else "settle_declined", **told)
    scene.reply(facts.in_book(scene, text), about=standing[0].bill_id, edits=edits)


async def plan(scene: Scene) -> None:
    """ "Settle": the transfers as buttons, each for who pays or is paid."""
    moves = facts.plans(scene)
    if not moves:
        scene.reply(facts.in_book(scene, scene.say("settle_nobody")))
        return
    buttons = tuple(paid_button(scene, move.sender, move.receiver, move.amount) for move in moves[: facts.FACTS_MOST])
    scene.reply(facts.in_book(scene, scene.say("balances", plan=facts.plan_text(scene, moves), count=count_text(scene, len(moves)))), *buttons)


def paid_button(scene: Scene, sender: UUID, receiver: UUID, amount: Money) -> Button:
    label = scene.say("button_paid", sender=scene.name(sender), receiver=scene.name(receiver), amount=amount)
    people = tuple(person for member in (sender, receiver) if (person := scene.book.member(member).person_id) is not None)
    action = {"do": "paid", "book": str(scene.book_id), "from": str(sender), "to": str(receiver), "minor": amount.minor, "currency": amount.currency}
    return Button(label, action, people)


def count_text(scene: Scene, count: int) -> str:
    return scene.say("one_payment") if count == 1 else scene.say("some_payments", count=count)
