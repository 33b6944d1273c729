"""Tells a group what it agrees on from now on, with what held before, and writes that down."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from bot.conversation.handlers import chronicle, facts
from bot.conversation.scene import News, Scene
from core.services import agreements


async def agree(scene: Scene, alter: Awaitable[object], text: Callable[[Scene], str], *, names_book: bool = False) -> None:
    """Let something hold in the book at hand. Alone it is one's own, and what was before needs no word."""
    changes = await agreements.change(scene.uow, scene.book_id, alter, by=scene.me.member_id, now=scene.now)
    if not changes or not scene.shared:
        scene.reply(text(scene) if names_book else facts.in_book(scene, text(scene)))
        return
    tell_all(scene, lambda view: " ".join([text(view), *chronicle.was(view, changes)]), names_book=names_book)


def tell_all(scene: Scene, text: Callable[[Scene], str], *, names_book: bool = False) -> None:
    """To the sender, and to everybody who did not see it."""

    async def told(view: Scene) -> str:
        return text(view)

    if scene.shared:
        scene.news.append(News(scene.book_id, told, names_book=names_book))
    scene.reply(text(scene) if names_book else facts.in_book(scene, text(scene)))
