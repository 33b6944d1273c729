"""From what was understood to the handler that does it: one table a kind of intent."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from bot.conversation.codec import unpack
from bot.conversation.commands import ALONE, HANDLERS
from bot.conversation.files import UNREAD
from bot.conversation.handlers import (
    asking,
    banking,
    budgets,
    buttons,
    checks,
    corrections,
    data,
    debts,
    divisions,
    expenses,
    facts,
    group_life,
    groups,
    imports,
    linking,
    made,
    occurrences,
    overpayments,
    paid,
    photos,
    proposals,
    questions,
    receipts,
    recurring,
    repricing,
    settlements,
)
from bot.conversation.intents import (
    PROPOSAL,
    BankAlert,
    Command,
    Correct,
    DivideReceipt,
    Elsewhere,
    Intent,
    Nothing,
    Query,
    RecordExpenses,
    RecordIncome,
    RecordSettlement,
    SetBudget,
    TakeBack,
    Understanding,
)
from bot.conversation.scene import Scene
from bot.conversation.turn import EarlierEffect, Reply
from core.domain.messages import Consent, InboundKind

_TAKES_BACK = {"cancel_recurring": recurring.cancel, "delete": recurring.delete}


async def act(scene: Scene, understood: Understanding) -> str:
    """Answer one message; returns the code under which logs and metrics count it."""
    if understood.elsewhere is not None:
        await go_there(scene, understood.elsewhere)
    before = len(scene.replies)
    code = await answer(scene, understood)
    made.outdated(scene, understood.intent)
    enters = isinstance(understood.intent, Command) and understood.intent.name == "enter_group"  # which names it by itself
    if scene.elsewhere is not None and not enters:
        scene.replies[before:] = [naming_the_group(scene, reply) for reply in scene.replies[before:]]
    return code


async def go_there(scene: Scene, elsewhere: Elsewhere) -> None:
    """Act in the group that the message names; what an earlier version of it recorded in another book is taken back there."""
    await read_again(scene)
    own = standing_effect(scene)
    if own is not None and scene.book_id != elsewhere.book_id:
        await corrections.retract(scene, own.bill_ids)
    await scene.move_to(elsewhere.book_id)
    scene.elsewhere = elsewhere


def naming_the_group(scene: Scene, reply: Reply) -> Reply:
    """Every answer says which group it is about, where it does not do so already."""
    said = reply.text.startswith(facts.in_book(scene, "").rstrip())
    if said or reply.book_id != scene.book_id or reply.conversation_id is not None or reply.toast:
        return reply
    return replace(reply, text=facts.in_book(scene, reply.text))


async def answer(scene: Scene, understood: Understanding) -> str:
    if scene.turn.message.kind in (InboundKind.RECEIPT, InboundKind.RECURRING):
        return await own_word(scene, understood)
    if understood.file is not None or understood.rule == UNREAD:
        return await imports.was_sent(scene, understood)
    if photos.rest_of_album(scene):
        await receipts.take_along(scene)
        return "photo"
    pending = questions.taken(scene)
    consent = scene.turn.message.consent
    if consent is Consent.STOPPED or consent is Consent.INFORMED:  # nothing is said: it is not wanted, or the carrier has said it
        return consent.value
    if scene.turn.message.kind in _EVENTS:
        return await _EVENTS[scene.turn.message.kind](scene)
    return await converse(scene, understood, pending)


async def own_word(scene: Scene, understood: Understanding) -> str:
    """What we told ourselves: a photo was read, or days of what repeats are due."""
    if scene.turn.message.kind is InboundKind.RECURRING:
        return await occurrences.came(scene)
    return await receipts.was_read(scene, understood, questions.ask)


async def converse(scene: Scene, understood: Understanding, pending: dict[str, Any] | None) -> str:
    """Answer what somebody wrote or sent."""
    understood = await repricing.meant(scene, understood)
    if scene.turn.message.kind is InboundKind.PHOTO and (code := photos.total_asked(scene, understood)) is not None:
        return await receipts.begin(scene, code) if scene.reads else photos.ask_total(scene, code)
    if pending and receipts.is_answer(pending, understood):
        return await receipts.answer_total(scene, pending, understood)
    if pending and pending["kind"] == "target" and isinstance(understood.intent, Correct):
        await aim(scene, pending)
    if pending and pending["kind"] == "delete" and understood.intent == TakeBack("undo"):
        understood = Understanding(Command("decline"), rule="kept")  # in some languages "undo" is also what one says to stop
    new_rule = scene.state.pop(recurring.NEW, None)
    if new_rule is not None and understood.intent == TakeBack("undo") and await recurring.undone(scene, new_rule):
        return "TakeBack"
    if understood.intent == TakeBack("undo") and scene.turn.replied_to is None and await made.undone(scene):
        return "TakeBack"
    if scene.elsewhere is None:
        await read_again(scene)
    if scene.turn.message.consent is Consent.RESUMED and isinstance(understood.intent, Nothing):
        understood = Understanding(Command("help"), rule="resumed")
    if understood.question is not None:
        (proposals.offer if understood.question.code == PROPOSAL else questions.ask)(scene, understood)
        return f"question_{understood.question.code}"
    code = await carry_out(scene, understood.intent, pending)
    await receipts.keep_photo(scene)
    return code


async def carry_out(scene: Scene, intent: Intent, pending: dict[str, Any] | None) -> str:
    """The message as an edit of what it recorded before, or as new."""
    own = standing_effect(scene)
    if scene.turn.message.kind is InboundKind.EDIT and not isinstance(intent, Correct | DivideReceipt):
        await recurring.not_said_any_more(scene, intent)
        await made.not_said_any_more(scene, intent)
    if own and isinstance(intent, RecordExpenses) and (recorded := await recurring.said_again(scene, intent)).expenses:
        await corrections.re_record(scene, recorded, own.bill_ids)
    elif own and isinstance(intent, RecordExpenses):
        await corrections.retract(scene, own.bill_ids)
    elif own and isinstance(intent, TakeBack) and intent.target == "last" and intent.kind != "cancel_recurring":
        await corrections.retract(scene, own.bill_ids)  # what the message recorded is what it now takes back
    elif own and not isinstance(intent, Correct | DivideReceipt):
        before = len(scene.replies)
        await corrections.retract(scene, own.bill_ids)
        then = len(scene.replies)
        await do(scene, intent, pending)
        scene.replies[before:] = in_one(scene.replies[before:then], scene.replies[then:])
    else:
        await do(scene, intent, pending)
    return type(intent).__name__


def in_one(gone: list[Reply], now: list[Reply]) -> list[Reply]:
    """What an edited message took back, and the answer to its new words, as one answer: what was recorded instead says it by itself."""
    if len(gone) != 1 or not now or now[0].conversation_id is not None or now[0].edits is not None or now[0].toast:
        return [*gone, *now]
    text = now[0].text if now[0].bill_ids else f"{gone[0].text}\n{now[0].text}"
    return [replace(now[0], text=text, edits=gone[0].edits, reaction=""), *now[1:]]


def standing_effect(scene: Scene) -> EarlierEffect | None:
    """What an earlier version of this message led to in the book at hand."""
    own = scene.turn.own
    return own if own is not None and own.bill_ids and own.book_id == scene.book_id else None


async def read_again(scene: Scene) -> None:
    """An edited message acts in the book in which its first version did."""
    own = scene.turn.own
    if own is not None and own.book_id in scene.person.books and own.book_id is not None:
        await scene.move_to(own.book_id)


async def aim_at_book(scene: Scene, pending: dict[str, Any]) -> None:
    """Where the question was asked, its answer acts."""
    if "book" in pending:
        await scene.move_to(UUID(pending["book"]))


async def aim(scene: Scene, pending: dict[str, Any]) -> None:
    """The question named the bill: the answer changes that one, as a reply would."""
    await scene.move_to(UUID(pending["book"]))
    scene.aimed_at = UUID(pending["bill"])


async def do(scene: Scene, intent: Intent, pending: dict[str, Any] | None = None) -> None:
    """Carry an intent out; on a channel whose word is weak, what matters waits for a code."""
    replied_to = scene.turn.replied_to
    if isinstance(intent, Correct | TakeBack) and replied_to is not None and replied_to.book_id in scene.person.books:
        await scene.move_to(replied_to.book_id)
    if isinstance(intent, RecordSettlement) and not await paid.open_of(scene, intent) and await overpayments.asked(scene, intent):
        return
    if not checks.holds(scene, intent):
        await _do(scene, intent, pending)


async def _do(scene: Scene, intent: Intent, pending: dict[str, Any] | None) -> None:
    match intent:
        case RecordExpenses():
            await in_named_group(scene, intent)
        case RecordIncome():
            await expenses.record_income(scene, intent)
        case RecordSettlement():
            await settled(scene, intent)
        case Correct():
            await repricing.correct(scene, intent)
        case TakeBack():
            await _TAKES_BACK.get(intent.kind, corrections.take_back)(scene, intent)
        case SetBudget() | Query(kind="budget_status"):
            await budgets.answer(scene, intent)
        case Query():
            await in_group_asked(scene, intent.group)
            await asking.answer(scene, intent)
        case BankAlert():
            await banking.record_alert(scene, intent)
        case DivideReceipt():
            await divisions.divide(scene, intent)
        case Command():
            await command(scene, intent, pending)
        case Nothing():
            small_talk(scene, intent)


async def settled(scene: Scene, intent: RecordSettlement) -> None:
    """Of the payment that is open between the two, else by itself; then what their link asks for is not owed any more."""
    if not await paid.heard(scene, intent):
        await settlements.settle(scene, intent)
        await paid.by_word(scene, intent)


async def in_named_group(scene: Scene, intent: RecordExpenses) -> None:
    """ "in Lisbon: 20 taxi": that group's book."""
    await in_group_asked(scene, intent.group)
    if any(draft.recurring for draft in intent.expenses):
        await recurring.set_up(scene, intent)
    elif not await paid.meant(scene, intent):
        await expenses.record(scene, intent)


