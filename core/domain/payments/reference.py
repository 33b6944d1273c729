"""The reference that a payment carries through a bank: short, of letters and digits that every rail takes, the same for the same payment."""

from __future__ import annotations

import base64
import hashlib
import re
from uuid import UUID

_LENGTH = 9


def reference_of(payment_id: UUID) -> str:
    """ "S" and nine of A-Z and 2-7: 45 bits of the id's digest, alike for two payments of a book only by a chance of 1 in 10^13."""
    return "S" + base64.b32encode(hashlib.sha256(payment_id.bytes).digest()).decode()[:_LENGTH]


def references_in(text: str) -> list[str]:
    """What looks like references of ours in a bank's words, which may be in small letters and between other marks; in order, each once."""
    return list(dict.fromkeys(re.findall(r"(?<![A-Z0-9])S[A-Z2-7]{9}(?![A-Z0-9])", text.upper(), re.ASCII)))
