"""Pressed buttons: looked up on the server, checked against who pressed, then the same handlers as for words."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.conversation.codec import unpack
from bot.conversation.handlers import (
    alerts,
    banking,
    checks,
    corrections,
    data,
    debts,
    divisions,
    group_life,
    groups,
    imports,
    linking,
    manners,
    nudges,
    payments,
    proposals,
    queries,
    receipts,
    recurring,
    reports,
    returning,
    settlements,
    tips,
)
from bot.conversation.handlers import paid as open_payments
from bot.conversation.handlers.expenses import bill_buttons, described, undo_button
from bot.conversation.handlers.rights import may
from bot.conversation.policies import PRESS_RIGHTS
from bot.conversation.scene import Scene
from bot.conversation.turn import PressedButton
from core.db import ledger
from core.domain.bills import amount_of, bill_of
from core.domain.ledger import EntryKind, JournalEntry
from core.domain.money import Money
from core.errors import DomainError
from core.services import bills, membership, rights

Action = dict[str, Any]
SINGLE_USE = {
    "undo",
    "only_me",
    "choose",
    "arrived",
    "not_arrived",
    "paid",
    "paid_in",
    "settle_all",
    "delete_me",
    "keep_me",
    "link_yes",
    "link_no",
    "unlink",
    "vouch",
    "vouch_no",
    "bank_same",
    "bank_new",
    "propose_yes",
    "propose_no",
    "receipt_total",
    "receipt_same",
    "receipt_new",
    "import_yes",
    "import_no",
    "import_undo",
    "paid_now",
    "paid_cash",
    "pay_arrived",
    "pay_missing",
    "pay_same",
    "pay_another",
    *group_life.SINGLE_USE,
    *recurring.SINGLE_USE,
    *tips.SINGLE_USE,
}


async def press(scene: Scene) -> Any:
    """Do what the button says. Returns an intent where the button chose one, for the engine to carry out."""
    button = scene.turn.button
    refusal = scene.say("button_gone") if button is None else refused(scene, button)
    if button is None or refusal is not None:
        scene.reply(refusal or "", toast=True)
        return None
    action: Action = dict(button.action)
    if "book" in action:
        await enter_book(scene, action)
    check(scene, action)
    if checks.holds_press(scene, action, button):
        return None
    if action["do"] in SINGLE_USE:
        scene.used_button = button.button_id
    if action["do"] == "choose":
        return unpack(action["intent"])
    if action["do"] == "propose_yes":
        return await proposals.answer(scene, action["proposal"], yes=True)
    await _ACTIONS[action["do"]](scene, action, button.outbox_id)
    return None


def refused(scene: Scene, button: PressedButton) -> str | None:
    """Why this press does nothing; None where it may."""
    if button.expired or button.used:
        return scene.say("button_gone")
    if button.person_ids and scene.person.person_id not in button.person_ids:
        return scene.say("button_other", name=owner(scene, button))
    return None


async def carry_out_held(scene: Scene, held: dict[str, Any]) -> None:
    """A press that had to wait for a code: what it does is checked again as if it were pressed now."""
    action: Action = held["action"]
    if "book" in action:
        await enter_book(scene, action)
    check(scene, action)
    if action["do"] in SINGLE_USE and held["button"]:
        scene.used_button = held["button"]
    await _ACTIONS[action["do"]](scene, action, UUID(held["outbox"]) if held["outbox"] else None)


async def enter_book(scene: Scene, action: Action) -> None:
    """Membership is checked at the press, not when the button was made. Raises DomainError `not_a_member`."""
    await scene.move_to(UUID(action["book"]))


def check(scene: Scene, action: Action) -> None:
    """By role and rules, in a book of several. Raises as core.services.rights.check."""
    needed = PRESS_RIGHTS[action["do"]]
    if needed is not None and scene.shared:
        may(scene, needed)


def owner(scene: Scene, button: PressedButton) -> str:
    found = [member for person in button.person_ids if (member := scene.book.member_of(person)) is not None]
    return scene.voice.listing([scene.voice.name(member.name) for member in found]) or scene.say("someone")


async def standing_bill(scene: Scene, bill: str) -> JournalEntry:
    await scene.uow.flush()
    found = await ledger.standing(scene.uow, scene.book_id, bill_id=UUID(bill))
    if found is None:
        raise DomainError("already_gone")
    return found


async def undo(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await corrections.undo_bills(scene, [await standing_bill(scene, bill) for bill in action["bills"]], edits=outbox_id)


async def only_me(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    standing = await standing_bill(scene, action["bill"])
    if standing.kind is not EntryKind.EXPENSE:
        raise DomainError("already_gone")
    await rights.check_change(scene.uow, standing, scene.me.member_id)
    entry = bills.amend_bill(scene.uow, standing, bill_of(standing).with_people([scene.me.member_id]), scene.effects, now=scene.now)
    scene.bill_ids.append(entry.bill_id)
    text = "\n".join([await described(scene, entry), *await alerts.of_expenses(scene, [entry])])
    scene.reply(text, undo_button(scene, [entry.bill_id]), about=entry.bill_id, edits=outbox_id)


async def categorise(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """One of the categories that were offered; the same one again is a lesson too."""
    standing = await standing_bill(scene, action["bill"])
    if standing.kind is not EntryKind.EXPENSE:
        raise DomainError("already_gone")
    await rights.check_change(scene.uow, standing, scene.me.member_id)
    bill = replace(bill_of(standing), category=action["category"])
    entry = corrections.amend_unless_same(scene, standing, bill)
    await corrections.learn_from(scene, entry, "category")
    scene.bill_ids.append(entry.bill_id)
    text = "\n".join([await described(scene, entry), *await alerts.of_expenses(scene, [entry])])
    scene.reply(text, *bill_buttons(scene, entry), about=entry.bill_id, edits=outbox_id)


def asks(sentence: str) -> Callable[[Scene, Action, UUID | None], Coroutine[Any, Any, None]]:
    async def ask(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
        """The next message of the presser is about this bill."""
        scene.state["pending"] = {"kind": "target", "asker": str(scene.person.person_id), "bill": action["bill"], "book": action["book"]}
        scene.reply(scene.say(sentence), about=UUID(action["bill"]))

    return ask


async def change_split(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """The next message may say who shares this bill: it is read behind the bill's amount."""
    amount = amount_of(await standing_bill(scene, action["bill"]))
    await asks("ask_split")(scene, action, outbox_id)
    scene.state["pending"]["amount"] = f"{amount.decimal} {amount.currency}"


