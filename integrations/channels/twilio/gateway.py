"""Everything of one Twilio account, connected: its channels, what checks its webhooks, what reads back and fetches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.ports import Channel, Clock
from integrations.channels.twilio import alphabet, forms, refusals, regions
from integrations.channels.twilio.channel import ContactBook, TwilioChannel
from integrations.channels.twilio.client import TwilioClient
from integrations.channels.twilio.contents import Contents
from integrations.channels.twilio.forms import PREFIX, SMS, WHATSAPP
from integrations.channels.twilio.media import TwilioMedia
from integrations.channels.twilio.reading_back import TwilioHistory
from integrations.channels.twilio.signature import Verifier

PUBLIC_API = "https://api.twilio.com"
PUBLIC_CONTENT_API = "https://content.twilio.com"


@dataclass(frozen=True, slots=True)
class Account:
    """The settings of one account. A number that is None: that channel is off. `templates`: see TwilioChannel."""

    sid: str
    auth_token: str = field(repr=False)
    api_base: str = PUBLIC_API
    content_base: str | None = None
    public_url: str | None = None
    sms_from: str | None = None
    whatsapp_from: str | None = None
    templates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TwilioGateway:
    verifier: Verifier
    channels: dict[str, Channel]
    history: TwilioHistory
    media: TwilioMedia
    client: TwilioClient

    async def close(self) -> None:
        await self.client.close()


def connect(account: Account, *, contacts: ContactBook, clock: Clock) -> TwilioGateway:
    """Nothing is sent before somebody asks. Another API than the public one has buttons only where its base for contents is named.

    Raises LanguageError where a data file of the channel is wrong.
    """
    for read in (alphabet.replacements, forms.keywords, refusals.table, regions.tables):
        read()
    content_base = account.content_base or (PUBLIC_CONTENT_API if account.api_base == PUBLIC_API else None)
    client = TwilioClient(account_sid=account.sid, auth_token=account.auth_token, base=account.api_base, content_base=content_base)
    numbers = {name: number.removeprefix(PREFIX) for name, number in ((SMS, account.sms_from), (WHATSAPP, account.whatsapp_from)) if number}
    contents = Contents(client) if content_base is not None else None

    channels: dict[str, Channel] = {
        name: TwilioChannel(
            name,
            client,
            number=number,
            contacts=contacts,
            clock=clock,
            public_url=account.public_url,
            templates=account.templates if name == WHATSAPP else {},
            contents=contents if name == WHATSAPP else None,
        )
        for name, number in numbers.items()
    }
    return TwilioGateway(
        verifier=Verifier(auth_token=account.auth_token, public_url=account.public_url),
        channels=channels,
        history=TwilioHistory(client, numbers=[f"{PREFIX}{number}" if name == WHATSAPP else number for name, number in numbers.items()]),
        media=TwilioMedia(client),
        client=client,
    )
