"""Recording expenses and income, and what is said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from bot.conversation.handlers import alerts, approvals, facts, lessons
from bot.conversation.handlers.people import resolve
from bot.conversation.intents import ExpenseDraft, RecordExpenses, RecordIncome, SplitSpec
from bot.conversation.replies.formats import opening
from bot.conversation.scene import News, Scene
from bot.conversation.turn import Button
from core.db import ledger
from core.domain.bills import Bill, amount_of, payers_of
from core.domain.exchange import handed
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.domain.people import DefaultSplit
from core.domain.splits import weights_by_unit
from core.services import bills

NOTED = "👌"  # one of the emoji that every chat with reactions has


async def record(scene: Scene, intent: RecordExpenses) -> None:
    """Post every expense of the message; one reply for all of them."""
    before = {member.member_id for member in scene.book.members}
    drafts = [await lessons.recalled(scene, draft) for draft in intent.expenses]
    entries = [entry for draft in drafts if (entry := await record_or_hold(scene, await bill_from(scene, draft))) is not None]
    if not entries:
        return
    scene.bill_ids += [entry.bill_id for entry in entries]
    new = [member.member_id for member in scene.book.members if member.member_id not in before]
    await announce(scene, entries, new=new, choices=drafts[0].choices if len(drafts) == 1 else ())


async def record_or_hold(scene: Scene, bill: Bill) -> JournalEntry | None:
    """Post a bill; None where it waits for somebody else first."""
    if approvals.waits(scene, bill):
        await approvals.hold(scene, bill)
        return None
    return bills.record_bill(scene.uow, scene.book_id, bill, scene.effects, now=scene.now)


async def bill_from(scene: Scene, draft: ExpenseDraft) -> Bill:
    """Names to members, the speaker where nobody paid by name; days default to today."""
    ids = await resolve(scene, tuple(payment.person for payment in draft.payments))
    bill = Bill(
        amount=draft.amount,
        description=draft.description,
        category=draft.category,
        date=draft.date or scene.today,
        payments=tuple((ids[payment.person], payment.amount) for payment in draft.payments) or ((scene.me.member_id, None),),
        split_type="none",
        people=(scene.me.member_id,),
        foreign=handed(draft.amount, draft.foreign, day=draft.date or scene.today),
    )
    weights = scene.book.weights_for(draft.description) if draft.by_default and scene.shared else {}
    if weights:
        return replace(bill, split_type="shares", people=tuple(weights), weights=tuple(weights.items()))
    return await shared_as(scene, bill, draft.split)


async def shared_as(scene: Scene, bill: Bill, split: SplitSpec) -> Bill:
    """The same bill, shared by those whom the split names; exact parts are in the bill's own currency."""
    ids = await resolve(scene, (*split.people, *(name for name, _ in (*split.weights, *split.exact))))
    kind, people = who_shares(scene, split, ids)
    weights = {ids[name]: weight for name, weight in split.weights}
    if kind in ("equal", "adjusted") and not weights:
        weights = weights_by_unit(people, scene.book.units())
        kind = "shares" if weights and kind == "equal" else kind
    return replace(
        bill,
        split_type=kind,
        people=people,
        weights=tuple(weights.items()),
        exact=tuple((ids[name], Money.of(amount.decimal.normalize(), bill.amount.currency)) for name, amount in split.exact),
    )


def who_shares(scene: Scene, split: SplitSpec, ids: dict[str, UUID]) -> tuple[str, tuple[UUID, ...]]:
    """The split type and the sharers in order; nobody named follows the book."""
    people = tuple(dict.fromkeys(ids[name] for name in split.people))
    people = people or tuple(dict.fromkeys(ids[name] for name, _ in (*split.weights, *split.exact)))
    if people:
        return split.type, people
    if split.type == "equal" and scene.book.default_split is DefaultSplit.EVERYONE:
        return "equal", facts.everyone(scene)
    return "none", (scene.me.member_id,)


async def announce(
    scene: Scene,
    entries: list[JournalEntry],
    *,
    new: list[UUID],
    edits: UUID | None = None,
    before: Sequence[Money] = (),
    choices: tuple[str, ...] = (),
) -> None:
    """The one reply to what was recorded. `choices`: categories to choose from where the one it went under is doubtful."""

    async def told(view: Scene) -> str:
        text = await described(view, entries[0]) if len(entries) == 1 else several(view, entries)
        if before:
            text = with_before(view, text, entries[0], before)
        return f"{text}\n{view.say('new_people', names=[view.name(member) for member in new])}" if new else text

    text, about = await told(scene), entries[0].bill_id
    buttons = bill_buttons(scene, entries[0]) if len(entries) == 1 else (undo_button(scene, [entry.bill_id for entry in entries]),)
    paid_by_me = len(entries) == 1 and {scene.first(member) for member in payers_of(entries[0])} == {scene.me.member_id}
    tell(scene, entries, told, signed=not paid_by_me, sets_off=entries)  # "paid by Anna" says who it was
    text = facts.in_book(scene, with_first_note(scene, text))
    besides = await alerts.of_expenses(scene, entries)
    text = "\n".join([text, *besides])
    asked = lessons.choice_buttons(scene, entries[0], choices, text=text, others=buttons)
    scene.reply(text, *asked, *buttons, about=about, edits=edits)
    react = scene.state.get("only_react") or (scene.in_group and scene.quiet_until is not None)
    if react and scene.turn.capabilities.reactions and not (new or besides) and edits is None and not before:
        scene.react_instead(NOTED)


