"""Who is in a book: joining, guests and claiming them, names, who is the same, leaving, groups by code."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Literal
from uuid import UUID

from core.db import group_log, people, pins
from core.db.group_log import Change, Kind
from core.db.session import UnitOfWork
from core.domain.people import Book, BookKind, DefaultSplit, Member, PersonProfile, Role, name_key
from core.errors import DomainError

ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
CODE_LENGTH = 10  # 30^10: 49 bits, with five wrong tries in a quarter of an hour
MEMBERS_MOST = 100
NAME_MOST = 60


def checked_name(name: str) -> str:
    """A name as kept: trimmed, at most 60 characters. Raises DomainError `name_empty`."""
    kept = " ".join(name.strip().lstrip("@").split())[:NAME_MOST].strip()
    if not name_key(kept):
        raise DomainError("name_empty")
    return kept


def unknown(name: str) -> DomainError:
    return DomainError("no_such_person", name=checked_name(name))


async def join(
    uow: UnitOfWork, book_id: UUID, person: PersonProfile, *, now: datetime, in_chat: bool = False, handle: str = ""
) -> tuple[Member, Literal["known", "claimed", "new"]]:
    """Make a person a member: back in after leaving, in place of the guest of the same name (or handle), or new.

    `in_chat`: met in the group's own chat.
    """
    member, how = await _take_in(uow, book_id, person, now=now, in_chat=in_chat, handle=handle)
    if how != "known":
        await group_log.add(uow, book_id, Change(Kind.JOINED, member.member_id, member.member_id), now=now)
    return member, how


async def _take_in(
    uow: UnitOfWork, book_id: UUID, person: PersonProfile, *, now: datetime, in_chat: bool, handle: str
) -> tuple[Member, Literal["known", "claimed", "new"]]:
    book = uow.book(book_id)
    known = book.member_of(person.person_id)
    if known is not None:
        return await _met(uow, book_id, known, in_chat=in_chat), "known" if known.active else "new"
    guest = _guest(book, handle) or _guest(book, person.name)
    if guest is not None:
        claimed = await people.claim_member(uow, book_id, member_id=guest.member_id, person_id=person.person_id)
        written = book.holder(person.name)
        if claimed.name != person.name and (written is None or written.member_id == claimed.member_id):
            kept = [] if name_key(claimed.name) == name_key(person.name) else [claimed.name]  # others, and texts read a moment ago, still say so
            claimed = await people.update_member(uow, book_id, claimed.member_id, name=checked_name(person.name), aliases=[*claimed.aliases, *kept])
        return await _met(uow, book_id, claimed, in_chat=in_chat), "claimed"
    _room(book)
    name = checked_name(person.name)
    return await people.add_member(uow, book_id, name=name, person_id=person.person_id, now=now, in_chat=in_chat), "new"


def _guest(book: Book, name: str) -> Member | None:
    """Who was named so by others and is nobody's position yet."""
    named = book.holder(name) if name else None
    found = book.first(named) if named is not None else None
    return found if found is not None and found.person_id is None and found.also_person is None else None


async def _met(uow: UnitOfWork, book_id: UUID, member: Member, *, in_chat: bool) -> Member:
    if member.active and (member.in_chat or not in_chat):
        return member
    return await people.update_member(uow, book_id, member.member_id, active=True, in_chat=in_chat or (member.in_chat and member.active))


async def _note_name(uow: UnitOfWork, book_id: UUID, change: Change, *, now: datetime) -> None:
    """For "what changed?"; and a pinned message that says the old name is to be edited."""
    await group_log.add(uow, book_id, change, now=now)
    await pins.mark_stale(uow, book_id, now=now)


