"""What carriers report of letters: kept on the outbox row, in whatever order it comes, also before the letter is marked as sent."""

from __future__ import annotations

from core.db.answers import message_hash
from core.db.conversations import conversation_hash
from core.db.session import Database
from core.domain.carriage import CarriageReport, overtaken_by


class Statuses:
    """`note` from any task."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note(self, report: CarriageReport) -> bool:
        """Keep a report; False where it tells nothing new, or of no letter of this chat.

        The letter is the one that the report names, which holds as soon as it is on its way; else the one marked as sent under the platform's id.
        """
        keys = self._database.keys
        async with self._database.pool.acquire() as connection:
            conversation = await connection.fetchval("SELECT id FROM conversations WHERE address_hash = $1", conversation_hash(keys, report.chat))
            if conversation is None:
                return False
            letter = report.letter_id or await connection.fetchval(
                "SELECT outbox_id FROM message_effects WHERE conversation_id = $1 AND message_hash = $2",
                conversation,
                message_hash(keys, conversation, report.message_id),
            )
            status = await connection.execute(
                """UPDATE outbox SET carriage = $3, carriage_error = coalesce($4, carriage_error)
                WHERE id = $1 AND conversation_id = $2 AND (carriage IS NULL OR carriage = ANY($5::text[]))""",
                letter,
                conversation,
                report.state,
                report.error,
                sorted(overtaken_by(report.state)),
            )
        return str(status).endswith(" 1")
