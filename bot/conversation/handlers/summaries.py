"""The summary card of a group, and closing it: settle, then archive."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bot.conversation.handlers import facts, rules
from bot.conversation.handlers.rights import may
from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.db.summary_links import summary_document
from core.domain.messages import Document
from core.domain.people import Action
from core.domain.summaries import CATEGORIES_SHOWN, Summary
from core.services.summaries import summarised


async def show(scene: Scene, command: Command) -> None:
    found = await _found(scene)
    scene.reply(card(scene, found), documents=drawn(scene, found))


async def close(scene: Scene, command: Command) -> None:
    """The card, and what is left to do: pay back what is open, then close the book."""
    target = {"book": str(scene.book_id)}
    archive_it = Button(scene.say("button_archive"), {"do": "archive", **target}, (scene.person.person_id,))
    moves, found = await facts.plans(scene), await _found(scene)
    if not moves:
        scene.reply(f"{card(scene, found)}\n{scene.say('close_even')}", archive_it, documents=drawn(scene, found))
        return
    asked = scene.say("close_ask", plan=facts.plan_text(scene, moves))
    settle = Button(scene.say("button_settle"), {"do": "settle", **target})
    scene.reply(f"{card(scene, found)}\n{asked}", settle, archive_it, documents=drawn(scene, found))


async def _found(scene: Scene) -> Summary | None:
    return await summarised(scene.uow, scene.book_id, scene.rates, today=scene.today)


def drawn(scene: Scene, found: Summary | None) -> tuple[Document, ...]:
    """The same as a picture, where the chat shows some and there is anything to show."""
    if found is None or not (scene.turn.capabilities.pictures or scene.turn.capabilities.documents):
        return ()
    return (summary_document(scene.uow.keys, scene.book_id, language=scene.voice.language, address=scene.address, now=scene.now),)


async def archive(scene: Scene, action: dict[str, Any], outbox_id: UUID | None) -> None:
    may(scene, Action.GOVERN)
    await rules.archive(scene, Command("archive"))


def card(scene: Scene, found: Summary | None) -> str:
    """Total, what each paid and shared and where that leaves them, on what, over how many days, and the biggest bill."""
    if found is None:
        return scene.say("list_empty")
    return "\n".join([_head(scene, found), *_members(scene, found), _categories(scene, found), _biggest(scene, found)])


def _head(scene: Scene, found: Summary) -> str:
    amounts, count = scene.voice.amounts(found.total), scene.say("expenses_counted", count=found.count)
    days = scene.say("summary_days", count=found.days)
    return scene.say("summary_title", book=scene.voice.name(scene.book.name), amount=amounts, bills=count, days=days)


def _members(scene: Scene, found: Summary) -> list[str]:
    return [_member_line(scene, *each) for each in found.members]


def _member_line(scene: Scene, member: UUID, paid: dict[str, int], shared: dict[str, int]) -> str:
    balance = {code: minor for (who, code), minor in facts.balances(scene).items() if who == member and minor}
    amounts = {name: scene.voice.amounts(sums) for name, sums in (("paid", paid), ("share", shared))}
    return scene.say("summary_member", name=scene.name(member), balance=scene.voice.balance(balance), **amounts)


def _categories(scene: Scene, found: Summary) -> str:
    return " · ".join(f"{scene.category(name)} {scene.voice.amounts(sums)}" for name, sums in found.categories[:CATEGORIES_SHOWN])


def _biggest(scene: Scene, found: Summary) -> str:
    return scene.say("summary_biggest", what=facts.titled(scene, found.biggest), payers=facts.payers(scene, found.biggest, you="you_by"))
