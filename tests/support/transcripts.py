"""Chat transcripts as tests: reads one, plays it through `tuppence replay`, and writes down what was really said.

A transcript reads like the chat it is:

    # Splitting a dinner                          the title; later lines with # are prose for the manual
    where {code} = join ([A-Z0-9]+)               a word that differs every time, found in what the bot says
    @ 2025-03-14 12:00                            the local time; every event after it is a minute later
    [trip group]                                  where: NAME group or private, and `on CHANNEL` (telegram where unsaid)

    anna> taxi 24                                 somebody writes; further lines of a message are indented by two spaces
    « Taxi €24, paid by you: €12 each.            the bot answers, word for word
      [Undo] [Only me]                            its buttons
    bob (re "Taxi")> no, it was 26                a reply to the newest message that starts so
    « (edited) Taxi €26 (was €24).                the bot replaced an earlier message of its own
    anna edits "taxi 26" to "taxi 28"
    bob presses [Undo]                            on the newest message with that button; `on "Taxi"` picks one
    «bob» Only Anna can undo this one.            said in another chat, or to one person alone
    anna joins / leaves / reacts 👍 to "Taxi" / sends photo bill.jpg "dinner" / sends file trip.csv
    (silence)                                     nothing was said to what came before
    (delivered again)                             the same event a second time
    (until 2025-03-17 09:00)                      time passes

    = trip EUR anna 16.00, bob -8.00, cleo -8.00  at the end: what stands
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

Json = dict[str, Any]
FILES = Path(__file__).parents[1] / "journeys" / "files"  # what people send as files
Kind = Literal["text", "edit", "button", "photo", "file", "reaction", "join", "leave", "tick", "again"]

_WHERE = re.compile(r"where \{(?P<name>\w+)\} = (?P<pattern>.+)")
_TIME = re.compile(r"@ (?:(?P<day>\d{4}-\d\d-\d\d) )?(?P<time>\d\d:\d\d)")
_CHAT = re.compile(r"\[(?P<name>\S.*?) (?P<kind>group|private)(?: on (?P<channel>\w+))?\]")
_BOT = re.compile(r"«(?:(?P<chat>[^»]+)»)? (?:\((?P<edited>edited)\) )?(?P<text>.*)")
_BUTTONS = re.compile(r"  (?P<labels>\[[^\]]+\](?: \[[^\]]+\])*)")
_FILE = re.compile(r"  \(file (?P<file>.+)\)")
_ACTS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("tick", re.compile(r"\(until (?P<text>\d{4}-\d\d-\d\d \d\d:\d\d)\)")),
    ("again", re.compile(r"\(delivered again\)")),
    ("edit", re.compile(r'(?P<who>\S+) edits "(?P<about>[^"]*)" to "(?P<text>[^"]*)"')),
    ("button", re.compile(r'(?P<who>\S+) presses \[(?P<text>[^\]]+)\](?: on "(?P<about>[^"]*)")?')),
    ("photo", re.compile(r'(?P<who>\S+) sends photo (?P<file>\S+)(?: "(?P<text>[^"]*)")?')),
    ("file", re.compile(r"(?P<who>\S+) sends file (?P<file>\S+)")),
    ("reaction", re.compile(r'(?P<who>\S+) reacts (?P<text>\S+) to "(?P<about>[^"]*)"')),
    ("join", re.compile(r"(?P<who>\S+) joins")),
    ("leave", re.compile(r"(?P<who>\S+) leaves")),
    ("text", re.compile(r'(?P<who>[^\s>()«"]+)(?: \(re "(?P<about>[^"]*)"\))?> (?P<text>.*)')),
)


class TranscriptError(Exception):
    """A line of a transcript cannot be understood, or names something that is not there."""


@dataclass(frozen=True)
class Chat:
    name: str
    kind: Literal["group", "private"]
    channel: str = "telegram"


@dataclass(frozen=True)
class Said:
    """One message of the bot. `chat` None: the chat of the event it answers."""

    text: str
    chat: str | None = None
    edited: bool = False
    buttons: tuple[str, ...] = ()
    files: tuple[str, ...] = ()


@dataclass(frozen=True)
class Act:
    """Something a person did, or time that passed, with what the transcript expects to come of it. `about`: how the message meant begins."""

    kind: Kind
    at: datetime
    chat: Chat
    who: str = ""
    text: str = ""
    about: str | None = None
    file: str | None = None
    said: tuple[Said, ...] = ()


@dataclass(frozen=True)
class Prose:
    """A line of the manual between the messages."""

    text: str


@dataclass
class Transcript:
    """`parts` in the order of the file; `lines[i]` are the raw lines of part i, blank lines and headings before it included."""

    title: str
    parts: list[Act | Prose] = field(default_factory=list)
    lines: list[list[str]] = field(default_factory=list)
    variables: dict[str, re.Pattern[str]] = field(default_factory=dict)
    finals: tuple[str, ...] = ()

    @property
    def acts(self) -> list[Act]:
        return [part for part in self.parts if isinstance(part, Act)]


def read_transcript(text: str) -> Transcript:
    """Parse a transcript. Raises TranscriptError naming the line."""
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            reader.take(line.rstrip())
        except TranscriptError as problem:
            raise TranscriptError(f"line {number}: {problem}: {line}") from None
    return reader.transcript()


def write_transcript(transcript: Transcript, said: list[list[Said]], finals: list[str]) -> str:
    """The transcript with these answers (a list an act) and these final lines in place of the ones it had."""
    answers: Iterator[list[Said]] = iter(said)
    lines: list[str] = []
    for part, raw in zip(transcript.parts, transcript.lines, strict=True):
        lines += raw
        if isinstance(part, Act):
            given = next(answers)
            lines += [line for message in given for line in show(message)] or ["(silence)"]
    while lines and not lines[-1]:
        lines.pop()
    return "\n".join([*lines, *([""] if finals else []), *finals]) + "\n"


def show(message: Said) -> list[str]:
    """One message of the bot as lines of a transcript."""
    first, *more = message.text.split("\n")
    lines = [
        f"«{message.chat + '»' if message.chat else ''} {'(edited) ' if message.edited else ''}{first}".rstrip(),
        *(f"  {line or '⏎'}" for line in more),
    ]
    lines += [f"  (file {name})" for name in message.files]
    return lines + (["  " + " ".join(f"[{label}]" for label in message.buttons)] if message.buttons else [])


class _Reader:
    """Collects parts line by line."""

    def __init__(self) -> None:
        self._made = Transcript(title="")
        self._now: datetime | None = None
        self._chat: Chat | None = None
        self._pending: list[str] = []  # raw lines before the next part
        self._open: Literal["", "act", "bot"] = ""  # what an indented line continues
        self._finals: list[str] = []

    def transcript(self) -> Transcript:
        self._made.finals = tuple(self._finals)
        return self._made

    def take(self, line: str) -> None:
        if line.startswith("  "):
            self._continue(line)
        elif line.startswith("«"):
            self._bot(line)
        elif line == "(silence)":
            self._open = ""
        elif line.startswith("= "):
            self._finals.append(line)
        elif line.startswith("# "):
            self._prose(line)
        elif not line or self._setting(line):
            self._pending.append(line)
            self._open = ""
        else:
            self._act(line)

    def _setting(self, line: str) -> bool:
        """Lines that set time, place and names; they become part of what comes next."""
        if match := _WHERE.fullmatch(line):
            self._made.variables[match["name"]] = re.compile(match["pattern"])
        elif match := _TIME.fullmatch(line):
            day = match["day"] or (f"{self._now:%Y-%m-%d}" if self._now else "")
            self._now = datetime.fromisoformat(f"{day} {match['time']}") - timedelta(minutes=1)
        elif match := _CHAT.fullmatch(line):
            self._chat = Chat(match["name"], "group" if match["kind"] == "group" else "private", match["channel"] or "telegram")
        else:
            return False
        return True

    def _prose(self, line: str) -> None:
        if self._made.title:
            self._add(Prose(line[2:]), line)
        else:
            self._made.title = line[2:]
            self._pending.append(line)

    def _add(self, part: Act | Prose, line: str) -> None:
        self._made.parts.append(part)
        self._made.lines.append([*self._pending, line])
        self._pending = []

    def _act(self, line: str) -> None:
        for kind, pattern in _ACTS:
            if match := pattern.fullmatch(line):
                self._add(self._acted(kind, match.groupdict()), line)
                self._open = "act"
                return
        raise TranscriptError("not understood")

    def _acted(self, kind: Kind, found: dict[str, str | None]) -> Act:
        if self._now is None or self._chat is None:
            raise TranscriptError("a time (@ ...) and a chat ([... group]) come first")
        if kind == "tick":
            self._now = datetime.fromisoformat(found["text"] or "")
        elif kind != "again":
            self._now += timedelta(minutes=1)
        return Act(kind, self._now, self._chat, found.get("who") or "", found.get("text") or "", found.get("about"), found.get("file"))

    def _bot(self, line: str) -> None:
        match = _BOT.fullmatch(line)
        if not match or not self._made.acts:
            raise TranscriptError("an answer to nothing")
        self._answer(Said(match["text"], match["chat"], bool(match["edited"])))
        self._open = "bot"

    def _answer(self, message: Said, *, replaces: bool = False) -> None:
        last = self._made.parts[-1]
        if not isinstance(last, Act):
            raise TranscriptError("an answer to nothing")
        self._made.parts[-1] = replace(last, said=(*(last.said[:-1] if replaces else last.said), message))

    def _continue(self, line: str) -> None:
        last = self._made.parts[-1] if self._made.parts else None
        if not isinstance(last, Act) or not self._open:
            raise TranscriptError("continues nothing")
        if self._open == "act":
            self._made.parts[-1] = replace(last, text=f"{last.text}\n{line[2:]}")
            self._made.lines[-1].append(line)
            return
        said = last.said[-1]
        if match := _BUTTONS.fullmatch(line):
            said = replace(said, buttons=said.buttons + tuple(re.findall(r"\[([^\]]+)\]", match["labels"])))
        elif match := _FILE.fullmatch(line):
            said = replace(said, files=(*said.files, match["file"]))
        else:
            said = replace(said, text=f"{said.text}\n{line[2:] if line[2:] != '⏎' else ''}")
        self._answer(said, replaces=True)
