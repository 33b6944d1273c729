"""Puts what became of a group itself into words: who came and went, names, roles and rules, a line a change."""

from __future__ import annotations

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
    }
    code = "activity_changed" if change.kind in (Kind.OWN_ONLY, Kind.APPROVAL, Kind.QUIET) else f"log_{change.kind}"
    return scene.say(code, **{name: parts[name] for name in scene.voice.fields(code)})


def _sides(scene: Scene, change: Change) -> tuple[str, str]:
    sides = change.before, change.after
    if change.kind in OF_NAMES:
        before, after = (scene.voice.name(side) or ERASED for side in sides)
    else:
        before, after = (_told(scene, change.kind, side) for side in sides)
    return before, after


def _told(scene: Scene, kind: Kind, value: str) -> str:
    """A rule or a role as it was written down."""
    match kind:
        case Kind.ROLE:
            return scene.say(f"log_as_{Role(value)}")
        case Kind.OWN_ONLY:
            return scene.say("log_own_only" if value else "log_all_bills")
        case Kind.APPROVAL:
            return scene.say("log_approval", amount=Money.of(*value.split())) if value else scene.say("log_no_approval")
        case Kind.QUIET:
            begins, _, ends = value.partition("-")
            return scene.say("log_quiet", begins=begins, ends=ends) if value else scene.say("log_no_quiet")
    return value