async def follow_handle(uow: UnitOfWork, book_id: UUID, member: Member, handle: str) -> None:
    """What the platform calls a member belongs to them alone from now on: whoever had it before has lost it."""
    mine = f"@{handle.casefold()}"
    if handle and mine in member.aliases:
        return
    for other in uow.book(book_id).members:
        if other.member_id != member.member_id and handle and mine in other.aliases:
            await people.update_member(uow, book_id, other.member_id, aliases=[alias for alias in other.aliases if alias != mine])
    kept = list(member.nicknames) + ([mine] if handle else [])
    if kept != list(member.aliases):
        await people.update_member(uow, book_id, member.member_id, aliases=kept)


async def add_guest(uow: UnitOfWork, book_id: UUID, name: str, *, by: UUID | None, now: datetime) -> Member:
    """A member without a person, named by somebody else. A guest of that name who left comes back. Raises `name_taken`, `name_empty`."""
    guest = await _guest_called(uow, book_id, checked_name(name), now=now)
    await group_log.add(uow, book_id, Change(Kind.ADDED, by, guest.member_id), now=now)
    return guest


async def _guest_called(uow: UnitOfWork, book_id: UUID, kept: str, *, now: datetime) -> Member:
    known = uow.book(book_id).named(kept)
    if known is not None:
        if known.active:
            raise DomainError("name_taken", name=kept)
        return await people.update_member(uow, book_id, known.member_id, active=True)
    _room(uow.book(book_id))
    return await people.add_member(uow, book_id, name=kept, person_id=None, now=now)


async def follow_name(uow: UnitOfWork, person: PersonProfile, label: str, *, now: datetime) -> PersonProfile:
    """The channel shows the person under another name now: take it over, unless they said theirs. The person's own book is loaded."""
    if person.name_said or not name_key(label) or checked_name(label) == person.name:
        return person
    name = checked_name(label)
    for book_id, member_id in person.books.items():
        await uow.load_books([book_id])
        taken = uow.book(book_id).holder(name)
        member = uow.book(book_id).member(member_id)
        if member.name == person.name and (taken is None or taken.member_id == member_id):
            await call_oneself(uow, book_id, member, name, now=now)
    return await people.update_person(uow, person.person_id, name=name)


async def new_code(uow: UnitOfWork, book_id: UUID, *, now: datetime) -> str:
    """What opens a book to whoever says it; only its keyed hash is stored."""
    code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
    await people.create_join_code(uow, book_id, code=code, now=now)
    return f"{code[:5]}-{code[5:]}"


def _room(book: Book) -> None:
    if len(book.members) >= MEMBERS_MOST:
        raise DomainError("too_many_people")


async def open_group(uow: UnitOfWork, *, name: str, founder: PersonProfile, currency: str, language: str, time_zone: str, now: datetime) -> Book:
    """A group's book with its founder in it; what names nobody is split with everyone there."""
    book = await people.create_book(
        uow,
        kind=BookKind.GROUP,
        name=checked_name(name),
        currency=currency,
        currency_said=founder.currency is not None,
        default_split=DefaultSplit.EVERYONE,
        language=language,
        time_zone=time_zone,
        now=now,
    )
    await join(uow, book.book_id, founder, now=now)
    return uow.book(book.book_id)


# ------------------------------------------------------------------ who is called what, who is who, who goes


async def rename(uow: UnitOfWork, book_id: UUID, member: Member, name: str, *, by: UUID, now: datetime) -> Member:
    """The old name goes on meaning them: texts that were read a moment ago, and people out of habit, say it. Raises `name_taken`, `name_empty`."""
    kept = checked_name(name)
    before = [] if name_key(kept) == name_key(member.name) else [member.name]
    aliases = [alias for alias in member.aliases if name_key(alias) != name_key(kept) or alias.startswith("@")]
    renamed = await people.update_member(uow, book_id, member.member_id, name=kept, aliases=[*aliases, *before])
    await _note_name(uow, book_id, Change(Kind.RENAMED, by, member.member_id, before=member.name, after=kept), now=now)
    return renamed


async def call_oneself(uow: UnitOfWork, book_id: UUID, member: Member, name: str, *, now: datetime) -> None:
    """By the person: nobody else is meant by the old name from then on, and others may take it. Raises `name_taken`."""
    await people.update_member(uow, book_id, member.member_id, name=name)
    await _note_name(uow, book_id, Change(Kind.RENAMED, member.member_id, member.member_id, before=member.name, after=name), now=now)


