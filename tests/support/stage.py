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


class Flat:
    """Anna and Ben share a flat; each has a chat of their own besides. It is noon."""

    def __init__(self, play: Rehearsal) -> None:
        self.play = play
        self.anna, self.ben = Chat(play, "anna"), Chat(play, "ben")
        self.annas, self.bens = Chat(play, "anna", group="flat"), Chat(play, "ben", group="flat")

    async def move_in(self) -> None:
        """They are in the group, and known where they write alone."""
        for each in (self.annas, self.bens):
            await each.joins()
        for each in (self.anna, self.ben):
            await each.says("coffee 1")

    async def later(self, **time: float) -> list[tuple[str, str]]:
        """In which chat, and what is said there, when so much time has passed."""
        return told(await self.play.play(None, at=self.play.clock() + timedelta(**time)))


def told(sent: list[Sent]) -> list[tuple[str, str]]:
    """In which chat, and what; in their order."""
    return sorted((each.message.address.chat, each.message.text) for each in sent)
