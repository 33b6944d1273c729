"""Photos of receipts: kept to be read, and booked once they were; what cannot be sure of its total is asked about. Reads no picture itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from bot.conversation.codec import pack, unpack
from bot.conversation.handlers import approvals, corrections, expenses, facts, groups, receipt_cards
from bot.conversation.intents import Command, ExpenseDraft, Intent, RecordExpenses, SplitSpec, Understanding
from bot.conversation.parsing.lexicon import lexicon, tables_of
from bot.conversation.parsing.suggestions import suggest, suggest_for_merchant
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import ledger, receipts
from core.db.receipt_pictures import link_token
from core.db.receipts import Kept
from core.domain.bills import amount_of
from core.domain.messages import Document, InboundKind, ShownReceipt
from core.domain.money import Money
from core.domain.people import BookKind
from core.domain.receipts import Reading, Receipt, in_currency, is_likely
from core.errors import DomainError
from core.reading.text import folded_words
from core.services import bills

Action = dict[str, Any]
ALBUM_WAIT = timedelta(seconds=2)  # photos sent together arrive one by one
SAID_MOST = 1000
LINES_LOOKED_AT = 30  # for what was bought
READING, ASKED = "reading", "no_amount"  # codes of the question that waits meanwhile, and of the one that was asked
_TOO_LARGE = {"too_large", "too_many_pixels", "too_many_pages", "file_too_large", "size"}


# ------------------------------------------------------------------ the photo comes


async def begin(scene: Scene, code: str) -> str:
    """Let the photo be read. With a `code` (its sender waits for an answer) that is said; a wordless picture in a group may be anything."""
    receipt_id = await _keep(scene)
    if receipt_id is None or not code:
        return "photo"
    scene.reply(scene.say("receipt_reading"))
    wait_for_total(scene, receipt_id, READING, scene.turn.message.text)
    return READING


async def take_along(scene: Scene) -> None:
    """One more photo of an album; one that came too late to be read with the first is read for itself."""
    if scene.reads and not await receipts.add_to_album(scene.uow, scene.turn.message, conversation_id=scene.chat_id):
        await _keep(scene)


async def keep_photo(scene: Scene) -> None:
    """The words of a photo recorded a bill: its lines are read along."""
    if scene.turn.message.kind is InboundKind.PHOTO and scene.reads and len(scene.bill_ids) == 1 and (receipt_id := await _keep(scene)) is not None:
        await receipts.attach(scene.uow, receipt_id, book_id=scene.book_id, bill_id=scene.bill_ids[0])


async def _keep(scene: Scene) -> UUID | None:
    message = scene.turn.message
    if not receipts.files_of(message):
        return None
    scene.receipt_waits = True
    return await receipts.add(
        scene.uow,
        message,
        conversation_id=scene.chat_id,
        person_id=scene.person.person_id,
        trace_id=scene.turn.trace_id,
        now=scene.now,
        due_at=scene.now + ALBUM_WAIT if message.album else scene.now,
    )


def wait_for_total(scene: Scene, receipt_id: UUID, code: str, text: str, options: tuple[tuple[str, RecordExpenses], ...] = ()) -> None:
    """The sender's next message may say the total."""
    scene.state["pending"] = {
        "kind": "question",
        "code": code,
        "text": text[:SAID_MOST],
        "options": [[label, pack(intent)] for label, intent in options],
        "asker": str(scene.person.person_id),
        "book": str(scene.book_id),
        "receipt": str(receipt_id),
    }


# ------------------------------------------------------------------ the photo was read


