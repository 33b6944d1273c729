"""`tuppence replay` as a process: what it refuses, what it says of a message that could not be answered, and the audit at its end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).parents[3]
Json = dict[str, Any]

PRODUCT = "import sys; from bot.__main__ import main; sys.argv = ['tuppence', 'replay']; sys.exit(main())"
BROKEN_HANDLER = """
import bot.conversation.engine as engine
act = engine.act
async def broken(scene, understood):
    if "boom" in scene.turn.message.text:
        raise RuntimeError("a fault")
    return await act(scene, understood)
engine.act = broken
"""
SPOILED_LEDGER = """
import asyncpg, os
from bot.rehearsal import Rehearsal
play = Rehearsal.play
async def spoiled(self, message, *, at):
    sent = await play(self, message, at=at)
    name = await self.runtime.database.pool.fetchval("SELECT current_database()")
    owner = await asyncpg.connect(os.environ["DATABASE_URL"], database=name)
    await owner.execute("UPDATE balances SET amount = amount + 1")
    await owner.close()
    return sent
Rehearsal.play = spoiled
"""


@pytest.fixture
def environment(server: str, tmp_path: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUPPENCE_", "TELEGRAM_", "TWILIO_", "OPENAI_"))}
    return kept | {"TUPPENCE_HOME": str(tmp_path), "DATABASE_URL": server}


def replay(environment: dict[str, str], *events: Json | str, fault: str = "") -> tuple[int, list[Json], str]:
    """The exit status, the lines of stdout and all of stderr; `fault` is planted in the product first."""
    source = "".join(f"{event if isinstance(event, str) else json.dumps(event)}\n" for event in events)
    done = subprocess.run(
        [sys.executable, "-c", fault + PRODUCT],
        input=source,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env=environment,
        timeout=60,
        check=False,
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def said(text: str, *, minute: int, name: str) -> Json:
    at = f"2025-03-14T12:{minute:02}:00"
    return {"at": at, "channel": "telegram", "chat": "mine", "from": "anna", "message_id": name, "kind": "text", "text": text}


def test_messages_in_replies_and_the_final_balances_out(environment: dict[str, str]) -> None:
    status, lines, errors = replay(environment, said("tea 2.50", minute=1, name="1"))
    assert (status, errors) == (0, "")
    reply, final = lines
    assert (reply["chat"], reply["to"], reply["edits"]) == ("mine", "anna", None)
    assert "2.50" in reply["text"]
    assert final["final"]["mine"]["expenses"][0]["amount"] == "2.50"


def test_a_refused_line_is_named_and_does_not_stop_the_others(environment: dict[str, str]) -> None:
    wrong = said("tea", minute=1, name="w") | {"kind": "shout"}
    status, lines, errors = replay(environment, wrong, "{", said("tea 2.50", minute=2, name="1"))
    assert status == 1
    assert [line["id"] for line in lines if "error" in line] == ["w", None]
    assert errors.startswith("line 1: ")
    assert lines[-1]["final"]["mine"]["expenses"][0]["amount"] == "2.50"


def test_a_message_whose_handler_fails_gets_an_apology_and_an_error_line_and_the_chat_goes_on(environment: dict[str, str]) -> None:
    events = said("boom", minute=1, name="bad"), said("tea 2.50", minute=2, name="good")
    status, lines, _ = replay(environment, *events, fault=BROKEN_HANDLER)
    assert status == 1
    assert [(line["id"], line["error"]) for line in lines if "error" in line] == [("bad", "the message could not be answered: RuntimeError")]
    assert ["could not work that one out" in line["text"] for line in lines if "text" in line] == [True, False]
    assert lines[-1]["final"]["mine"]["expenses"][0]["amount"] == "2.50"


def test_a_ledger_that_does_not_hold_is_said_at_the_end(environment: dict[str, str]) -> None:
    status, lines, errors = replay(environment, said("tea 2.50", minute=1, name="1"), fault=SPOILED_LEDGER)
    assert status == 1
    assert "final" in lines[-1]
    assert "the ledger does not hold: " in errors
