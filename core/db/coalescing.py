"""Several letters that say what one message is to show become one: the first of them, with the newest words. The others stand for it from then on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from core.db.bodies import decode_outbound, encode_outbound
from core.db.outbox import ClaimedLetter
from core.db.session import UnitOfWork
from core.domain.messages import OutboundMessage

# Edits name the letter that they edit by its own id, by that of a letter that edited it before, or by one that was absorbed into another.
_WAITING = """SELECT o.id, o.body, coalesce(e.stands, o.edits) AS target, coalesce(e.platform_message_id, t.platform_message_id) AS shown
FROM outbox o LEFT JOIN outbox e ON e.id = o.edits LEFT JOIN outbox t ON t.id = e.stands
WHERE o.conversation_id = $1 AND o.state = 'pending' AND o.edits IS NOT NULL AND o.claimed_by IS NULL AND o.id <> $2 AND o.counts
ORDER BY o.no FOR NO KEY UPDATE OF o SKIP LOCKED"""


@dataclass(frozen=True, slots=True)
class _Body:
    message: OutboundMessage
    book_id: UUID | None
    bill_ids: tuple[UUID, ...]


async def absorb_edits(uow: UnitOfWork, letter: ClaimedLetter) -> ClaimedLetter | None:
    """Let a claimed letter say what the edits behind it say, and drop those.

    None: the letter is itself an edit of one that waits ahead of it, and was absorbed by that one. A letter whose earlier try may have arrived is
    left as it is: a platform that looks for it must find what it was given.
    """
    if letter.message is None or not letter.counts:
        return letter
    if await _into_waiting_target(uow, letter):
        return None
    if letter.message.again:
        return letter
    chain, newest = {letter.letter_id}, None
    for row in await uow.connection.fetch(_WAITING, letter.conversation_id, letter.letter_id):
        same = row["shown"] is not None and row["shown"] == letter.message.edits
        if (row["target"] in chain or same) and row["body"] is not None:
            chain.add(row["id"])
            newest = row
    if newest is None:
        return letter
    body = await _merged(uow, letter.letter_id, newest["body"], keeping=letter.message)
    await _drop(uow, sorted(chain - {letter.letter_id}), stands=letter.letter_id, conversation_id=letter.conversation_id)
    return replace(letter, message=body.message, book_id=body.book_id, bill_ids=body.bill_ids)


async def _into_waiting_target(uow: UnitOfWork, letter: ClaimedLetter) -> bool:
    """A notification that waits for hours (or is held) is passed by the edit of it: then it waits on, with the edit's words."""
    row = await uow.connection.fetchrow(
        """SELECT t.id, t.body, own.body AS words FROM outbox own JOIN outbox e ON e.id = own.edits JOIN outbox t ON t.id = coalesce(e.stands, e.id)
        WHERE own.id = $1 AND t.conversation_id = own.conversation_id AND t.state = 'pending' AND NOT t.unsure AND t.claimed_by IS NULL
        AND t.body IS NOT NULL FOR NO KEY UPDATE OF t SKIP LOCKED""",
        letter.letter_id,
    )
    if row is None or letter.message is None:
        return False
    waiting, _, _ = decode_outbound(await _decrypt(uow, letter.conversation_id, row["body"]), address=letter.message.address, edits=None)
    await _merged(uow, row["id"], row["words"], keeping=waiting)
    await _drop(uow, [letter.letter_id], stands=row["id"], conversation_id=letter.conversation_id)
    return True


async def _merged(uow: UnitOfWork, letter_id: UUID, words: bytes, *, keeping: OutboundMessage) -> _Body:
    """Store the newest words in a letter that keeps its place: what it answers and quotes, its topic, its files."""
    conversation_id = await uow.connection.fetchval("SELECT conversation_id FROM outbox WHERE id = $1", letter_id)
    plain = await _decrypt(uow, conversation_id, words)
    newest, book_id, bill_ids = decode_outbound(plain, address=keeping.address, edits=None)
    message = replace(
        keeping, text=newest.text, choices=newest.choices, documents=newest.documents or keeping.documents, pin=newest.pin or keeping.pin
    )
    data_key = await _data_key(uow, conversation_id)
    sealed = uow.keys.encrypt(data_key, encode_outbound(message, book_id=book_id, bill_ids=bill_ids))
    await uow.connection.execute("UPDATE outbox SET body = $2 WHERE id = $1", letter_id, sealed)
    return _Body(message, book_id, bill_ids)


async def _drop(uow: UnitOfWork, letters: list[UUID], *, stands: UUID, conversation_id: UUID) -> None:
    """Whatever pointed to them points to the letter that stands: its buttons will be the ones shown, edits to come are edits of it."""
    await uow.connection.execute(
        """UPDATE outbox SET state = 'dropped', reason = 'coalesced', stands = $2, claimed_by = NULL
        WHERE id = ANY($1::uuid[]) AND state = 'pending'""",
        letters,
        stands,
    )
    await uow.connection.execute("UPDATE outbox SET stands = $2 WHERE stands = ANY($1::uuid[])", letters, stands)
    await uow.connection.execute("UPDATE buttons SET outbox_id = $2 WHERE outbox_id = ANY($1::uuid[])", letters, stands)
    await uow.connection.execute(
        "UPDATE message_effects SET outbox_id = $2 WHERE conversation_id = $3 AND outbox_id = ANY($1::uuid[])", letters, stands, conversation_id
    )


async def _data_key(uow: UnitOfWork, conversation_id: UUID) -> bytes:
    found: bytes = await uow.connection.fetchval("SELECT data_key FROM conversations WHERE id = $1", conversation_id)
    return found


async def _decrypt(uow: UnitOfWork, conversation_id: UUID, sealed: bytes) -> bytes:
    return uow.keys.decrypt(await _data_key(uow, conversation_id), sealed)
