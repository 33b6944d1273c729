"""Where one person can be written to by a job: their own chat, where it may be written to. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from core.db import addresses, payment_reminders
from core.db.addresses import Reader
from core.db.session import UnitOfWork
from core.domain.people import Member
from core.ports import Channel


@dataclass(frozen=True, slots=True)
class Place:
    """A chat, and the key that what is said there is kept with."""

    reader: Reader
    data_key: bytes


def silent_since(channels: Mapping[str, Channel], *, now: datetime) -> dict[str, datetime]:
    """By channel: a number from which nobody has written since then may be another's by now."""
    days = {name: channel.capabilities.recycled_days for name, channel in channels.items()}
    return {name: now - timedelta(days=count) for name, count in days.items() if count is not None}


async def own_chats(uow: UnitOfWork, channels: Mapping[str, Channel], person_id: UUID, *, now: datetime) -> list[Reader]:
    """The person's private chat, as far as it surely still is theirs; none or one."""
    return await addresses.private_chats(uow, [person_id], silent=silent_since(channels, now=now))


async def place(uow: UnitOfWork, channels: Mapping[str, Channel], chats: list[Reader]) -> Place | None:
    """The first of some chats on a channel of ours; None where there is none, or nothing may be said there."""
    reader = next((each for each in chats if each.channel in channels), None)
    chat = await payment_reminders.chat(uow, reader.conversation_id) if reader is not None else None
    return Place(reader, chat.data_key) if reader is not None and chat is not None and not chat.silent else None


async def place_of(uow: UnitOfWork, channels: Mapping[str, Channel], book_id: UUID, member: Member, *, now: datetime) -> Place | None:
    """Where a member who has an account reads: alone, else in the group's chat where they are in it."""
    assert member.person_id is not None, "a guest has no chat"
    chats = await own_chats(uow, channels, member.person_id, now=now)
    if not chats and member.in_chat:
        chats = await addresses.group_chats(uow, book_id)
    return await place(uow, channels, chats)
