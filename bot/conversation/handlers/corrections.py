"""Changing and taking back what was recorded: by words, by reply, by editing the own message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from bot.conversation.handlers import alerts, approvals, categories, examples, expenses, facts, imports, lessons
from bot.conversation.handlers.differences import differing
from bot.conversation.handlers.people import member_named, resolve
from bot.conversation.intents import Correct, RecordExpenses, SplitSpec, TakeBack
from bot.conversation.scene import Scene
from core.db import approvals as held_bills
from core.db import ledger
from core.domain.bills import Bill, amount_of, bill_of, shares_of
from core.domain.exchange import paid_of
from core.domain.ledger import EntryKind, JournalEntry, parties
from core.domain.money import Money
from core.errors import DomainError
from core.services import bills, goals, rights
from core.services.imports import REASON

KINDS = ("expense", "settlement", "income", "saving")
BILLS = ("expense", "settlement")
OF_SAVINGS = ("amount", "date", "currency")  # what can be meant of what was put aside last; whatever else is said is of the last bill


async def target_of(scene: Scene, target: str, *, on: date | None = None, kinds: tuple[str, ...] = KINDS) -> JournalEntry:
    """The bill meant: the one replied to, the one named, or the sender's last.

    Raises `no_such_bill`, `nothing_to_undo`, `already_gone` for one replied to, `still_waiting` for one that does not count yet.
    """
    await scene.uow.flush()
    if await approvals.own_waiting(scene, replied_to(scene)) is not None:
        raise DomainError("still_waiting")
    for bill_id in replied_to(scene):
        if (found := await ledger.standing(scene.uow, scene.book_id, bill_id=bill_id)) is not None:
            return found
    if target == "last" and replied_to(scene):
        raise DomainError("already_gone")
    if target == "last":
        return await last_in_chat(scene, kinds)
    named = [await ledger.bills(scene.uow, book, kinds=kinds, text=target, start=on, end=on, limit=1) for book in scene.own_books]
    matching = [entry for entries in named for entry in entries]
    if not matching:
        raise DomainError("no_such_bill", target=scene.voice.name(target))
    return await newest(scene, matching, by=lambda entry: (entry.occurred_on, entry.recorded_at))


async def newest(scene: Scene, found: list[JournalEntry], *, by: Callable[[JournalEntry], Any]) -> JournalEntry:
    """The newest of bills of books that are read together; what is done to it is done in its book."""
    chosen = max(found, key=by)
    if chosen.book_id != scene.book_id:
        await scene.move_to(chosen.book_id)
    return chosen


def replied_to(scene: Scene) -> tuple[UUID, ...]:
    """Bills that the message answers to, or that its own earlier version led to, in the book at hand."""
    if scene.aimed_at is not None:
        return (scene.aimed_at,)
    for effect in (scene.turn.replied_to, scene.turn.own):
        if effect is not None and effect.book_id == scene.book_id and effect.bill_ids:
            return effect.bill_ids
    return ()


def is_of_talk(scene: Scene) -> bool:
    """Whether a reply in a group is to what somebody said, which led to nothing: "delete it" is then said of that."""
    replied = scene.turn.replied_to
    talk = replied is None or (not replied.bill_ids and replied.outbox_id is None)
    return scene.in_group and scene.turn.message.reply_to is not None and talk and not replied_to(scene)


async def last_shared(scene: Scene, intent: Correct) -> JournalEntry | None:
    """The bill that is "not for me", where no other is named: the newest that they share, whoever wrote it."""
    if intent.field != "participants_remove" or intent.target != "last" or replied_to(scene) or not isinstance(intent.value, tuple):
        return None
    names = tuple(name for name in intent.value if isinstance(name, str))
    left_out = set((await resolve(scene, names, make_guests=False)).values())
    positions = [member.member_id for member in scene.book.members if {member.member_id, scene.book.first(member).member_id} & left_out]
    return await ledger.last_shared_by(scene.uow, scene.book_id, members=positions)


async def last_in_chat(scene: Scene, kinds: tuple[str, ...]) -> JournalEntry:
    """What the sender had a hand in last; else the newest bill of all. Raises `nothing_here`."""
    found = await last_by(scene, kinds, mine=True, any_version=True) or await last_by(scene, kinds, mine=False)
    if not found:
        raise DomainError("nothing_here")
    return await newest(scene, found, by=lambda entry: entry.recorded_at)


async def last_of_mine(scene: Scene, kinds: tuple[str, ...] = KINDS) -> JournalEntry:
    """The sender's own last effect that stands. Raises `nothing_to_undo`."""
    found = await last_by(scene, kinds, mine=True)
    if not found:
        raise DomainError("nothing_to_undo")
    return await newest(scene, found, by=lambda entry: entry.recorded_at)


