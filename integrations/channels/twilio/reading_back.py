"""Messages that came in, read from Twilio's own list: for those whose webhook was lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.domain.messages import Attachment, InboundMessage
from integrations.channels.twilio.client import TwilioClient, rest_time
from integrations.channels.twilio.forms import from_list, with_files

ROWS_MOST = 5_000


class TwilioHistory:
    """`numbers`: our own, as Twilio writes them."""

    def __init__(self, client: TwilioClient, *, numbers: Sequence[str]) -> None:
        self._client = client
        self._numbers = tuple(numbers)

    async def received(self, *, since: datetime) -> list[InboundMessage]:
        """What was written to our numbers, the oldest first, without its files (see `complete`). Raises SendError."""
        found = []
        for number in self._numbers:
            async for row in self._client.messages((("To", number), ("DateSent>", rest_time(since))), most=ROWS_MOST):
                message = from_list(row)
                if message is not None and message.sent_at >= since:
                    found.append(message)
        found.reverse()  # the list begins with the newest, and its seconds are whole
        return sorted(found, key=lambda message: message.sent_at)

    async def complete(self, message: InboundMessage) -> InboundMessage:
        """The message with its files, which take a request of their own. Raises SendError."""
        files = await self._client.media_of(message.message_id)
        return with_files(message, tuple(Attachment(url, kind) for url, kind in files)) if files else message
