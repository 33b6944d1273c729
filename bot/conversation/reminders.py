"""What a group is told a day later of the lines of a receipt that nobody has claimed. Decides nothing about when."""

from __future__ import annotations

from bot.conversation.handlers.receipt_cards import LINES_MOST, Shown, label, numbered
from bot.conversation.replies.formats import Voice
from bot.conversation.turn import Button, Reply
from core.domain.bills import amount_of, bill_of
from core.domain.ledger import JournalEntry
from core.domain.money import Money
from core.domain.people import Book
from core.domain.receipts import Reading


def unclaimed(voice: Voice, book: Book, entry: JournalEntry, reading: Reading, *, buttons_most: int) -> Reply | None:
    """The reminder, with a button a line where the channel has room for so many; None where all lines are claimed, or none is."""
    lines = list(enumerate(numbered(entry, reading), 1))
    free = [(number, each) for number, each in lines if not each.line.claims]
    if bill_of(entry).split_type != "items" or not free or len(free) == len(lines):
        return None
    currency = amount_of(entry).currency
    shown = ", ".join(_line(voice, number, each, currency) for number, each in free[:LINES_MOST])
    target = {"bill": str(entry.bill_id), "book": str(book.book_id)}
    buttons = tuple(Button(str(number), {"do": "claim", "line": each.line.number, **target}) for number, each in free)
    if len(buttons) > buttons_most:
        text, buttons = f"{voice.say('receipt_unclaimed', lines=shown)}\n{voice.say('receipt_hint_words')}", ()
    else:
        text = _with_who_shares(voice, book, entry, shown)
    return Reply(text=text, buttons=buttons, book_id=book.book_id, bill_ids=(entry.bill_id,), urgency="notification")


def _line(voice: Voice, number: int, each: Shown, currency: str) -> str:
    return voice.say("receipt_line", number=number, what=label(voice, each), amount=Money(each.line.amount, currency))


def _with_who_shares(voice: Voice, book: Book, entry: JournalEntry, lines: str) -> str:
    """What becomes of the lines if nobody says more."""
    sharing = dict.fromkeys(book.first(book.member(member)).member_id for member in bill_of(entry).people)
    if {member.member_id for member in book.members if member.active} <= sharing.keys():
        return voice.say("receipt_reminder", lines=lines)
    return voice.say("receipt_reminder_some", lines=lines, names=[voice.name(book.member(member).name) for member in sharing])
