"""How the bill of a receipt is shown: merchant, day, total and lines, what does not add up, and who owes what through it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from bot.conversation.handlers import expenses, facts
from bot.conversation.scene import Scene
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.domain.receipts import Line, Reading, Receipt, reconcile

LINES_MOST = 30


async def show(scene: Scene, entry: JournalEntry, reading: Reading | None, *, new: Sequence[UUID] = (), quietly: bool = False) -> None:
    """The one reply to a booked receipt; others of a shared book are told too, unless `quietly` (they know the bill already)."""

    async def told(view: Scene) -> str:
        text = await card(view, entry, reading)
        return f"{text}\n{view.say('new_people', names=[view.name(member) for member in new])}" if new else text

    if not quietly:
        expenses.tell(scene, [entry], told)
    text = facts.in_book(scene, expenses.with_first_note(scene, await told(scene)))
    scene.reply(text, *expenses.bill_buttons(scene, entry), about=entry.bill_id)


async def card(scene: Scene, entry: JournalEntry, reading: Reading | None) -> str:
    """Three short parts: what it was, its lines where they are shared, and where that leaves whoever reads it."""
    receipt = reading.receipt if reading is not None else None
    if receipt is None or receipt.total is None:
        return await expenses.described(scene, entry)
    title = head(scene, entry, receipt)
    if facts.is_alone(scene, entry):
        return f"{title}\n{await expenses.spent_so_far(scene, entry)}"
    code = "receipt_with_everyone" if facts.with_everyone(scene, entry) else "receipt_with_some"
    split = scene.say(code, payers=facts.payers(scene, entry), shares=facts.shares(scene, entry))
    shown = [title, *numbered(scene, entry, receipt), f"{split} {facts.standing(scene)}".rstrip()]
    return "\n".join(shown)


def head(scene: Scene, entry: JournalEntry, receipt: Receipt) -> str:
    """ "Da Mario · Fri 14 Mar · €64.80, 6 lines, adds up." """
    amount = facts.amount_of(entry)
    title = scene.say("receipt_title", what=facts.what(scene, entry.description), day=entry.occurred_on, amount=amount)
    if not receipt.lines:
        return f"{title}."
    count = len(receipt.lines)
    lines = scene.say("receipt_one_line") if count == 1 else scene.say("receipt_lines", count=count)
    if receipt.total == _hundredths(amount, receipt) and reconcile(receipt) is not None:
        return scene.say("receipt_adds_up", title=title, lines=lines)
    summed = Money(sum(line.amount for line in receipt.lines), amount.currency)
    return scene.say("receipt_lines_make", title=title, lines=lines, sum=summed)


def _hundredths(amount: Money, receipt: Receipt) -> int:
    """The amount in the units in which the receipt is kept."""
    return amount.minor if receipt.currency is not None else int(amount.decimal.scaleb(2))


def numbered(scene: Scene, entry: JournalEntry, receipt: Receipt) -> list[str]:
    """ "1 Margherita €9.50 · 2 Diavola €11"; nothing where every character costs."""
    if scene.voice.plain or not receipt.lines:
        return []
    currency = facts.amount_of(entry).currency
    shown = [
        scene.say("receipt_line", number=number, what=label(scene, line), amount=Money(line.amount, currency))
        for number, line in enumerate(receipt.lines[:LINES_MOST], 1)
    ]
    return [" · ".join(shown + (["…"] if len(receipt.lines) > LINES_MOST else []))]


def label(scene: Scene, line: Line) -> str:
    """The thing bought, with how many where that is more than one."""
    name = scene.voice.name(line.description) or scene.say("what_default")
    if line.quantity is None or line.quantity == 1000:
        return name
    count = f"{line.quantity // 1000}" if line.quantity % 1000 == 0 else str((Decimal(line.quantity) / 1000).normalize())
    return scene.say("receipt_count", count=count, what=name)
