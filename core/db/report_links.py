"""Links to reports: sealed, good for a day, kept nowhere. The report is made anew whenever one is opened, for whoever it was made for."""

from __future__ import annotations

import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from cryptography.exceptions import InvalidTag

from core.db.crypto import Keys
from core.domain.messages import Document
from core.errors import DomainError

LINK_LASTS = timedelta(hours=24)
_TOKEN = re.compile(r"r\.([A-Za-z0-9_-]{80,1200})", re.ASCII)
_HEAD = struct.Struct(">6s16s16sIIIQ?")
_IS, _NO_BOOK = b"report", UUID(int=0)
MEDIA_TYPES = {
    "png": "image/png",
    "pdf": "application/pdf",
    "csv": "text/csv",
    "html": "text/html",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Slip:
    """Which report a link opens: whose, of which book (None: the person's own parts over all of them), of which days, and how it looks.

    `form`: one of MEDIA_TYPES; `until`: when it was made, as seconds since 1970 with what the link lasts.
    """

    person_id: UUID
    book_id: UUID | None
    first: date
    last: date
    today: date
    form: str
    language: str
    currency: str
    category: str | None = None
    dark: bool = False
    until: int = 0


def report_document(keys: Keys, slip: Slip, *, address: str, now: datetime) -> Document:
    """The file to be sent with a message: made when it is delivered, fetched from `address` by who fetches by themselves."""
    token = _sealed(keys, replace(slip, until=int((now + LINK_LASTS).timestamp())))
    return Document(name_of(slip), MEDIA_TYPES[slip.form], token=token, url=f"{address}/reports/{token}")


def mailed(keys: Keys, slip: Slip, *, address: str, now: datetime) -> tuple[Document, ...]:
    """What a mail shows of a report, and the file that it brings."""
    return tuple(report_document(keys, replace(slip, form=form), address=address, now=now) for form in ("html", slip.form))


def name_of(slip: Slip) -> str:
    return f"report-{slip.first.isoformat()}-{slip.last.isoformat()}.{slip.form}"


def is_report_token(token: str) -> bool:
    """Whether it has the shape of one; whose it is, reading it tells."""
    return _TOKEN.fullmatch(token) is not None


def read_slip(keys: Keys, token: str, *, now: datetime) -> Slip:
    """DomainError `not_found` for a token that is not ours or has expired."""
    shape = _TOKEN.fullmatch(token)
    if shape is None:
        raise DomainError("not_found")
    try:
        slip = _unpacked(keys.decrypt(None, urlsafe_b64decode(shape[1] + "==")))
    except (InvalidTag, Error, ValueError, struct.error):
        raise DomainError("not_found") from None
    if slip.until < now.timestamp():
        raise DomainError("not_found")
    return slip


def _sealed(keys: Keys, slip: Slip) -> str:
    return "r." + urlsafe_b64encode(keys.encrypt(None, _packed(slip))).decode().rstrip("=")


def _packed(slip: Slip) -> bytes:
    """Short enough for an SMS. Begins with what it is: the system's key seals other things too."""
    days = (each.toordinal() for each in (slip.first, slip.last, slip.today))
    words = "\n".join((slip.form, slip.language, slip.currency, slip.category or ""))
    return _HEAD.pack(_IS, slip.person_id.bytes, (slip.book_id or _NO_BOOK).bytes, *days, slip.until, slip.dark) + words.encode()


def _unpacked(kept: bytes) -> Slip:
    """Raises ValueError and struct.error for anything else."""
    what, person, book, first, last, today, until, dark = _HEAD.unpack(kept[: _HEAD.size])
    if what != _IS:
        raise ValueError("this is no report")
    form, language, currency, category = kept[_HEAD.size :].decode().split("\n")
    begins, ends, made = (date.fromordinal(each) for each in (first, last, today))
    book_id = UUID(bytes=book) if book != _NO_BOOK.bytes else None
    return Slip(UUID(bytes=person), book_id, begins, ends, made, form, language, currency, category or None, dark, until)
