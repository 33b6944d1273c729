"""Linking channels: codes and their limits, two confirmations, unlinking, and coming back from a number that was silent for long."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from core.db import addresses, ledger, linking, mailboxes, people
from core.db.addresses import OwnAddress
from core.db.linking import Detached, Link, United
from core.db.mailboxes import Mailbox
from core.db.session import UnitOfWork
from core.domain.people import BookKind, PersonProfile, name_key
from core.errors import DomainError

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # 32 letters, none that looks like another: no I, O, 0, 1
SELECTOR_LENGTH = 4  # of the code: says which link is meant, so that wrong tries are held against the one they aim at
CODE_LENGTH = 10  # 50 bits, 30 of them behind the selector
CODE_LASTS = timedelta(minutes=10)
CODES_AN_HOUR = 5  # a starting person
TRIES_A_CODE = 5
TRIES_A_CHAT = 5
CHAT_LOCKED = timedelta(minutes=15)
TRIES_AN_HOUR = 10_000  # all chats together

PROOFS_MOST = 3  # wrong answers to "what did you record last"
PROOF_BILLS = 5  # which bills count as last
VOUCH_EVERY = timedelta(days=1)
VOUCH_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Agreed:
    """Where a link stands after a yes. `linked`: both said it, the two are one.

    `twice`: books in which both were; `old_book_id`: the joiner's personal book, read along from now on; `mailbox`: the one that was the joiner's.
    """

    link: Link
    linked: bool
    twice: list[UUID] = field(default_factory=list)
    old_book_id: UUID | None = None
    mailbox: Mailbox | None = None


def new_code() -> str:
    """Fresh and random; with a digit in it, so that it is never taken for a word."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if any(character.isdigit() for character in code):
            return code


async def start(uow: UnitOfWork, person: PersonProfile, *, chat: UUID, now: datetime) -> str:
    """A code that links another channel to this person. Raises DomainError `too_many_codes`."""
    if await linking.codes_since(uow, person.person_id, since=now - timedelta(hours=1)) >= CODES_AN_HOUR:
        raise DomainError("too_many_codes")
    code = new_code()
    await linking.create_link(
        uow, starter_id=person.person_id, chat=chat, selector=code[:SELECTOR_LENGTH], code=code, expires_at=now + CODE_LASTS, now=now
    )
    return code


async def propose(uow: UnitOfWork, code: str, person: PersonProfile, *, chat: UUID, now: datetime) -> Link | None:
    """Whoever writes a right code asks to be joined with its starter; both are to confirm. None for a wrong code, which is counted.

    Raises DomainError `too_many_tries`, `link_busy`, `link_self`.
    """
    if await linking.tries_since(uow, chat=chat, since=now - CHAT_LOCKED) >= TRIES_A_CHAT:
        raise DomainError("too_many_tries")
    if await linking.tries_since(uow, chat=None, since=now - timedelta(hours=1)) >= TRIES_AN_HOUR:
        raise DomainError("link_busy")
    link = await linking.link_for_code(uow, code, now=now)
    if link is None:
        await linking.note_try(uow, chat=chat, selector=code[:SELECTOR_LENGTH], most=TRIES_A_CODE, now=now)
        return None
    if link.starter_id == person.person_id:
        raise DomainError("link_self")
    await linking.use_code(uow, link.link_id, joiner_id=person.person_id, chat=chat, expires_at=now + CODE_LASTS)
    return link


async def side_of(uow: UnitOfWork, link_id: UUID, person_id: UUID, *, chat: UUID, now: datetime) -> tuple[Link, bool]:
    """An open link and whether this person, in this chat, is its starter. Raises DomainError `link_gone` for everybody else and later."""
    link = await linking.link_by_id(uow, link_id)
    if link is None or link.closed or link.joiner_id is None or link.expires_at <= now:
        raise DomainError("link_gone")
    if (person_id, chat) not in ((link.starter_id, link.starter_chat), (link.joiner_id, link.joiner_chat)):
        raise DomainError("link_gone")
    return link, person_id == link.starter_id


async def agree(uow: UnitOfWork, link_id: UUID, person_id: UUID, *, chat: UUID, now: datetime) -> Agreed:
    """One side's yes; with the second the two become one person. Raises DomainError `link_gone`."""
    link, starter = await side_of(uow, link_id, person_id, chat=chat, now=now)
    link = await linking.agree(uow, link, starter=starter)
    if not (link.starter_agreed and link.joiner_agreed):
        return Agreed(link, linked=False)
    assert link.joiner_id is not None, "a link without a second side is refused"
    await linking.close_link(uow, link.link_id, now=now)
    mailbox = await mailboxes.of_person(uow, link.joiner_id)
    united = await unite(uow, stays=link.starter_id, goes=link.joiner_id, now=now)
    return Agreed(link, linked=True, twice=united.twice, old_book_id=united.old_book_id, mailbox=mailbox)


async def refuse(uow: UnitOfWork, link_id: UUID, person_id: UUID, *, chat: UUID, now: datetime) -> Link:
    """One side's no ends it. Raises DomainError `link_gone`."""
    link, _ = await side_of(uow, link_id, person_id, chat=chat, now=now)
    await linking.close_link(uow, link.link_id, now=now)
    return link


