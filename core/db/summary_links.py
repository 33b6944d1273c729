"""Links to the summary card of a group: signed, good for a day, kept nowhere. It is drawn anew whenever one is opened."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from uuid import UUID

from core.db.crypto import Keys
from core.db.signed_links import opened, signed
from core.domain.messages import Document

LINK_LASTS = timedelta(hours=24)
PURPOSE = "summary link"
_SHAPE = re.compile(r"[0-9a-f]{32}\.[a-z]{2,3}\.\d{1,12}\.[0-9a-f]{32}", re.ASCII)


def summary_token(keys: Keys, book_id: UUID, *, language: str, now: datetime) -> str:
    """What opens the card of one group in one language."""
    return signed(keys, PURPOSE, f"{book_id.hex}.{language}", now=now, lasts=LINK_LASTS)


def summary_document(keys: Keys, book_id: UUID, *, language: str, address: str, now: datetime) -> Document:
    """The card to be sent with a message: drawn when it is delivered, fetched from `address` by who fetches by themselves."""
    token = summary_token(keys, book_id, language=language, now=now)
    return Document("summary.png", "image/png", token=token, url=f"{address}/summaries/{token}.png")


def read_summary_token(keys: Keys, token: str, *, now: datetime) -> tuple[UUID, str]:
    """Book and language. DomainError `not_found` for a token that is not ours or has expired."""
    book, _, language = opened(keys, PURPOSE, token, now=now).partition(".")
    return UUID(book), language


def is_summary_token(token: str) -> bool:
    """Whether it has the shape of one; whose it is, reading it tells."""
    return _SHAPE.fullmatch(token) is not None
