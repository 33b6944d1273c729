"""Paying back: a settlement counts when it is said; the receiver's "no" reverses it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from bot.conversation.handlers import exchange, expenses, facts
from bot.conversation.handlers.people import member_named
from bot.conversation.intents import Command, RecordSettlement
from bot.conversation.scene import News, Scene
from bot.conversation.turn import Button
from core.db import ledger
from core.domain.exchange import Exchange, handed, handed_over
from core.domain.ledger import EntryKind, JournalEntry, parties
from core.domain.money import Money
from core.domain.people import Member
from core.domain.rates import Sheet
from core.errors import DomainError
from core.services import bills

CHECKS_MOST = 10
LAST_ASKED = "arrival"  # in the conversation's state: the bills of the question that is the last that we said there


async def settle(scene: Scene, intent: RecordSettlement) -> None:
    sender = (await member_named(scene, intent.sender, make_guest=True)).member_id
    receiver = (await member_named(scene, intent.receiver, make_guest=True)).member_id
    owed = [intent.amount] if intent.amount else await all_owed(scene, sender, receiver)
    paid = await exchange.by_day_rate(scene, intent) or (handed(intent.amount, intent.foreign, day=intent.date) if intent.amount else None)
    entries = [
        bills.record_settlement(
            scene.uow, scene.book_id, sender=sender, receiver=receiver, amount=amount, on=intent.date, effects=scene.effects, now=scene.now, paid=paid
        )
        for amount in owed
    ]
    scene.bill_ids += [entry.bill_id for entry in entries]
    await announce(scene, entries)


async def all_owed(scene: Scene, sender: UUID, receiver: UUID) -> list[Money]:
    """What the plan has `sender` pay `receiver`; else as much as the one owes and the other is owed. Raises `no_debt`."""
    if sender == receiver:
        raise DomainError("same_person")
    planned = [move.amount for move in await facts.plans(scene) if (move.sender, move.receiver) == (sender, receiver)]
    if planned:
        return planned
    balances = facts.balances(scene)
    found = []
    for currency in sorted({code for _, code in balances}):
        owes, is_owed = balances.get((sender, currency), 0), balances.get((receiver, currency), 0)
        if owes < 0 < is_owed:
            found.append(Money(min(-owes, is_owed), currency))
    if not found:
        raise DomainError("no_debt", sender=scene.name(sender), receiver=scene.name(receiver))
    return found


async def announce(scene: Scene, entries: list[JournalEntry], *, edits: UUID | None = None) -> None:
    """What was settled, whether the receiver is asked (where they read it), and what is left."""
    _, receiver = parties(entries[0])
    asked = scene.book.member(receiver)
    check: dict[str, Any] = {"bills": [str(entry.bill_id) for entry in entries], "book": str(scene.book_id), "receiver": str(asked.person_id)}
    askable = asked.person_id is not None and asked.person_id != scene.person.person_id
    here = askable and scene.in_group and scene.book_id == scene.home_id and asked.in_chat

    async def told(view: Scene) -> str:
        return await settled_text(view, entries, ask=askable and asks(view, asked))

    def answers(view: Scene) -> tuple[Button, ...]:
        return check_buttons(view, check, (asked.person_id,)) if askable and asks(view, asked) and asked.person_id is not None else ()

    if here:
        scene.state["checks"] = [*scene.state.get("checks", []), check][-CHECKS_MOST:]
        scene.state[LAST_ASKED] = check["bills"]
    buttons: tuple[Button, ...] = (expenses.undo_button(scene, [entry.bill_id for entry in entries]),)
    if here and asked.person_id is not None:
        buttons = check_buttons(scene, check, (asked.person_id, scene.person.person_id))
    if scene.shared:
        said_by_sender = scene.first(parties(entries[0])[0]) == scene.me.member_id
        scene.news.append(News(scene.book_id, told, answers, about=entries[0].bill_id, signed=not said_by_sender))
    text = await settled_text(scene, entries, ask=here, elsewhere=askable and not here)
    scene.reply(facts.in_book(scene, text), *buttons, about=entries[0].bill_id, edits=edits)


def asks(view: Scene, receiver: Member) -> bool:
    """Whether the receiver is asked in the chat that the view is for: their own, or the group's where they are in it."""
    return receiver.in_chat if view.to_group else view.you == receiver.member_id