async def last_by(scene: Scene, kinds: tuple[str, ...], *, mine: bool, any_version: bool = False) -> list[JournalEntry]:
    """The last bill of each book that is read together, by any position of the sender (or by anyone)."""
    found = []
    for book in scene.own_books:
        positions = scene.uow.book(book).positions_of(scene.person.person_id)
        for member in [position.member_id for position in positions] if mine else [None]:
            found.append(await ledger.last_bill_by(scene.uow, book, member_id=member, kinds=kinds, any_version=any_version))
    return [entry for entry in found if entry is not None]


async def correct(scene: Scene, intent: Correct) -> None:
    """Change one field of a bill; the answer says before and after."""
    if intent.field == "participants_remove" and intent.target == "last" and is_of_talk(scene):
        return
    saved = intent.target == "last" and intent.field in OF_SAVINGS
    standing = await last_shared(scene, intent) or await target_of(scene, intent.target, kinds=(*BILLS, "saving") if saved else BILLS)
    await rights.check_change(scene.uow, standing, scene.effects.actor_id)
    if intent.field == "category" and isinstance(intent.value, str):
        intent = replace(intent, value=await categories.code_for(scene, intent.value))
    before = amount_of(standing)
    if standing.kind is EntryKind.EXPENSE and approvals.waits(scene, bill := await changed(scene, bill_of(standing), intent), standing):
        await approvals.hold(scene, bill, standing)
        return
    entry = await amended(scene, standing, intent)
    await learn_from(scene, entry, intent.field)
    scene.bill_ids.append(entry.bill_id)

    others = scene.me.member_id not in await rights.owners_of(scene.uow, standing)

    async def told(view: Scene) -> str:
        return await told_change(view, entry, before, on=standing.occurred_on, of_others=standing if others else None)

    is_expense, edited = entry.kind is EntryKind.EXPENSE, own_answer(scene) is not None or amount_of(entry) != before
    expenses.tell(scene, [standing, entry], told, sets_off=[entry] if is_expense else [])
    text = facts.in_book(scene, await told(scene))
    besides = await alerts.of_expenses(scene, [entry], edited=edited) if is_expense else []
    text = "\n".join([text, *besides])
    scene.reply(text, expenses.undo_button(scene, [entry.bill_id]), about=entry.bill_id, edits=own_answer(scene))


async def learn_from(scene: Scene, entry: JournalEntry, field: str) -> None:
    """A category holds for the next such expense; the message that was misread is an example, where that was agreed to."""
    if field == "category" and entry.kind is EntryKind.EXPENSE:
        await lessons.teach(scene, entry)
    await examples.keep(scene, entry)


