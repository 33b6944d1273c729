"""What a bank wrote: the person's own expense or income, or one that they noted already; the same message never twice."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.conversation.codec import pack, unpack
from bot.conversation.handlers import expenses, facts
from bot.conversation.intents import BankAlert, ExpenseDraft, RecordExpenses, RecordIncome, SplitSpec
from bot.conversation.parsing.banking import is_code
from bot.conversation.parsing.lexicon import lexicon
from bot.conversation.parsing.suggestions import suggest_for_merchant
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import banking, ledger
from core.domain.ledger import JournalEntry
from core.errors import DomainError

Action = dict[str, Any]
REFERENCE_LEAST = 6  # characters: a shorter one may come again
NOTHING_MOVED = ("none", "balance")
_CODE = re.compile(r"\bMCC\W{0,3}(\d{4})\b", re.ASCII | re.IGNORECASE)  # the merchant category code, where a bank tells it


async def record_alert(scene: Scene, alert: BankAlert) -> None:
    """Alone what moved money is noted in the person's own book, or asked about; a group's book is nobody's bank's business."""
    if scene.in_group:
        return
    if alert.kind in NOTHING_MOVED or alert.amount is None:
        tell_alone(scene, "code_ignored" if is_code(scene.turn.message.text) else "bank_nothing")
        return
    await scene.move_to(scene.home_id)
    keys = keys_of(scene, alert)
    if not await banking.take(scene.uow, scene.person.person_id, keys, now=scene.now) and scene.turn.own is None:
        tell_alone(scene, "bank_seen")
    elif alert.kind == "transfer":
        scene.reply(scene.say("bank_moved", amount=alert.amount), new_button(scene, replace(alert, kind="debit"), keys, "button_expense"))
    elif alert.kind == "debit" and (found := await noted_already(scene, alert)) is not None:
        ask_same(scene, alert, keys, found)
    else:
        await note(scene, alert, keys)


def tell_alone(scene: Scene, code: str) -> None:
    """A short answer to whoever sent it by hand; a phone that forwards everything asks for none."""
    if not scene.turn.capabilities.mute:
        scene.reply(scene.say(code))


def keys_of(scene: Scene, alert: BankAlert) -> list[bytes]:
    """What makes two messages the same: the bank's reference with the sum, or the words.

    Words that say neither a day, a balance nor a reference may rightly come again on another day.
    """
    digest = scene.uow.keys.digest
    words = " ".join(scene.turn.message.text.casefold().split())
    told = alert.date is not None or alert.balance is not None or alert.reference is not None
    keys = [digest("bank words", words, "" if told else scene.today.isoformat())]
    if alert.reference is not None and len(alert.reference) >= REFERENCE_LEAST:
        keys.append(
            digest("bank reference", alert.reference.casefold(), str(alert.amount), alert.amount.currency if alert.amount else "", alert.kind)
        )
    return keys


async def noted_already(scene: Scene, alert: BankAlert) -> JournalEntry | None:
    """An expense of this sum on a near day that the person paid themselves and wrote down by hand, in any of their books."""
    assert alert.amount is not None, "something moved"
    await scene.uow.load_books(scene.person.books, lock=False)
    on = alert.date or scene.today
    found = await banking.alike(scene.uow, scene.person.person_id, scene.person.books, amount=alert.amount, on=on)
    return None if found is None else await ledger.standing(scene.uow, found[0], bill_id=found[1])


def ask_same(scene: Scene, alert: BankAlert, keys: list[bytes], entry: JournalEntry) -> None:
    what = facts.titled(scene, entry) + facts.when(scene, entry)
    if entry.book_id != scene.book_id:
        what = scene.say("in_book", book=scene.voice.name(scene.uow.book(entry.book_id).name), text=what)
    action: Action = {"do": "bank_same", "keys": hexed(keys), "bill": str(entry.bill_id), "book": str(entry.book_id)}
    same = Button(scene.say("button_same"), action, (scene.person.person_id,))
    scene.reply(scene.say("bank_same", what=what), same, new_button(scene, alert, keys, "button_another"))


def new_button(scene: Scene, alert: BankAlert, keys: list[bytes], label: str) -> Button:
    action: Action = {"do": "bank_new", "keys": hexed(keys), "alert": pack(alert), "book": str(scene.book_id)}
    return Button(scene.say(label), action, (scene.person.person_id,))


def hexed(keys: list[bytes]) -> list[str]:
    return [key.hex() for key in keys]


async def note(scene: Scene, alert: BankAlert, keys: list[bytes]) -> None:
    assert alert.amount is not None, "something moved"
    name, on = alert.merchant or "", alert.date or scene.today
    if alert.kind == "debit":
        code = _CODE.search(scene.turn.message.text)
        found = suggest_for_merchant(name, lexicon(scene.voice.language), code=code[1] if code else None)
        draft = ExpenseDraft(alert.amount, name, found.category, on, (), SplitSpec("none"), None, found.confidence, found.choices)
        await expenses.record(scene, RecordExpenses((draft,)))
    else:
        await expenses.record_income(scene, RecordIncome(alert.amount, name or scene.say("bank_income"), on, refund=alert.kind == "refund"))
    await banking.attach(scene.uow, scene.person.person_id, keys, book_id=scene.book_id, bill_id=scene.bill_ids[-1])


# ------------------------------------------------------------------ buttons


async def open_keys(scene: Scene, action: Action) -> list[bytes]:
    """The keys of a question that waits. Raises DomainError `bank_seen` where it was answered."""
    keys = [bytes.fromhex(key) for key in action["keys"]]
    if await banking.is_attached(scene.uow, scene.person.person_id, keys):
        raise DomainError("bank_seen")
    return keys


async def same(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """It is the one that was written down by hand: nothing is noted, and the message is known from now on."""
    keys = await open_keys(scene, action)
    await banking.attach(scene.uow, scene.person.person_id, keys, book_id=scene.book_id, bill_id=UUID(action["bill"]))
    scene.reply(scene.say("same_kept"), edits=outbox_id)


async def another(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await note(scene, unpack(action["alert"]), await open_keys(scene, action))
