"""Two versions of a bill put into words: what each has otherwise than the other."""

from __future__ import annotations

from bot.conversation.handlers import facts
from bot.conversation.scene import Scene
from core.domain.bills import shares_of
from core.domain.ledger import EntryKind, JournalEntry


def differing(scene: Scene, before: JournalEntry, after: JournalEntry) -> list[tuple[str, str]]:
    """Before and after of each thing that differs: the title (what and how much), the day, the category, who paid and who shares."""
    pairs = [
        (facts.titled(scene, before), facts.titled(scene, after)),
        (scene.voice.day(before.occurred_on), scene.voice.day(after.occurred_on)),
        (scene.category(before.category), scene.category(after.category)),
    ]
    bills = before.kind is EntryKind.EXPENSE and after.kind is EntryKind.EXPENSE
    if bills:
        pairs.append((scene.say("activity_paid", payers=facts.payers(scene, before)), scene.say("activity_paid", payers=facts.payers(scene, after))))
    found = [(old, new) for old, new in pairs if old != new]
    if bills and (not found or set(shares_of(before)) != set(shares_of(after))):  # another amount alone changes all shares
        found.append((facts.shares(scene, before), facts.shares(scene, after)))
    return found


def before_and_after(scene: Scene, before: JournalEntry, after: JournalEntry) -> tuple[str, str]:
    """Both in one line each, the title first."""
    pairs = differing(scene, before, after)
    titles = facts.titled(scene, before), facts.titled(scene, after)
    pairs = pairs if pairs and pairs[0] == titles else [titles, *pairs]
    return ", ".join(old for old, _ in pairs), ", ".join(new for _, new in pairs)
