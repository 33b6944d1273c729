"""One chat to read messages in: Mia speaks, in a group with Anna, Bob and Dan, on Friday 14 March 2025."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bot.conversation.intents import ParseContext, Understanding
from bot.conversation.parsing import parse
from bot.conversation.parsing.contract import as_json

GROUP = ParseContext(now=datetime(2025, 3, 14, 12), speaker="Mia", members=("Mia", "Anna", "Bob", "Dan"), chat="group", groups=("Porto",))
Read = Callable[..., Understanding]
ReadJson = Callable[..., dict[str, Any]]


@pytest.fixture
def read() -> Read:
    """The understanding of a text; keywords change the chat."""
    return lambda text, **changes: parse(text, replace(GROUP, **changes))


@pytest.fixture
def read_json() -> ReadJson:
    """The contract's JSON of a text; keywords change the chat."""

    def answer(text: str, **changes: Any) -> dict[str, Any]:
        context = replace(GROUP, **changes)
        return as_json(parse(text, context), context)

    return answer
