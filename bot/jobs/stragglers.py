"""Hands over what the web chat stored but the inbox never took, because the process died in between. The inbox takes each message once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from core.db.webchat_messages import WebMessages
from core.domain.messages import InboundMessage
from core.ports import Clock
from integrations.channels.webchat import to_inbound

OLDER_THAN = timedelta(seconds=30)  # younger ones are on their way


class Stragglers:
    """Looks as often as `hand_over` is called."""

    def __init__(self, messages: WebMessages, *, accept: Callable[[InboundMessage], Awaitable[None]], clock: Clock) -> None:
        self._messages = messages
        self._accept = accept
        self._clock = clock

    async def hand_over(self, *, older_than: timedelta = OLDER_THAN) -> int:
        """Returns how many. Raises ServiceUnavailable."""
        left = await self._messages.unaccepted(before=self._clock() - older_than)
        for message in left:
            await self._accept(to_inbound(message))
            await self._messages.accepted(message)
        return len(left)
