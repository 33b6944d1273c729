"""Link codes under attack, their limits, and that a link moves no money."""

from __future__ import annotations

import secrets
from datetime import timedelta
from random import Random
from uuid import UUID, uuid4

import asyncpg
import pytest

from core.db import linking as rows
from core.db import people
from core.db.audit import audit
from core.db.session import Database
from core.domain.people import PersonProfile
from core.errors import DomainError
from core.services import linking, membership
from tests.support.builders import NOW, expense, make_group, make_person
from tests.support.database import KEYS


async def make_chat(uow, person: PersonProfile | None = None) -> UUID:
    chat = uuid4()
    await uow.execute(
        "INSERT INTO conversations (id, address_hash, channel, kind, address, book_id, created_at) VALUES ($1, $2, 'webchat', 'private', '', $3, $4)",
        chat,
        secrets.token_bytes(32),
        person.personal_book_id if person else None,
        NOW,
    )
    return chat


async def pair(uow) -> tuple[PersonProfile, UUID, PersonProfile, UUID]:
    anna, ben = await make_person(uow, "Anna"), await make_person(uow, "Ben")
    return anna, await make_chat(uow, anna), ben, await make_chat(uow, ben)


def test_codes_are_long_random_and_of_letters_that_look_like_no_other():
    assert len(linking.ALPHABET) == 32 == len(set(linking.ALPHABET))
    assert not set(linking.ALPHABET) & set("IO01")
    codes = {linking.new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(len(code) == linking.CODE_LENGTH >= 8 and set(code) <= set(linking.ALPHABET) for code in codes)
    assert {character for code in codes for character in code} == set(linking.ALPHABET)


def test_the_chance_of_guessing_a_code_within_a_day_is_below_one_in_a_million():
    """An attacker with as many chats and requests as they like gets no more tries than the limits leave."""
    letters = len(linking.ALPHABET)
    without_digit = (24 / 32) ** linking.CODE_LENGTH  # these are never given out, which leaves so many fewer codes
    blind = 24 * linking.TRIES_AN_HOUR / (letters**linking.CODE_LENGTH * (1 - without_digit))
    open_at_once = 3_000  # of all people: 432,000 codes a day
    assert blind * open_at_once <= 1e-6
    aimed = 24 * linking.CODES_AN_HOUR * linking.TRIES_A_CODE / letters ** (linking.CODE_LENGTH - linking.SELECTOR_LENGTH)
    assert aimed <= 1e-6  # at one person, by somebody who has read the first letters


async def test_a_code_works_once_and_not_for_long(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, home, ben, there = await pair(uow)
        code = await linking.start(uow, anna, chat=home, now=NOW)
        assert await linking.propose(uow, code, ben, chat=there, now=NOW + linking.CODE_LASTS) is None
        assert await linking.propose(uow, code, ben, chat=there, now=NOW) is not None
        assert await linking.propose(uow, code, ben, chat=there, now=NOW) is None


async def test_asking_again_kills_the_older_code(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, home, ben, there = await pair(uow)
        first, second = [await linking.start(uow, anna, chat=home, now=NOW) for _ in range(2)]
        assert await linking.propose(uow, first, ben, chat=there, now=NOW) is None
        assert await linking.propose(uow, second, ben, chat=there, now=NOW) is not None


async def test_only_hashes_are_kept(database: Database, dsn: str) -> None:
    async with database.unit_of_work() as uow:
        anna, home, _, _ = await pair(uow)
        code = await linking.start(uow, anna, chat=home, now=NOW)
    connection = await asyncpg.connect(dsn)
    text = str(await connection.fetch("SELECT l::text FROM links l"))
    await connection.close()
    assert code not in text
    assert code.encode().hex() not in text
    assert KEYS.digest("link code", code).hex() in text


async def test_a_chat_is_locked_out_after_five_wrong_codes(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, home, ben, there = await pair(uow)
        code = await linking.start(uow, anna, chat=home, now=NOW)
        for number in range(5):
            assert await linking.propose(uow, f"AAAAAAAA2{number + 2}", ben, chat=there, now=NOW) is None
        with pytest.raises(DomainError, match="too_many_tries"):
            await linking.propose(uow, code, ben, chat=there, now=NOW)
        assert await linking.propose(uow, code, ben, chat=await make_chat(uow, ben), now=NOW) is not None  # others are not
        await linking.start(uow, anna, chat=home, now=NOW)
        later = NOW + linking.CHAT_LOCKED
        assert await linking.propose(uow, await linking.start(uow, anna, chat=home, now=later), ben, chat=there, now=later) is not None


async def test_a_code_that_was_aimed_at_dies_whatever_chats_the_tries_come_from(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, home, ben, _ = await pair(uow)
        code = await linking.start(uow, anna, chat=home, now=NOW)
        for number in range(linking.TRIES_A_CODE):
            guess = code[: linking.SELECTOR_LENGTH] + f"AAAA2{number + 2}"
            assert await linking.propose(uow, guess, ben, chat=await make_chat(uow), now=NOW) is None
        assert await linking.propose(uow, code, ben, chat=await make_chat(uow), now=NOW) is None


async def test_a_person_gets_five_codes_an_hour(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, home, _, _ = await pair(uow)
        for _ in range(linking.CODES_AN_HOUR):
            await linking.start(uow, anna, chat=home, now=NOW)
        with pytest.raises(DomainError, match="too_many_codes"):
            await linking.start(uow, anna, chat=home, now=NOW + timedelta(minutes=59))
        await linking.start(uow, anna, chat=home, now=NOW + timedelta(minutes=60))


async def test_all_chats_together_have_a_limit_too(database: Database) -> None:
    """A simulated attacker with a chat for every five guesses: no more is looked at than the limit of the hour."""
    async with database.unit_of_work() as uow:
        _, _, ben, _ = await pair(uow)
        await uow.execute(
            "INSERT INTO link_tries (conversation_id, tried_at) SELECT gen_random_uuid(), $1 FROM generate_series(1, $2::integer)",
            NOW,
            linking.TRIES_AN_HOUR - 7,
        )
        for _ in range(7):
            assert await linking.propose(uow, "AAAAAA2234", ben, chat=await make_chat(uow), now=NOW) is None
        for _ in range(13):
            with pytest.raises(DomainError, match="link_busy"):
                await linking.propose(uow, "AAAAAA2234", ben, chat=await make_chat(uow), now=NOW)
        assert await linking.propose(uow, "AAAAAA2299", ben, chat=await make_chat(uow), now=NOW + timedelta(hours=1, seconds=1)) is None


async def test_only_the_two_sides_in_their_own_chats_have_a_word(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, home, ben, there = await pair(uow)
        eve = await make_person(uow, "Eve")
        code = await linking.start(uow, anna, chat=home, now=NOW)
        link = await linking.propose(uow, code, ben, chat=there, now=NOW)
        assert link is not None
        for person, chat in ((eve, home), (eve, there), (anna, there), (ben, home), (ben, uuid4())):
            for answer in (linking.agree, linking.refuse):
                with pytest.raises(DomainError, match="link_gone"):
                    await answer(uow, link.link_id, person.person_id, chat=chat, now=NOW)
        assert not (await linking.agree(uow, link.link_id, ben.person_id, chat=there, now=NOW)).linked
        assert not (await linking.agree(uow, link.link_id, ben.person_id, chat=there, now=NOW)).linked  # twice is not both
        with pytest.raises(DomainError, match="link_gone"):
            await linking.agree(uow, link.link_id, anna.person_id, chat=home, now=NOW + linking.CODE_LASTS)
        assert (await linking.agree(uow, link.link_id, anna.person_id, chat=home, now=NOW)).linked
        with pytest.raises(DomainError, match="link_gone"):
            await linking.agree(uow, link.link_id, anna.person_id, chat=home, now=NOW)


async def test_who_started_cannot_be_the_other_side(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, home, _, _ = await pair(uow)
        code = await linking.start(uow, anna, chat=home, now=NOW)
        with pytest.raises(DomainError, match="link_self"):
            await linking.propose(uow, code, anna, chat=home, now=NOW)


async def sums(dsn: str) -> list[tuple]:
    """Every number of the ledger, as its owner sees it."""
    connection = await asyncpg.connect(dsn)
    found = [
        tuple(row)
        for table in ("balances", "spending", "postings", "entries", "chain", "chain_heads")
        for row in await connection.fetch(f"SELECT '{table}', t::text FROM {table} t ORDER BY 2")
    ]
    await connection.close()
    return found


@pytest.mark.parametrize("seed", range(6))
async def test_linking_and_unlinking_never_move_money(database: Database, dsn: str, seed: int) -> None:
    """Random people in random groups, with expenses of all of them; then random links and unlinks."""
    random = Random(seed)
    async with database.unit_of_work() as uow:
        everyone = [await make_person(uow, f"P{number}", user=f"49170000000{number}") for number in range(6)]
        for number in range(4):
            book = await make_group(uow, "Guest", name=f"G{number}", persons=random.sample(everyone, random.randint(2, 5)))
            for _ in range(5):
                payer = random.choice(book.members).member_id
                some = [member.member_id for member in random.sample(book.members, random.randint(1, len(book.members)))]
                uow.post(expense(book, random.randint(1, 9999), payer=payer, people=some))
        for person in everyone:
            uow.post(expense(uow.book(person.personal_book_id), random.randint(1, 9999)))
    before = await sums(dsn)
    alive = list(everyone)
    for _ in range(8):
        async with database.unit_of_work() as uow:
            if len(alive) > 1 and random.random() < 0.7:
                stays, goes = random.sample(alive, 2)
                await linking.unite(uow, stays=stays.person_id, goes=goes.person_id, now=NOW)
                alive.remove(goes)
            else:
                one = random.choice(alive)
                own = await linking.addresses.addresses_of(uow, one.person_id)
                if len(own) > 1:
                    await linking.unlink(uow, one, random.choice(own))
        assert (await audit(dsn))[1] == []
    assert await sums(dsn) == before


async def test_both_in_one_group_are_one_member_there(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, ben, cleo = [await make_person(uow, name) for name in ("Anna", "Ben", "Cleo")]
        book = await make_group(uow, persons=[anna, ben, cleo])
        uow.post(expense(book, 3000, payer=book.members[1].member_id))
        united = await linking.unite(uow, stays=anna.person_id, goes=ben.person_id, now=NOW)
        assert united.twice == [book.book_id]
        now = uow.book(book.book_id)
        assert [(m.name, m.active, m.person_id is not None) for m in now.members] == [
            ("Anna", True, True),
            ("Ben", False, False),
            ("Cleo", True, True),
        ]
        assert now.named("Ben") == now.member_of(anna.person_id)
        other_ben = await make_person(uow, "Ben")
        member, how = await membership.join(uow, book.book_id, other_ben, now=NOW)
        assert (member.name, how) == ("Ben 2", "new")  # another Ben does not get the position
    async with database.unit_of_work() as uow:
        await uow.load_books([book.book_id])
        assert uow.book(book.book_id).member(book.members[1].member_id).also_person == anna.person_id


async def test_a_link_with_somebody_who_is_gone_is_refused(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, _, ben, _ = await pair(uow)
        await linking.unite(uow, stays=anna.person_id, goes=ben.person_id, now=NOW)
        with pytest.raises(DomainError, match="link_gone"):
            await linking.unite(uow, stays=anna.person_id, goes=ben.person_id, now=NOW)
        with pytest.raises(DomainError, match="link_gone"):
            await linking.unite(uow, stays=anna.person_id, goes=anna.person_id, now=NOW)


async def test_the_last_address_stays(database: Database) -> None:
    async with database.unit_of_work() as uow:
        anna, _, ben, _ = await pair(uow)
        (only,) = await linking.addresses.addresses_of(uow, anna.person_id)
        with pytest.raises(DomainError, match="last_address"):
            await linking.unlink(uow, anna, only)
        await linking.unite(uow, stays=anna.person_id, goes=ben.person_id, now=NOW)
        (other,) = [each for each in await linking.addresses.addresses_of(uow, anna.person_id) if each.address_hash != only.address_hash]
        await linking.unlink(uow, anna, other)
        with pytest.raises(DomainError, match="last_address"):
            await linking.unlink(uow, anna, only)
        assert await people.find_person(uow, other.address_hash) is None
        assert await rows.owner_of(uow, only.address_hash) == anna.person_id
