"""Whether the sender may do something in the book at hand."""

from __future__ import annotations

from bot.conversation.scene import Scene
from core.domain.people import Action
from core.services import rights


def may(scene: Scene, action: Action) -> None:
    """Raises as core.services.rights.check."""
    rights.check(scene.uow, scene.book_id, scene.me.member_id, action)
