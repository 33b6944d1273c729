"""What each channel can show, as data: the renderer reads it, handlers never see a channel's name."""

from __future__ import annotations

from core.domain.messages import Capabilities

CAPABILITIES: dict[str, Capabilities] = {
    "webchat": Capabilities(buttons=12, edits=True, groups=True),
    "terminal": Capabilities(buttons=12, edits=False, groups=True),
    "telegram": Capabilities(buttons=100, edits=True, groups=True),
    "whatsapp": Capabilities(buttons=10, edits=False, groups=False, text_limit=1024),
    "sms": Capabilities(buttons=0, edits=False, groups=False, emoji=False, text_limit=306),
}
UNKNOWN = Capabilities(groups=True)


def capabilities_of(channel: str) -> Capabilities:
    return CAPABILITIES.get(channel, UNKNOWN)
