"""Choices as the buttons under a message, within the Bot API's limits."""

from __future__ import annotations

from collections.abc import Sequence

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from core.domain.messages import Choice
from core.errors import SendError, SendErrorKind
from integrations.channels.telegram.text import LABEL_UNITS, shortened, units

BUTTONS_MOST = 100
ROW_MOST = 8
ROW_UNITS = 36  # what fits side by side on a narrow phone; a longer label has a row of its own
DATA_BYTES = 64


def keyboard(choices: Sequence[Choice]) -> InlineKeyboardMarkup | None:
    """Rows of buttons in order; None where there are none. Raises SendError rejected for an id that cannot travel."""
    if any(not 1 <= len(choice.id.encode()) <= DATA_BYTES for choice in choices):
        raise SendError(SendErrorKind.REJECTED, "button id")
    rows: list[list[InlineKeyboardButton]] = []
    room = 0
    for choice in choices[:BUTTONS_MOST]:
        label = shortened(choice.label.strip(), LABEL_UNITS) or "…"
        if not rows or len(rows[-1]) >= ROW_MOST or units(label) > room:
            rows.append([])
            room = ROW_UNITS
        rows[-1].append(InlineKeyboardButton(label, callback_data=choice.id))
        room -= units(label)
    return InlineKeyboardMarkup(rows) if rows else None
