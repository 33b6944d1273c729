"""Finishes what "delete me" could not do before its commit: files, what others were told, the deletion list. Repeats erasures after a restore."""

from __future__ import annotations

from uuid import UUID

from bot.log import log
from core.db.erasure import erase_person, returned_people
from core.db.erasure_aftermath import finish_erasure, next_erasure
from core.db.session import Database
from core.ports import BlobStore, DeletionList


class Erasures:
    """Looks as often as `finish` is called. Several may do so; each erasure is finished by one."""

    def __init__(self, database: Database, *, blobs: BlobStore, deletions: DeletionList) -> None:
        self._database = database
        self._blobs = blobs
        self._deletions = deletions

    async def finish(self) -> int:
        """Finish what can be finished now; returns how many were."""
        done, after = 0, UUID(int=0)
        while True:
            async with self._database.unit_of_work() as uow:
                erasure = await next_erasure(uow, after=after)
                if erasure is None:
                    return done
                after = erasure.person_id
                await self._deletions.add({erasure.person_id: erasure.erased_at})
                for key in erasure.blob_keys:
                    await self._blobs.delete(key)
                if await finish_erasure(uow, erasure):  # last: its row goes with this commit, all else was done by then
                    done += 1
                    log.info("erased", job="erasures", count=len(erasure.blob_keys))

    async def repeat(self) -> int:
        """Erase again who is on the deletion list and yet there: an older backup was restored. Returns how many were. For a start, before work."""
        listed = await self._deletions.read()
        if not listed:
            return 0
        async with self._database.unit_of_work() as uow:
            returned = await returned_people(uow, list(listed))
        for person_id in returned:
            async with self._database.unit_of_work() as uow:
                await erase_person(uow, person_id, now=listed[person_id], at_rest=True)
        if returned:
            log.warning("erased again", job="erasures", count=len(returned))
            await self.finish()
        return len(returned)