async def in_group_asked(scene: Scene, name: str | None) -> None:
    """Act in the sender's group of that name, where a private chat names one."""
    if name and not scene.in_group:
        await scene.uow.load_books(scene.person.books)
        await scene.move_to(groups.group_named(scene, name))


async def pressed(scene: Scene) -> str:
    """A press changes only what it says, and keeps what was asked waiting for words."""
    intent = await buttons.press(scene)
    if intent is None:
        return "pressed"
    await do(scene, intent)
    button = scene.turn.button
    if button is not None and scene.replies:
        scene.edit_last(button.outbox_id)
    return f"chose_{type(intent).__name__}"


async def arrived(scene: Scene) -> str:
    if scene.in_group:
        if not scene.state.get("welcomed"):
            groups.welcome(scene)
    else:
        scene.reply(scene.say("hello_private", name=scene.voice.name(scene.person.name)))
    return "joined"


async def departed(scene: Scene) -> str:
    member = scene.book.member_of(scene.person.person_id)
    if scene.in_group and member is not None and member.active:  # some platforms tell of it twice
        await groups.leave(scene, Command("leave"))
    return "left"


_EVENTS = {InboundKind.BUTTON: pressed, InboundKind.JOIN: arrived, InboundKind.LEAVE: departed}


# ------------------------------------------------------------------ commands and small talk


