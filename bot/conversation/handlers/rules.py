"""Who may do what in a group, and what it has agreed on: said by an admin, shown to everybody, told to all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import time

from bot.conversation.handlers import facts, manners, pins
from bot.conversation.handlers.people import member_named
from bot.conversation.intents import Command
from bot.conversation.scene import News, Scene
from core.domain.money import Money
from core.domain.people import Role, Rules
from core.services import membership


async def set_role(scene: Scene, command: Command) -> None:
    member = await member_named(scene, command.slots["who"], make_guest=False)
    role = Role(command.slots["role"])
    await membership.set_role(scene.uow, scene.book_id, member, role, by=scene.me.member_id, now=scene.now)
    tell_all(scene, lambda view: view.say(f"role_{role}", name=view.name(member.member_id)))


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
    await agree(scene, replace(scene.book.rules, own_only=on))
    tell_all(scene, lambda view: view.say("rule_own_only" if on else "rule_all_bills"))


async def set_approval(scene: Scene, command: Command) -> None:
    """Raises DomainError of an amount that cannot be."""
    over = Money.of(command.slots["amount"], command.slots["currency"]) if "amount" in command.slots else None
    await agree(scene, replace(scene.book.rules, approve_over=over))
    tell_all(scene, lambda view: view.say("rule_approve", amount=over) if over is not None else view.say("rule_no_approval"))


async def set_quiet(scene: Scene, command: Command) -> None:
    """Answered at once, and told as everything else is: not in the quiet hours. Alone they are one's own. Raises DomainError `quiet_hours_same`."""
    if not scene.shared:
        await manners.set_quiet(scene, command)
        return
    hours = manners.hours_of(command)
    await agree(scene, replace(scene.book.rules, quiet=hours))
    tell_all(scene, lambda view: quiet_text(view, hours) if hours is not None else view.say("rule_no_quiet"))


async def archive(scene: Scene, command: Command) -> None:
    """Read only from now on; balances stay, and are shown."""
    await agree(scene, replace(scene.book.rules, archived=True))
    tell_all(scene, lambda view: view.say("archived_now", book=view.voice.name(view.book.name)), names_book=True)
    await pins.take_down(scene)


async def reopen(scene: Scene, command: Command) -> None:
    await agree(scene, replace(scene.book.rules, archived=False))
    tell_all(scene, lambda view: view.say("reopened", book=view.voice.name(view.book.name)), names_book=True)


async def agree(scene: Scene, rules: Rules) -> None:
    await membership.agree(scene.uow, scene.book_id, rules, by=scene.me.member_id, now=scene.now)


def tell_all(scene: Scene, text: Callable[[Scene], str], *, names_book: bool = False) -> None:
    """To the sender, and to everybody who did not see it."""

    async def told(view: Scene) -> str:
        return text(view)

    if scene.shared:
        scene.news.append(News(scene.book_id, told, names_book=names_book))
    scene.reply(text(scene) if names_book else facts.in_book(scene, text(scene)))
