"""Who may do what in a group, and what it has agreed on: said by an admin, shown to everybody, told to all."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from typing import Any

from bot.conversation.handlers import chronicle, facts, manners, pins
from bot.conversation.handlers.agreements import agree, tell_all
from bot.conversation.handlers.people import member_named
from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from core.db import people
from core.domain.money import Money
from core.domain.people import Role
from core.services import membership


async def set_role(scene: Scene, command: Command) -> None:
    member = await member_named(scene, command.slots["who"], make_guest=False)
    role = Role(command.slots["role"])
    changes = await membership.set_role(scene.uow, scene.book_id, member, role, by=scene.me.member_id, now=scene.now)
    tell_all(scene, lambda view: " ".join([view.say(f"role_{role}", name=view.name(member.member_id)), *chronicle.was(view, changes)]))


async def show(scene: Scene, command: Command) -> None:
    """Who is what, and what differs from what a group begins with."""
    by_role: dict[Role, list[str]] = {role: [] for role in Role}
    for member in scene.book.members:
        if member.active and member.person_id is not None:
            by_role[scene.book.role_of(member)].append(scene.voice.name(member.name))
    lines = [scene.say(f"roles_{role}", names=names) for role, names in by_role.items() if names]
    scene.reply(facts.in_book(scene, "\n".join([*lines, *agreed(scene)])))


def agreed(view: Scene) -> list[str]:
    """The rules, a sentence each."""
    rules = view.book.rules
    said = [view.say("rule_own_only" if rules.own_only else "rule_all_bills")]
    said += [view.say("rule_approve", amount=rules.approve_over)] if rules.approve_over is not None else []
    said += [quiet_text(view, rules.quiet)] if rules.quiet is not None else []
    return said


def quiet_text(view: Scene, hours: tuple[time, time]) -> str:
    begins, ends = (f"{hour:%H:%M}" for hour in hours)
    return view.say("rule_quiet", begins=begins, ends=ends)


async def set_own_only(scene: Scene, command: Command) -> None:
    on = command.slots["value"] == "on"
    await agree(scene, changed(scene, own_only=on), lambda view: view.say("rule_own_only" if on else "rule_all_bills"))


async def set_approval(scene: Scene, command: Command) -> None:
    """Raises DomainError of an amount that cannot be."""
    over = Money.of(command.slots["amount"], command.slots["currency"]) if "amount" in command.slots else None
    await agree(
        scene,
        changed(scene, approve_over=over),
        lambda view: view.say("rule_approve", amount=over) if over is not None else view.say("rule_no_approval"),
    )


async def set_quiet(scene: Scene, command: Command) -> None:
    """Answered at once, and told as everything else is: not in the quiet hours. Alone they are one's own. Raises DomainError `quiet_hours_same`."""
    if not scene.shared:
        await manners.set_quiet(scene, command)
        return
    hours = manners.hours_of(command)
    await agree(scene, changed(scene, quiet=hours), lambda view: quiet_text(view, hours) if hours is not None else view.say("rule_no_quiet"))


async def archive(scene: Scene, command: Command) -> None:
    """Read only from now on; balances stay, and are shown."""
    await agree(scene, changed(scene, archived=True), lambda view: view.say("archived_now", book=view.voice.name(view.book.name)), names_book=True)
    await pins.take_down(scene)


async def reopen(scene: Scene, command: Command) -> None:
    await agree(scene, changed(scene, archived=False), lambda view: view.say("reopened", book=view.voice.name(view.book.name)), names_book=True)


async def changed(scene: Scene, **rules: Any) -> None:
    """The rules with some of them set anew."""
    await people.update_rules(scene.uow, scene.book_id, replace(scene.book.rules, **rules), now=scene.now)
