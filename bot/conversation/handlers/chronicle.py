"""Puts what became of a group itself into words: who came and went, names, roles, what was agreed on, a line a change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.scene import Scene
from core.db.group_log import OF_NAMES, Change, Kind, Logged
from core.domain.money import Money
from core.domain.people import Role

ERASED = "…"  # a name that went with who had it


def line(scene: Scene, logged: Logged) -> str:
    """ "Wed 12 Mar you renamed carl → Charles"."""
    change = logged.change
    zone = ZoneInfo(scene.person.time_zone or scene.book.time_zone)
    before, after = _sides(scene, change)
    parts = {
        "when": scene.voice.day(logged.at.astimezone(zone).date()),
        "who": scene.you_or_name(change.actor_id) if change.actor_id else scene.say("someone"),
        "about": scene.voice.name(scene.book.member(change.about_id).name) if change.about_id else "",
        "before": before,
        "after": after,
        "what": scene.voice.name(change.what),
    }
    if change.kind in _AGREED:
        code = "log_of" if change.what else "activity_changed"
    else:
        code = f"log_{change.kind}"
    return scene.say(code, **{name: parts[name] for name in scene.voice.fields(code)})


def _sides(scene: Scene, change: Change) -> tuple[str, str]:
    sides = change.before, change.after
    if change.kind in OF_NAMES:
        before, after = (scene.voice.name(side) or ERASED for side in sides)
    else:
        before, after = (_told(scene, change.kind, side) for side in sides)
    return before, after


def was(scene: Scene, changes: Sequence[Change]) -> list[str]:
    """ "Before: no approval.", of what something else holds for now; nothing of what has no before."""
    told = [(change.what, _told(scene, change.kind, change.before)) for change in changes if change.kind in (*_AGREED, Kind.ROLE)]
    parts = [scene.say("log_was_of", what=scene.voice.name(what), before=before) if what else before for what, before in told]
    return [scene.say("changed_was", before=" · ".join(parts))] if parts else []


def _told(scene: Scene, kind: Kind, value: str) -> str:
    """A role, or what was agreed on, as it was written down."""
    told = _AGREED.get(kind)
    if kind is Kind.ROLE:
        return scene.say(f"log_as_{Role(value)}")
    return told(scene, value) if told is not None else value


def _approval(scene: Scene, value: str) -> str:
    return scene.say("log_approval", amount=Money.of(*value.split())) if value else scene.say("log_no_approval")


def _quiet(scene: Scene, value: str) -> str:
    begins, _, ends = value.partition("-")
    return scene.say("log_quiet", begins=begins, ends=ends) if value else scene.say("log_no_quiet")


def _weights(scene: Scene, value: str) -> str:
    parts = [part.split(":") for part in value.split()]
    shown = [scene.say("weight_part", who=scene.name(UUID(member)), weight=f"{Decimal(weight).normalize():f}") for member, weight in parts]
    return scene.voice.listing(shown) if shown else scene.say("log_no_weights")


def _households(scene: Scene, value: str) -> str:
    units = [[scene.name(UUID(member)) for member in unit.split("+")] for unit in value.split()]
    return " · ".join(scene.say("log_household", names=names) for names in units) or scene.say("log_no_household")


_AGREED: dict[Kind, Callable[[Scene, str], str]] = {
    Kind.OWN_ONLY: lambda scene, value: scene.say("log_own_only" if value else "log_all_bills"),
    Kind.APPROVAL: _approval,
    Kind.QUIET: _quiet,
    Kind.CURRENCY: lambda scene, value: value,
    Kind.LANGUAGE: lambda scene, value: scene.voice.language_name(value),
    Kind.DEFAULT_SPLIT: lambda scene, value: scene.say(f"split_{value}"),
    Kind.WEIGHTS: _weights,
    Kind.HOUSEHOLDS: _households,
    Kind.SETTLES_IN: lambda scene, value: scene.say("log_settles_in", currency=value) if value else scene.say("log_apart"),
    Kind.ANSWERS: lambda scene, value: scene.say(f"log_{value}"),
}