async def was_read(scene: Scene, understood: Understanding, ask: Callable[[Scene, Understanding], None]) -> str:
    """Book what was read, or ask the one thing that is not sure. `ask` puts a question about the photo's own words."""
    kept = await receipts.of_message(scene.uow, conversation_id=scene.chat_id, message_id=scene.turn.message.message_id)
    if kept is None:
        return "receipt_gone"
    caption = no_longer_waits(scene, kept)
    own = scene.turn.own
    if kept.bill_id is None and own is not None and own.bill_ids and own.book_id is not None:  # its words were edited, and say it all now
        await receipts.attach(scene.uow, kept.receipt_id, book_id=own.book_id, bill_id=own.bill_ids[0])
        kept = replace(kept, book_id=own.book_id, bill_id=own.bill_ids[0])
    if kept.bill_id is not None:
        return await read_along(scene, kept)
    is_awaited = own is not None and own.outbox_id is not None
    if is_awaited or is_sure(scene, kept) or (kept.reading is not None and is_likely(kept.reading)):
        return await answer_reading(scene, kept, caption, understood, ask)
    if not kept.pictures:
        await receipts.erase(scene.uow, kept)
    return "receipt_silent"  # a picture in a group that nobody called a receipt


def is_sure(scene: Scene, kept: Kept) -> bool:
    return kept.reading is not None and "total" not in kept.reading.ask and total_of(scene, kept.reading.receipt) is not None


async def answer_reading(scene: Scene, kept: Kept, caption: str, understood: Understanding, ask: Callable[[Scene, Understanding], None]) -> str:
    reading, total = kept.reading, None if kept.reading is None else total_of(scene, kept.reading.receipt)
    if reading is None or total is None:
        asks_already = understood.question is not None and understood.question.code == "no_amount"
        return ask_total(scene, kept, caption, called_receipt=scene.in_group or not caption or asks_already)
    if understood.question is not None and is_sure(scene, kept):
        ask(scene, understood)
        answer_in_place(scene)
        return "receipt_asked"
    await enter_named_group(scene, understood.intent)
    draft = draft_of(scene, understood.intent, reading, total)
    if not is_sure(scene, kept):
        return ask_which(scene, kept, draft, caption)
    await book_once(scene, kept, draft)
    answer_in_place(scene)
    return "receipt"


def no_longer_waits(scene: Scene, kept: Kept) -> str:
    """What was said under the photo; the question that waited for its total is answered by what was read."""
    pending = scene.state.get("pending")
    if not isinstance(pending, dict) or pending.get("receipt") != str(kept.receipt_id):
        return ""
    del scene.state["pending"]
    return str(pending["text"])


def answer_in_place(scene: Scene) -> None:
    """Let the answer replace "Reading…", where that was said."""
    if scene.turn.own is not None and scene.turn.own.outbox_id is not None:
        ours = next(number for number, reply in enumerate(scene.replies) if reply.conversation_id is None)
        scene.replies[ours] = replace(scene.replies[ours], edits=scene.turn.own.outbox_id)


def total_of(scene: Scene, receipt: Receipt) -> Money | None:
    """In the receipt's currency, else in the book's; None where it was not read, or cannot be in that currency."""
    return None if receipt.total is None else receipt.money(receipt.total, otherwise=scene.book.currency)


def draft_of(scene: Scene, intent: Intent, reading: Reading, total: Money) -> ExpenseDraft:
    """The expense: as the photo's words say it, where they do, else by what was read."""
    said = intent.expenses[0] if isinstance(intent, RecordExpenses) and len(intent.expenses) == 1 and intent.expenses[0].amount == total else None
    draft = said or ExpenseDraft(total, "", None, None, (), SplitSpec("equal"))
    return filled(scene, draft, reading)


def filled(scene: Scene, draft: ExpenseDraft, reading: Reading) -> ExpenseDraft:
    """A draft with what its words leave open taken from the receipt, as far as that is sure."""
    receipt, unsure = reading.receipt, reading.ask
    merchant = (receipt.merchant or "") if "merchant" not in unsure else ""
    on = receipt.date if "date" not in unsure and receipt.date is not None and receipt.date <= scene.today else scene.today
    return replace(
        draft,
        description=draft.description or merchant,
        category=draft.category or category_for(scene, merchant, reading),
        date=draft.date if draft.date not in (None, scene.today) else on,
    )


