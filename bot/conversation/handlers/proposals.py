"""What a language model, or a reading that left telling words over, takes a message to mean: shown in full, written only when its writer says so."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any
from uuid import UUID

from bot.conversation.codec import pack, unpack
from bot.conversation.handlers import facts
from bot.conversation.handlers.people import member_named
from bot.conversation.intents import ExpenseDraft, Intent, RecordExpenses, RecordIncome, RecordSettlement, Understanding
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.errors import DomainError

OPEN_MOST = 5  # a chat's newest; what is pushed out cannot be recorded any more


def offer(scene: Scene, understood: Understanding) -> None:
    """Show what would be written, and ask. The buttons only name the offer: once it is taken or refused there is none."""
    number = secrets.token_hex(8)
    asker = str(scene.person.person_id)
    made = {"id": number, "asker": asker, "book": str(scene.book_id), "message": scene.turn.message.message_id, "intent": pack(understood.intent)}
    scene.state["proposals"] = [*scene.state.get("proposals", []), made][-OPEN_MOST:]
    scene.state["pending"] = {"kind": "proposal", "proposal": number, "asker": asker}
    mine, action = (scene.person.person_id,), {"book": str(scene.book_id), "proposal": number}
    yes = Button(scene.say("button_record"), {"do": "propose_yes", **action}, mine)
    no = Button(scene.say("button_plain_no"), {"do": "propose_no", **action}, mine)
    scene.reply(facts.in_book(scene, scene.say("ask_proposal", what=card(scene, understood.intent))), yes, no)


def card(scene: Scene, intent: Intent) -> str:
    """All of what would be written, in one line."""
    match intent:
        case RecordExpenses(expenses=(draft,)):
            return scene.say("proposal_expense", **expense_facts(scene, draft))
        case RecordSettlement(amount=amount, date=day):
            sender, receiver = named(scene, intent.sender), named(scene, intent.receiver)
            return scene.say("proposal_settlement", sender=sender, receiver=receiver, amount=amount, day=day_of(scene, day))
        case RecordIncome(amount=amount, description=description, date=day):
            return scene.say("proposal_income", what=facts.what(scene, description), amount=amount, day=day_of(scene, day))
    raise AssertionError(f"nobody proposes a {type(intent).__name__}")


def expense_facts(scene: Scene, draft: ExpenseDraft) -> dict[str, object]:
    assert draft.date is not None, "a proposal names its day"
    return {
        "what": facts.what(scene, draft.description),
        "amount": draft.amount,
        "category": scene.category(draft.category),
        "day": day_of(scene, draft.date),
        "payer": named(scene, draft.payments[0].person),
        "people": [named(scene, name) for name in draft.split.people],
    }


def day_of(scene: Scene, day: date) -> str:
    return scene.voice.day(day, year=day.year != scene.today.year)


def named(scene: Scene, name: str) -> str:
    """The name, or "you" for the writer."""
    found = scene.book.named(name)
    writer = found is None or found.member_id == scene.me.member_id
    return scene.say("you") if writer else scene.voice.name(name)


async def answer(scene: Scene, number: str, *, yes: bool) -> Intent | None:
    """Take the offer out; what is to be carried out, None where nothing is. Raises DomainError `proposal_gone`."""
    offers: list[dict[str, Any]] = scene.state.get("proposals", [])
    asker = str(scene.person.person_id)
    found = next((each for each in offers if each["id"] == number and each["asker"] == asker), None)
    if found is None:
        raise DomainError("proposal_gone")
    scene.state["proposals"] = [each for each in offers if each is not found]
    if not yes:
        scene.reply(scene.say("proposal_dropped"))
        return None
    await scene.move_to(UUID(found["book"]))
    intent: Intent = unpack(found["intent"])
    for name in names_in(intent):
        if not (await member_named(scene, name, make_guest=False)).active:
            raise DomainError("proposal_gone")
    return intent


def names_in(intent: Intent) -> set[str]:
    match intent:
        case RecordExpenses(expenses=(draft,)):
            return {*draft.split.people, *(payment.person for payment in draft.payments)}
        case RecordSettlement():
            return {intent.sender, intent.receiver}
    return set()


def forget(scene: Scene) -> None:
    """The message was edited: what was made of its first words is no longer on offer."""
    offers: list[dict[str, Any]] = scene.state.get("proposals", [])
    kept = [each for each in offers if each["message"] != scene.turn.message.message_id]
    if len(kept) < len(offers):
        scene.state["proposals"] = kept
