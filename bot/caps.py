"""Whether a message that costs money may go out: to who wrote first, to countries that are allowed, and so many a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.db.caps import Cap, count_send
from core.db.outbox import ClaimedLetter
from core.db.session import Database
from core.ports import Channel

_TWO_DIGITS = frozenset(  # ITU-T E.164: zones 1 and 7 have one digit, these have two, all others three
    [20, 27, *range(30, 35), 36, 39, 40, 41, *range(43, 50), *range(51, 59), *range(60, 67), 81, 82, 84, 86, *range(90, 96), 98]
)


def calling_code(chat: str) -> str | None:
    """The country calling code of "+351912345678" or "whatsapp:+351..."; None for what is no number."""
    _, plus, digits = chat.rpartition("+")
    if not plus or not digits.isdecimal() or len(digits) < 8:
        return None
    if digits[0] in "17":
        return digits[0]
    return digits[:2] if int(digits[:2]) in _TWO_DIGITS else digits[:3]


class Purse:
    """`countries`: beginnings of numbers, without "+", to which a channel may send; a channel without an entry sends to all who wrote first."""

    def __init__(self, database: Database, channels: Mapping[str, Channel], countries: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self._database = database
        self._channels = channels
        self._countries = countries or {}

    async def refusal(self, letter: ClaimedLetter, *, now: datetime) -> str | None:
        """Why the letter must not go out, None where it may; then it is counted. Channels without caps cost nothing."""
        caps = self._channels[letter.channel].capabilities.day_caps
        if caps is None or letter.message is None:
            return None
        if letter.heard_at is None:
            return "never wrote"
        chat = letter.message.address.chat
        code, allowed = calling_code(chat), self._countries.get(letter.channel, ())
        if allowed and not chat.rpartition("+")[2].startswith(allowed):
            return "country"
        wanted = [
            Cap("all", "", caps.in_all),
            Cap("channel", letter.channel, caps.a_channel),
            Cap("country", f"{letter.channel} {code or '?'}", caps.a_country),
            Cap("chat", letter.conversation_id.hex, caps.a_chat),
        ]
        return await count_send(self._database, wanted, now=now)
