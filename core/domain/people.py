"""Books (the tenants), their members, what these are called and what each of them may do."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from core.domain.categories import AS_THEY_COME, Categories
from core.domain.money import Money
from core.domain.reminders import is_quiet

FORMER = "former member"  # the name that stays in a book when a person is erased


class BookKind(StrEnum):
    PERSONAL = "personal"
    GROUP = "group"


class DefaultSplit(StrEnum):
    """What an expense that names nobody means."""

    NONE = "none"
    EVERYONE = "everyone"


class Role(StrEnum):
    """What somebody is in a book: an admin decides who is what, a member writes, a viewer looks."""

    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


class Action(StrEnum):
    """What can be done in a book."""

    READ = "read"
    RECORD = "record"  # a bill, income, a payment
    CHANGE = "change"  # a bill that is there: amend it, or take it back
    SETTLE = "settle"  # a payment between two: that it was made, that it came, that it did not
    COMMENT = "comment"
    APPROVE = "approve"  # a bill that waits for it, of somebody else
    ARRANGE = "arrange"  # who is in as a guest, what they are called, currency, how it is shared, when it is quiet
    GOVERN = "govern"  # who is what, what may be changed, who is the same, who goes; to close and to open
    LEAVE = "leave"


class Grant(StrEnum):
    """One cell of the table of rights."""

    YES = "yes"
    RULED = "ruled"  # of one's own; of others' unless the group keeps that to their authors
    OTHERS = "others"  # what is not one's own
    OWN = "own"
    NO = "no"


_Y, _R, _O, _N = Grant.YES, Grant.RULED, Grant.OTHERS, Grant.NO
RIGHTS: Mapping[Action, Mapping[Role | None, Grant]] = {  # None: who left; what is open stays theirs to settle
    action: dict(zip((Role.ADMIN, Role.MEMBER, Role.VIEWER, None), grants, strict=True))
    for action, grants in {
        Action.READ: (_Y, _Y, _Y, _Y),
        Action.RECORD: (_Y, _Y, _N, _N),
        Action.CHANGE: (_Y, _R, _N, _N),
        Action.SETTLE: (_Y, _Y, _N, Grant.OWN),
        Action.COMMENT: (_Y, _Y, _N, _N),
        Action.APPROVE: (_O, _O, _N, _N),
        Action.ARRANGE: (_Y, _Y, _N, _N),
        Action.GOVERN: (_Y, _N, _N, _N),
        Action.LEAVE: (_Y, _Y, _Y, _N),
    }.items()
}
IN_ARCHIVE = frozenset({Action.READ, Action.GOVERN, Action.LEAVE})  # what can be done in a book that is closed


@dataclass(frozen=True, slots=True)
class Rules:
    """What a group has agreed on. `approve_over`: a bill of more counts once somebody else approved it. `quiet`: from when until when nothing is
    announced, in the group's zone. `archived`: closed, read only.
    """

    own_only: bool = False
    approve_over: Money | None = None
    quiet: tuple[time, time] | None = None
    archived: bool = False

    def is_quiet(self, at: time) -> bool:
        """Whether it is quiet at a local time; the hours may lie over midnight."""
        return self.quiet is not None and is_quiet(self.quiet, at)


@dataclass(frozen=True, slots=True)
class Member:
    """A position in a book. Without a person it is a guest, to be claimed later. An alias that starts with @ is what the platform calls them.

    `in_chat`: was met in the group's own chat, so reads what is said there. `also_person`: a second position of a person who was in the book
    twice when their channels were linked; it keeps its balance, and they act through the first. `household`: the same for those who count as one.
    `same_as`: the position of somebody who turned out to be the same; what was written stays where it is, and counts for that one.
    """

    member_id: UUID
    name: str
    person_id: UUID | None = None
    aliases: tuple[str, ...] = ()
    active: bool = True
    in_chat: bool = False
    also_person: UUID | None = None
    household: UUID | None = None
    role: Role = Role.MEMBER
    same_as: UUID | None = None

    @property
    def erased(self) -> bool:
        """The position of a person who was erased: nobody's to claim, whatever they call themselves."""
        return self.name == FORMER and self.person_id is None and not self.active

    @property
    def nicknames(self) -> tuple[str, ...]:
        """Other names that people use in their texts."""
        return tuple(alias for alias in self.aliases if not alias.startswith("@"))

    @property
    def handles(self) -> tuple[str, ...]:
        """Without the @, case-folded: meant only where an @ is written, for anybody may call themselves like somebody else."""
        return tuple(alias[1:] for alias in self.aliases if alias.startswith("@"))