async def paid(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    amount = Money(action["minor"], action["currency"])
    sender, receiver = UUID(action["from"]), UUID(action["to"])
    if await open_payments.fits(scene, sender, receiver, amount):
        return
    entry = bills.record_settlement(
        scene.uow, scene.book_id, sender=sender, receiver=receiver, amount=amount, on=scene.today, effects=scene.effects, now=scene.now
    )
    scene.bill_ids.append(entry.bill_id)
    await settlements.announce(scene, [entry])


async def arrived(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await settlements.answer_check(scene, action, arrived=True, edits=outbox_id)


async def not_arrived(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await settlements.answer_check(scene, action, arrived=False, edits=outbox_id)


async def im_in(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await membership.join(scene.uow, scene.book_id, scene.person, now=scene.now, in_chat=True)
    names = [scene.voice.name(member.name) for member in scene.book.members if member.active]
    told = scene.say("joined", name=scene.voice.name(scene.me.name), count=len(names), names=names)
    scene.reply(groups.card(scene, told), *groups.welcome_buttons(scene), edits=outbox_id)


async def keep_me(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    scene.reply(scene.say("delete_kept"), edits=outbox_id)


async def delete_me(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await data.delete(scene, edits=outbox_id)


async def propose_no(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await proposals.answer(scene, action["proposal"], yes=False)
    if outbox_id is not None:
        scene.edit_last(outbox_id)


async def why(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await queries.why(scene)


async def settle(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await settlements.plan(scene, currency=action.get("currency"))


_ACTIONS: dict[str, Callable[[Scene, Action, UUID | None], Coroutine[Any, Any, None]]] = {
    "undo": undo,
    "only_me": only_me,
    "change": asks("ask_change"),
    "change_split": change_split,
    "paid": paid,
    "paid_in": settlements.pay_in,
    "arrived": arrived,
    "not_arrived": not_arrived,
    "im_in": im_in,
    "keep_me": keep_me,
    "delete_me": delete_me,
    "why": why,
    "settle": settle,
    "settle_all": debts.settle_all,
    "link_yes": linking.agree,
    "link_no": linking.refuse,
    "unlink": linking.unlink_chosen,
    "vouch": returning.vouch,
    "vouch_no": returning.vouch_no,
    "bank_same": banking.same,
    "bank_new": banking.another,
    "categorise": categorise,
    "propose_no": propose_no,
    "receipt_total": receipts.total_pressed,
    "receipt_same": receipts.same,
    "receipt_new": receipts.another,
    "claim": divisions.claim,
    "split_equally": divisions.split_equally,
    "import_match": imports.match,
    "import_yes": imports.take_over,
    "import_no": imports.cancel,
    "import_undo": imports.undo,
    "pay_one": payments.pay_one,
    "remind": nudges.pressed,
    "paid_now": payments.paid_now,
    "paid_cash": payments.paid_cash,
    "pay_arrived": payments.arrived,
    "pay_missing": payments.missing,
    "pay_same": payments.same,
    "pay_another": payments.another,
    **group_life.ACTIONS,
    **recurring.ACTIONS,
    **manners.ACTIONS,
    **reports.ACTIONS,
    **tips.ACTIONS,
}
ACTIONS = frozenset({*_ACTIONS, "choose", "propose_yes"})  # these two are for the engine to carry out
assert ACTIONS >= SINGLE_USE
