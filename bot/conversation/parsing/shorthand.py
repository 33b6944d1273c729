"""Owns questions that are but a thing and a time: "food this month?", "spent this week", "taxi in march"."""

from __future__ import annotations

from bot.conversation.intents import Query
from bot.conversation.parsing.asks import about
from bot.conversation.parsing.notes import PUNCTUATION
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import DAY, PERIOD, Scan


def question(scan: Scan) -> Candidate | None:
    """In a group such words are plans as often: "dinner this week?". A thing and a day may be an expense without its amount: "lunch yesterday"."""
    if scan.context.chat == "group":
        return None
    asked = any(item.mark == "?" for item in scan.shape.items)
    items = [item for item in scan.shape.items if item.mark not in PUNCTUATION]
    times = [item for item in items if item.mark == PERIOD or (item.mark == DAY and asked)]
    small = scan.lexicon.words["words.articles"] | scan.lexicon.words["words.within"]
    rest = [item for item in items if item not in times and item.mark not in small]
    span = times[0].day if len(times) == 1 else None
    if span is None or span.start > scan.today or items[0] not in (times[0], *rest[:1]) or not (asked or rest):
        return None
    if all(item.mark in scan.lexicon.words["words.spent"] for item in rest):
        return Candidate("query.spend", Query("spend", start=span.start, end=span.end), 60)
    category, text = about(scan, rest)
    if category is None:
        return None
    return Candidate("query.spend", Query("spend", category=category, text=text, start=span.start, end=span.end), 60)