async def command(scene: Scene, intent: Command, pending: dict[str, Any] | None) -> None:
    handler = HANDLERS.get(intent.name)
    if intent.name in ALONE and scene.in_group:
        scene.reply(scene.say("only_alone"))
    elif handler is not None:
        group_life.check(scene, intent)
        await handler(scene, intent)
    elif intent.name == "code_back":
        await code_back(scene, intent)
    elif intent.name == "book_due":
        await occurrences.book_due(scene, intent, pending)
    elif intent.name in ("confirm", "decline"):
        if settlements.is_answer(scene, intent):
            await yes_or_no(scene, pending, yes=intent.name == "confirm")
    elif not scene.in_group:
        scene.reply(scene.say("hint_short"))


async def yes_or_no(scene: Scene, pending: dict[str, Any] | None, *, yes: bool) -> None:
    """The answer to what waits: a deletion, the one open question, or a settlement to be confirmed."""
    check = settlements.waiting_check(scene) or await settlements.replied_check(scene)
    if pending and pending["kind"] == "proposal":
        if (proposed := await proposals.answer(scene, pending["proposal"], yes=yes)) is not None:
            await do(scene, proposed)
    elif pending and pending["kind"] == "delete":
        if yes:
            await data.delete(scene)
        else:
            scene.reply(scene.say("delete_kept"))
    elif pending and pending["kind"] == "settle_all" and yes:
        await debts.confirm_all(scene, pending["action"])
    elif pending and pending["kind"] == "question" and yes and len(pending["options"]) == 1:
        await aim_at_book(scene, pending)
        await do(scene, unpack(pending["options"][0][1]))
    elif await linking.answer_waiting(scene, yes=yes):
        return
    elif check is not None:
        await answer_check(scene, check, yes=yes)
    elif (payment := await paid.waits_for_me(scene)) is not None:
        await paid.answer(scene, payment, yes=yes)
    elif pending or not scene.in_group:
        scene.reply(scene.say("okay"))