def category_for(scene: Scene, merchant: str, reading: Reading) -> str | None:
    """What the shop sells, by the tables of merchants and the words of its name; else what most of the money was for, by the words of the lines."""
    words = lexicon(reading.language if tables_of(reading.language) else scene.voice.language)
    sold = suggest_for_merchant(merchant, words).category if merchant else None
    if sold is not None:
        return sold
    bought = Counter[str]()
    for line in reading.receipt.lines[:LINES_LOOKED_AT]:
        found = suggest(folded_words(line.description), words).category
        if found is not None and line.amount > 0:
            bought[found] += line.amount
    return max(bought, key=lambda category: bought[category], default=None)


async def enter_named_group(scene: Scene, intent: Intent) -> None:
    if isinstance(intent, RecordExpenses) and intent.group and not scene.in_group:
        await scene.uow.load_books(scene.person.books)
        await scene.move_to(groups.group_named(scene, intent.group))


async def book_once(scene: Scene, kept: Kept, draft: ExpenseDraft) -> None:
    """Post the bill, unless there seems to be one of this receipt: that is shown and asked about."""
    await scene.uow.load_books(scene.person.books, lock=False)
    books = scene.person.books | {scene.book_id: scene.me.member_id}
    on = draft.date or scene.today
    twin = await receipts.alike(scene.uow, kept, books=books, book_id=scene.book_id, amount=draft.amount, on=on)
    if twin is None:
        await book(scene, kept, draft)
    else:
        await ask_same(scene, kept, draft, twin)


async def book(scene: Scene, kept: Kept, draft: ExpenseDraft) -> None:
    """Post the bill and show it with its lines."""
    known = {member.member_id for member in scene.book.members}
    bill = await expenses.bill_from(scene, draft)
    if approvals.waits(scene, bill):
        await receipts.attach(scene.uow, kept.receipt_id, book_id=scene.book_id, bill_id=await approvals.hold(scene, bill))
        return
    entry = bills.record_bill(scene.uow, scene.book_id, bill, scene.effects, now=scene.now)
    scene.bill_ids.append(entry.bill_id)
    await receipts.attach(scene.uow, kept.receipt_id, book_id=scene.book_id, bill_id=entry.bill_id)
    new = [member.member_id for member in scene.book.members if member.member_id not in known]
    await receipt_cards.show(scene, entry, await in_bill_currency(scene, kept, draft.amount.currency), new=new)


async def in_bill_currency(scene: Scene, kept: Kept, currency: str) -> Kept:
    """What was read, from now on in the currency of its bill where it names none itself."""
    if kept.reading is None or kept.reading.receipt.currency is not None:
        return kept
    reading = replace(kept.reading, receipt=in_currency(kept.reading.receipt, currency))
    await receipts.rewrite(scene.uow, kept, reading)
    return replace(kept, reading=reading)


async def read_along(scene: Scene, kept: Kept) -> str:
    """The bill is there already, by words: these stand. Where the receipt agrees its lines come along."""
    assert kept.book_id is not None, "a receipt's bill is in a book"
    assert kept.bill_id is not None, "there is a bill"
    own = scene.turn.own
    await scene.move_to(kept.book_id)
    standing = await ledger.standing(scene.uow, kept.book_id, bill_id=kept.bill_id)
    by_caption = own is not None and bool(own.bill_ids)
    if standing is None or own is None or own.outbox_id is None:
        return "receipt_silent"
    agrees = kept.reading is not None and total_of(scene, kept.reading.receipt) == amount_of(standing)
    if agrees and (not by_caption or (scene.shared and kept.reading is not None and kept.reading.receipt.lines)):
        await receipt_cards.show(scene, standing, await in_bill_currency(scene, kept, amount_of(standing).currency), quietly=True)
    elif not by_caption:
        scene.reply(scene.say("receipt_kept", what=facts.titled(scene, standing)), about=kept.bill_id)
    else:
        return "receipt_silent"
    answer_in_place(scene)
    return "receipt_along"