async def told_change(scene: Scene, entry: JournalEntry, before: Money, *, on: date, of_others: JournalEntry | None = None) -> str:
    """Before and after of an amount, or (`on`: before) of a payment's day; of everything else what it is now, of others' bills also what it was."""
    after = amount_of(entry)
    alone = entry.kind is EntryKind.EXPENSE and facts.is_alone(scene, entry)
    if alone and after != before:
        return scene.say("changed_to", after=facts.titled(scene, entry), before=before)
    if entry.kind is EntryKind.SAVING:
        return scene.say("changed_to", after=facts.titled(scene, entry) + facts.when(scene, entry), before=before)
    if entry.kind is not EntryKind.EXPENSE:
        earlier = before if after != before else scene.voice.day(on)
        told = scene.say("changed_to", after=facts.titled(scene, entry) + facts.when(scene, entry), before=earlier)
        return f"{told} {facts.standing(scene)}".rstrip()
    text = scene.say("changed", text=await expenses.described(scene, entry))
    if after != before or of_others is None:
        return expenses.with_before(scene, text, entry, [before]) if after != before else text
    olds = [old for old, _ in differing(scene, of_others, entry)]
    return f"{text}\n{scene.say('changed_was', before=', '.join(olds))}" if olds else text


async def amended(scene: Scene, standing: JournalEntry, intent: Correct) -> JournalEntry:
    if standing.kind is EntryKind.SETTLEMENT:
        return resettled(scene, standing, intent)
    if standing.kind is EntryKind.SAVING:
        return await resaved(scene, standing, intent)
    bill = await changed(scene, bill_of(standing), intent)
    return bills.amend_bill(scene.uow, standing, bill, scene.effects, now=scene.now)


def resettled(scene: Scene, standing: JournalEntry, intent: Correct) -> JournalEntry:
    """A settlement's amount or day can be changed; anything else is said anew."""
    sender, receiver = parties(standing)
    paid = paid_of(standing)
    if paid is not None and intent.field == "amount":
        raise DomainError("different_currency")  # of what was handed over, or of the debt: it is said anew
    amount = in_currency(intent, standing.amount()) if intent.field == "amount" else standing.amount()
    on = intent.value if isinstance(intent.value, date) else standing.occurred_on
    if intent.field not in ("amount", "date"):
        raise DomainError("no_such_bill", target=str(intent.field))
    bills.take_back(scene.uow, standing, scene.effects, now=scene.now, reason="edited")
    return bills.record_settlement(
        scene.uow,
        scene.book_id,
        sender=sender,
        receiver=receiver,
        amount=amount,
        on=on,
        effects=scene.effects,
        now=scene.now,
        bill_id=standing.bill_id,
        paid=paid,
    )


async def resaved(scene: Scene, standing: JournalEntry, intent: Correct) -> JournalEntry:
    """Of what was put aside the amount or the day; which goal is said anew, and its currency stays."""
    if intent.field not in OF_SAVINGS:
        raise DomainError("goal_only_amount")
    if intent.field == "currency":
        raise DomainError("goal_currency", what=scene.voice.name(standing.description), currency=standing.amount().currency)
    amount = in_currency(intent, standing.amount()) if intent.field == "amount" else standing.amount()
    on = intent.value if isinstance(intent.value, date) else standing.occurred_on
    return await goals.move_anew(scene.uow, standing, amount, on=on, effects=scene.effects, now=scene.now)


def in_currency(intent: Correct, was: Money) -> Money:
    """The new amount: a bare number, read in the chat's currency, means the bill's own. Raises `different_currency`, `too_many_decimals`."""
    assert isinstance(intent.value, Money)
    if intent.value.currency == was.currency:
        return intent.value
    if is_other_currency(intent, was):
        raise DomainError("different_currency")
    return Money.of(intent.value.decimal.normalize(), was.currency)


def is_other_currency(intent: Correct, was: Money) -> bool:
    """Whether an amount is said in a currency that cannot be the bill's: "80 USD" of euros, but not "$80" of Canadian dollars."""
    return bool(intent.currencies) and was.currency not in intent.currencies


async def changed(scene: Scene, bill: Bill, intent: Correct) -> Bill:
    """The bill with one field changed. Raises DomainError where the change makes no sense."""
    value = intent.value
    if isinstance(value, Money):
        return counted_in(bill, value) if is_other_currency(intent, bill.amount) else bill.with_amount(in_currency(intent, bill.amount))
    if isinstance(value, date):
        return replace(bill, date=value)
    if isinstance(value, SplitSpec):
        return left_to_others(bill, await expenses.shared_as(scene, bill, value))
    if isinstance(value, str):
        return _WORDS[intent.field](bill, value)
    if intent.field == "payers":
        return await paid_by(scene, bill, intent)
    names = tuple(name for name in value if isinstance(name, str))
    adding = intent.field == "participants_add"
    ids = tuple((await resolve(scene, names, make_guests=adding)).values())
    kept = tuple(member for member in bill.people if member not in ids)
    return bill.with_people((*kept, *ids) if adding else kept)


