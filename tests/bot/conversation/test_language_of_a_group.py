"""A group that writes short notes is answered in its language as soon as two of them tell it."""

from __future__ import annotations

from bot.rehearsal import Rehearsal
from core.db.session import Database
from integrations.channels.limits import capabilities_of
from tests.support.stage import START, Chat


async def test_two_clear_notes_tell_with_others_between(database: Database) -> None:
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as play:
        ines, paco, sara = (Chat(play, who, "piso") for who in ("ines", "paco", "sara"))
        for each in (ines, paco, sara):
            await each.joins()
        await ines.says("compra en Mercadona 54,30")
        await paco.says("gasolina 40 sin Sara")
        await sara.says("cena 60, Ines paga 25")
        await ines.says("no, la compra fue 52,30")
        assert "pagado por ti" in (await paco.says("taxi 12"))[0]
