"""Transcripts are read, played and written back exactly; a small stand-in for the command shows that a wrong answer is seen."""

from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.replays import play
from tests.support.transcripts import TranscriptError, read_transcript, write_transcript

TEXT = textwrap.dedent(
    """\
    # A taxi
    where {code} = join ([A-Z]+)

    @ 2025-03-14 12:00
    [trip group]
    anna> taxi 24
      for us all
    « Heard taxi 24
      for us all
      [Undo] [Only me]
    (delivered again)
    (silence)
    # Bob looks on.
    bob presses [Undo] on "Heard taxi"
    « (edited) Undone by bob.
    anna edits "taxi 24" to "taxi 26"
    (silence)

    [bob private on sms]
    bob> invite
    « Say join {code}
    (until 2025-03-17 09:00)
    «trip» Monday.
    bob (re "Say")> join {code}
    « Welcome: join {code}

    = trip 2025-03-14 taxi 26.00 EUR: anna 13.00, bob 13.00
    = trip EUR anna 13.00, bob -13.00
    """
)

COMMAND = """
import json, sys
seen = set()
def say(e, text, **more):
    print(json.dumps({"at": e["at"], "channel": e.get("channel"), "chat": e.get("chat"), "to": None, "message_id": f"b{len(seen)}", "text": text,
                      "buttons": [], "files": [], "edits": None} | more), flush=True)
for line in sys.stdin:
    e = json.loads(line)
    if line in seen: continue
    seen.add(line)
    if e["kind"] == "tick": say(e, "Monday.", chat="trip")
    elif e["kind"] == "button":
        assert e["button"] == "secret-1" and e["reply_to"] == "b1", e
        say(e, f"Undone by {e['from']}.", edits="b1")
    elif e["kind"] == "edit": assert e["message_id"] == "1", e
    elif e["text"] == "invite": say(e, "Say join QWERTY")
    elif e["text"] == "join QWERTY": assert e["reply_to"] == "b4", e; say(e, "Welcome: join QWERTY")
    else: say(e, "Heard " + e["text"], buttons=[{"id": "secret-1", "label": "Undo"}, {"id": "secret-2", "label": "Only me"}])
print(json.dumps({"final": {"trip": {"balances": {"EUR": {"anna": "13.00", "bob": "-13.00"}}, "expenses": [
    {"amount": "26.00", "currency": "EUR", "date": "2025-03-14", "description": "taxi", "payers": {"anna": "26.00"},
     "shares": {"anna": "13.00", "bob": "13.00"}}]}, "bob": {"balances": {"EUR": {"bob": "0.00"}}, "expenses": []}}}), flush=True)
"""


def played(text: str, command: str = COMMAND, *, recording: bool = False) -> str:
    transcript = read_transcript(text)
    outcome = play(
        transcript,
        folder=Path(),
        environment={"PATH": os.environ["PATH"]},
        recording=recording,
        command=(sys.executable, "-c", command),
        quiet_seconds=0.5,
    )
    return write_transcript(transcript, outcome.said, outcome.finals)


def test_a_transcript_that_holds_is_written_back_exactly():
    assert played(TEXT) == TEXT


def test_recording_fills_in_what_the_bot_says():
    transcript = read_transcript(TEXT)
    mute = write_transcript(transcript, [[] for _ in transcript.acts], [])
    assert "« " not in mute
    assert played(mute, recording=True) == TEXT


def test_other_words_buttons_or_sums_are_seen():
    assert played(TEXT.replace("Undone by bob.", "Undone by anna.")) == TEXT
    assert played(TEXT, COMMAND.replace("Only me", "Just me")) == TEXT.replace("Only me", "Just me")
    assert played(TEXT, COMMAND.replace('"26.00"', '"27.00"')) != TEXT


def test_a_button_that_was_never_shown_cannot_be_pressed():
    with pytest.raises(TranscriptError, match="no message bears the button"):
        played(TEXT.replace("presses [Undo]", "presses [Redo]"))


def test_a_command_that_fails_says_why():
    with pytest.raises(TranscriptError, match="ZeroDivisionError"):
        played(TEXT, "1 / 0")


@pytest.mark.parametrize(("line", "reason"), [("anna", "not understood"), ("« hello", "an answer to nothing"), ("anna> hello", "come first")])
def test_a_line_that_is_no_transcript_is_named(line, reason):
    with pytest.raises(TranscriptError, match=f"line 2: .*{reason}"):
        read_transcript(f"# Title\n{line}\n")
