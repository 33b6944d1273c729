"""How chats may be reached: when their people wrote last, who asked not to be written to, whose reply window the platform has closed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from core.db.answers import message_hash
from core.db.conversations import conversation_hash
from core.db.inbox import Incoming, message_key
from core.db.session import Database, UnitOfWork
from core.domain.messages import ChatAddress, Consent, Contact, InboundMessage
from core.ports import Clock

# The newest word counts, by when it came first: the same one delivered again years later changes nothing.
_SAY = """UPDATE conversations c SET stopped_at = CASE WHEN s.stop THEN s.at END, consent_at = s.at
FROM unnest($1::bytea[], $2::boolean[], $3::timestamptz[]) AS s (address_hash, stop, at)
WHERE c.address_hash = s.address_hash AND s.at >= coalesce(c.consent_at, '-infinity')"""


async def mirror(uow: UnitOfWork, said: Sequence[Incoming]) -> None:
    """Keep what fresh messages told the carrier, in the transaction that takes them in."""
    last: dict[bytes, Incoming] = {}
    for item in said:
        known = last.get(item.address_hash)
        if item.message.consent is not Consent.INFORMED and (known is None or known.received_at <= item.received_at):
            last[item.address_hash] = item
    if last:
        hashes = sorted(last)
        await uow.connection.execute(
            _SAY, hashes, [last[each].message.consent is Consent.STOPPED for each in hashes], [last[each].received_at for each in hashes]
        )


class Contacts:
    """What a channel asks before it sends, and what it learns from its platform's answers."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of(self, chat: ChatAddress) -> Contact:
        """A chat that nobody ever wrote in has never been heard."""
        async with self._database.pool.acquire() as connection:
            row = await connection.fetchrow(
                """SELECT c.stopped_at, c.window_closed_at,
                (SELECT i.received_at FROM inbox i WHERE i.conversation_id = c.id ORDER BY i.received_at DESC LIMIT 1) AS heard
                FROM conversations c WHERE c.address_hash = $1""",
                conversation_hash(self._database.keys, chat),
            )
        if row is None:
            return Contact()
        heard: datetime | None = row["heard"]
        closed = heard is not None and row["window_closed_at"] is not None and row["window_closed_at"] >= heard
        return Contact(last_heard=None if closed else heard, stopped=row["stopped_at"] is not None)

    async def stop(self, chat: ChatAddress) -> None:
        """The platform says that this person asked not to be written to."""
        async with self._database.pool.acquire() as connection:
            await connection.execute(_SAY, [conversation_hash(self._database.keys, chat)], [True], [self._clock()])

    async def close_window(self, chat: ChatAddress) -> None:
        """The platform takes no free message for this chat until its person writes again."""
        async with self._database.pool.acquire() as connection:
            await connection.execute(
                "UPDATE conversations SET window_closed_at = $2 WHERE address_hash = $1", conversation_hash(self._database.keys, chat), self._clock()
            )

    async def accounted(self, chat: ChatAddress, message_ids: Collection[str]) -> set[str]:
        """Those of the platform's ids that are known already as messages of ours in this chat."""
        async with self._database.pool.acquire() as connection:
            conversation = await connection.fetchval(
                "SELECT id FROM conversations WHERE address_hash = $1", conversation_hash(self._database.keys, chat)
            )
            if conversation is None:
                return set()
            hashes = {message_hash(self._database.keys, conversation, each): each for each in message_ids}
            rows = await connection.fetch(
                "SELECT message_hash FROM message_effects WHERE conversation_id = $1 AND message_hash = ANY($2::bytea[])", conversation, list(hashes)
            )
        return {hashes[row[0]] for row in rows}

    async def missing(self, messages: Sequence[InboundMessage]) -> list[InboundMessage]:
        """Those that were never taken in, in their order."""
        keys = [message_key(self._database.keys, message) for message in messages]
        async with self._database.pool.acquire() as connection:
            known = {row[0] for row in await connection.fetch("SELECT key FROM inbox_keys WHERE key = ANY($1::bytea[])", keys)}
        return [message for message, key in zip(messages, keys, strict=True) if key not in known]