# ------------------------------------------------------------------ the one question


def ask_total(scene: Scene, kept: Kept, caption: str, *, called_receipt: bool) -> str:
    """Nothing was read that could be a total."""
    code = "receipt_too_large" if kept.reason in _TOO_LARGE else "receipt_unread" if called_receipt else "photo_maybe"
    scene.reply(scene.say(code))
    wait_for_total(scene, kept.receipt_id, ASKED, caption)
    answer_in_place(scene)
    return "receipt_unread"


def ask_which(scene: Scene, kept: Kept, draft: ExpenseDraft, caption: str) -> str:
    """The total that was read is not sure: it, and what the lines come to where that is another sum, as buttons."""
    assert kept.reading is not None, "something was read"
    receipt = kept.reading.receipt
    lines = receipt.lines_total if receipt_cards.are_sure(kept.reading) else 0
    summed = receipt.money(lines, otherwise=scene.book.currency) if lines > 0 and lines != receipt.total else None
    drafts = [draft] if summed is None else [draft, replace(draft, amount=summed)]
    options = tuple((scene.voice.amount(each.amount), RecordExpenses((each,))) for each in drafts)
    shared = {"receipt": str(kept.receipt_id), "book": str(scene.book_id)}
    buttons = [Button(label, {"do": "receipt_total", "intent": pack(intent), **shared}, (scene.person.person_id,)) for label, intent in options]
    what = facts.what(scene, draft.description)
    text = scene.say("receipt_sure", what=what, total=draft.amount)
    if summed is not None:
        text = scene.say("receipt_which", what=what, total=draft.amount, lines=summed)
    scene.reply(text, *buttons, receipt=ShownReceipt(str(kept.receipt_id)) if kept.pictures else None)
    wait_for_total(scene, kept.receipt_id, ASKED, caption, options)
    scene.state["pending"]["currency"] = draft.amount.currency
    answer_in_place(scene)
    return "receipt_asked"


def is_answer(pending: Any, understood: Understanding) -> bool:
    """Whether a message answers what a receipt comes to."""
    if not isinstance(pending, dict) or "receipt" not in pending:
        return False
    yes = isinstance(understood.intent, Command) and understood.intent.name == "confirm" and len(pending["options"]) == 1
    return yes or understood.answers


async def answer_total(scene: Scene, pending: dict[str, Any], understood: Understanding) -> str:
    """The sender has said what it comes to: that is booked, whatever is read."""
    intent = unpack(pending["options"][0][1]) if isinstance(understood.intent, Command) else understood.intent
    assert isinstance(intent, RecordExpenses), "a total is an expense"
    await answer_with(scene, UUID(pending["receipt"]), intent)
    return "receipt_total"


async def answer_with(scene: Scene, receipt_id: UUID, intent: RecordExpenses) -> None:
    """Book a receipt by what was said of its total. Raises DomainError `receipt_booked` where it is booked already."""
    kept = await receipts.by_id(scene.uow, receipt_id, conversation_id=scene.chat_id)
    if kept is None:
        await expenses.record(scene, intent)
        return
    if kept.bill_id is not None:
        raise DomainError("receipt_booked")
    draft = intent.expenses[0]
    if kept.reading is not None:
        draft = filled(scene, draft, kept.reading)
    await book_once(scene, kept, draft)


