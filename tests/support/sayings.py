"""What people say about money that lies ahead, a line each with what it must come to; reads such files and compares."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.conversation.intents import ParseContext
from bot.conversation.parsing import parse
from bot.conversation.parsing.contract import as_json

NOW = datetime(2025, 3, 14, 12, 0)
Slots = dict[str, str]


@dataclass(frozen=True)
class Saying:
    """`wanted`: any of these is right: an intent and some of its slots, "?" before it where it must be asked about."""

    topic: str
    text: str
    wanted: tuple[str, ...]
    language: str
    open: bool = False  # it is not understood so yet


def read(path: Path) -> list[Saying]:
    """The sayings of `<language>*.txt`: headings are topics, a line is "text => what is wanted".

    Alternatives stand apart by " | "; a "~ " stands before what is not understood so yet.
    """
    topic = ""
    found: list[Saying] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            topic = line.strip("# ")
        elif line.strip():
            text, _, wanted = line.partition(" => ")
            found.append(Saying(topic, text.removeprefix("~ "), tuple(wanted.split(" | ")), path.stem[:2], text.startswith("~ ")))
    return found


def said(saying: Saying) -> Slots:
    """What it is understood as: all slots in one, `intent` and `asks` among them."""
    asked = saying.topic == "follow-ups"
    context = ParseContext(now=NOW, currency="EUR", language=saying.language, asked=asked)
    answer = as_json(parse(saying.text, context), context)
    flat: Slots = {}
    _flatten(answer, flat)
    return flat


def _flatten(value: object, into: Slots, key: str = "") -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            _flatten(inner, into, name)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for inner in value[:1]:
            _flatten(inner, into, key)
    elif key:
        into[key] = str(value)


def fits(saying: Saying, found: Slots) -> bool:
    """Whether it came to one of what is wanted, and asked only where that is wanted."""
    return any(_is(wanted, found) for wanted in saying.wanted)


def _is(wanted: str, found: Slots) -> bool:
    asks = found["needs_confirmation"] == "True"
    head, *words = wanted.removeprefix("?").split(" ")
    intent, _, kind = head.partition(":")
    slots: list[str] = []
    for word in words:  # a value may be of several words
        if "=" in word:
            slots.append(word)
        else:
            slots[-1] += f" {word}"
    if asks != wanted.startswith("?") or intent != found["intent"] or (kind and kind != found.get("kind")):
        return False
    return all(found.get(key, "") == value for key, _, value in (slot.partition("=") for slot in slots))


def shown(found: Slots) -> str:
    """The same in a line, for whoever reads why it fails."""
    hidden = ("rule", "needs_confirmation", "intent", "split_type")
    slots = " ".join(f"{key}={value}" for key, value in found.items() if key not in hidden and value not in ("None", ""))
    return f"{'?' if found['needs_confirmation'] == 'True' else ''}{found['intent']} {slots} ({found['rule']})"
