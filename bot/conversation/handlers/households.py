"""Who counts as one when a group shares equally, and by what it shares what names nobody: said once, frozen on each bill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from bot.conversation.handlers.agreements import agree
from bot.conversation.handlers.people import member_named
from bot.conversation.intents import Command
from bot.conversation.scene import Scene
from core.db import people
from core.db.ids import new_id


async def join(scene: Scene, command: Command) -> None:
    """ "Anna and Bob are a couple". Whoever was in another household leaves it."""
    members = await named_in(scene, command.slots["people"])
    await agree(scene, put_in(scene, members, new_id()), lambda view: view.say("household_set", names=[view.name(member) for member in members]))


async def part(scene: Scene, command: Command) -> None:
    """ "Anna and Bob count separately". Who would be left alone in a household is in none."""
    members = await named_in(scene, command.slots["people"])
    alone = [member for unit in scene.book.units() for member in unit if len({*unit} - {*members}) < 2]
    all_of_them = [member.member_id for member in scene.book.members if scene.first(member.member_id) in (*members, *alone)]
    await agree(scene, put_in(scene, all_of_them, None), lambda view: view.say("household_cleared", names=[view.name(member) for member in members]))


async def put_in(scene: Scene, members: Sequence[UUID], household: UUID | None) -> None:
    for member in members:
        await people.update_member(scene.uow, scene.book_id, member, household=household)


async def set_weights(scene: Scene, command: Command) -> None:
    """ "Rent 60/40 from now on"; asks whose the parts are where that is not said."""
    said = [part.rpartition(" ") for part in command.slots["weights"].split(",") if part]
    if not said or not scene.shared:
        scene.reply(scene.say("default_weights_who"))
        return
    weights = {(await member_named(scene, name, make_guest=False)).member_id: Decimal(weight) for name, _, weight in said}
    word = command.slots.get("what", "")
    weighed = people.update_book(scene.uow, scene.book_id, default_weights={**scene.book.default_weights, word: weights})
    await agree(scene, weighed, lambda view: weights_text(view, word, weights))


def weights_text(view: Scene, word: str, weights: Mapping[UUID, Decimal]) -> str:
    shown = [view.say("weight_part", who=view.name(member), weight=f"{weight.normalize():f}") for member, weight in weights.items()]
    parts = view.voice.listing(shown)
    return view.say("default_weights_set_for", what=view.voice.name(word), parts=parts) if word else view.say("default_weights_set", parts=parts)


async def named_in(scene: Scene, names: str) -> list[UUID]:
    """The members of a list of names, each once."""
    return list(dict.fromkeys([(await member_named(scene, name, make_guest=False)).member_id for name in names.split(",")]))