async def total_pressed(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    await answer_with(scene, UUID(action["receipt"]), unpack(action["intent"]))
    pending = scene.state.get("pending")
    if isinstance(pending, dict) and pending.get("receipt") == action["receipt"]:
        del scene.state["pending"]
    if outbox_id is not None and scene.replies:
        scene.edit_last(outbox_id)


# ------------------------------------------------------------------ once noted, not noted again


async def ask_same(scene: Scene, kept: Kept, draft: ExpenseDraft, twin: tuple[UUID, UUID]) -> None:
    entry = await ledger.standing(scene.uow, twin[0], bill_id=twin[1])
    assert entry is not None, "what was found stands"
    what = facts.titled(scene, entry) + facts.when(scene, entry)
    if entry.book_id != scene.book_id and scene.in_group:  # what a bill of another book is called, and which book, is not for this group to read
        what = f"{facts.what(scene, draft.description)} {scene.voice.amount(draft.amount)}{facts.when(scene, entry)}"
    elif entry.book_id != scene.book_id and scene.uow.book(entry.book_id).kind is not BookKind.PERSONAL:
        what = scene.say("in_book", book=scene.voice.name(scene.uow.book(entry.book_id).name), text=what)
    mine, receipt = (scene.person.person_id,), str(kept.receipt_id)
    same: Action = {"do": "receipt_same", "receipt": receipt, "bill": str(entry.bill_id), "book": str(entry.book_id)}
    another: Action = {"do": "receipt_new", "receipt": receipt, "intent": pack(RecordExpenses((draft,))), "book": str(scene.book_id)}
    buttons = Button(scene.say("button_same"), same, mine), Button(scene.say("button_another"), another, mine)
    scene.reply(scene.say("receipt_same", what=what), *buttons)


async def unbooked(scene: Scene, action: Action) -> Kept:
    """The receipt that was asked about. Raises DomainError `receipt_booked` where that was answered."""
    kept = await receipts.by_id(scene.uow, UUID(action["receipt"]), conversation_id=scene.chat_id)
    if kept is None or kept.bill_id is not None:
        raise DomainError("receipt_booked")
    return kept


async def same(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    """It is that one: nothing is noted, and the photo belongs to it from now on."""
    kept = await unbooked(scene, action)
    await receipts.attach(scene.uow, kept.receipt_id, book_id=scene.book_id, bill_id=UUID(action["bill"]))
    scene.reply(scene.say("same_kept"), about=UUID(action["bill"]), edits=outbox_id)


async def another(scene: Scene, action: Action, outbox_id: UUID | None) -> None:
    kept = await unbooked(scene, action)
    await book(scene, kept, unpack(action["intent"]).expenses[0])
    if outbox_id is not None:
        scene.edit_last(outbox_id)


# ------------------------------------------------------------------ the picture


async def show_picture(scene: Scene, command: Command) -> None:
    """The photo of the bill that is meant (the one answered to or named, else the newest here), or a link to it that is good for a day."""
    kept = await _meant(scene, command.slots.get("target", ""))
    if kept is None or not kept.pictures or kept.book_id is None or kept.bill_id is None:
        scene.reply(scene.say("receipt_no_picture"))
        return
    entry = await ledger.standing(scene.uow, kept.book_id, bill_id=kept.bill_id)
    what = facts.titled(scene, entry) if entry is not None else scene.say("what_default")
    for number in range(kept.pictures):
        token = link_token(scene.uow.keys, kept.receipt_id, number=number, now=scene.now)
        url = f"{scene.address}/receipts/{token}"
        if scene.turn.capabilities.pictures:
            scene.reply_file(what, Document(f"receipt-{number + 1}.jpg", "image/jpeg", token=token, url=url), about=kept.bill_id)
        else:
            scene.reply(scene.say("receipt_picture", what=what, url=url), about=kept.bill_id)


async def _meant(scene: Scene, target: str) -> Kept | None:
    replied = scene.turn.replied_to
    if replied is not None and replied.bill_ids and replied.book_id in scene.person.books and replied.book_id is not None:
        await scene.move_to(replied.book_id)
    elif not target:
        return await receipts.newest(scene.uow, scene.book_id)
    standing = await corrections.target_of(scene, target or "last", kinds=("expense",))
    return await receipts.of_bill(scene.uow, scene.book_id, standing.bill_id)
