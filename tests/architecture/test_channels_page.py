"""The page that says what each channel can do says what the table of limits says."""

from __future__ import annotations

import re
from pathlib import Path

from core.domain.messages import Capabilities
from integrations.channels.limits import CAPABILITIES

PAGE = Path(__file__).parents[2] / "docs" / "channels.md"


def cells(capabilities: Capabilities) -> list[str]:
    """One line of the table, after the channel's name."""
    yes = {True: "yes", False: "no"}
    buttons = f"up to {capabilities.buttons}" if capabilities.buttons else "numbers"
    pace = capabilities.pace
    limits = [f"{pace.a_second} a second" if pace.a_second else "", f"1 a chat in {pace.chat_seconds} s" if pace.chat_seconds else ""]
    limits += [f"{pace.group_a_minute} a group and minute" if pace.group_a_minute else ""]
    return [
        yes[capabilities.groups] if capabilities.groups else "by code",
        buttons + (" or numbers" if capabilities.buttons and capabilities.numbered else ""),
        yes[capabilities.edits],
        yes[capabilities.reactions],
        yes[capabilities.documents],
        f"{capabilities.text_limit:,}",
        f"{capabilities.window_hours} h" if capabilities.window_hours else "always",
        "weak" if capabilities.weak else "the platform's",
        ", ".join(filter(None, limits)) or "none",
    ]


def test_the_table_says_what_the_limits_say() -> None:
    lines = re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE.read_text("utf-8"), re.MULTILINE)
    shown = {name: [cell.strip() for cell in line.split("|")] for name, line in lines}
    assert shown == {name: cells(capabilities) for name, capabilities in CAPABILITIES.items()}