def left_to_others(bill: Bill, said: Bill) -> Bill:
    """A bill of which one part was said: the others who share it share what is left. Parts of several must add up by themselves.

    Where it was said what some pay more, the common part is that of all who share the bill, as they did.
    """
    if said.split_type == "adjusted":
        people = tuple(dict.fromkeys((*bill.people, *said.people)))
        weights = {member: Decimal(1) for member in people} | dict(bill.weights) if bill.split_type in ("shares", "adjusted") and bill.weights else {}
        return replace(said, people=people, weights=tuple(weights.items()))
    others = tuple(member for member in bill.people if member not in said.people)
    return said.left_to(others) if said.split_type == "exact" and len(said.exact) == 1 else said


_WORDS: dict[str, Callable[[Bill, str], Bill]] = {
    "currency": lambda bill, code: bill.recounted(code),
    "category": lambda bill, category: replace(bill, category=category),
    "description": lambda bill, text: replace(bill, description=text),
}


def counted_in(bill: Bill, amount: Money) -> Bill:
    """The bill over an amount in another currency. Raises `different_currency` where sums were said besides: they are in the currency it had."""
    parts = [part for _, part in bill.payments if part is not None and len(bill.payments) > 1]
    if parts or bill.exact or bill.lines or bill.foreign is not None:
        raise DomainError("different_currency")
    return bill.with_amount(amount)


async def paid_by(scene: Scene, bill: Bill, intent: Correct) -> Bill:
    """Somebody else paid. A bill that was the speaker's alone becomes the payer's claim on the speaker only if the split says so."""
    payments = [payment for payment in intent.value if not isinstance(payment, str)] if isinstance(intent.value, tuple) else []
    ids = [(await member_named(scene, payment.person, make_guest=True)).member_id for payment in payments]
    return replace(bill, payments=tuple(zip(ids, (payment.amount for payment in payments), strict=True)))


async def take_back(scene: Scene, intent: TakeBack) -> None:
    if intent.target == "last" and is_of_talk(scene):
        return
    if (waiting := await approvals.own_waiting(scene, replied_to(scene))) is not None:
        await approvals.drop(scene, waiting)
        return
    if intent.kind == "undo" and intent.target == "last" and not replied_to(scene):
        await scene.uow.flush()
        mine = await last_by(scene, KINDS, mine=True)
        if (waiting := await approvals.newer_than(scene, max(mine, key=lambda entry: entry.recorded_at, default=None))) is not None:
            await approvals.drop(scene, waiting)
            return
        last = await last_of_mine(scene)
        if last.reason == REASON:
            await imports.undo_of(scene, last)
        else:
            await undo_bills(scene, await ledger.booked_with(scene.uow, last))
        return
    standing = await ledger.booked_with(scene.uow, await target_of(scene, intent.target, on=intent.date))
    if intent.kind == "undo":
        await undo_bills(scene, standing)
        return
    for entry in standing:
        await rights.check_change(scene.uow, entry, scene.effects.actor_id)
    async with goals.none_overdrawn(scene.uow, standing):
        for entry in standing:
            bills.take_back(scene.uow, entry, scene.effects, now=scene.now, reason="deleted")
    scene.bill_ids += [entry.bill_id for entry in standing]
    await say_gone(scene, "deleted", standing)


