"""WhatsApp and SMS as channels: one message of ours as requests to Twilio, by the rules of each. Asks before it sends who may be written to."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Protocol
from urllib.parse import quote
from uuid import UUID

from core.domain.messages import Capabilities, ChatAddress, Contact, OutboundMessage
from core.errors import SendError, SendErrorKind
from core.ports import Clock
from integrations.channels.limits import capabilities_of
from integrations.channels.twilio.client import TwilioClient, rest_time
from integrations.channels.twilio.contents import Contents
from integrations.channels.twilio.forms import LETTER, WHATSAPP, number_of, time_of
from integrations.channels.twilio.rendering import BODY_MOST, sms_text, units, whatsapp_texts

STATUS_PATH = "/webhooks/twilio/status"
LOOKED_AT_MOST = 200  # messages to one number since a letter's first try
CLOCKS_DIFFER = timedelta(seconds=60)
LINE = " · "


class ContactBook(Protocol):
    """Who may be written to, and what the platform said about that."""

    async def of(self, chat: ChatAddress) -> Contact: ...

    async def stop(self, chat: ChatAddress) -> None: ...

    async def close_window(self, chat: ChatAddress) -> None: ...

    async def accounted(self, chat: ChatAddress, message_ids: Collection[str]) -> set[str]: ...


@dataclass(frozen=True, slots=True)
class Part:
    """One request's content: a body (with the address of a picture), or a content with its variables.

    `text` is what its reader sees, by which it is found again.
    """

    text: str
    content: str | None = None
    variables: str = ""
    picture: str = ""


class TwilioChannel:
    """The Channel port. `templates`: by language the approved content with one variable for when the reply window is closed; "" for all others."""

    def __init__(
        self,
        name: str,
        client: TwilioClient,
        *,
        number: str,
        contacts: ContactBook,
        clock: Clock,
        public_url: str | None,
        templates: Mapping[str, str] = MappingProxyType({}),
        contents: Contents | None = None,
    ) -> None:
        self.name = name
        self.capabilities: Capabilities = capabilities_of(name)
        self._client = client
        self._number = number
        self._contacts = contacts
        self._clock = clock
        self._public_url = public_url
        self._templates = templates
        self._contents = contents

    async def send(self, message: OutboundMessage) -> str:
        """Send all parts in order and return the id of the last, which bears the choices. Raises SendError; see the port."""
        contact = await self._contacts.of(message.address)
        if contact.stopped:
            raise SendError(SendErrorKind.OPTED_OUT, "stopped")
        parts = await self._parts(message, contact)
        sent = await self._found(message, parts) if message.again else {}
        message_id = ""
        for number, part in enumerate(parts):
            message_id = sent.get(number) or await self._hand_over(message, part)
        return message_id

    # ------------------------------------------------------------------ what is sent

    async def _parts(self, message: OutboundMessage, contact: Contact) -> list[Part]:
        if self.name != WHATSAPP:
            if contact.last_heard is None:
                raise SendError(SendErrorKind.REJECTED, "this number never wrote first")
            return [Part(sms_text(message.text, message.choices))]
        if not self._is_open(contact):
            return [self._in_template(message)]
        with_buttons = await self._with_buttons(message)
        if with_buttons:
            return [with_buttons]
        pictures = [each.url for each in message.documents if each.url]
        texts = whatsapp_texts(message.text, message.choices)
        return [*map(Part, texts[:-1]), Part(texts[-1], picture=pictures[0] if pictures else "")]

    def _is_open(self, contact: Contact) -> bool:
        hours = self.capabilities.window_hours
        return hours is None or (contact.last_heard is not None and self._clock() < contact.last_heard + timedelta(hours=hours))

    def _in_template(self, message: OutboundMessage) -> Part:
        """A variable of a template is one line; it has no choices, for nobody may press before they have written again."""
        template = self._templates.get(message.language) or self._templates.get("")
        if template is None:
            raise SendError(SendErrorKind.WINDOW_CLOSED, "no template")
        words = [*message.text.splitlines(), *(each.url for each in message.documents)]
        line = LINE.join(" ".join(line.split()) for line in words if line.strip())
        (text, *_) = whatsapp_texts(line, most=BODY_MOST // 2)
        return Part(text, template, json.dumps({"1": text}, ensure_ascii=False))

    async def _with_buttons(self, message: OutboundMessage) -> Part | None:
        if self._contents is None or not message.choices or units(message.text) > BODY_MOST:
            return None
        content = await self._contents.content_for([choice.label for choice in message.choices])
        return Part(message.text, content, json.dumps({"1": message.text}, ensure_ascii=False)) if content else None

    # ------------------------------------------------------------------ sending it

    async def _hand_over(self, message: OutboundMessage, part: Part) -> str:
        try:
            return await self._client.create_message(self._fields(message, part))
        except SendError as problem:
            if problem.kind is SendErrorKind.OPTED_OUT:
                await self._contacts.stop(message.address)
            elif problem.kind is SendErrorKind.WINDOW_CLOSED:
                await self._contacts.close_window(message.address)
            elif problem.kind is SendErrorKind.REJECTED and self._contents is not None and self._is_ours(part):
                self._contents.give_up()
                return await self._hand_over_plain(message)
            raise

    def _is_ours(self, part: Part) -> bool:
        """Whether it is a content that was made for its choices, not an approved one."""
        return part.content is not None and part.content not in self._templates.values()

    async def _hand_over_plain(self, message: OutboundMessage) -> str:
        """The same with numbers, where Twilio did not take the buttons."""
        message_id = ""
        for text in whatsapp_texts(message.text, message.choices):
            message_id = await self._hand_over(message, Part(text))
        return message_id

    def _fields(self, message: OutboundMessage, part: Part) -> list[tuple[str, str]]:
        address = message.address
        fields = [("To", number_of(address, address.chat)), ("From", number_of(address, address.account or self._number))]
        if part.content is None:
            fields += [("Body", part.text), *([("MediaUrl", part.picture)] if part.picture else [])]
        else:
            fields += [("ContentSid", part.content), ("ContentVariables", part.variables)]
        if self._public_url is not None:
            letter = f"?{LETTER}={quote(message.key, safe='')}" if message.key else ""
            fields.append(("StatusCallback", f"{self._public_url}{STATUS_PATH}{letter}"))
        return fields

    # ------------------------------------------------------------------ looking for what was sent before

    async def _found(self, message: OutboundMessage, parts: list[Part]) -> dict[int, str]:
        """Parts that an earlier try handed over, by their number: the same words to the same person since the letter was written.

        Twilio has no idempotency key, so equal words are all there is; what is known as another message of ours is left out.
        """
        address = message.address
        since = (first_try(message.key) or self._clock() - timedelta(hours=1)) - CLOCKS_DIFFER
        ours = (("To", number_of(address, address.chat)), ("From", number_of(address, address.account or self._number)))
        rows = []
        async for row in self._client.messages((*ours, ("DateSent>", rest_time(since))), most=LOOKED_AT_MOST):
            at = time_of(row)
            if isinstance(row.get("sid"), str) and isinstance(row.get("body"), str) and (at is None or at >= since):
                rows.append((str(row["sid"]), str(row["body"]).strip()))
        known = await self._contacts.accounted(address, [sid for sid, _ in rows])
        rows = [row for row in reversed(rows) if row[0] not in known]  # in the order in which they went out
        found: dict[int, str] = {}
        for number, part in enumerate(parts):
            match = next((row for row in rows if part.text.strip() == row[1] or (part.content and part.text.strip() in row[1])), None)
            if match is not None:
                found[number] = match[0]
                rows.remove(match)
        return found


def first_try(key: str) -> datetime | None:
    """When a letter was written, out of its id (a UUIDv7 holds the milliseconds); None for another kind of key."""
    try:
        letter = UUID(key)
    except ValueError:
        return None
    return datetime.fromtimestamp((letter.int >> 80) / 1000, UTC) if letter.version == 7 else None