async def rename_group(uow: UnitOfWork, book_id: UUID, name: str, *, by: UUID, now: datetime) -> Book:
    """Raises `name_empty`."""
    before, kept = uow.book(book_id).name, checked_name(name)
    await people.update_book(uow, book_id, name=kept)
    await _note_name(uow, book_id, Change(Kind.GROUP_RENAMED, by, before=before, after=kept), now=now)
    return uow.book(book_id)


def same_pair(one: Member, other: Member) -> tuple[Member, Member]:
    """Who stays and who goes into them, where two names are one person: who writes here stays, else the first named.

    Raises DomainError `same_person`, `two_people`.
    """
    if one.member_id == other.member_id:
        raise DomainError("same_person")
    if one.person_id is not None and other.person_id is not None:
        raise DomainError("two_people", one=one.name, other=other.name)
    return (other, one) if other.person_id is not None else (one, other)


async def merge(uow: UnitOfWork, book_id: UUID, stays: Member, goes: Member, *, by: UUID, now: datetime) -> None:
    """From now on one is the other: what is on the ledger stays where it is, and counts for who stays."""
    await people.update_member(uow, book_id, goes.member_id, same_as=stays.member_id, active=False)
    await _note_name(uow, book_id, Change(Kind.MERGED, by, goes.member_id, stays.member_id, goes.name, stays.name), now=now)


async def part(uow: UnitOfWork, book_id: UUID, member: Member, *, by: UUID, now: datetime) -> None:
    """They were two people after all: each has what was theirs. Raises DomainError `not_the_same`."""
    if member.same_as is None:
        raise DomainError("not_the_same")
    other = uow.book(book_id).first(member)
    await people.update_member(uow, book_id, member.member_id, same_as=None, active=True)
    await _note_name(uow, book_id, Change(Kind.PARTED, by, member.member_id, other.member_id, member.name, other.name), now=now)


async def leave(uow: UnitOfWork, book_id: UUID, member: Member, *, now: datetime) -> None:
    """By themselves: a word in the group's chat, or its code, brings them back. The balance stays."""
    await people.update_member(uow, book_id, member.member_id, active=False, in_chat=False)
    await group_log.add(uow, book_id, Change(Kind.LEFT, member.member_id, member.member_id), now=now)


async def remove(uow: UnitOfWork, book_id: UUID, member: Member, *, by: UUID, now: datetime) -> None:
    """Out of the group, by somebody else: who writes here may look from then on, until they are made a member again. The balance stays."""
    role = Role.VIEWER if member.person_id is not None else member.role
    await people.update_member(uow, book_id, member.member_id, active=False, in_chat=False, role=role)
    await group_log.add(uow, book_id, Change(Kind.REMOVED, by, member.member_id), now=now)


async def set_role(uow: UnitOfWork, book_id: UUID, member: Member, role: Role, *, by: UUID, now: datetime) -> list[Change]:
    """Returns what that changes. Raises DomainError `guests_have_no_role`, `last_admin`."""
    if member.person_id is None and role is not Role.MEMBER:
        raise DomainError("guests_have_no_role", name=member.name)
    admins, before = uow.book(book_id).admins(), uow.book(book_id).role_of(member)
    if role is not Role.ADMIN and [admin.member_id for admin in admins] == [member.member_id]:
        raise DomainError("last_admin", name=member.name)
    if not any(admin.role is Role.ADMIN for admin in admins):  # who was it for want of another stays it
        for admin in admins:
            await people.update_member(uow, book_id, admin.member_id, role=Role.ADMIN)
    await people.update_member(uow, book_id, member.member_id, role=role)
    changes = [Change(Kind.ROLE, by, member.member_id, before=before.value, after=role.value)] if role is not before else []
    for each in changes:
        await group_log.add(uow, book_id, each, now=now)
    return changes
