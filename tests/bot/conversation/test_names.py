"""A name is the channel's label until the person says one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.rehearsal import Rehearsal
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from integrations.channels.limits import capabilities_of

START = datetime(2025, 3, 14, 12, tzinfo=UTC)
HELLO = InboundMessage(ChatAddress("telegram", "", "flat"), ChatKind.GROUP, Person("7", "You"), "1", InboundKind.TEXT, START, text="taxi 10")


async def test_a_new_label_is_taken_over_and_a_said_name_is_kept(database):
    async with Rehearsal(database, start=START, capabilities=capabilities_of) as stage:

        async def balances(name: str, text: str, minute: int) -> set[str]:
            message = replace(HELLO, sender=Person("7", name), message_id=str(minute), text=text, sent_at=START + timedelta(minutes=minute))
            await stage.play(message, at=message.sent_at)
            final = await stage.final({("telegram", "flat"): "flat"})
            return set(final["flat"]["balances"]["EUR"])

        assert await balances("You", "taxi 10", 1) == {"You"}
        assert await balances("Bob", "bus 2", 2) == {"Bob"}
        assert await balances("Bob", "my name is Robert", 3) == {"Robert"}
        assert await balances("Bobby", "tram 3", 4) == {"Robert"}
