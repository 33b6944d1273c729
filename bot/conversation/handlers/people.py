"""From names in a text to members of the book: "me", members, and guests who are new."""

from __future__ import annotations

from uuid import UUID

from bot.conversation.scene import Scene
from core.domain.people import Member
from core.services import membership

SPEAKER = "me"


async def member_named(scene: Scene, name: str, *, make_guest: bool) -> Member:
    """The member meant by `name`. Raises DomainError `no_such_person` unless a guest may be made."""
    from_chat = scene.book.named(name)
    if name.casefold() == SPEAKER or (from_chat is not None and from_chat.member_id == scene.me.member_id):
        return scene.me
    if from_chat is None and scene.turn.sender is not None and name == scene.turn.sender.name:
        return scene.me  # read under the name that the sender had a moment ago
    if from_chat is not None and (from_chat.active or not make_guest):
        return from_chat
    if not make_guest:
        raise membership.unknown(name)
    return await membership.add_guest(scene.uow, scene.book_id, name, by=scene.me.member_id, now=scene.now)


async def resolve(scene: Scene, names: tuple[str, ...], *, make_guests: bool = True) -> dict[str, UUID]:
    """Each name to a member id; guests are made for names that are new."""
    return {name: (await member_named(scene, name, make_guest=make_guests)).member_id for name in dict.fromkeys(names)}
