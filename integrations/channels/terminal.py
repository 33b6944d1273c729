"""The terminal as a channel: prints what is sent, remembers the choices so that a number presses one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TextIO

from core.domain.messages import Capabilities, ChatAddress, Choice, OutboundMessage
from integrations.channels.limits import capabilities_of

NAME = "terminal"


def address_of(*, person: str, group: str | None) -> ChatAddress:
    """Where a person talks: alone, or in a group by its name."""
    return ChatAddress(NAME, "", f"group:{group}" if group else f"alone:{person}")


@dataclass(slots=True)
class Terminal:
    """Prints messages of one chat to `output`. `pressable`: number as shown to (message id, choice) of the newest message with choices."""

    output: TextIO
    mark: str = "« "
    chat: str | None = None
    name: str = NAME
    capabilities: Capabilities = field(default_factory=lambda: capabilities_of(NAME))
    pressable: dict[str, tuple[str, Choice]] = field(default_factory=dict)

    async def send(self, message: OutboundMessage) -> str:
        message_id = f"out-{secrets.token_hex(8)}"
        if self.chat is not None and message.address.chat != self.chat:
            return message_id
        lines = message.text.splitlines() or [""]
        print(self.mark + f"\n{' ' * len(self.mark)}".join(lines), file=self.output, flush=True)
        if message.choices:
            self.pressable = {str(number): (message_id, choice) for number, choice in enumerate(message.choices, start=1)}
            shown = " ".join(f"[{number} {choice.label}]" for number, (_, choice) in self.pressable.items())
            print(" " * len(self.mark) + shown, file=self.output, flush=True)
        for document in message.documents:
            print(document.name if document.packed else document.content, file=self.output, flush=True)
        return message_id
