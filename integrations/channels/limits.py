"""What each channel can show, as data: the renderer reads it, handlers never see a channel's name."""

from __future__ import annotations

from core.domain.messages import Capabilities, DayCaps, Pace

# Characters of an SMS that goes as one, and of each part of a longer one (3GPP TS 23.038, septets); and how many parts we send at most.
SMS_SINGLE, SMS_PART, SMS_PARTS_MOST = 160, 153, 2
_PAID_IN_ALL = 20_000  # messages of a day over all channels that cost money

CAPABILITIES: dict[str, Capabilities] = {
    "webchat": Capabilities(buttons=12, edits=True, groups=True),
    "terminal": Capabilities(buttons=12, edits=False, groups=True),
    "telegram": Capabilities(
        buttons=100,
        edits=True,
        groups=True,
        reactions=True,
        pictures=True,
        pins=True,
        open_groups=True,
        answers_presses=True,
        pace=Pace(a_second=30, chat_seconds=1, group_a_minute=20),
    ),
    "whatsapp": Capabilities(
        buttons=10,
        text_limit=1024,
        documents=False,
        pictures=True,
        numbered=True,
        window_hours=24,
        recycled_days=45,
        pace=Pace(a_second=80),
        day_caps=DayCaps(a_chat=300, a_country=10_000, a_channel=15_000, in_all=_PAID_IN_ALL),
    ),
    "sms": Capabilities(
        emoji=False,
        text_limit=SMS_PARTS_MOST * SMS_PART,
        cheap_limit=SMS_SINGLE,
        documents=False,
        numbered=True,
        weak=True,
        recycled_days=45,
        pace=Pace(a_second=1),
        day_caps=DayCaps(a_chat=60, a_country=2_000, a_channel=5_000, in_all=_PAID_IN_ALL),
    ),
    "email": Capabilities(text_limit=20_000, post=True, pace=Pace(a_second=5)),
    "sms_forward": Capabilities(buttons=0, documents=False, mute=True),
}
UNKNOWN = Capabilities(groups=True)


def capabilities_of(channel: str) -> Capabilities:
    return CAPABILITIES.get(channel, UNKNOWN)
