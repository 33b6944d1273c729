"""Plays a transcript through `tuppence replay`, a process of its own: events in, what the bot really said out."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from tests.support.transcripts import FILES, Act, Json, Said, Transcript, TranscriptError

COMMAND = (sys.executable, "-m", "bot", "replay")
ANSWER_SECONDS = 30  # how long a press waits for the message that bears its button
QUIET_SECONDS = 2.0  # while recording, an answer is complete when nothing more comes for so long


@dataclass
class Played:
    """What came of a transcript: the bot's messages an act, and the lines that say what stands in the end."""

    said: list[list[Said]]
    finals: list[str]


def play(
    transcript: Transcript,
    *,
    folder: Path,
    environment: Mapping[str, str],
    recording: bool = False,
    command: Sequence[str] = COMMAND,
    quiet_seconds: float = QUIET_SECONDS,
) -> Played:
    """Run the transcript. `folder`: where its files are. While recording, the answers it holds are not counted on."""
    with _Process(_started(command, environment), quiet_seconds) as process:
        return played(transcript, process, folder=folder, recording=recording)


def played(transcript: Transcript, replay: Replay, *, folder: Path, recording: bool = False) -> Played:
    """Run the transcript through a replay that has begun."""
    player = _Player(transcript, replay, folder, recording)
    for act in transcript.acts:
        replay.send(player.event(act))
    final = replay.finish()
    return Played(player.answers(), _finals(final, transcript))


class Replay(Protocol):
    """What takes events and says what the bot said."""

    outputs: list[Json]

    def send(self, event: Json) -> None: ...

    def wait(self, count: int | None) -> None:
        """Until `count` messages were said; None: until it is quiet."""
        ...

    def finish(self) -> Json:
        """End it; what stands in the end."""
        ...


@dataclass
class _Player:
    transcript: Transcript
    process: Replay
    folder: Path
    recording: bool
    sent: list[Json] = field(default_factory=list)

    def event(self, act: Act) -> Json:
        """The line of the contract for what somebody did. Waits for earlier answers where the act refers to them."""
        if act.kind == "again":
            return self._note(self.sent[-1])
        event: Json = {"at": act.at.isoformat(), "channel": act.chat.channel, "chat": act.chat.name, "chat_kind": act.chat.kind, "kind": act.kind}
        if act.kind == "tick":
            return self._note({"at": event["at"], "kind": "tick"})
        event |= {"from": act.who, "message_id": str(len(self.sent) + 1)}
        if act.kind == "edit":
            event |= {"message_id": self._own_message(act), "text": self._filled(act.text)}
        elif act.kind == "button":
            event |= self._press(act)
        elif act.kind in ("photo", "file"):
            event |= {"file": str((FILES if act.kind == "file" else self.folder) / (act.file or "")), "text": act.text}
        elif act.kind in ("text", "reaction"):
            event["text"] = self._filled(act.text)
            event |= {"reply_to": self._message(act)} if act.about is not None else {}
        return self._note(event)

    def answers(self) -> list[list[Said]]:
        """The bot's messages by act: everything up to the next act is the answer to one."""
        times = [act.at for act in self.transcript.acts]
        said: list[list[Said]] = [[] for _ in times]
        for output in self.process.outputs:
            place = max(0, bisect_right(times, _time(output)) - 1)
            while self.transcript.acts[place].kind == "again":
                place -= 1
            said[place].append(self._said(output, self.transcript.acts[place]))
        return said

    def _said(self, output: Json, act: Act) -> Said:
        text = str(output["text"])
        for name, value in self._variables().items():
            text = text.replace(value, f"{{{name}}}")
        chat, alone = str(output["chat"]), output.get("to") if act.chat.kind == "group" else None
        elsewhere = chat if chat != act.chat.name else str(alone) if alone else None
        buttons = tuple(str(button["label"]) for button in output.get("buttons") or [])
        files = tuple(Path(str(name)).name for name in output.get("files") or [])
        return Said(text, elsewhere, bool(output.get("edits")), buttons, files)

    def _note(self, event: Json) -> Json:
        self.sent.append(event)
        return event

    def _settle(self) -> None:
        """Wait until the bot has said what it will say to everything so far."""
        expected = sum(len(act.said) for act in self.transcript.acts[: len(self.sent)])
        self.process.wait(None if self.recording else expected)

    def _variables(self) -> dict[str, str]:
        texts = [str(output["text"]) for output in self.process.outputs]
        found = {name: next(filter(None, map(pattern.search, texts)), None) for name, pattern in self.transcript.variables.items()}
        return {name: match[1] for name, match in found.items() if match}

    def _filled(self, text: str) -> str:
        if any(f"{{{name}}}" in text for name in self.transcript.variables):
            self._settle()
            for name, value in self._variables().items():
                text = text.replace(f"{{{name}}}", value)
        return text

    def _own_message(self, act: Act) -> object:
        """The id of the newest message of the same person with that text, as it reads after edits."""
        latest = {
            event["message_id"]: event for event in self.sent if event.get("from") == act.who and event["chat"] == act.chat.name and event.get("text")
        }
        found = [name for name, event in latest.items() if act.about in (event["text"], str(event["text"]).split("\n")[0])]
        if not found:
            raise TranscriptError(f"{act.who} wrote no {act.about!r}")
        return found[-1]

    def _message(self, act: Act) -> object:
        """The id of the newest message in the chat that starts so, a person's or the bot's."""
        return self._found(self._messages_about, act, f"nobody said {act.about!r}")["message_id"]

    def _messages_about(self, act: Act) -> list[Json]:
        people = [(str(event["at"]), event) for event in self.sent if event.get("chat") == act.chat.name and "message_id" in event]
        bot = [(_time(output).isoformat(), output) for output in self.process.outputs if output["chat"] == act.chat.name]
        return [
            message for _, message in sorted(people + bot, key=lambda entry: entry[0]) if str(message.get("text", "")).startswith(act.about or "")
        ]

    def _press(self, act: Act) -> Json:
        return self._found(self._buttons, act, f"no message bears the button [{act.text}]")

    def _buttons(self, act: Act) -> list[Json]:
        return [
            {"reply_to": output["message_id"], "button": button["id"]}
            for output in self.process.outputs
            if output["chat"] == act.chat.name and str(output["text"]).startswith(act.about or "")
            for place, button in enumerate(output.get("buttons") or [])
            if act.text in (button["label"], f"#{place}")
        ]

    def _found(self, look: Callable[[Act], list[Json]], act: Act, failure: str) -> Json:
        """The newest of what `look` finds once the bot has answered; it may say more than the transcript expects."""
        self._settle()
        if not look(act):
            self.process.wait(None)
        if found := look(act):
            return found[-1]
        raise TranscriptError(f"{failure}; the bot said: {[output['text'] for output in self.process.outputs]}")


