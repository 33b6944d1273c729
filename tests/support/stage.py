"""People who write in the chats of a rehearsal, and what they are answered: for tests of conversations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from bot.rehearsal import Rehearsal, Sent
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person

START = datetime(2025, 3, 14, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Chat:
    """One person in a chat: alone, or in the group of that name."""

    play: Rehearsal
    who: str
    group: str = ""
    channel: str = "telegram"

    @property
    def name(self) -> str:
        return self.group or f"alone-{self.who}"

    async def says(self, text: str) -> list[str]:
        """The texts of all answers, wherever they went."""
        return [sent.message.text for sent in await self.sends(text)]

    async def sends(
        self, text: str = "", *, kind: InboundKind = InboundKind.TEXT, button: str | None = None, reply_to: str | None = None
    ) -> list[Sent]:
        at = self.play.clock() + timedelta(seconds=1)
        message = InboundMessage(
            ChatAddress(self.channel, "", self.name),
            ChatKind.GROUP if self.group else ChatKind.PRIVATE,
            Person(self.who, self.who),
            uuid4().hex,
            kind,
            at,
            text=text,
            button=button,
            reply_to=reply_to,
            chat_title=self.group,
            position=int(at.timestamp() * 1000),
        )
        return await self.play.play(message, at=at)

    async def joins(self) -> None:
        await self.sends(kind=InboundKind.JOIN)

    async def presses(self, label: str, *, on: Sent | None = None) -> list[Sent]:
        """The button of that label on the newest message that bears it (or on one), pressed in this chat."""
        bearers = [on] if on is not None else reversed(self.play.sent)
        sent, choice = next((each, choice) for each in bearers for choice in each.message.choices if choice.label == label)
        return await self.sends(kind=InboundKind.BUTTON, button=choice.id, reply_to=sent.message_id)
