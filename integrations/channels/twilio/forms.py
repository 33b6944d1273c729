"""Twilio's forms and list rows as messages and reports of ours. Pure: knows no network and believes nothing that was not signed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from core.domain.carriage import STATES, CarriageReport
from core.domain.messages import Attachment, ChatAddress, ChatKind, Consent, InboundKind, InboundMessage, Person
from core.reading.source import Source, table_of
from integrations.channels.twilio.media import is_table
from integrations.channels.twilio.regions import region_of
from integrations.channels.twilio.signature import Form

SMS = "sms"
WHATSAPP = "whatsapp"
PREFIX = "whatsapp:"
LETTER = "letter"  # the name in a status callback's address under which we get our own id of a letter back
MEDIA_MOST = 10
# Strict, for what is signed is names and values strung together: a looser form would let a replay move the border between two fields,
# and with it make a new message out of an old signature.
_SID = re.compile(r"[A-Z]{2}[0-9a-fA-F]{32}")
_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_PHOTOS = ("image/", "application/pdf")
_FILE = "keywords.toml"
_CONSENTS = {"STOP": Consent.STOPPED, "START": Consent.RESUMED, "HELP": Consent.INFORMED}


@cache
def keywords() -> dict[str, dict[str, Consent]]:
    """By channel what whole messages tell the carrier. Raises LanguageError naming file and key."""
    return checked(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))


def checked(text: str) -> dict[str, dict[str, Consent]]:
    """The keywords of a data file. Raises LanguageError naming file and key."""
    raw = table_of(_FILE, text)
    source = Source(_FILE, raw)
    return {
        channel: dict.fromkeys(source.words(f"{channel}.stop"), Consent.STOPPED) | dict.fromkeys(source.words(f"{channel}.start"), Consent.RESUMED)
        for channel in raw
    }


def consent_of(channel: str, text: str, opt_out_type: str = "") -> Consent | None:
    """What a message told the carrier: by Twilio's own word (Advanced Opt-Out), else by the keyword that is all of its text."""
    if opt_out_type:
        return _CONSENTS.get(opt_out_type.upper())
    return keywords()[channel].get(" ".join(text.upper().strip(" \t\r\n.!\"'").split()))


def address_of(*, ours: str, theirs: str) -> ChatAddress | None:
    """A chat by the two numbers as Twilio writes them; None where they are none, or of two kinds."""
    channel = WHATSAPP if theirs.startswith(PREFIX) else SMS
    if ours.startswith(PREFIX) != theirs.startswith(PREFIX):
        return None
    account, chat = ours.removeprefix(PREFIX), theirs.removeprefix(PREFIX)
    return ChatAddress(channel, account, chat) if _NUMBER.fullmatch(account) and _NUMBER.fullmatch(chat) else None


def number_of(address: ChatAddress, number: str) -> str:
    """A number of the chat's channel as Twilio wants it."""
    return f"{PREFIX}{number}" if address.channel == WHATSAPP else number


def to_inbound(form: Form, *, now: datetime) -> InboundMessage | None:
    """A message from a webhook; None where the form is none.

    Twilio numbers nothing and gives no time: `now` is when it came, and a chat's order is the order of arrival.
    """
    address = address_of(ours=form.only("To"), theirs=form.only("From"))
    message_id = form.only("MessageSid")
    if address is None or not _SID.fullmatch(message_id):
        return None
    message = _message(
        address,
        message_id,
        # Of a field that is there twice the first counts.
        text=form.get("Body") or form.get("ButtonText") or form.get("ListTitle"),
        name=form.get("ProfileName"),
        country=form.get("FromCountry"),
        opt_out_type=form.get("OptOutType"),
        button=form.get("ButtonPayload") or form.get("ListId") or None,
        reply_to=form.get("OriginalRepliedMessageSid") or None,
        sent_at=now,
    )
    return with_files(message, _attachments(form))


def from_list(row: Mapping[str, Any]) -> InboundMessage | None:
    """The same of a row of Twilio's list of messages: the same message has the same id there. None where it is none that came in."""
    fields = {name: row.get(name) for name in ("sid", "from", "to", "direction")}
    if not all(isinstance(value, str) for value in fields.values()) or fields["direction"] != "inbound":
        return None
    address, sent_at = address_of(ours=str(fields["to"]), theirs=str(fields["from"])), time_of(row)
    if address is None or sent_at is None or not _SID.fullmatch(str(fields["sid"])):
        return None
    body = row.get("body")
    return _message(address, str(fields["sid"]), text=body if isinstance(body, str) else "", sent_at=sent_at)


def with_files(message: InboundMessage, attachments: tuple[Attachment, ...]) -> InboundMessage:
    """The message with what was enclosed: a photo where one of the files is a picture or a PDF, else a file where one may be a table."""
    photo = any(attachment.media_type.startswith(_PHOTOS) for attachment in attachments)
    tables = tuple(attachment for attachment in attachments if is_table(attachment))
    if photo or not tables:
        return replace(message, attachments=attachments, kind=InboundKind.PHOTO if photo else message.kind)
    return replace(message, attachments=tables, kind=InboundKind.FILE)


def _message(
    address: ChatAddress,
    message_id: str,
    *,
    text: str,
    sent_at: datetime,
    name: str = "",
    country: str = "",
    opt_out_type: str = "",
    button: str | None = None,
    reply_to: str | None = None,
) -> InboundMessage:
    region = region_of(address.chat, country=country)
    return InboundMessage(
        address=address,
        chat_kind=ChatKind.PRIVATE,
        # Others see the name in a group: never the number.
        sender=Person(address.chat, name.strip() or f"Phone {address.chat[-4:]}"),
        message_id=message_id,
        # A press stays a text: in the list of messages, from which lost ones are fetched, both look alike, and must be one message.
        kind=InboundKind.TEXT,
        sent_at=sent_at,
        text=text,
        reply_to=reply_to,
        button=button,
        language=region.language if region else None,
        time_zone=region.time_zone if region else None,
        consent=consent_of(address.channel, text, opt_out_type),
    )


def _attachments(form: Form) -> tuple[Attachment, ...]:
    """`handle` is the address of the file; whether it may be fetched from there is looked at when it is."""
    said = form.get("NumMedia")
    count = min(int(said), MEDIA_MOST) if said.isascii() and said.isdecimal() and len(said) < 4 else 0
    found = [(form.get(f"MediaUrl{number}"), form.get(f"MediaContentType{number}")) for number in range(count)]
    return tuple(Attachment(url, kind.split(";")[0].strip().lower()) for url, kind in found if url)


def to_report(form: Form, *, query: Form) -> CarriageReport | None:
    """What became of a message of ours, from a status callback; None where the form says nothing of one."""
    chat = address_of(ours=form.only("From"), theirs=form.only("To"))
    message_id = form.only("MessageSid")
    state = form.only("MessageStatus").lower()
    if chat is None or not _SID.fullmatch(message_id) or state not in STATES:
        return None
    code = form.get("ErrorCode")
    return CarriageReport(
        chat=chat,
        message_id=message_id,
        state=state,
        error=int(code) if code.isascii() and code.isdecimal() and len(code) < 7 else None,
        letter_id=_uuid(query.only(LETTER)),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def time_of(row: Mapping[str, Any]) -> datetime | None:
    """When a message of the list was sent, else made; None where neither is said (RFC 2822 with its zone)."""
    for name in ("date_sent", "date_created"):
        said = row.get(name)
        try:
            found = parsedate_to_datetime(said) if isinstance(said, str) else None
        except ValueError:
            continue
        if found is not None and found.tzinfo is not None:
            return found
    return None