def with_first_note(scene: Scene, text: str) -> str:
    """Behind the first thing that is recorded for somebody: how their words are read."""
    if scene.state.get("noted") or scene.in_group:
        return text
    scene.state["noted"] = True
    return text + "\n" + scene.say("first_note", currency=scene.book.currency, time_zone=scene.person.time_zone or scene.book.time_zone)


def tell(
    scene: Scene,
    entries: list[JournalEntry],
    text: Callable[[Scene], Awaitable[str]],
    *,
    signed: bool = True,
    card: dict[str, Any] | None = None,
    sets_off: Sequence[JournalEntry] = (),
) -> None:
    """Others of a shared book are told, unless it concerns the sender alone. `card`: the receipt that they may divide from then on.

    `sets_off`: of which expenses the group's own chat hears also what they do to its budgets.
    """
    if scene.shared and not all(facts.is_alone(scene, entry) for entry in entries):
        scene.news.append(News(scene.book_id, alerts.heard(text, sets_off), about=entries[0].bill_id, signed=signed, card=card))


def several(scene: Scene, entries: list[JournalEntry]) -> str:
    lines = [facts.titled(scene, entry) + facts.when(scene, entry) for entry in entries]
    return "\n".join([scene.say("several_recorded", count=len(lines)), *lines, facts.standing(scene) if scene.shared else ""]).rstrip()


def with_before(scene: Scene, text: str, entry: JournalEntry, before: Sequence[Money]) -> str:
    """The amount followed by what it was, where that differs: "€96 (was €90)"."""
    amount, was = scene.voice.amount(amount_of(entry)), ", ".join(scene.voice.amount(each) for each in before)
    return text if was == amount else text.replace(amount, scene.say("expense_edited", text=amount, before=was), 1)


async def described(scene: Scene, entry: JournalEntry) -> str:
    """What was understood, who owes what through it, and the new standing."""
    common = {"what": facts.what(scene, entry.description), "amount": facts.amount(scene, entry), "when": facts.when(scene, entry)}
    if facts.is_alone(scene, entry):
        label = scene.category(entry.category)
        code = "expense_alone_short" if label == common["what"] else "expense_alone"
        return scene.say(code, **common, category=label, **await month_so_far(scene, entry))
    code = "expense_everyone" if facts.with_everyone(scene, entry) else "expense_for_two"
    told = scene.say(code, **common, payers=facts.payers(scene, entry, you="you_by"), shares=facts.shares(scene, entry))
    return f"{told} {facts.standing(scene)}".rstrip()


async def spent_so_far(scene: Scene, entry: JournalEntry) -> str:
    """The category, and what was spent in the month: the end of `described` for one who is alone."""
    return scene.say("spent_so_far", category=scene.category(entry.category), **await month_so_far(scene, entry))


async def month_so_far(scene: Scene, entry: JournalEntry) -> dict[str, str]:
    """The parameters `month` (its name) and `standing` (what the sender spent in it)."""
    month = entry.occurred_on.replace(day=1)
    current = month == scene.today.replace(day=1)
    name = scene.say("this_month") if current else scene.voice.month(month, today=scene.today)
    return {"month": opening(name), "standing": scene.voice.amounts(await spent_in(scene, month))}


async def spent_in(scene: Scene, month: date) -> dict[str, int]:
    """Currency to minor units that the sender spent in a month, over the books that are read together."""
    total: dict[str, int] = defaultdict(int)
    for book_id in scene.own_books:
        for member in scene.uow.book(book_id).positions_of(scene.person.person_id):
            so_far = await ledger.month_spending(scene.uow, book_id, member_id=member.member_id, month=month)
            for (_, code), minor in ledger.by_currency(so_far).items():
                total[code] += minor
    return total


def undo_button(scene: Scene, bill_ids: list[UUID]) -> Button:
    action: dict[str, object] = {"do": "undo", "bills": [str(bill) for bill in bill_ids], "book": str(scene.book_id)}
    return Button(scene.say("button_undo"), action, (scene.person.person_id,))


def bill_buttons(scene: Scene, entry: JournalEntry) -> tuple[Button, ...]:
    mine = (scene.person.person_id,)
    target = {"bill": str(entry.bill_id), "book": str(scene.book_id)}
    undo = undo_button(scene, [entry.bill_id])
    if facts.is_alone(scene, entry):
        return undo, Button(scene.say("button_change"), {"do": "change", **target}, mine)
    change = Button(scene.say("button_change_split"), {"do": "change_split", **target}, mine)
    if facts.with_everyone(scene, entry):
        return Button(scene.say("button_only_me"), {"do": "only_me", **target}, mine), change, undo
    return undo, change


async def record_income(scene: Scene, intent: RecordIncome) -> None:
    entry = bills.record_income(
        scene.uow,
        scene.book_id,
        member=scene.me.member_id,
        amount=intent.amount,
        description=intent.description,
        on=intent.date,
        effects=scene.effects,
        now=scene.now,
    )
    scene.bill_ids.append(entry.bill_id)
    code = "refund" if intent.refund else "income"

    async def told(view: Scene) -> str:
        return view.say(code, what=facts.what(view, intent.description), amount=intent.amount, when=facts.when(view, entry))

    tell(scene, [entry], told)
    scene.reply(facts.in_book(scene, await told(scene)), undo_button(scene, [entry.bill_id]), about=entry.bill_id)