async def unite(uow: UnitOfWork, *, stays: UUID, goes: UUID, now: datetime) -> United:
    """Make two people one; the one who stays is known by their own name from now on."""
    united = await linking.join_people(uow, stays=stays, goes=goes, now=now)
    name, _ = await linking.person_facts(uow, stays)
    await people.update_person(uow, stays, name=name, name_said=True)  # else each channel's label would rename them in turn
    return united


async def unlink(uow: UnitOfWork, person: PersonProfile, address: OwnAddress) -> None:
    """The address leaves the person. Raises DomainError `last_address`, `no_such_channel`."""
    if len(await addresses.addresses_of(uow, person.person_id)) < 2:
        raise DomainError("last_address")
    await linking.drop_address(uow, person.person_id, address.address_hash)


# ------------------------------------------------------------------ back from a number that was silent for long


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody says they recorded last: the words and the number, whatever the currency."""

    words: str
    number: Decimal


async def detached(uow: UnitOfWork, address_hash: bytes) -> Detached:
    """The address as it was taken from its person. Raises DomainError `nothing_to_come_back_to`."""
    found = await linking.detached_address(uow, address_hash)
    if found is None:
        raise DomainError("nothing_to_come_back_to")
    return found


async def prove(uow: UnitOfWork, fresh: PersonProfile, address_hash: bytes, proof: Proof, *, now: datetime) -> bool:
    """Whether the proof names one of the last things recorded from there; then the person is back. Wrong answers are counted.

    Raises DomainError `nothing_to_come_back_to`, `too_many_proofs`.
    """
    was = await detached(uow, address_hash)
    if was.wrong >= PROOFS_MOST or was.refused:
        raise DomainError("too_many_proofs")
    if not await _recorded(uow, was.person_id, proof):
        await linking.note_wrong_answer(uow, address_hash)
        return False
    await bring_back(uow, was, fresh.person_id, now=now)
    return True


async def _recorded(uow: UnitOfWork, person_id: UUID, proof: Proof) -> bool:
    books = await linking.books_of(uow, person_id)
    await uow.load_books(books, lock=False)
    own = [entry for book, member in books.items() for entry in await ledger.bills(uow, book, limit=100) if entry.actor_id == member]
    newest = sorted(own, key=lambda entry: entry.recorded_at, reverse=True)[:PROOF_BILLS]
    wanted = name_key(proof.words)
    return any(
        name_key(entry.description) == wanted and sum(p.amount.decimal for p in entry.postings if p.role == "paid") == proof.number
        for entry in newest
    )


async def shared_groups(uow: UnitOfWork, person_id: UUID) -> list[UUID]:
    """The groups in which somebody else could know the person; loaded."""
    books = await linking.books_of(uow, person_id)
    await uow.load_books(books, lock=False)
    return [book_id for book_id in books if uow.book(book_id).kind is not BookKind.PERSONAL and vouchers(uow, book_id, person_id)]


def vouchers(uow: UnitOfWork, book_id: UUID, person_id: UUID) -> tuple[UUID, ...]:
    """Who may vouch for a member of a book: all others who are there themselves."""
    return tuple(m.person_id for m in uow.book(book_id).members if m.active and m.person_id is not None and m.person_id != person_id)


async def ask_to_vouch(uow: UnitOfWork, was: Detached, *, now: datetime) -> list[UUID]:
    """The groups to be asked. Raises DomainError `use_other_channel` where the person has one left, `vouch_asked`, `nobody_to_vouch`."""
    if was.refused:
        raise DomainError("too_many_proofs")
    if await addresses.addresses_of(uow, was.person_id):
        raise DomainError("use_other_channel")
    if was.asked_at is not None and now - was.asked_at < VOUCH_EVERY:
        raise DomainError("vouch_asked")
    groups = await shared_groups(uow, was.person_id)
    if not groups:
        raise DomainError("nobody_to_vouch")
    await linking.note_asked(uow, was.address_hash, now=now)
    return groups


async def vouched(uow: UnitOfWork, address_hash: bytes, *, fresh_id: UUID, book_id: UUID, yes: bool, now: datetime) -> Detached:
    """A member of a shared group said who it is. Raises DomainError `vouch_gone` where the question is no longer open."""
    was = await linking.detached_address(uow, address_hash)
    open_since = was.asked_at if was is not None and not was.refused else None
    if was is None or open_since is None or now - open_since > VOUCH_LASTS or await linking.owner_of(uow, address_hash) != fresh_id:
        raise DomainError("vouch_gone")
    if uow.book(book_id).member_of(was.person_id) is None:
        raise DomainError("vouch_gone")
    if yes:
        await bring_back(uow, was, fresh_id, now=now)
    else:
        await linking.refuse_return(uow, address_hash, now=now)
    return was


async def bring_back(uow: UnitOfWork, was: Detached, fresh_id: UUID, *, now: datetime) -> None:
    """The address is its old person's again; what was written meanwhile comes along."""
    await unite(uow, stays=was.person_id, goes=fresh_id, now=now)
    await linking.forget_detached(uow, was.address_hash)
