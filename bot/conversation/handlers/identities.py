"""What members and groups are called, who turned out to be the same, and who goes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bot.conversation.handlers import facts, groups
from bot.conversation.handlers.agreements import tell_all
from bot.conversation.handlers.people import SPEAKER, member_named
from bot.conversation.handlers.rights import may
from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from bot.conversation.turn import Button
from core.domain.people import Action, Member
from core.services import membership

Press = dict[str, Any]


async def rename(scene: Scene, command: Command) -> None:
    """A guest by anybody who writes here; who writes here by themselves ("my name is ..."), or by an admin."""
    member = await member_named(scene, command.slots["who"], make_guest=False)
    before = scene.name(member.member_id)
    if member.person_id is not None and member.member_id != scene.me.member_id:
        may(scene, Action.GOVERN)
    renamed = await membership.rename(scene.uow, scene.book_id, member, command.slots["new"], by=scene.me.member_id, now=scene.now)
    tell_all(scene, lambda view: view.say("renamed", before=before, name=view.name(renamed.member_id)))


async def rename_group(scene: Scene, command: Command) -> None:
    before = scene.book.name
    book = await membership.rename_group(scene.uow, scene.book_id, command.slots["new"], by=scene.me.member_id, now=scene.now)
    tell_all(scene, lambda view: view.say("renamed", before=view.voice.name(before), name=view.voice.name(book.name)), names_book=True)


# ------------------------------------------------------------------ two names, one person


def holder(scene: Scene, name: str) -> Member:
    """The very position that is called so, also where it counts for another. Raises `no_such_person`."""
    found = scene.me if name.casefold() == SPEAKER else scene.book.holder(name)
    if found is None:
        raise membership.unknown(name)
    return found


async def ask_merge(scene: Scene, command: Command) -> None:
    """Both with their balances, and one question: nothing has changed yet. Raises `same_person`, `two_people`."""
    one, two = (scene.book.first(holder(scene, command.slots[slot])) for slot in ("one", "two"))
    stays, goes = membership.same_pair(one, two)
    action: Press = {"book": str(scene.book_id), "stays": str(stays.member_id), "goes": str(goes.member_id)}
    text = scene.say("merge_ask", one=with_balance(scene, goes), two=with_balance(scene, stays), name=scene.name(stays.member_id))
    mine = (scene.person.person_id,)
    yes = Button(scene.say("button_same_person"), {"do": "merge_yes", **action}, mine)
    scene.reply(facts.in_book(scene, text), yes, Button(scene.say("button_plain_no"), {"do": "merge_no", **action}, mine))


def with_balance(scene: Scene, member: Member) -> str:
    """ "carl +€10"; the sign says who owes."""
    own = {code: minor for (who, code), minor in facts.balances(scene).items() if who == member.member_id and minor}
    return scene.say("part", who=scene.voice.name(member.name), amount=scene.voice.amounts(own))


async def merge(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    """Asked anew, as time has passed. Raises `same_person`, `two_people`."""
    may(scene, Action.GOVERN)
    members = {member.member_id: member for member in scene.book.members}
    one, two = (scene.book.first(members[UUID(action[slot])]) for slot in ("stays", "goes"))
    stays, goes = membership.same_pair(one, two)
    await membership.merge(scene.uow, scene.book_id, stays, goes, by=scene.me.member_id, now=scene.now)
    tell_all(scene, lambda view: view.say("merged", one=view.voice.name(goes.name), two=view.voice.name(stays.name)))
    undo = Button(scene.say("button_undo"), {"do": "part", "book": str(scene.book_id), "member": str(goes.member_id)})
    scene.add_button(undo, edits=outbox_id)


async def keep_apart(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    scene.reply(scene.say("okay"), edits=outbox_id)


async def part(scene: Scene, command: Command) -> None:
    """Two people after all: whichever of them counted for the other. Raises `not_the_same`."""
    one, two = (holder(scene, command.slots[slot]) for slot in ("one", "two"))
    await _part(scene, one if one.same_as is not None else two)


async def part_pressed(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    may(scene, Action.GOVERN)
    await _part(scene, scene.book.member(UUID(action["member"])))
    if outbox_id is not None:
        scene.edit_last(outbox_id)


async def _part(scene: Scene, member: Member) -> None:
    other = scene.book.first(member)
    await membership.part(scene.uow, scene.book_id, member, by=scene.me.member_id, now=scene.now)
    tell_all(scene, lambda view: view.say("parted", one=view.voice.name(member.name), two=view.voice.name(other.name)))


# ------------------------------------------------------------------ somebody goes


async def remove(scene: Scene, command: Command) -> None:
    """With nothing open they go; else it is asked whether to settle first or to keep what is open of a former member."""
    member = await member_named(scene, command.slots["who"], make_guest=False)
    if member.member_id == scene.me.member_id:
        await groups.leave(scene, Command("leave"))
        return
    if not any(minor for (who, _), minor in facts.balances(scene).items() if who == member.member_id):
        await go(scene, member)
        return
    target = {"book": str(scene.book_id), "member": str(member.member_id)}
    former = Button(scene.say("button_former"), {"do": "former", **target}, (scene.person.person_id,))
    settle = Button(scene.say("button_settle"), {"do": "settle", **target})
    moves = [move for move in await facts.plans(scene) if member.member_id in (move.sender, move.receiver)]
    text = scene.say("remove_ask", name=scene.name(member.member_id), plan=facts.plan_text(scene, moves))
    scene.reply(facts.in_book(scene, text), settle, former)


async def make_former(scene: Scene, action: Press, outbox_id: UUID | None) -> None:
    may(scene, Action.GOVERN)
    await go(scene, scene.book.member(UUID(action["member"])))
    if outbox_id is not None:
        scene.edit_last(outbox_id)


async def go(scene: Scene, member: Member) -> None:
    balance = {code: minor for (who, code), minor in facts.balances(scene).items() if who == member.member_id and minor}
    await membership.remove(scene.uow, scene.book_id, member, by=scene.me.member_id, now=scene.now)
    tell_all(scene, lambda view: groups.left_text(view, view.voice.name(member.name), balance, code="removed"))