async def undo_bills(scene: Scene, standing: list[JournalEntry], *, edits: UUID | None = None) -> None:
    """Take back the newest version of each; one answer."""
    for entry in standing:
        await rights.check_change(scene.uow, entry, scene.effects.actor_id)
    async with goals.none_overdrawn(scene.uow, standing):
        now_stands = [await bills.undo(scene.uow, entry, scene.effects, now=scene.now) for entry in standing]
    for undone, stands in zip(standing, now_stands, strict=True):
        await lessons.unlearn(scene, undone, stands)
        await examples.drop(scene, undone)
    scene.bill_ids += [entry.bill_id for entry in standing]
    restored = [entry for entry in now_stands if entry is not None]
    await say_gone(scene, "undone_to" if restored else "undone", restored or standing, edits=edits)


async def say_gone(scene: Scene, code: str, entries: list[JournalEntry], *, edits: UUID | None = None) -> None:
    """What was taken back (or what stands again), to the sender and to the others."""

    async def told(view: Scene) -> str:
        text = view.say(code, what=facts.titles(view, entries))
        return f"{text} {facts.standing(view)}".rstrip() if view.shared else text

    expenses.tell(scene, entries, told)
    scene.reply(facts.in_book(scene, await told(scene)), about=entries[0].bill_id, edits=edits)


async def re_record(scene: Scene, intent: RecordExpenses, own_bills: tuple[UUID, ...]) -> None:
    """The sender edited the message that recorded these bills: amend them pairwise, record what is new, take back what is gone."""
    await held_bills.withdraw(scene.uow, own_bills, now=scene.now)
    standing = [found for bill in own_bills if (found := await ledger.standing(scene.uow, scene.book_id, bill_id=bill)) is not None]
    known = {member.member_id for member in scene.book.members}
    before = [amount_of(entry) for entry in standing if entry.kind is EntryKind.EXPENSE]
    wanted = [await expenses.bill_from(scene, await lessons.recalled(scene, draft)) for draft in intent.expenses]
    entries: list[JournalEntry] = []
    amended: list[JournalEntry] = []
    for index, bill in enumerate(wanted):
        was = standing[index] if index < len(standing) and standing[index].kind is EntryKind.EXPENSE else None
        amended += [was] if was is not None else []
        if approvals.waits(scene, bill, was):
            await approvals.hold(scene, bill, was)
        elif was is not None:
            entries.append(amend_unless_same(scene, was, bill))
        else:
            entries.append(bills.record_bill(scene.uow, scene.book_id, bill, scene.effects, now=scene.now))
    gone = [entry for entry in standing if entry not in amended]
    async with goals.none_overdrawn(scene.uow, gone):
        for extra in gone:
            bills.take_back(scene.uow, extra, scene.effects, now=scene.now, reason="edited")
    if not entries:
        return
    scene.bill_ids += [entry.bill_id for entry in entries]
    new = [member.member_id for member in scene.book.members if member.member_id not in known]
    await expenses.announce(scene, entries, new=new, edits=own_answer(scene), before=before)


def amend_unless_same(scene: Scene, standing: JournalEntry, bill: Bill) -> JournalEntry:
    """An edit that changes no money and no words posts nothing."""
    if bill_of(standing) == bill and len(shares_of(standing)) == len(bill.people):
        return standing
    return bills.amend_bill(scene.uow, standing, bill, scene.effects, now=scene.now)


async def retract(scene: Scene, own_bills: tuple[UUID, ...]) -> None:
    """The sender edited the message into something that records nothing: take back what it recorded."""
    for held in await held_bills.of_bills(scene.uow, scene.book_id, own_bills):
        await approvals.drop(scene, held)
    standing = [found for bill in own_bills if (found := await ledger.standing(scene.uow, scene.book_id, bill_id=bill)) is not None]
    if not standing:
        return
    async with goals.none_overdrawn(scene.uow, standing):
        for entry in standing:
            bills.take_back(scene.uow, entry, scene.effects, now=scene.now, reason="edited")
    await say_gone(scene, "undone", standing, edits=own_answer(scene))


def own_answer(scene: Scene) -> UUID | None:
    """Our answer to the earlier version of this message, edited in place."""
    return scene.turn.own.outbox_id if scene.turn.own else None
