"""What is sent keeps to what platforms, people and purses allow: pace, pauses, edits that become one, refusals and caps."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from bot.caps import calling_code
from bot.delivery import Delivery
from bot.throttle import Limits, Rate
from core.db.session import Database
from core.domain.messages import Capabilities, ChatAddress, DayCaps, Pace
from core.errors import DomainError, SendError, SendErrorKind
from tests.support.doubles import FakeChannel
from tests.support.letters import chat, letter, post
from tests.support.running import Running, message, running


@asynccontextmanager
async def sending(database: Database, dsn: str, *others: FakeChannel, pace: Pace = Pace(), **fields: object) -> AsyncIterator[Running]:
    capabilities = Capabilities(buttons=8, edits=True, groups=True, pace=pace, **fields)  # type: ignore[arg-type]
    async with running(database, dsn, channels=(FakeChannel(capabilities=capabilities), *others)) as service:
        yield service


async def settled(service: Running) -> None:
    """Whatever is due was looked at: nothing is on its way, and nothing changes any more."""
    shown = """SELECT (SELECT array_agg((state, reason, next_at, conversation_id) ORDER BY no)::text FROM outbox),
    (SELECT array_agg((state, reason, next_at) ORDER BY no)::text FROM inbox), EXISTS (SELECT FROM outbox WHERE claimed_by IS NOT NULL)
    OR EXISTS (SELECT FROM conversations WHERE claimed_by IS NOT NULL)"""
    same, before = 0, None
    while same < 6:
        service.runtime.nudge()
        await asyncio.sleep(0.04)
        row = (*await service.owner.fetchrow(shown), service.channel.attempts)
        same, before = (same + 1 if row == before and not row[2] else 0), row


async def passing(service: Running, *, seconds: float) -> None:
    service.clock.forward(seconds=seconds)
    await settled(service)


async def states(service: Running) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await service.owner.fetch("SELECT state, reason, tries FROM outbox ORDER BY no")]


# ------------------------------------------------------------------ pace


async def test_a_chat_rests_between_two_messages_and_others_do_not_wait_for_it(database: Database, dsn: str) -> None:
    async with sending(database, dsn, pace=Pace(chat_seconds=1)) as service:
        anna, bob = [await chat(database, name, now=service.clock()) for name in ("anna", "bob")]
        await post(database, [letter(anna, "1"), letter(anna, "2"), letter(bob, "3")], now=service.clock())
        await settled(service)
        assert sorted(service.channel.texts()) == ["1", "3"]
        await passing(service, seconds=0.9)
        assert len(service.channel.sent) == 2
        await passing(service, seconds=0.2)
        assert service.channel.texts("anna") == ["1", "2"]
        assert {row[2] for row in await states(service)} == {0}, "to rest is no try"


async def test_a_group_sees_twenty_a_minute(database: Database, dsn: str) -> None:
    async with sending(database, dsn, pace=Pace(group_a_minute=3)) as service:
        group = await chat(database, "g", group=True, now=service.clock())
        await post(database, [letter(group, str(number)) for number in range(7)], now=service.clock())
        sent = []
        for _ in range(15):
            await settled(service)
            sent.append(len(service.channel.sent))
            service.clock.forward(seconds=10)
        assert sent == [3] * 7 + [6] * 7 + [7]
        assert service.channel.texts() == [str(number) for number in range(7)]


async def test_a_toast_does_not_wait_for_the_pace(database: Database, dsn: str) -> None:
    async with sending(database, dsn, pace=Pace(a_second=1, chat_seconds=30)) as service:
        anna = await chat(database, "anna", now=service.clock())
        await post(database, [letter(anna, "1"), letter(anna, "2"), letter(anna, "toast", toast=True)], now=service.clock())
        await settled(service)
        assert service.channel.texts() == ["1", "toast"]


async def test_a_channel_begins_so_many_a_second_over_all_processes(database: Database, dsn: str) -> None:
    pace = Pace(a_second=5)
    async with sending(database, dsn, pace=pace) as one, sending(database, dsn, pace=pace) as other:
        other.clock.now = one.clock.now
        chats = [await chat(database, f"c{number}", now=one.clock()) for number in range(12)]
        await post(database, [letter(each, "x") for each in chats], now=one.clock())
        counts = []
        for _ in range(4):
            await asyncio.gather(settled(one), settled(other))
            counts.append(len(one.channel.sent) + len(other.channel.sent))
            for service in (one, other):
                service.clock.forward(seconds=1.1)
        assert counts == [5, 10, 12, 12]


async def test_the_slots_of_a_process_that_died_are_taken_over_after_a_rest(database: Database, dsn: str) -> None:
    async with sending(database, dsn, pace=Pace(a_second=2)) as service:
        chats = [await chat(database, f"c{number}", now=service.clock()) for number in range(4)]
        await post(database, [letter(each, "x") for each in chats[:2]], now=service.clock())
        await service.until(lambda: len(service.channel.sent) == 2)
    async with sending(database, dsn, pace=Pace(a_second=2)) as service:
        await post(database, [letter(each, "y") for each in chats[2:]], now=service.clock())
        await settled(service)
        assert service.channel.sent == [], "the other may have sent a moment ago"
        await passing(service, seconds=1.1)
        assert len(service.channel.sent) == 2


async def test_the_whole_channel_waits_when_chat_after_chat_is_told_to(database: Database, dsn: str) -> None:
    async with sending(database, dsn) as service:
        names = [f"c{number}" for number in range(9)]
        for name in names[:8]:
            service.channel.refuse[name].append(SendError(SendErrorKind.RETRY, "429", retry_after_seconds=20))
        chats = [await chat(database, name, now=service.clock()) for name in names]
        await post(database, [letter(each, "x") for each in chats[:8]], now=service.clock())
        await service.until(lambda: service.channel.attempts == 8)
        await settled(service)
        await post(database, [letter(chats[8], "x")], now=service.clock())
        await settled(service)
        assert service.channel.attempts == 8
        await passing(service, seconds=21)
        assert len(service.channel.sent) == 9


# ------------------------------------------------------------------ edits


async def effect_of(service: Running, conversation: UUID, target: UUID) -> None:
    await service.owner.execute(
        "INSERT INTO message_effects (conversation_id, message_hash, version, outbox_id) VALUES ($1, 'h', 1, $2)", conversation, target
    )


async def test_of_edits_that_wait_only_the_newest_is_sent(database: Database, dsn: str) -> None:
    async with sending(database, dsn, pace=Pace(chat_seconds=30)) as service:
        anna = await chat(database, "anna", now=service.clock())
        first = letter(anna, "first", button="b1")
        await post(database, [first], now=service.clock())
        await settled(service)
        second = letter(anna, "second", edits=first.letter_id, button="b2")
        other = letter(anna, "other")
        third = letter(anna, "third", edits=second.letter_id, button="b3")
        await post(database, [second, other, third], now=service.clock())
        await effect_of(service, anna, third.letter_id)
        await passing(service, seconds=32)
        await passing(service, seconds=32)
        assert [(each.text, each.edits) for each in service.channel.sent] == [("first", None), ("third", "sent-1"), ("other", None)]
        assert [choice.id for choice in service.channel.sent[1].choices] == ["b3"]
        assert [row[:2] for row in await states(service)] == [("sent", None), ("sent", None), ("sent", None), ("dropped", "coalesced")]
        assert await service.owner.fetchval("SELECT outbox_id FROM message_effects WHERE message_hash = 'h'") == second.letter_id
        assert await service.owner.fetchval("SELECT outbox_id FROM buttons WHERE id = 'b3'") == second.letter_id
        await post(database, [letter(anna, "fourth", edits=third.letter_id)], now=service.clock())
        await passing(service, seconds=32)
        assert service.channel.sent[-1].edits == "sent-2", "an edit of a letter that was dropped is an edit of the one that stands for it"


async def test_an_edit_of_a_letter_that_was_not_sent_yet_takes_its_place(database: Database, dsn: str) -> None:
    async with sending(database, dsn, pace=Pace(chat_seconds=30)) as service:
        anna = await chat(database, "anna", now=service.clock())
        await post(database, [letter(anna, "before")], now=service.clock())
        await settled(service)
        first = letter(anna, "first", button="b1")
        await post(database, [first, letter(anna, "second", edits=first.letter_id, button="b2")], now=service.clock())
        await passing(service, seconds=32)
        await passing(service, seconds=32)
        assert service.channel.texts() == ["before", "second"]
        assert service.channel.sent[1].edits is None
        assert service.channel.sent[1].key == str(first.letter_id)
        assert [choice.id for choice in service.channel.sent[1].choices] == ["b2"]


async def test_an_edit_of_a_notification_that_waits_goes_into_it(database: Database, dsn: str) -> None:
    async with sending(database, dsn) as service:
        anna = await chat(database, "anna", now=service.clock())
        service.channel.refuse["anna"].append(SendError(SendErrorKind.RETRY, "no"))
        first = letter(anna, "first", notification=True)
        await post(database, [first], now=service.clock())
        await service.until(lambda: service.channel.attempts == 1)
        await settled(service)
        await post(database, [letter(anna, "second", edits=first.letter_id)], now=service.clock())
        await passing(service, seconds=10)
        assert service.channel.texts() == ["second"]


# ------------------------------------------------------------------ tries


async def test_a_try_that_may_have_arrived_is_said_to_the_channel(database: Database, dsn: str) -> None:
    async with sending(database, dsn) as service:
        anna = await chat(database, "anna", now=service.clock())
        service.channel.refuse["anna"].extend([SendError(SendErrorKind.RETRY, "refused"), SendError(SendErrorKind.RETRY, "lost", unknown=True)])
        seen: list[bool] = []
        original = service.channel.send

        async def send(sent: object) -> str:
            seen.append(sent.again)  # type: ignore[attr-defined]
            assert sent.created_at == service.clock.now - timedelta(seconds=elapsed)  # type: ignore[attr-defined]
            return await original(sent)  # type: ignore[arg-type]

        elapsed = 0
        service.channel.send = send  # type: ignore[method-assign, assignment]
        await post(database, [letter(anna, "x")], now=service.clock())
        await service.until(lambda: service.channel.attempts == 2)
        await settled(service)
        elapsed = 2
        await passing(service, seconds=2)
        assert seen == [False, False, True]


async def test_what_the_platform_postpones_is_no_try(database: Database, dsn: str) -> None:
    async with sending(database, dsn) as service:
        anna = await chat(database, "anna", now=service.clock())
        service.channel.refuse["anna"].extend(SendError(SendErrorKind.RETRY, "429", retry_after_seconds=5) for _ in range(30))
        await post(database, [letter(anna, "x")], now=service.clock())
        for attempts in range(1, 31):
            await service.until(lambda attempts=attempts: service.channel.attempts == attempts)
            await passing(service, seconds=6)
        assert service.channel.texts() == ["x"]


async def test_letters_follow_a_chat_that_moved(database: Database, dsn: str) -> None:
    async with sending(database, dsn) as service:
        old, new = await chat(database, "old", group=True, now=service.clock()), await chat(database, "new", group=True, now=service.clock())
        moved = []

        async def move_chat(uow: object, address: ChatAddress, *, to: str, now: object) -> None:
            moved.append((address.chat, to))

        delivery = next(loop for loop in service.runtime.loops if isinstance(loop, Delivery))
        delivery._move_chat = move_chat
        service.channel.refuse["old"].append(SendError(SendErrorKind.REJECTED, "upgraded", moved_to="new"))
        await post(database, [letter(old, "1"), letter(old, "2"), letter(new, "3")], now=service.clock())
        await settled(service)
        assert moved == [("old", "new")]
        assert service.channel.texts("new") in (["1", "2", "3"], ["3", "1", "2"])
        assert {row[2] for row in await states(service)} == {0}


# ------------------------------------------------------------------ refusals


async def person_with_two_chats(database: Database, service: Running) -> tuple[UUID, UUID]:
    """The same person, on the channel "fake" and on "second"."""
    one = await chat(database, "anna", now=service.clock())
    two = await chat(database, "anna", channel="second", now=service.clock())
    book = await service.owner.fetchval("SELECT gen_random_uuid()")
    await service.owner.execute(
        "INSERT INTO people (id, personal_book_id, created_at) VALUES (gen_random_uuid(), $1, now())",
        book,
    )
    await service.owner.execute("UPDATE conversations SET book_id = $1 WHERE id = ANY($2::uuid[])", book, [one, two])
    return one, two


@pytest.mark.parametrize("error", [("window_closed", "x"), ("opted_out", "x"), ("rejected", "bot was blocked by the user")])
async def test_a_refused_notification_goes_to_the_next_chat_with_its_buttons(database: Database, dsn: str, error: tuple[str, str]) -> None:
    second = FakeChannel(name="second")
    async with sending(database, dsn, second) as service:
        one, two = await person_with_two_chats(database, service)
        service.channel.refuse["anna"].append(SendError(SendErrorKind(error[0]), error[1]))
        await post(database, [letter(one, "hello", notification=True, button="b1")], now=service.clock())
        await service.until(lambda: second.texts() == ["hello"])
        assert await service.owner.fetchval("SELECT conversation_id FROM buttons WHERE id = 'b1'") == two
        assert service.channel.attempts == 1


async def test_a_notification_that_nobody_takes_is_held_until_they_write(database: Database, dsn: str) -> None:
    second = FakeChannel(name="second")
    async with sending(database, dsn, second) as service:
        await service.runtime.accept(message("anna", 1))
        await service.quiet()
        one = await service.owner.fetchval("SELECT id FROM conversations")
        service.clock.forward(seconds=1)
        service.channel.refuse["anna"].append(SendError(SendErrorKind.OPTED_OUT, "stop"))
        await post(database, [letter(one, str(number), notification=True) for number in range(7)], now=service.clock())
        await settled(service)
        await passing(service, seconds=3600)
        assert service.channel.attempts == 2, "after the first no nothing is tried"
        held = [row for row in await states(service) if row[1] == "held"]
        assert len(held) == 5
        later = service.clock.now + timedelta(seconds=1)
        service.clock.now = later
        await service.runtime.accept(message("anna", 2, sent_at=later))
        await service.quiet()
        assert service.channel.texts() == ["noted 1", "2", "3", "4", "5", "6", "noted 2"]


async def test_what_is_held_for_too_long_is_dropped(database: Database, dsn: str) -> None:
    async with sending(database, dsn) as service:
        one = await chat(database, "anna", now=service.clock())
        service.channel.refuse["anna"].append(SendError(SendErrorKind.WINDOW_CLOSED, "63016"))
        await post(database, [letter(one, "x", notification=True)], now=service.clock())
        await service.until(lambda: service.channel.attempts == 1)
        await settled(service)
        await passing(service, seconds=7 * 86_400 + 1)
        assert await states(service) == [("dropped", "expired", 0)]
        assert service.channel.attempts == 1


async def test_a_closed_window_is_said_to_the_channel(database: Database, dsn: str) -> None:
    async with sending(database, dsn, window_hours=24) as service:
        one = await chat(database, "anna", now=service.clock())
        for hours in (0, 23, 2):
            service.clock.forward(hours=hours)
            await post(database, [letter(one, "x")], now=service.clock())
            await service.quiet()
        assert [each.notice for each in service.channel.sent] == [False, False, True]


# ------------------------------------------------------------------ caps


@pytest.mark.parametrize(
    ("number", "code"),
    [("+12025550123", "1"), ("+351912345678", "351"), ("whatsapp:+4915112345678", "49"), ("+85212345678", "852"), ("anna", None), ("+1", None)],
)
def test_the_country_of_a_number(number: str, code: str | None) -> None:
    assert calling_code(number) == code


async def capped(database: Database, dsn: str, caps: DayCaps, chats: list[str]) -> list[str]:
    """Three letters to each chat; returns to whom they went."""
    async with sending(database, dsn, day_caps=caps) as service:
        for name in chats:
            conversation = await chat(database, name, now=service.clock())
            for _ in range(3):
                await post(database, [letter(conversation, "x")], now=service.clock())
                await service.quiet()
        assert {row[:2] for row in await states(service)} <= {("sent", None), ("dead", "capped")}
        return [each.address.chat for each in service.channel.sent]


PORTUGAL, SPAIN = "+351912345678", "+34612345678"


async def test_no_more_goes_out_than_each_cap_allows(database: Database, dsn: str) -> None:
    assert await capped(database, dsn, DayCaps(2, 9, 9, 9), [PORTUGAL, SPAIN]) == [PORTUGAL] * 2 + [SPAIN] * 2


@pytest.mark.parametrize("caps", [DayCaps(9, 9, 4, 9), DayCaps(9, 9, 9, 4)])
async def test_the_caps_of_a_channel_and_in_all(database: Database, dsn: str, caps: DayCaps) -> None:
    assert await capped(database, dsn, caps, [PORTUGAL, SPAIN]) == [PORTUGAL] * 3 + [SPAIN]


async def test_a_countrys_cap_leaves_other_countries_alone(database: Database, dsn: str) -> None:
    assert await capped(database, dsn, DayCaps(9, 2, 9, 9), [PORTUGAL, SPAIN]) == [PORTUGAL] * 2 + [SPAIN] * 2


async def test_a_new_day_begins_anew_and_who_never_wrote_is_not_written_to(database: Database, dsn: str) -> None:
    async with sending(database, dsn, day_caps=DayCaps(1, 9, 9, 9)) as service:
        one = await chat(database, PORTUGAL, now=service.clock())
        for _ in range(2):
            await post(database, [letter(one, "x"), letter(one, "y")], now=service.clock())
            await service.quiet()
            service.clock.forward(hours=24)
        assert service.channel.texts() == ["x", "x"]
        await service.owner.execute("UPDATE conversations SET heard_at = NULL")
        await post(database, [letter(one, "z")], now=service.clock())
        await service.quiet()
        assert len(service.channel.sent) == 2


async def test_only_the_allowed_countries_are_written_to(database: Database, dsn: str) -> None:
    channel = FakeChannel(capabilities=Capabilities(day_caps=DayCaps(9, 9, 9, 9)))
    async with running(database, dsn, channels=(channel,), countries={"fake": ("351",)}) as service:
        for name in (PORTUGAL, SPAIN):
            await post(database, [letter(await chat(database, name, now=service.clock()), "x")], now=service.clock())
        await service.quiet()
        assert [each.address.chat for each in channel.sent] == [PORTUGAL]


# ------------------------------------------------------------------ who writes too fast


async def test_who_writes_too_fast_waits_is_told_once_and_answered_in_order(database: Database, dsn: str) -> None:
    limits = Limits(chat=Rate(1, 3))
    async with running(database, dsn, roles=("web",)) as service:
        for number in range(1, 7):
            await service.runtime.accept(message("anna", number))
        await service.runtime.accept(message("bob", 1))
    async with running(database, dsn, limits=limits) as service:
        await settled(service)
        assert service.channel.texts("anna") == ["noted 1", "noted 2", "noted 3", "slow down"]
        assert service.channel.texts("bob") == ["noted 1"]
        for _ in range(4):
            await passing(service, seconds=1)
        await service.quiet()
        assert service.channel.texts("anna") == ["noted 1", "noted 2", "noted 3", "slow down", "noted 4", "noted 5", "noted 6"]
        assert await service.owner.fetchval("SELECT max(tries) FROM inbox") == 0


async def test_a_flooded_chat_takes_no_more_and_is_told_once(database: Database, dsn: str) -> None:
    async with running(database, dsn, roles=("web",), limits=Limits(waiting_most=10)) as service:
        refused = 0
        for number in range(1, 31):
            try:
                await service.runtime.accept(message("anna", number))
            except DomainError as error:
                refused += error.code == "too_many_waiting"
        await service.runtime.accept(message("bob", 1))
        assert refused == 20
        assert await service.owner.fetchval("SELECT count(*) FROM outbox") == 1
    async with running(database, dsn, limits=Limits(waiting_most=10)) as service:
        await service.quiet()
        assert len(await service.effects()) == 11
        await service.runtime.accept(message("anna", 31))
        await service.quiet()
        assert len(await service.effects()) == 12
