"""Bills that count only once somebody else has approved them: held, shown as waiting, approved, withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.handlers import alerts, facts
from bot.conversation.handlers.rights import may
from bot.conversation.replies.formats import Voice, opening
from bot.conversation.scene import News, Scene
from bot.conversation.turn import Button
from core.db import approvals, ledger
from core.db.approvals import Waiting
from core.db.ids import new_id
from core.domain.bills import Bill, amount_of, paid
from core.domain.ledger import JournalEntry
from core.domain.people import Action, Book
from core.domain.reminders import by_day
from core.errors import DomainError
from core.services import bills, rights
from core.services.bills import Effects

REMIND_AFTER = timedelta(days=1)
Press = dict[str, Any]


def waits(scene: Scene, bill: Bill, standing: JournalEntry | None = None) -> bool:
    """Whether a bill needs somebody else, new or (with what stands) as a change to more than that."""
    more = standing is None or bills.is_more(bill.amount, amount_of(standing))
    return more and rights.needs_approval(scene.book, bill.amount, scene.effects.actor_id)


async def hold(scene: Scene, bill: Bill, standing: JournalEntry | None = None) -> UUID:
    """Keep it until somebody approves; returns the id of the bill that it becomes. Nothing is posted. Raises as recording it would."""
    may(scene, Action.RECORD)
    paid(bill)
    waiting = await approvals.add(
        scene.uow,
        bill,
        book_id=scene.book_id,
        bill_id=standing.bill_id if standing is not None else new_id(),
        conversation_id=scene.chat_id,
        person_id=scene.person.person_id,
        member_id=scene.me.member_id,
        now=scene.now,
        remind_at=by_day(scene.now + REMIND_AFTER, zone=ZoneInfo(scene.book.time_zone)),
    )
    scene.bill_ids.append(waiting.bill_id)

    async def told(view: Scene) -> str:
        return waiting_text(view.voice, view.book, waiting)

    def buttons(view: Scene) -> tuple[Button, ...]:
        return (approve_button(view.voice, view.book, waiting),) if view.you != waiting.member_id else ()

    scene.news.append(News(scene.book_id, told, buttons, about=waiting.bill_id, signed=False))
    withdraw_it = Button(scene.say("button_withdraw"), {"do": "withdraw", **_target(waiting)}, (scene.person.person_id,))
    here = (approve_button(scene.voice, scene.book, waiting),) if scene.in_group and scene.book_id == scene.home_id else ()
    scene.reply(facts.in_book(scene, await told(scene)), *here, withdraw_it, about=waiting.bill_id)
    return waiting.bill_id


def waiting_text(voice: Voice, book: Book, waiting: Waiting) -> str:
    """What waits, of whom, and for what."""
    bill = waiting.bill
    payers = [voice.name(book.first(book.member(member)).name) for member in paid(bill)]
    return voice.say("approval_waits", what=opening(voice.name(bill.description) or voice.say("what_default")), amount=bill.amount, payers=payers)


def approve_button(voice: Voice, book: Book, waiting: Waiting) -> Button:
    who = tuple(member.person_id for member in rights.approvers(book, waiting.member_id) if member.person_id is not None)
    return Button(voice.say("button_approve"), {"do": "approve", **_target(waiting)}, who)


def _target(waiting: Waiting) -> Press:
    return {"book": str(waiting.book_id), "approval": str(waiting.approval_id)}


async def _waiting(scene: Scene, action: Press) -> Waiting:
    """Raises DomainError `already_decided`."""
    waiting = await approvals.waiting(scene.uow, UUID(action["approval"]))
    if waiting is None or waiting.book_id != scene.book_id:
        raise DomainError("already_decided")
    return waiting


async def approve(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    """It counts from now on, as the bill of who wrote it. Raises `already_decided`, `already_gone`, and as core.services.rights.check."""
    waiting = await _waiting(scene, action)
    rights.check(scene.uow, scene.book_id, scene.me.member_id, Action.APPROVE, owners=[waiting.member_id])
    effects = Effects(scene.effects.key, waiting.member_id, waiting.person_id, scene.effects.count)
    standing = await ledger.standing(scene.uow, scene.book_id, bill_id=waiting.bill_id)
    if standing is not None:
        entry = bills.amend_bill(scene.uow, standing, waiting.bill, effects, now=scene.now, approved=True)
    elif await ledger.versions(scene.uow, scene.book_id, bill_id=waiting.bill_id):
        raise DomainError("already_gone")  # what was to be changed was taken back meanwhile
    else:
        entry = bills.record_bill(scene.uow, scene.book_id, waiting.bill, effects, now=scene.now, bill_id=waiting.bill_id, approved=True)
    scene.effects.count = effects.count
    await approvals.decide(scene.uow, waiting.approval_id, "approved", now=scene.now)
    scene.bill_ids.append(entry.bill_id)
    by = scene.me.member_id

    async def told(view: Scene) -> str:
        what = facts.titled(view, entry) + facts.when(view, entry)
        common = {"payers": facts.payers(view, entry, you="you_by"), "shares": facts.shares(view, entry)}
        return f"{view.say('approved', name=view.name(by), what=what, **common)} {facts.standing(view)}".rstrip()

    scene.news.append(News(scene.book_id, alerts.heard(told, [entry]), about=entry.bill_id, signed=False))
    text = "\n".join([facts.in_book(scene, await told(scene)), *await alerts.of_expenses(scene, [entry])])
    scene.reply(text, about=entry.bill_id, edits=outbox_id)


async def withdraw(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    """By who wrote it. Raises `already_decided`."""
    await drop(scene, await _waiting(scene, action), edits=outbox_id)


async def drop(scene: Scene, waiting: Waiting, *, edits: UUID | None = None) -> None:
    await approvals.decide(scene.uow, waiting.approval_id, "withdrawn", now=scene.now)
    scene.bill_ids.append(waiting.bill_id)

    async def told(view: Scene) -> str:
        return view.say("approval_withdrawn", what=facts.what(view, waiting.bill.description), amount=waiting.bill.amount)

    scene.news.append(News(scene.book_id, told, about=waiting.bill_id))
    scene.reply(facts.in_book(scene, await told(scene)), about=waiting.bill_id, edits=edits)


async def own_waiting(scene: Scene, bill_ids: tuple[UUID, ...]) -> Waiting | None:
    """The one of these bills that waits and is the sender's. Raises `still_waiting` for somebody else's."""
    found = await approvals.of_bills(scene.uow, scene.book_id, bill_ids) if scene.shared else []
    if found and found[0].person_id != scene.person.person_id:
        raise DomainError("still_waiting")
    return found[0] if found else None


async def newer_than(scene: Scene, last: JournalEntry | None) -> Waiting | None:
    """The sender's own that waits, where it was written after what they recorded last."""
    waiting = await approvals.newest_of(scene.uow, scene.book_id, person_id=scene.person.person_id) if scene.shared else None
    return waiting if waiting is not None and (last is None or waiting.created_at > last.recorded_at) else None
