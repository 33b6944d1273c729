"""Owns the rules that read how somebody wants to be told what they did not ask for: less of it, not now, in one letter, about something else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from bot.conversation.intents import Command
from bot.conversation.parsing.addressing import frame, says
from bot.conversation.parsing.rules import Candidate
from bot.conversation.parsing.sentences import wholes
from bot.conversation.parsing.shape import Scan, Shape
from core.domain.notices import Topic
from core.reading.dates import dates
from core.reading.text import Token, folded_words, tokenise

_MOST = 100
_PACES = ("once", "daily", "weekly")


def command(scan: Scan) -> Candidate | None:
    """A sentence about alerts, as a whole."""
    for name, form, match in wholes(scan, "alert_talk", most=_MOST):
        if (found := _read(scan, form, name, match)) is not None:
            return Candidate(f"alerts.{name}", found, 96)
    return None


def _read(scan: Scan, shape: Shape, name: str, match: re.Match[str]) -> Command | None:
    if name in _PACES:
        return Command("pace_alerts", {"pace": name})
    said = shape.span(match, "topic")
    topic = _topic(scan, scan.words(said)) if said else None
    if (said and topic is None) or (scan.context.chat == "group" and _is_told(scan, name)):
        return None
    slots = {"topic": topic.value} if topic is not None else {}
    if name.endswith(("_until", "_for")):
        until = coming_day(scan, scan.tokens) if name.endswith("_until") else _after(scan, scan.words(shape.span(match, "time")))
        return Command("mute_alerts", {**slots, "until": until.isoformat()}) if until is not None else None
    return Command("mute_alerts" if name in ("mute_topic", "mute_bare") else f"{name}_alerts", slots)


def _is_told(scan: Scan, name: str) -> bool:
    """Whether a group is told of something else: "no goals today" of a match, "turn off your notifications" of somebody's telephone."""
    return says(scan, "you") or name == "mute_bare" or (name == "mute_topic_until" and not frame(scan).orders and not says(scan, "alert"))


def coming_day(scan: Scan, tokens: Sequence[Token]) -> date | None:
    """The day that is named, of two the coming one: nobody mutes until a Monday that is over."""
    found = dates(tokens, scan.language, today=scan.today, currency=scan.context.currency, lean="future", broad=True)
    return found[0].start if len(found) == 1 else None


def _after(scan: Scan, said: str) -> date | None:
    """The day that is so long away ("two weeks"): read as what says a day with such words."""
    words = scan.lexicon.words
    forms = [f"{word} {said}" for word in sorted(words["alert_spans.before"])] + [f"{said} {word}" for word in sorted(words["alert_spans.behind"])]
    return next((day for form in forms if (day := coming_day(scan, tokenise(form))) is not None and day > scan.today), None)


def _topic(scan: Scan, said: str) -> Topic | None:
    words = " ".join(folded_words(said))
    return next((topic for topic in Topic if words in scan.lexicon.words[f"alert_topics.{topic}"]), None)
