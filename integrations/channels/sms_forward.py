"""The place that phones forward bank messages to: they are only taken in there, nothing can be sent back."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.domain.messages import Capabilities, OutboundMessage
from core.errors import SendError, SendErrorKind
from integrations.channels.limits import capabilities_of

NAME = "sms_forward"


@dataclass(frozen=True, slots=True)
class ForwardedSms:
    name: str = NAME
    capabilities: Capabilities = field(default_factory=lambda: capabilities_of(NAME))

    async def send(self, message: OutboundMessage) -> str:
        """Raises SendError: there is nobody to read it."""
        raise SendError(SendErrorKind.REJECTED, "nobody reads there")
