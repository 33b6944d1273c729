"""A group that goes on under another id keeps its book, whatever comes first: messages under the old id, the news, messages under the new one."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from bot.conversation.engine import Engine
from core.domain.messages import ChatAddress, ChatKind, InboundKind, Person
from tests.support.running import message, running

OLD, NEW = ChatAddress("fake", "", "-5"), ChatAddress("fake", "", "-1005")


def said(address, number, text, **fields):
    fields = {"sender": Person("anna", "Anna")} | fields
    return message(address.chat, number, text, address=address, chat_kind=ChatKind.GROUP, **fields)


def news(number):
    return said(OLD, number, "", kind=InboundKind.MOVED, moved_to="-1005")


# Messages of the new chat are numbered anew: number 1 there is another message than number 1 of the old one.
EVENTS = {"old": lambda: said(OLD, 1, "taxi 20"), "news": lambda: news(2), "new": lambda: said(NEW, 1, "bus 4")}
IN_TELEGRAMS_ORDER = [order for order in permutations(EVENTS) if order.index("news") < order.index("new")]


async def expenses(live):
    rows = await live.owner.fetch("SELECT t.description, e.book_id FROM entries e JOIN entry_texts t USING (book_id, entry_id) ORDER BY 1")
    return [row[0] for row in rows], len({row[1] for row in rows})


@pytest.mark.parametrize("order", IN_TELEGRAMS_ORDER, ids="-".join)
@pytest.mark.parametrize("waiting", [True, False], ids=["each is answered first", "all at once"])
@pytest.mark.parametrize("known", [True, False], ids=["Anna is known", "Anna is new"])
async def test_one_book_in_every_order(database, dsn, order, waiting, known):
    async with running(database, dsn, engine=Engine()) as live:
        if known:
            await live.runtime.accept(message("anna", 1, "hello", sender=Person("anna", "Anna")))
            await live.quiet()
        for name in order:
            await live.runtime.accept(EVENTS[name]())
            if waiting:
                await live.quiet()
        await live.runtime.accept(EVENTS["news"]())  # and told again
        await live.quiet()
        assert await expenses(live) == (["bus", "taxi"], 1)


async def test_the_chat_goes_on_where_it_was(database, dsn):
    """Its settings stay, its members stay, and the same delivery under either id has no second effect."""
    async with running(database, dsn, engine=Engine()) as live:
        for each in (said(OLD, 1, "taxi 20"), said(OLD, 2, "our currency is dollars"), news(3), said(NEW, 1, "bus 4"), said(NEW, 2, "list")):
            await live.runtime.accept(each)
            await live.quiet()
        await live.runtime.accept(said(OLD, 1, "taxi 20"))
        await live.runtime.accept(said(NEW, 1, "bus 4"))
        await live.quiet()
        assert (await expenses(live))[0] == ["bus", "taxi"]
        assert "$4" in live.channel.texts("-1005")[0]
        assert "Taxi" in live.channel.texts("-1005")[1]
        edited = said(OLD, 1, "taxi 21", kind=InboundKind.EDIT, version=1)  # of a message of the old chat, late
        await live.runtime.accept(edited)
        await live.quiet()
        assert await live.owner.fetchval("SELECT count(*) FROM members WHERE book_id IN (SELECT book_id FROM entries)") == 1
        assert await live.owner.fetchval("SELECT sum(amount) FROM postings WHERE role = 'paid' AND currency = 'USD'") == 2500


async def test_others_are_told_of_it_once(database, dsn):
    """What a member does elsewhere is told in the chat as it is now."""
    async with running(database, dsn, engine=Engine()) as live:
        for each in (said(OLD, 1, "taxi 20", chat_title="Trip"), news(2), said(NEW, 1, "bus 4", sender=Person("ben", "Ben"))):
            await live.runtime.accept(each)
            await live.quiet()
        alone = message("anna", 9, "in Trip: museum 6", sender=Person("anna", "Anna"), sent_at=live.clock.now + timedelta(minutes=1))
        await live.runtime.accept(alone)
        await live.quiet()
        assert [sent.address.chat for sent in live.channel.sent if "Museum" in sent.text and sent.address.chat != "anna"] == ["-1005"]