async def answer_check(scene: Scene, check: dict[str, Any], *, yes: bool) -> None:
    action = {"do": "arrived" if yes else "not_arrived", **check}
    if checks.is_due(scene):
        checks.hold_press(scene, action, checks.what_of_press(scene, action))
        return
    await settlements.answer_check(scene, check, arrived=yes)


async def code_back(scene: Scene, intent: Command) -> None:
    """The code came back: what was held is carried out, in the book in which it was said."""
    held = checks.sent_back(scene, intent.slots["code"])
    if held is None:
        return
    if "intent" in held:
        await scene.move_to(UUID(held["book"]))
        await do(scene, unpack(held["intent"]))
    elif held["action"]["do"] == "link_start":
        await linking.show_code(scene, held["action"].get("channel", ""))
    else:
        await buttons.carry_out_held(scene, held)


def small_talk(scene: Scene, intent: Nothing) -> None:
    """Nothing was recorded: silence in a group, one short useful line alone."""
    if intent.hint in _SAID_EVERYWHERE and scene.voice.has(intent.hint):
        scene.reply(scene.say(intent.hint))
        return
    if scene.in_group:
        return
    code = _SAID_ALONE.get(intent.hint)
    if code:
        scene.reply(scene.say(code))
        return
    today = scene.today.isoformat()
    first = scene.state.get("hinted") != today
    scene.state["hinted"] = today
    scene.reply(scene.say("hint" if first else "hint_short"))


_SAID_EVERYWHERE = {
    "zero_amount",
    "negative_amount",
    "budget_zero",
    "budget_negative",
    "goal_amount",
    "goal_rhythm",
    "quiet_hours_unclear",
    "amount_too_large",
    "not_an_amount",
    "too_long",
    "split_does_not_add_up",
    "same_person",
    "impossible_day",
    "impossible_rhythm",
}
_SAID_ALONE = {"one_time_code": "code_ignored", "hypothetical": "plans_noted", "planned": "plans_noted", "conditional": "plans_noted"}
