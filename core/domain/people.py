"""Books (the tenants), their members and what the members are called."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

FORMER = "former member"  # the name that stays in a book when a person is erased


class BookKind(StrEnum):
    PERSONAL = "personal"
    GROUP = "group"


class DefaultSplit(StrEnum):
    """What an expense that names nobody means."""

    NONE = "none"
    EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Member:
    """A position in a book. Without a person it is a guest, to be claimed later. An alias that starts with @ is what the platform calls them.

    `in_chat`: was met in the group's own chat, so reads what is said there. `also_person`: a second position of a person who was in the book
    twice when their channels were linked; it keeps its balance, and they act through the first. `household`: the same for those who count as one.
    """

    member_id: UUID
    name: str
    person_id: UUID | None = None
    aliases: tuple[str, ...] = ()
    active: bool = True
    in_chat: bool = False
    also_person: UUID | None = None
    household: UUID | None = None

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

    `settles_in`: the one currency in which everybody is made even; None: every currency by itself.
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
            if member.household is not None and first not in placed:
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
        return (self.member_of(member.also_person) or member) if member.also_person is not None else member

    def positions_of(self, person_id: UUID) -> tuple[Member, ...]:
        """All that a person has in the book: the one they act through, and those from before their channels were linked."""
        return tuple(member for member in self.members if person_id in (member.person_id, member.also_person))


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
