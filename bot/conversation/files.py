"""Files of other programs on their way into the conversation: fetched and read before any transaction. Decides nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.conversation.intents import Nothing, Understanding
from core.domain.messages import Attachment, ChatAddress
from core.errors import DomainError
from core.ports import CalendarWriter, ExportWriter, FileFetcher, ImportReader

UNREAD = "unread_file"  # the rule under which a file counts that could not be taken over; its intent's hint says why


@dataclass(frozen=True, slots=True)
class Files:
    """What reads files of other programs and makes ours. `fetchers`: by the name of the channel."""

    fetchers: Mapping[str, FileFetcher]
    reader: ImportReader
    writer: ExportWriter
    calendars: CalendarWriter

    async def understand(self, address: ChatAddress, attachment: Attachment, *, currency: str) -> Understanding:
        """What is in a file. `currency`: of one that names none. Raises ServiceUnavailable where it cannot be fetched now."""
        fetcher = self.fetchers.get(address.channel)
        if fetcher is None:
            return Understanding(Nothing("file_gone"), rule=UNREAD)
        try:
            data = await fetcher.fetch(attachment)
            found = await self.reader.read(data, currency=currency)
        except DomainError as problem:
            return Understanding(Nothing(str(problem.params.get("reason", problem.code))), rule=UNREAD)
        return Understanding(Nothing("file"), rule="file", file=found)
