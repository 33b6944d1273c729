"""The pinned balances of a group say the names that its people have: after a rename and after an erasure, though nothing was booked."""

from __future__ import annotations

from datetime import timedelta

from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat


async def test_a_name_that_changed_or_was_erased_goes_from_the_pinned_message(database: Database) -> None:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        annas, bens = Chat(play, "anna", group="flat"), Chat(play, "ben", group="flat")
        await annas.joins()
        await bens.joins()
        await annas.says("pin the balance")
        await annas.says("dinner 90")

        async def renewed() -> list[str]:
            return [each.message.text for each in await play.play(None, at=play.clock() + timedelta(minutes=1)) if each.message.edits]

        assert await renewed() == ["flat, as it stands:\nben → anna €45"]
        await bens.says("my name is Benedict")
        assert await renewed() == ["flat, as it stands:\nBenedict → anna €45"]
        await annas.says("rename the group to Casa")
        assert await renewed() == ["Casa, as it stands:\nBenedict → anna €45"]
        await Chat(play, "ben").says("delete me")
        await Chat(play, "ben").presses("Delete everything")
        assert await renewed() == ["Casa, as it stands:\nformer member → anna €45"]
        assert await renewed() == []