async def settled_text(scene: Scene, entries: list[JournalEntry], *, ask: bool, elsewhere: bool = False) -> str:
    sender, receiver = parties(entries[0])
    text = [
        exchange.settled(scene, entries)
        or scene.say("settled", sender=scene.name(sender), receiver=scene.name(receiver), amount=amounts_of(scene, entries))
    ]
    if ask:
        text.append(scene.say("settled_ask", receiver=scene.name(receiver)))
    elif elsewhere:
        text.append(scene.say("settled_asked", receiver=scene.name(receiver)))
    left = await exchange.left(scene) or facts.plan_text(scene, await facts.plans(scene), largest=True)
    text.append(scene.say("settled_left", plan=left) if left else scene.say("settled_all"))
    return " ".join(text)


def amounts_of(view: Scene, entries: list[JournalEntry]) -> str:
    """What was handed over, in the currency in which it was."""
    paid = handed_over(entries)
    return view.voice.amount(paid.money) if paid is not None else " + ".join(view.voice.amount(entry.amount()) for entry in entries)


def check_buttons(scene: Scene, check: dict[str, Any], who_may_refuse: tuple[UUID, ...]) -> tuple[Button, ...]:
    """The receiver may say that it came; that it did not, also the sender."""
    return (
        Button(scene.say("button_yes"), {"do": "arrived", **check}, (UUID(check["receiver"]),)),
        Button(scene.say("button_no"), {"do": "not_arrived", **check}, who_may_refuse),
    )


async def replied_check(scene: Scene) -> dict[str, Any] | None:
    """The settlement to the sender that a message of ours told and that they reply to: said elsewhere, so this chat remembers no question."""
    replied = scene.turn.replied_to
    if replied is None or replied.book_id not in scene.person.books or replied.book_id is None:
        return None
    await scene.uow.load_books([replied.book_id])
    found = [await ledger.standing(scene.uow, replied.book_id, bill_id=bill) for bill in replied.bill_ids]
    mine = scene.person.books[replied.book_id]
    to_me = [entry for entry in found if entry and entry.kind is EntryKind.SETTLEMENT and parties(entry)[1] == mine]
    bills_to_me = [str(each.bill_id) for entry in to_me for each in await ledger.booked_with(scene.uow, entry)]
    return {"bills": bills_to_me, "book": str(replied.book_id), "receiver": str(scene.person.person_id)} if bills_to_me else None


def waiting_check(scene: Scene) -> dict[str, Any] | None:
    """The settlement that the sender, as its receiver, has not yet answered for: the one replied to, else the newest."""
    mine = [check for check in scene.state.get("checks", []) if check["receiver"] == str(scene.person.person_id)]
    answered = {str(bill) for bill in (scene.turn.replied_to.bill_ids if scene.turn.replied_to else ())}
    chosen = [check for check in mine if answered & set(check["bills"])] or mine
    return chosen[-1] if chosen else None


def is_answer(scene: Scene, command: Command) -> bool:
    """Whether a no answers us. That something did not arrive (slot `of`) may in a group be said of anything: of money it is in reply to the question.

    "It did not arrive" is also where that question is the last that we said there; "I didn't get it" is not.
    """
    of, replied = command.slots.get("of"), scene.turn.replied_to
    if of is None or not scene.in_group:
        return True
    if scene.turn.message.reply_to is not None:
        answered = {str(bill) for bill in replied.bill_ids} if replied is not None else set()
        return any(answered & set(check["bills"]) for check in scene.state.get("checks", []))
    return of == "arrival" and LAST_ASKED in scene.state


