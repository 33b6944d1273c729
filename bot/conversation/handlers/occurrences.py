"""The days on which something comes back: posted as if it were said again, or asked about. Which days these are, others decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from bot.conversation.codec import unpack
from bot.conversation.handlers import expenses, facts, lessons
from bot.conversation.handlers.repeats import called, how_often
from bot.conversation.intents import Command, ExpenseDraft
from bot.conversation.replies.formats import opening
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import recurring
from core.db.recurring import Outcome, Recurring
from core.domain.ledger import JournalEntry
from core.domain.messages import InboundKind, InboundMessage
from core.domain.money import Money
from core.errors import DomainError
from core.services.recurring import Due

Press = dict[str, Any]
SINGLE_USE = frozenset({"due_book", "due_skip"})


def message_of(due: Due, *, now: datetime) -> InboundMessage:
    """The message that says which days are due, in the place and the name of who said what repeats."""
    found = due.recurring
    outcome = Outcome.ASKED if found.asks else Outcome.POSTED
    return InboundMessage(
        address=due.chat.address,
        chat_kind=due.chat.kind,
        sender=found.said_by,
        message_id=f"{found.rule_id}:{due.days[-1]}",
        kind=InboundKind.RECURRING,
        sent_at=now,
        text=" ".join([outcome, str(found.book_id), str(found.rule_id), *map(str, due.days)]),
        thread=found.thread,
    )


async def came(scene: Scene) -> str:
    """Days are due. What cannot be posted is told with why, and waits for a word."""
    outcome, book_id, rule_id, *days = scene.turn.message.text.split()
    await scene.move_to(UUID(book_id))
    found = await recurring.find(scene.uow, scene.book_id, UUID(rule_id))
    if found is None or found.person_id != scene.person.person_id:
        return "revoked"
    scene.to_group = scene.in_group  # nobody wrote, so that "you" is nobody
    told, parted = len(scene.replies), [date.fromisoformat(day) for day in days]
    if outcome == Outcome.ASKED:
        ask(scene, found, parted[-1])
    else:
        try:
            await book(scene, found, parted)
        except DomainError as problem:  # of the first day: all are the same but for the day
            await _put_off(scene, found, parted, problem)
    quiet = scene.quiet_until if scene.in_group else None
    scene.replies[told:] = [replace(each, reaction="", urgency="notification", not_before=quiet) for each in scene.replies[told:]]
    return f"recurring_{outcome}"


async def _put_off(scene: Scene, found: Recurring, days: Sequence[date], problem: DomainError) -> None:
    await recurring.reopen(scene.uow, found, days)
    text = scene.say("recurring_failed", what=called(scene, found), amount=found.amount, days=days, why=scene.refusal(problem))
    scene.reply(facts.in_book(scene, opening(text)), *ask_buttons(scene, found, days[-1]))


def ask(scene: Scene, found: Recurring, day: date) -> None:
    """Whether a day is to be booked."""
    text = scene.say("recurring_ask", what=called(scene, found), amount=found.amount, day=day)
    scene.reply(facts.in_book(scene, opening(text)), *ask_buttons(scene, found, day))


def ask_buttons(scene: Scene, found: Recurring, day: date) -> tuple[Button, ...]:
    action = {"book": str(found.book_id), "rule": str(found.rule_id), "day": day.isoformat()}
    labels = {"due_book": "button_book", "due_skip": "button_skip", "due_change": "button_change"}
    return tuple(Button(scene.say(label), {"do": do, **action}, (found.person_id,)) for do, label in labels.items())


async def book(scene: Scene, found: Recurring, days: Sequence[date], *, edits: UUID | None = None, amount: Money | None = None) -> None:
    """Post days in one message: each as its words would be understood today, so that who is in the group now shares it."""
    draft: ExpenseDraft = unpack(found.draft)
    refuse_strangers(scene, draft)
    entries: list[JournalEntry] = []
    for day in days:
        bill = await expenses.bill_from(scene, await lessons.recalled(scene, replace(draft, date=day)))
        entry = await expenses.record_or_hold(scene, bill if amount is None else bill.with_amount(amount))
        entries += [entry] if entry is not None else []
    if not entries:
        return
    scene.bill_ids += [entry.bill_id for entry in entries]
    await expenses.announce(scene, entries, new=[], edits=edits)
    text = scene.replies[-1].text
    scene.replies[-1] = replace(scene.replies[-1], text=scene.say("recurring_booked", how=opening(how_often(scene.voice, found.rule)), text=text))


def refuse_strangers(scene: Scene, draft: ExpenseDraft) -> None:
    """Nobody is made a guest by a rule: who was erased or left since it was said does not share. Raises DomainError `no_such_person`."""
    split = draft.split
    names = [*(payment.person for payment in draft.payments), *split.people, *(name for name, _ in (*split.weights, *split.exact))]
    for name in dict.fromkeys(names):
        member = scene.book.named(name)
        if name != "me" and name != scene.turn.message.sender.name and (member is None or not member.active):
            raise DomainError("recurring_stranger", name=scene.voice.name(name))


# ------------------------------------------------------------------ answers to what was asked


async def _asked(scene: Scene, action: Press) -> tuple[Recurring, date]:
    """Raises DomainError `already_decided`."""
    found = await recurring.find(scene.uow, scene.book_id, UUID(action["rule"]))
    if found is None or found.person_id != scene.person.person_id:
        raise DomainError("already_decided")
    return found, date.fromisoformat(action["day"])


async def book_asked(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    found, day = await _asked(scene, action)
    await _decide(scene, found, day, Outcome.POSTED)
    await book(scene, found, [day], edits=outbox_id)


async def skip_asked(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    found, day = await _asked(scene, action)
    await _decide(scene, found, day, Outcome.SKIPPED)
    scene.reply(opening(scene.say("recurring_skipped_day", what=called(scene, found), day=day)), edits=outbox_id)


async def change_asked(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    """The next amount of the presser is what it was this time."""
    found, _ = await _asked(scene, action)
    scene.state["pending"] = {"kind": "due", "asker": str(scene.person.person_id), "currency": found.amount.currency, "action": dict(action)}
    scene.reply(scene.say("recurring_ask_amount", what=called(scene, found)))


async def book_due(scene: Scene, intent: Command, pending: Press | None) -> None:
    """The amount that was asked for, for this day alone."""
    if pending is None or pending["kind"] != "due":
        return
    await scene.move_to(UUID(pending["action"]["book"]))
    found, day = await _asked(scene, pending["action"])
    amount = Money.of(intent.slots["amount"], intent.slots["currency"])
    await _decide(scene, found, day, Outcome.POSTED)
    await book(scene, found, [day], amount=amount)


async def _decide(scene: Scene, found: Recurring, day: date, outcome: Outcome) -> None:
    if not await recurring.decide(scene.uow, found, day, outcome):
        raise DomainError("already_decided")


ACTIONS = {"due_book": book_asked, "due_skip": skip_asked, "due_change": change_asked}
