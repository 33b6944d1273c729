"""`tuppence parse` as a command: strict lines in, one answer a line out."""

import argparse
import io
import json
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.cli import parse as command


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *lines: object, only: str | None = None, explain: bool = False
) -> tuple[int, list[dict[str, Any]], str]:
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8"))
    status = command.run(argparse.Namespace(only=only, explain=explain, languages=None), clock=lambda: datetime(2025, 3, 14, 12, tzinfo=UTC))
    said = capsys.readouterr()
    return status, [json.loads(line) for line in said.out.splitlines()], said.err


def test_messages_are_answered_in_order(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    status, answers, _ = run(monkeypatch, capsys, {"id": "1", "text": "tea 3"}, {"id": "2", "text": "undo"})
    assert status == 0
    assert [(answer["id"], answer["intent"]) for answer in answers] == [("1", "expense"), ("2", "undo")]


def test_now_is_the_clock_where_a_line_has_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _, (answer,), _ = run(monkeypatch, capsys, {"id": "1", "text": "tea 3 yesterday"})
    assert answer["expenses"][0]["date"] == "2025-03-13"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"id": "1", "text": "tea 3", "colour": "red"}, "colour"),
        ({"id": "1"}, "text"),
        ({"id": "1", "text": 3}, "text"),
        ({"id": "1", "text": "tea", "now": "soon"}, "now"),
        ({"id": "1", "text": "tea", "currency": "XXQ"}, "currency"),
        ({"id": "1", "text": "tea", "members": "Anna"}, "members"),
        ({"id": "1", "text": "tea", "chat": "channel"}, "chat"),
        ('{"id": "1", "text": "a", "text": "b"}', "twice"),
        ("nonsense", "JSON"),
    ],
)
def test_wrong_lines_are_refused_and_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: object, said: str) -> None:
    status, answers, errors = run(monkeypatch, capsys, line, {"id": "2", "text": "tea 3"})
    assert status == 1
    assert said in answers[0]["error"]
    assert errors.startswith("line 1")
    assert answers[1]["intent"] == "expense"


def test_only_money(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _, (answer,), _ = run(monkeypatch, capsys, {"id": "1", "text": "it cost $12.50"}, only="money")
    assert answer == {"id": "1", "amounts": [{"amount": "12.50", "currency": "USD", "text": "$12.50"}]}


def test_only_dates(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _, (answer,), _ = run(monkeypatch, capsys, {"id": "1", "text": "on 3 March 2024"}, only="date")
    assert answer == {"id": "1", "dates": [{"date": "2024-03-03", "text": "on 3 March 2024"}]}


def test_explain_shows_values_and_rules(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _, (answer,), _ = run(monkeypatch, capsys, {"id": "1", "text": "tea 3.20"}, explain=True)
    assert answer["values"][0]["span"] == [4, 8]
    assert answer["rules"][0]["rule"] == answer["rule"]


def test_explain_says_what_nothing_took(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ({"id": "1", "text": "I paid Anna back 18 for the marvellous tickets", "members": ["me", "Anna"]}, {"id": "2", "text": "tea 3.20"})
    _, answers, _ = run(monkeypatch, capsys, *lines, explain=True)
    assert [answer["unread"] for answer in answers] == [["marvellous tickets"], []]


def test_a_recogniser_refuses_what_it_would_have_to_cut(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    status, (answer,), _ = run(monkeypatch, capsys, {"id": "1", "text": "lunch €5" + "0" * 4096}, only="money")
    assert (status, answer) == (1, {"id": "1", "error": "text is longer than 4096 characters"})
