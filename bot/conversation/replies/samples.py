"""What is put into a sentence to see it: values of the kinds that conversations fill in."""

from __future__ import annotations

from datetime import date

from bot.conversation.replies.formats import Voice
from core.domain.money import Money

_MONEY = {
    "amount": 4550, "before": 3000, "balance": -1250, "paid": 9000, "share": 3000, "settled": 0, "difference": 50, "each": 1550, "expected": 46000,
    "left": 27950, "limit": 40000, "over": 6000, "spent": 12050, "owed": 3000, "sum": 4550, "due": 1250, "low": 41000, "high": 52000,
    "least": 5000, "most": 20000,
}  # fmt: skip
SAMPLES: dict[str, object] = {
    **{name: Money(minor, "EUR") for name, minor in _MONEY.items()},
    "after": "Taxi 24", "balances": "Anna +€12.30", "bar": "███░░░░░░░", "bills": "12", "category": "Sport", "channel": "Matrix",
    "channels": ("Matrix", "Signal"), "code": "K7QM2-RPD4X", "count": 12, "currency": "EUR", "cycle": "a month",
    "day": date(2025, 11, 14), "days": 120,
    "decimals": 2, "end": date(2025, 3, 14), "first": date(2025, 3, 1), "foreign": Money(2000, "USD"), "known": 3, "last": date(2025, 3, 31),
    "month": "03/2025", "names": ("Anna", "Ines", "Omar"), "number": 3, "place": "Signal (…34)", "size": 5, "start": date(2025, 3, 1),
    "time": "12:05",
    "time_zone": "Europe/Berlin", "title": "Rewe", "token": "x" * 43, "total": "90", "until": date(2025, 3, 31),
    "url": "https://money.example.org/webhooks/sms-forward", "book": "Lisbon", "what": "Taxi", "when": "",
}  # fmt: skip


def sampled(voice: Voice, code: str, **more: object) -> str:
    """A sentence with samples; `more` in their place. A parameter without one is a name."""
    return voice.say(code, **{name: SAMPLES.get(name, "Anna") for name in voice.fields(code)} | more)
