"""Each language by its own corpus (corpora/<code>.jsonl): what people write, which rule must win, and what comes of it."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.intents import ParseContext
from bot.conversation.parsing import parse
from bot.conversation.parsing.contract import as_json

CORPORA = Path(__file__).parent / "corpora"
MEMBERS = ("me", "Anna", "Bob")
_CONTEXT = {"members", "now", "currency", "default_split", "context", "chat", "aliases", "language", "groups"}


def context_of(case: dict[str, Any]) -> ParseContext:
    members = tuple(case.get("members", MEMBERS))
    return ParseContext(
        now=datetime.fromisoformat(case.get("now", "2025-03-14T12:00")),
        speaker="me",
        members=members,
        aliases=case.get("aliases", {}),
        currency=case.get("currency", "EUR"),
        language=case.get("language"),
        chat=case.get("chat", "group" if len(members) > 1 else "private"),
        default_split=case.get("default_split", "none"),
        context=tuple(case.get("context", ())),
        groups=tuple(case.get("groups", ())),
    )


@pytest.mark.parametrize("path", sorted(CORPORA.glob("*.jsonl")), ids=lambda path: path.stem)
def test_every_line_of_the_corpus(path: Path) -> None:
    wrong = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        case = json.loads(line)
        context = context_of(case)
        expected = {key: value for key, value in case.items() if key != "text" and key not in _CONTEXT}
        given = _given(as_json(parse(case["text"], context), context), expected)
        if given != expected:
            wrong.append(f"{path.name}:{number}: {case['text']!r}\n  expected {expected}\n  is       {given}")
    assert not wrong, "\n".join([f"{len(wrong)} lines", *wrong])


def _given(answer: Any, expected: Any) -> Any:
    """The answer, less the keys that a line says nothing about; who paid and who shares is compared as a whole."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        return {key: value if key in ("payers", "shares") else _given(value, expected[key]) for key, value in answer.items() if key in expected}
    if isinstance(expected, list) and isinstance(answer, list) and len(answer) == len(expected):
        return [_given(each, wanted) for each, wanted in zip(answer, expected, strict=True)]
    return answer
