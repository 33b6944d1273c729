"""Links to the page that shows how to pay: signed, good for a month, kept nowhere. Whoever has one may look; nobody confirms anything by it."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import datetime, timedelta
from uuid import UUID

from core.db.crypto import Keys
from core.domain.messages import Document
from core.domain.payments.rails import Rail
from core.errors import DomainError

LINK_LASTS = timedelta(days=30)
_SAID_BYTES, _SIGNATURE_BYTES = 36, 16
TOKEN_LENGTH = 70  # of 52 bytes in base64


def pay_token(keys: Keys, book_id: UUID, payment_id: UUID, *, now: datetime) -> str:
    """What opens the page of one payment, in 70 letters, digits, - and _: short enough for a text message."""
    said = book_id.bytes + payment_id.bytes + int((now + LINK_LASTS).timestamp()).to_bytes(4, "big")
    return base64.urlsafe_b64encode(said + _signature(keys, said)).decode().rstrip("=")


def code_document(token: str, rail: Rail, *, address: str) -> Document:
    """The code of a payment to be sent with a message: drawn when it is delivered, fetched from `address` by who fetches by themselves."""
    return Document(f"{rail.value}.png", "image/png", token=f"{token}.{rail.value}", url=f"{address}/pay/{token}/{rail.value}.png")


def read_pay_token(keys: Keys, token: str, *, now: datetime) -> tuple[UUID, UUID]:
    """Book and payment. DomainError `not_found` for a token that is not ours or has expired."""
    try:
        data = base64.b64decode(token + "==", altchars=b"-_", validate=True) if len(token) == TOKEN_LENGTH and token.isascii() else b""
    except binascii.Error:
        data = b""
    said, signature = data[:_SAID_BYTES], data[_SAID_BYTES:]
    if not hmac.compare_digest(_signature(keys, said), signature) or int.from_bytes(said[32:], "big") < now.timestamp():
        raise DomainError("not_found")
    return UUID(bytes=said[:16]), UUID(bytes=said[16:32])


def _signature(keys: Keys, said: bytes) -> bytes:
    return keys.digest("pay link", said.hex())[:_SIGNATURE_BYTES]
