"""A private chat asks about one of the sender's groups by its name, first or last, in each language."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from bot.conversation.intents import ParseContext, Query
from bot.conversation.parsing import parse

ALONE = ParseContext(now=datetime(2025, 3, 14, 12), speaker="Anna", members=("Anna",), currency="EUR", groups=("Porto", "Ski trip"))


@pytest.mark.parametrize(
    ("text", "kind", "group"),
    [
        ("who owes whom in Porto?", "balances", "Porto"),
        ("in the ski trip: who owes whom", "balances", "Ski trip"),
        ("how much did we spend in porto", "spend", "Porto"),
        ("list in Ski trip", "list", "Ski trip"),
        ("wer schuldet wem in Porto", "balances", "Porto"),
        ("quién debe a quién en Porto", "balances", "Porto"),
        ("qui doit quoi à qui dans Porto", "balances", "Porto"),
        ("quem deve a quem em Porto", "balances", "Porto"),
        ("chi deve a chi in Porto", "balances", "Porto"),
    ],
)
def test_a_question_names_a_group(text: str, kind: str, group: str) -> None:
    intent = parse(text, ALONE).intent
    assert isinstance(intent, Query) and (intent.kind, intent.group) == (kind, group)


@pytest.mark.parametrize("text", ["who owes whom", "how much did we spend in Lisbon", "who owes whom Porto"])
def test_other_words_name_none(text: str) -> None:
    intent = parse(text, ALONE).intent
    assert getattr(intent, "group", None) is None


def test_in_a_groups_own_chat_there_is_no_other() -> None:
    intent = parse("how much did we spend in Porto", replace(ALONE, chat="group", members=("Anna", "Bob"))).intent
    assert isinstance(intent, Query) and intent.group is None and intent.text == "Porto"
