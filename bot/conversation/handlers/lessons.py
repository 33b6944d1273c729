"""What a person taught by changing a category: recalled for the next expense, unlearned with the correction, asked for where nothing tells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from bot.conversation.handlers import facts
from bot.conversation.intents import ExpenseDraft
from bot.conversation.parsing.suggestions import NAMED, topics
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db import learning
from core.domain.categories import is_own
from core.domain.ledger import JournalEntry

ASKED_MOST = 50  # words that were asked about and are not asked about again


async def recalled(scene: Scene, draft: ExpenseDraft) -> ExpenseDraft:
    """With the category that the person taught for such an expense; as it is where they named one now or taught none.

    One that the book hides is not guessed; what they taught of another book's own category does not hold in this one.
    """
    kinds = scene.book.categories
    if draft.confidence >= NAMED:
        return draft
    if draft.category is not None and kinds.get(draft.category).hidden:
        draft = replace(draft, category=None, confidence=0.0)
    if draft.choices and kinds:
        draft = replace(draft, choices=tuple(dict.fromkeys(code for each in draft.choices if (code := kinds.resolve(each)) in kinds.offered)))
    if not scene.person.taught:
        return draft
    found = topics(draft.description, scene.voice.language)
    category = await learning.lesson(scene.uow, scene.person.person_id, found) if found else None
    return (
        draft
        if category is None or (not kinds.knows(category) and is_own(category))
        else replace(draft, category=category, confidence=NAMED, choices=())
    )


async def teach(scene: Scene, entry: JournalEntry) -> None:
    """The entry's category holds for such expenses of this person from now on."""
    found = topics(entry.description, scene.voice.language)
    if found and entry.category:
        await learning.teach(scene.uow, scene.person.person_id, found[0], category=entry.category, bill_id=entry.bill_id, now=scene.now)


async def unlearn(scene: Scene, undone: JournalEntry, restored: JournalEntry | None) -> None:
    """Who takes back that a category was changed takes back what that taught them."""
    if undone.category and scene.person.taught and (restored is None or restored.category != undone.category):
        await learning.forget(scene.uow, scene.person.person_id, bill_id=undone.bill_id, category=undone.category)


def choice_buttons(scene: Scene, entry: JournalEntry, choices: Sequence[str], *, text: str, others: Sequence[Button]) -> tuple[Button, ...]:
    """The likeliest categories of an expense that is recorded under a doubtful one. Alone, once for the same words, and only if it costs nothing."""
    if not choices or scene.in_group or scene.turn.capabilities.mute or not facts.is_alone(scene, entry):
        return ()
    about = topics(entry.description, scene.voice.language)[:1]
    asked: list[str] = scene.state.get("asked", [])
    buttons = tuple(_button(scene, entry.bill_id, category) for category in choices)
    if not about or about[0] in asked or not _fits(scene, text, [*buttons, *others]):
        return ()
    scene.state["asked"] = [*asked, about[0]][-ASKED_MOST:]
    return buttons


def _button(scene: Scene, bill_id: UUID, category: str) -> Button:
    action: dict[str, object] = {"do": "categorise", "bill": str(bill_id), "book": str(scene.book_id), "category": category}
    return Button(scene.category(category), action, (scene.person.person_id,))


def _fits(scene: Scene, text: str, buttons: Sequence[Button]) -> bool:
    """Where every character costs: whether text and numbered choices go into one message."""
    most = scene.turn.capabilities.cheap_limit
    return most is None or len(text) + sum(len(f"0 {button.label}, ") for button in buttons) <= most
