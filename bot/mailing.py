"""The channel that is e-mail: letters of the outbox as mails, in text and in HTML, each under an id of its own. Decides about no letter."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from core.db.crypto import Keys
from core.db.mailboxes import place_hash
from core.db.signed_links import signed
from core.domain.mail import CHANNEL, SIGNED, Mail, subject_of
from core.domain.messages import Capabilities, OutboundMessage
from core.ports import Clock, Mailer
from integrations.channels.limits import capabilities_of
from integrations.documents.letters import letter_page

STOP_PURPOSE = "mail stop"
STOP_LASTS = timedelta(days=400)
STOP_PATH = "/mail/stop"
_PAGE = "text/html"


class MailChannel:
    """A Channel. `address`: where our own pages are; only at https a mail names one where a click ends all mail."""

    name = CHANNEL

    def __init__(self, mailer: Mailer, *, keys: Keys, clock: Clock, address: str) -> None:
        self._mailer = mailer
        self._keys = keys
        self._clock = clock
        self._address = address

    @property
    def capabilities(self) -> Capabilities:
        return capabilities_of(self.name)

    async def send(self, message: OutboundMessage) -> str:
        """Raises SendError."""
        await self._mailer.send(self._mail(message))
        return message.key

    def _mail(self, message: OutboundMessage) -> Mail:
        """A document that is a page is what the mail shows; the others go along as files."""
        text, _, footer = message.text.partition(SIGNED)
        page = next((each for each in message.documents if each.media_type == _PAGE), None)
        return Mail(
            to=message.address.chat,
            subject=subject_of(text),
            text=message.text,
            html=page.contents.decode() if page is not None else letter_page(text, footer),
            key=message.key,
            written_at=self._clock(),
            files=tuple(each for each in message.documents if each is not page),
            stop_url=self._stop_url(message),
        )

    def _stop_url(self, message: OutboundMessage) -> str:
        if not self._address.startswith("https://"):
            return ""
        said = stop_words(self._keys, UUID(message.key), message.address.chat)
        return f"{self._address}{STOP_PATH}/{signed(self._keys, STOP_PURPOSE, said, now=self._clock(), lasts=STOP_LASTS)}"


def in_chat(message: OutboundMessage) -> OutboundMessage:
    """A letter that its mailbox refused, as a chat says it: without how to end mail, and without the page that a mail shows."""
    text, signed_off, _ = message.text.partition(SIGNED)
    if not signed_off:
        return message
    return replace(message, text=text.rstrip(), documents=tuple(each for each in message.documents if each.media_type != _PAGE))


def stop_words(keys: Keys, letter_id: UUID, address: str) -> str:
    """What the link in a mail says: which letter it was, and the keyed hash of where it went, for then the address may be forgotten here."""
    return f"{letter_id.hex}.{place_hash(keys, address).hex()}"


def stopped_by(words: str) -> tuple[UUID, bytes]:
    """The letter and the hash of where it went. Raises ValueError for other words."""
    letter, place = words.split(".")
    return UUID(hex=letter), bytes.fromhex(place)
