"""How the bill of a receipt is shown: merchant, day, total and lines, what does not add up, and who owes what through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.conversation.handlers import alerts, expenses, facts
from bot.conversation.replies.formats import Voice
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db.receipts import Kept
from core.domain.bills import amount_of, bill_of
from core.domain.ledger import JournalEntry
from core.domain.messages import LINES_PARTED, ShownReceipt
from core.domain.money import Money
from core.domain.receipts import Reading, Receipt, reconcile
from core.domain.splits import ONE, ClaimedLine, lines_total

LINES_MOST = 30
LABEL_MOST = 40
LINES_LEAST = 500  # of 1000, how sure lines must be that do not add up
OTHER_BUTTONS = 2  # behind those of the lines


@dataclass(frozen=True, slots=True)
class Shown:
    """A line of the bill, and what was bought."""

    line: ClaimedLine[UUID]
    description: str


async def show(scene: Scene, entry: JournalEntry, kept: Kept, *, new: Sequence[UUID] = (), quietly: bool = False, edited: bool = True) -> None:
    """The one reply to a receipt's bill; others of a shared book are told too, unless `quietly` (they know the bill already).

    `edited`: as of alerts.of_expenses.
    """

    reading = kept.reading

    async def told(view: Scene) -> str:
        text = await card(view, entry, reading)
        return f"{text}\n{view.say('new_people', names=[view.name(member) for member in new])}" if new else text

    async def news(view: Scene) -> str:
        hint = [view.say("receipt_hint_words")] if is_free and can_be_divided(view, entry, lines) else []
        return "\n".join([await told(view), *hint])

    lines = numbered(entry, reading)
    is_free = not any(each.line.claims for each in lines)
    if not quietly:
        expenses.tell(scene, [entry], news, card=card_state(entry, lines), sets_off=[entry])
    for_all = scene.in_group and bool(lines)  # whoever taps, all read it
    view = scene.seen_by(None, book_id=scene.book_id, voice=scene.voice) if for_all else scene
    text = await told(view)
    if is_free and can_be_divided(scene, entry, lines):
        text += "\n" + scene.say("receipt_hint" if has_room(scene, lines) else "receipt_hint_words")
    remember(scene, entry, lines)
    text = facts.in_book(scene, expenses.with_first_note(scene, text))
    text = "\n".join([text, *await alerts.of_expenses(scene, [entry], edited=edited)])
    scene.reply(text, *buttons(scene, entry, lines), about=entry.bill_id, receipt=beside(view, entry, kept, lines))


def beside(scene: Scene, entry: JournalEntry, kept: Kept, lines: Sequence[Shown]) -> ShownReceipt | None:
    """What may stand beside the words: the picture, with the lines as the words have them."""
    if not kept.pictures:
        return None
    numbers = [each.line.number for each in lines[:LINES_MOST]]
    return ShownReceipt(str(kept.receipt_id), tuple(zip(numbers, line_words(scene, entry, lines), strict=True)))


async def card(scene: Scene, entry: JournalEntry, reading: Reading | None) -> str:
    """Three short parts: what it was, its lines where they are shared, and where that leaves whoever reads it."""
    receipt = reading.receipt if reading is not None else None
    if receipt is None or receipt.total is None:
        return await expenses.described(scene, entry)
    lines = numbered(entry, reading)
    title = head(scene, entry, receipt, lines)
    if facts.is_alone(scene, entry):
        return "\n".join([title, *listed(scene, entry, lines), await expenses.spent_so_far(scene, entry)])
    code = "receipt_with_everyone" if facts.with_everyone(scene, entry) else "receipt_with_some"
    split = scene.say(code, payers=facts.payers(scene, entry, you="you_by"), shares=facts.shares(scene, entry))
    shown = [title, *listed(scene, entry, lines), f"{split} {facts.standing(scene)}".rstrip()]
    return "\n".join(shown)


def numbered(entry: JournalEntry, reading: Reading | None) -> list[Shown]:
    """The lines in the order of their numbers, with who claimed them: as the bill has them, else as they were read."""
    if reading is None or not (are_sure(reading) or bill_of(entry).lines):
        return []
    said = reading.receipt.lines
    return [Shown(each, said[each.number - 1].description) for each in bill_of(entry).lines or reading.receipt.bought() if each.number <= len(said)]


def are_sure(reading: Reading) -> bool:
    """Whether the lines are worth showing: they add up, or were read well."""
    return reconcile(reading.receipt) is not None or reading.confidence.get("items", 0) >= LINES_LEAST


def head(scene: Scene, entry: JournalEntry, receipt: Receipt, shown: Sequence[Shown]) -> str:
    """ "Da Mario · Fri 14 Mar · €64.80, 6 lines, adds up." """
    amount = amount_of(entry)
    day = scene.voice.day(entry.occurred_on, year=entry.occurred_on.year != scene.today.year)
    title = scene.say("receipt_title", what=facts.what(scene, entry.description), day=day, amount=amount)
    if not shown:
        return f"{title}."
    lines = scene.say("receipt_lines", count=len(shown))
    known = [each.line.number for each in shown] == [line.number for line in receipt.bought()]
    on_top = amount - Money(receipt.total, amount.currency) if receipt.total is not None and known and reconcile(receipt) is not None else None
    if on_top is not None and on_top.minor > 0:
        return scene.say("receipt_on_top", title=title, lines=lines, amount=on_top)
    summed = lines_total((each.line for each in shown), amount.currency)
    if summed == amount or (on_top is not None and not on_top):
        return scene.say("receipt_adds_up", title=title, lines=lines)
    return scene.say("receipt_lines_make", title=title, lines=lines, sum=summed)


def listed(scene: Scene, entry: JournalEntry, lines: Sequence[Shown]) -> list[str]:
    """ "1 Margherita €9.50 (Anna) · 2 Diavola €11"; nothing where every character costs."""
    if scene.voice.plain or not lines:
        return []
    more = ["…"] if len(lines) > LINES_MOST else []
    return [LINES_PARTED.join(line_words(scene, entry, lines) + more), *unclaimed(scene, lines)]


def line_words(scene: Scene, entry: JournalEntry, lines: Sequence[Shown]) -> list[str]:
    """ "1 Margherita €9.50 (Anna)", and so for each of the first lines."""
    currency, words = amount_of(entry).currency, []
    for number, each in enumerate(lines[:LINES_MOST], 1):
        text = scene.say("receipt_line", number=number, what=label(scene.voice, each), amount=Money(each.line.amount, currency))
        names = [claimer(scene, member, part) for member, part in each.line.claims]
        words.append(scene.say("receipt_claimed", line=text, names=names) if names else text)
    return words


def unclaimed(scene: Scene, lines: Sequence[Shown]) -> list[str]:
    """What is still to be claimed, once somebody has begun to."""
    free = [str(number) for number, each in enumerate(lines, 1) if not each.line.claims]
    return [scene.say("receipt_unclaimed", lines=free)] if free and len(free) < len(lines) else []


def claimer(scene: Scene, member: UUID, part: int) -> str:
    name = scene.you_or_name(member)
    return scene.say("receipt_part", count=count_of(part), name=name) if part else name


def label(voice: Voice, shown: Shown) -> str:
    """The thing bought, with how many where that is more than one."""
    name = voice.name(shown.description) or voice.say("what_default")
    return name if shown.line.quantity == ONE else voice.say("receipt_count", count=count_of(shown.line.quantity), what=name)


def count_of(thousandths: int) -> str:
    whole, part = divmod(thousandths, ONE)
    return f"{whole}.{part:03}".rstrip("0") if part else str(whole)


# ------------------------------------------------------------------ dividing


def can_be_divided(scene: Scene, entry: JournalEntry, lines: Sequence[Shown]) -> bool:
    return len(lines) > 1 and not scene.voice.plain and not facts.is_alone(scene, entry)


def has_room(scene: Scene, lines: Sequence[Shown]) -> bool:
    """Whether the channel shows a button a line, and the others."""
    return len(lines) + OTHER_BUTTONS <= scene.turn.capabilities.buttons


def buttons(scene: Scene, entry: JournalEntry, lines: Sequence[Shown]) -> tuple[Button, ...]:
    """A button a line that everybody may press, then what can be done to the whole."""
    if not can_be_divided(scene, entry, lines) or not has_room(scene, lines):
        return expenses.bill_buttons(scene, entry)
    target = {"bill": str(entry.bill_id), "book": str(scene.book_id)}
    taps = [Button(str(number), {"do": "claim", "line": each.line.number, **target}) for number, each in enumerate(lines, 1)]
    equally = [] if facts.with_everyone(scene, entry) else [Button(scene.say("button_split_equally"), {"do": "split_equally", **target})]
    change = Button(scene.say("button_change_split"), {"do": "change_split", **target}, (scene.person.person_id,))
    return (*taps, *(equally or [change]), expenses.undo_button(scene, [entry.bill_id]))


def remember(scene: Scene, entry: JournalEntry, lines: Sequence[Shown]) -> None:
    """The next message may be about this receipt: its total, its lines, another tip."""
    card, before = card_state(entry, lines), scene.state.get("card")
    if isinstance(before, dict) and before["bill"] == card["bill"] and "tipped" in before:
        card["tipped"] = before["tipped"]
    scene.state["card"] = card


def card_state(entry: JournalEntry, lines: Sequence[Shown]) -> dict[str, Any]:
    """What a chat's state keeps of the receipt that was shown last."""
    return {
        "bill": str(entry.bill_id),
        "book": str(entry.book_id),
        "currency": amount_of(entry).currency,
        "lines": [each.description[:LABEL_MOST] for each in lines],
        "numbers": [each.line.number for each in lines],
    }
