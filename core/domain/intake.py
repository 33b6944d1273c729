"""What a message must be before it is stored: bounded, and valid Unicode without NUL. Texts are cleaned, identifiers are refused."""

from __future__ import annotations

import re
from dataclasses import replace

from core.domain.messages import Attachment, ChatAddress, InboundMessage, Person
from core.errors import DomainError

MAX_TEXT = 20_000  # characters; every channel's own limit is lower
MAX_LABEL = 256  # names and titles are cut to this
MAX_ID = 256
MAX_ITEMS = 50
_INT64 = 2**63

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def cleaned(message: InboundMessage) -> InboundMessage:
    """The message with NUL and lone surrogates out of its texts and over-long names cut.

    Raises DomainError `message_too_long` (limit), `too_many_parts` (limit), `bad_identifier` or `bad_number`: it cannot be stored.
    """
    address = message.address
    _check_ids(address.channel, address.account, address.chat, message.message_id, message.sender.user)
    _check_ids(message.reply_to or "-", message.button or "-", *(person.user for person in message.mentions))
    _check_ids(message.thread or "-", message.moved_to or "-", message.album or "-")
    if not (address.channel and address.chat and message.message_id and message.sender.user):
        raise DomainError("bad_identifier")
    if not (-_INT64 <= message.position < _INT64 and -_INT64 <= message.version < _INT64) or message.sent_at.tzinfo is None:
        raise DomainError("bad_number")
    if len(message.text) > MAX_TEXT:
        raise DomainError("message_too_long", limit=MAX_TEXT)
    if len(message.attachments) > MAX_ITEMS or len(message.mentions) > MAX_ITEMS:
        raise DomainError("too_many_parts", limit=MAX_ITEMS)
    return replace(
        message,
        address=ChatAddress(address.channel, address.account, address.chat),
        text=_storable(message.text),
        chat_title=_storable(message.chat_title)[:MAX_LABEL],
        sender=_person(message.sender),
        mentions=tuple(map(_person, message.mentions)),
        attachments=tuple(map(_attachment, message.attachments)),
        language=None if message.language is None else _storable(message.language)[:MAX_LABEL],
        bank=None if message.bank is None else _storable(message.bank)[:MAX_LABEL],
        time_zone=None if message.time_zone is None else _storable(message.time_zone)[:MAX_LABEL],
    )


def _storable(text: str) -> str:
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text) if _UNSTORABLE.search(text) else text


def _person(person: Person) -> Person:
    return Person(person.user, _storable(person.name)[:MAX_LABEL], _storable(person.handle)[:MAX_LABEL])


def _attachment(attachment: Attachment) -> Attachment:
    return replace(attachment, handle=_storable(attachment.handle), media_type=_storable(attachment.media_type))


def _check_ids(*ids: str) -> None:
    if any(len(each) > MAX_ID or _UNSTORABLE.search(each) for each in ids):
        raise DomainError("bad_identifier")