@dataclass(frozen=True, slots=True)
class Book:
    """`default_weights`: by what a bill that names nobody is shared, by member; under a word of its description, or "" for any bill.

    `settles_in`: the one currency in which everybody is made even; None: every currency by itself. `payday`: the day on which months of budgets
    begin; None: the first.
    """

    book_id: UUID
    kind: BookKind
    name: str
    currency: str
    currency_said: bool
    default_split: DefaultSplit
    language: str
    time_zone: str
    members: tuple[Member, ...] = ()
    default_weights: Mapping[str, Mapping[UUID, Decimal]] = field(default_factory=dict)
    settles_in: str | None = None
    payday: int | None = None
    rules: Rules = Rules()
    categories: Categories = AS_THEY_COME

    def weights_for(self, description: str) -> dict[UUID, Decimal]:
        """The weights of a bill that names nobody: those of a word that it is described by, else those of any bill; of who is here still."""
        words = name_key(description).split()
        key = next((word for word in self.default_weights if word and f" {word} " in f" {' '.join(words)} "), "")
        found: dict[UUID, Decimal] = {}
        for member_id, weight in self.default_weights.get(key, {}).items():
            first = self.first(self.member(member_id))
            if first.active:
                found[first.member_id] = found.get(first.member_id, Decimal(0)) + weight
        return found if any(found.values()) else {}

    def units(self) -> tuple[tuple[UUID, ...], ...]:
        """The households: lists of members who count as one when all share equally. Of who is in the book twice the first position counts first."""
        found: dict[UUID, list[UUID]] = {}
        placed: set[UUID] = set()
        for member in sorted(self.members, key=lambda each: each.also_person is not None):
            first = self.first(member).member_id
            if member.household is not None and member.same_as is None and first not in placed:
                placed.add(first)
                found.setdefault(member.household, []).append(first)
        return tuple(map(tuple, found.values()))

    def member(self, member_id: UUID) -> Member:
        return next(member for member in self.members if member.member_id == member_id)

    def member_of(self, person_id: UUID) -> Member | None:
        return next((member for member in self.members if member.person_id == person_id), None)

    def named(self, name: str) -> Member | None:
        """By name or nickname, in the comparison form; a second position's name means the person's first."""
        found = self.holder(name)
        return self.first(found) if found is not None else None

    def holder(self, name: str) -> Member | None:
        """The very position that bears a name or nickname. Erased members have no name to be called by."""
        key = name_key(name)
        return next((m for m in self.members if not m.erased and key in {name_key(m.name), *map(name_key, m.nicknames)}), None)

    def first(self, member: Member) -> Member:
        """The position through which a member acts: their own, or for a second position of a person that person's."""
        for _ in self.members:  # one who is the same as one who is the same as a third
            if member.same_as is not None:
                member = self.member(member.same_as)
            elif member.also_person is not None and (first := self.member_of(member.also_person)) is not None:
                member = first
            else:
                break
        return member

    def role_of(self, member: Member) -> Role:
        """As was said. Where no admin is left who could say, it is the one who is in for the longest and may write."""
        here = [each for each in self.members if each.active and each.person_id is not None]
        if any(each.role is Role.ADMIN for each in here):
            return member.role
        oldest = next((each for each in here if each.role is Role.MEMBER), here[0] if here else None)
        return Role.ADMIN if oldest is not None and oldest.member_id == member.member_id else member.role

    def admins(self) -> tuple[Member, ...]:
        return tuple(member for member in self.members if member.active and member.person_id is not None and self.role_of(member) is Role.ADMIN)

    def may(self, member: Member, action: Action, *, owners: Collection[UUID] = ()) -> bool:
        """Whether a member may do something here, by role and rules; `owners`: the members whose bill it is about."""
        if self.kind is BookKind.PERSONAL:
            return action is not Action.APPROVE
        return may(self.role_of(member) if member.active else None, action, own=member.member_id in owners, rules=self.rules)

    def positions_of(self, person_id: UUID) -> tuple[Member, ...]:
        """All that a person has in the book: the one they act through, those from before their channels were linked, and who is the same."""
        return tuple(member for member in self.members if person_id in (member.person_id, member.also_person, self.first(member).person_id))


def may(role: Role | None, action: Action, *, own: bool, rules: Rules) -> bool:
    """Whether a role (None: who left) may do something in a group; `own`: it is about something of theirs."""
    if rules.archived and action not in IN_ARCHIVE:
        return False
    match RIGHTS[action][role]:
        case Grant.YES:
            return True
        case Grant.RULED:
            return own or not rules.own_only
        case Grant.OTHERS:
            return not own
        case Grant.OWN:
            return own
        case Grant.NO:
            return False


@dataclass(frozen=True, slots=True)
class Sighting:
    """When (to the hour) and in which private chat an address wrote before; `newest`: no other address of the person wrote later."""

    wrote_at: datetime
    conversation_id: UUID | None
    newest: bool


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """A person over all channels. `currency` and `time_zone` are None until said; guesses are made where they are used."""

    person_id: UUID
    name: str
    language: str
    currency: str | None
    time_zone: str | None
    personal_book_id: UUID
    books: dict[UUID, UUID] = field(default_factory=dict)  # book id -> the person's member id there
    name_said: bool = False  # by the person; else it is the channel's label and follows it
    preferred_channel: str | None = None  # where they want to be written to; None: where they wrote last
    taught: bool = False  # corrected a category before
    sighting: Sighting | None = field(default=None, compare=False)  # of the address by which they were found


_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF])


def name_key(name: str) -> str:
    """The form in which names are compared: NFKC, case-folded, no marks, no invisible characters, single spaces, look-alikes mapped."""
    text = unicodedata.normalize("NFKD", name.translate(_CONTROLS)).casefold()
    text = "".join(_LOOK_ALIKES.get(character, character) for character in text if not unicodedata.combining(character))
    return " ".join(text.lstrip("@").split())


# Cyrillic and Greek letters drawn like Latin ones (Unicode TR 39 confusables, the letters that occur in names).
_LOOK_ALIKES = dict(zip("аеорсухіјѕԁһοανρτυικ", "aeopcyxijsdhoavptuik", strict=True))