async def answer_check(scene: Scene, check: dict[str, Any], *, arrived: bool, edits: UUID | None = None) -> None:
    """The receiver said whether the money came."""
    scene.state["checks"] = [other for other in scene.state.get("checks", []) if other["bills"] != check["bills"]]
    await scene.move_to(UUID(check["book"]))
    await scene.uow.flush()
    standing = [found for bill in check["bills"] if (found := await ledger.standing(scene.uow, scene.book_id, bill_id=UUID(bill))) is not None]
    if not standing:
        raise DomainError("already_gone")
    sender, receiver = parties(standing[0])
    if not arrived:
        for entry in standing:
            bills.take_back(scene.uow, entry, scene.effects, now=scene.now, reason="declined")
        scene.bill_ids += [entry.bill_id for entry in standing]

    async def told(view: Scene) -> str:
        said = "settle_confirmed" if arrived else "settle_declined"
        return view.say(said, sender=view.name(sender), receiver=view.name(receiver), amount=amounts_of(view, standing))

    if scene.shared:
        scene.news.append(News(scene.book_id, told, about=standing[0].bill_id, signed=False))
    scene.reply(facts.in_book(scene, await told(scene)), about=standing[0].bill_id, edits=edits)


async def plan(scene: Scene, *, currency: str | None = None) -> None:
    """ "Settle": the transfers as buttons, each for who pays or is paid; in one currency where that is asked for, or the group wants it."""
    if await plan_in(scene, currency):
        return
    moves = await facts.plans(scene)
    if not moves:
        scene.reply(facts.in_book(scene, scene.say("settle_nobody")))
        return
    buttons = tuple(paid_button(scene, move.sender, move.receiver, move.amount) for move in moves[: facts.FACTS_MOST])
    scene.reply(facts.in_book(scene, scene.say("balances", plan=facts.plan_text(scene, moves), count=facts.count_text(scene, len(moves)))), *buttons)


def paid_button(scene: Scene, sender: UUID, receiver: UUID, amount: Money) -> Button:
    label = scene.say("button_paid", sender=scene.name(sender), receiver=scene.name(receiver), amount=amount)
    people = tuple(person for member in (sender, receiver) if (person := scene.book.member(scene.first(member)).person_id) is not None)
    action = {"do": "paid", "book": str(scene.book_id), "from": str(sender), "to": str(receiver), "minor": amount.minor, "currency": amount.currency}
    return Button(label, action, people)


async def plan_in(scene: Scene, currency: str | None) -> bool:
    """ "Settle in dollars": the payments as buttons, each for who pays or is paid. Whether there are any."""
    made = await exchange.plan(scene, currency)
    if made is None:
        return False
    buttons = [paid_in_button(scene, made[0], move) for move in made[1][: facts.FACTS_MOST]]
    scene.reply(facts.in_book(scene, exchange.counted(scene, made)), *buttons)
    return True


def paid_in_button(scene: Scene, used: Sheet, move: Exchange[UUID]) -> Button:
    plain = paid_button(scene, move.sender, move.receiver, move.paid)
    return Button(plain.label, {**plain.action, "do": "paid_in", "day": used.day.isoformat(), "covers": exchange.packed(move)}, plain.person_ids)


async def pay_in(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    """Note a payment of the plan that was shown, by the rates that were shown, if it still settles the same debts; else show the plan of now."""
    await scene.uow.flush()
    currency = action["currency"]
    made = await exchange.plan(scene, currency, day=date.fromisoformat(action["day"]))
    shown = [str(action["from"]), str(action["to"]), action["covers"]]
    same = [move for move in (made[1] if made else ()) if [str(move.sender), str(move.receiver), exchange.packed(move)] == shown]
    if not same:
        await plan(scene, currency=currency)
        return
    entries = bills.record_exchange(scene.uow, scene.book_id, same[0], on=scene.today, effects=scene.effects, now=scene.now)
    scene.bill_ids += [entry.bill_id for entry in entries]
    await announce(scene, entries)
