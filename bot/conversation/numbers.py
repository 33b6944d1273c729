"""Answers to numbered choices: what a person who has no buttons means by "2" or by a label. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from bot.conversation.intents import Nothing, ParseContext
from bot.conversation.parsing import parse
from core.domain.messages import Capabilities, Choice, InboundKind, InboundMessage

_NUMBER = re.compile(r"\s*#?(\d{1,2})\s*[.)]?\s*")
_LABEL_MOST = 60
_WAITING_FOR_WORDS = ("question", "target")  # a number answers these itself: an amount, or one of the question's own options
_SOME_TIME = datetime(2025, 1, 1, tzinfo=UTC)


def may_press(message: InboundMessage, capabilities: Capabilities, state: Mapping[str, object]) -> bool:
    """Whether a message may be a press: the choices that the chat was offered last are worth a look."""
    if not capabilities.numbered or message.kind is not InboundKind.TEXT:
        return False
    if message.button is not None:
        return True
    pending = state.get("pending")
    if isinstance(pending, dict) and pending.get("kind") in _WAITING_FOR_WORDS:
        return False
    return bool(_NUMBER.fullmatch(message.text)) or 0 < len(message.text.strip()) <= _LABEL_MOST


def meant(message: InboundMessage, choices: Sequence[Choice], live: frozenset[str]) -> str | None:
    """The id of the choice that the message presses; None where it is no press.

    A button of the platform's own carries the number (or the id) of its choice. A label counts where it can still be pressed, and
    where the same word is nothing that people say anyway ("undo").
    """
    said = message.button if message.button is not None else message.text
    if number := _NUMBER.fullmatch(said):
        index = int(number[1])
        return choices[index - 1].id if 0 < index <= len(choices) else None
    if message.button is not None:
        return message.button
    label = said.strip().casefold().rstrip(".")
    found = next((choice for choice in choices if choice.id in live and choice.label.casefold() == label), None)
    return found.id if found is not None and not _is_said_anyway(label) else None


@lru_cache(maxsize=1024)
def _is_said_anyway(label: str) -> bool:
    return not isinstance(parse(label, ParseContext(now=_SOME_TIME)).intent, Nothing)
