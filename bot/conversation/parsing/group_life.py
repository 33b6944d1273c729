"""Owns the rules that read how a group lives: who may do what, what it has agreed on, names, what changed, comments and summaries."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import time

from bot.conversation.intents import Command, Nothing, Query
from bot.conversation.parsing.notes import trimmed
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.shape import Scan, Shape, distinct
from bot.conversation.parsing.sharing import named

_HOUR = re.compile(r"(?<![\d.,:])(\d{1,2})(?:\s?[:.h]\s?([0-5]\d))?(?!\d)\s*(am|pm|a\.m|p\.m)?", re.IGNORECASE | re.ASCII)
_MOST = 140


def command(scan: Scan) -> Candidate | None:
    """A sentence that is about the group itself, as a whole."""
    literal = _comment(scan)
    if literal is not None:
        return Candidate("group.comment", literal, 96)
    shape = scan.shape.less((".", "!", "?", "¡", "¿", "~"))
    likely = scan.section("group")
    if not shape.items or len(shape.text) > _MOST or not likely:
        return None
    forms = distinct(shape, trimmed(scan, shape), shape.plain)
    for name, patterns in likely.items():
        for pattern in patterns if name not in ("comment", "note") else ():
            for form in forms:
                match = pattern.fullmatch(form.text)
                found = _READERS.get(name, _plain)(scan, form, name, match) if match is not None else None
                if found is not None:
                    return Candidate(f"group.{name}", found, 96)
    return None


Reader = Callable[[Scan, Shape, str, re.Match[str]], Command | Query | Nothing | None]


def _plain(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command:
    return Command(name)


def _comment(scan: Scan) -> Command | None:
    """ "comment taxi: was for the birthday"; what it is about, or the last bill."""
    text = scan.text.strip()
    for pattern in scan.lexicon.patterns.get("group.comment", ()):
        match = pattern.fullmatch(text.casefold())
        if match is not None and len(text.casefold()) == len(text):
            target = text[match.start("target") : match.end("target")].strip() if match["target"] else "last"
            return Command("comment", {"target": target, "text": text[match.start("text") :].strip()})
    return None


def note_of(text: str, patterns: tuple[re.Pattern[str], ...]) -> str | None:
    """What is to be noted beside a bill: "note: was for the birthday", said in reply to it. None where it says no such thing."""
    kept = text.strip()
    for pattern in patterns:
        match = pattern.fullmatch(kept.casefold())
        if match is not None and len(kept.casefold()) == len(kept):
            return kept[match.start("text") :].strip()
    return None


def _person(scan: Scan, shape: Shape, match: re.Match[str], slot: str) -> str | None:
    people, new = named(scan, shape.span(match, slot))
    return people[0] if len(people) == 1 and not new else None


def _role(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    who = _person(scan, shape, match, "who")
    return Command("set_role", {"who": who, "role": name.removeprefix("make_")}) if who else None


def _one_member(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    who = _person(scan, shape, match, "who")
    return Command(name, {"who": who}) if who else None


def _renamed(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    new = scan.words(shape.span(match, "new")).strip(" '\"“”")
    if name == "rename_group":
        return Command(name, {"new": new}) if new else None
    who = _person(scan, shape, match, "who")
    if not new or not who or len(new) > 40 or any(character.isdigit() for character in new):
        return None
    return Command(name, {"who": who, "new": new}) if who != scan.people.speaker else Command("set_name", {"name": new})


def _pair(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    """Two names as they are said: one may be known to mean the other already."""
    speaker = scan.people.speaker
    one, two = (speaker if match[slot] == "I" else scan.words(shape.span(match, slot)).strip(" @") for slot in ("one", "two"))
    return Command(name, {"one": one, "two": two}) if one and two else None


def _switch(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command:
    command_name, _, value = name.rpartition("_")
    return Command(f"set_{command_name}", {"value": value})


def _approval(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    if name == "approve_off":
        return Command("set_approval")
    amount = shape.span(match, "amount")[0].amount
    if amount is None or amount.negative or amount.value <= 0 or amount.other is not None:
        return None
    return Command("set_approval", {"amount": str(amount.value), "currency": amount.currency or scan.context.currency})


def _quiet(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | Nothing | None:
    """The hours are read from the text itself: as a rule they look like amounts."""
    if name == "quiet_off":
        return Command("set_quiet")
    hours = [_hour(found) for found in _HOUR.finditer(scan.text)]
    if len(hours) != 2 or None in hours:
        return Nothing("quiet_hours_unclear") if hours else None
    return Command("set_quiet", dict(zip(("from", "until"), (f"{hour:%H:%M}" for hour in hours if hour is not None), strict=True)))


def _hour(found: re.Match[str]) -> time | None:
    hour, minute, half = int(found[1]), int(found[2] or 0), (found[3] or "").lower()[:1]
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour % 24, minute) if hour <= 24 else None


def _activity(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Query | None:
    span = shape.span(match, "period")
    day = span[0].day if span else None
    return Query("activity", start=day.start if day is not None else None)


def _balances_at(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Query | None:
    """At the end of a day that is over, or of a longer time; the days to come are as today."""
    day = shape.span(match, "at")[0].day
    end = (day.end or day.start) if day is not None else None
    return Query("balances", end=end) if end is not None and end < scan.today else None


def _in_group(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    return Command("summary") if scan.context.chat == "group" else None


_READERS: dict[str, Reader] = {
    **dict.fromkeys(("make_admin", "make_member", "make_viewer"), _role),
    **dict.fromkeys(("own_only_on", "own_only_off"), _switch),
    **dict.fromkeys(("approve_over", "approve_off"), _approval),
    **dict.fromkeys(("quiet_on", "quiet_off"), _quiet),
    **dict.fromkeys(("rename_member", "rename_group"), _renamed),
    **dict.fromkeys(("merge", "part"), _pair),
    "remove_member": _one_member,
    "activity": _activity,
    "balances_at": _balances_at,
    "summary_here": _in_group,
}