def _started(command: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=dict(environment), text=True)


class _Process:
    """The command, its input, and its output as it comes."""

    def __init__(self, process: subprocess.Popen[str], quiet_seconds: float) -> None:
        self._quiet_seconds = quiet_seconds
        self._process = process
        self._lines: queue.Queue[str] = queue.Queue()
        self._errors: list[str] = []
        self._threads = [threading.Thread(target=self._read, daemon=True), threading.Thread(target=self._read_errors, daemon=True)]
        for thread in self._threads:
            thread.start()
        self.outputs: list[Json] = []
        self._final: Json | None = None

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def send(self, event: Json) -> None:
        assert self._process.stdin
        try:
            print(json.dumps(event, ensure_ascii=False), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise self._stopped() from None

    def wait(self, count: int | None) -> None:
        """Until `count` messages were said; None: until it is quiet."""
        until = time.monotonic() + (self._quiet_seconds if count is None and self.outputs else ANSWER_SECONDS)
        while (count is None or len(self.outputs) < count) and time.monotonic() < until:
            try:
                self._take(self._lines.get(timeout=0.1))
                until = time.monotonic() + (self._quiet_seconds if count is None else ANSWER_SECONDS)
            except queue.Empty:
                if self._process.poll() is not None:
                    raise self._stopped() from None

    def finish(self) -> Json:
        """End the input, take the rest of the output, and give the last line."""
        assert self._process.stdin
        self._process.stdin.close()
        status = self._process.wait(timeout=120)
        for thread in self._threads:
            thread.join()
        while not self._lines.empty():
            self._take(self._lines.get())
        if status or self._final is None:
            raise self._stopped()
        return self._final

    def _take(self, line: str) -> None:
        record = json.loads(line)
        if "final" in record:
            self._final = record["final"]
        else:
            self.outputs.append(record)

    def _stopped(self) -> TranscriptError:
        time.sleep(0.2)
        return TranscriptError(f"the command ended with status {self._process.poll()}:\n" + "".join(self._errors[-40:]))

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            self._lines.put(line)

    def _read_errors(self) -> None:
        assert self._process.stderr
        self._errors.extend(self._process.stderr)


def _time(output: Json) -> datetime:
    return datetime.fromisoformat(str(output["at"])).replace(tzinfo=None)


def _finals(final: Json, transcript: Transcript) -> list[str]:
    """What stands in every chat, as lines: balances that are not zero, and expenses."""
    order = list(dict.fromkeys(act.chat.name for act in transcript.acts))
    lines = []
    for chat in sorted(final, key=lambda name: order.index(name) if name in order else len(order)):
        stands = final[chat]
        for expense in stands["expenses"]:
            shares = ", ".join(f"{name} {amount}" for name, amount in expense["shares"].items())
            lines.append(f"= {chat} {expense['date']} {expense['description']} {expense['amount']} {expense['currency']}: {shares}")
        for currency, row in stands["balances"].items():
            if any(Decimal(amount) for amount in row.values()):
                lines.append(f"= {chat} {currency} " + ", ".join(f"{name} {amount}" for name, amount in row.items()))
    return lines
