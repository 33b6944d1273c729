"""What a file of a group's bills is reduced to, and made of: people by their names there, rows in minor units, what they come to."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import Any
from uuid import UUID

from core.domain.people import Book, Member, name_key
from core.domain.splits import evenly

Part = tuple[str, int]  # a name as the file has it, and minor units
Balances = dict[tuple[str, str], int]  # (name, currency) -> minor units, positive: is owed
MONEY_MOST = 10**13  # of one row, in minor units: sums over all rows stay within what the ledger can hold


class RowKind(StrEnum):
    EXPENSE = "expense"
    TRANSFER = "transfer"  # money from one person to another
    INCOME = "income"  # came in and belongs to some


@dataclass(frozen=True, slots=True)
class FileRow:
    """One bill, payment or income. `paid` and `shares` come to the same sum; of a transfer they name the sender and the receiver.

    `line`: where it stands in the file (1 is the first). `split` and `remainders` (in millionths of a minor unit) are known of files of our own:
    how the bill was shared, with names for people. `origin`: the bill's id there.
    """

    line: int
    kind: RowKind
    on: date
    description: str
    category: str | None
    currency: str
    paid: tuple[Part, ...]
    shares: tuple[Part, ...]
    split: Mapping[str, Any] = field(default_factory=dict)
    remainders: tuple[Part, ...] = ()
    origin: str = ""

    def __post_init__(self) -> None:
        assert total(self.paid) == total(self.shares), "what was paid was paid for somebody"
        assert self.paid and self.shares, "a row names who paid and who shares"


@dataclass(frozen=True, slots=True)
class Aside:
    """A line that is not taken over, and why: a code such as `date`, `amount`, `does_not_add_up`."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class GroupFile:
    """All of a file. `checks`: balances that the file itself states. `damaged`: lines taken over although not all of their text could be read."""

    source: str
    people: tuple[str, ...]
    rows: tuple[FileRow, ...]
    aside: tuple[Aside, ...] = ()
    checks: Mapping[tuple[str, str], int] = field(default_factory=dict)
    damaged: tuple[int, ...] = ()


def distinct(names: Iterable[str], *, numbered: str = "{} ({})") -> list[str]:
    """The names in order; one that comes again gets a number, for it is somebody else's. `numbered`: how name and number are put together."""
    following: dict[str, int] = {}  # each name that is taken, and the number for whoever comes by it next
    for each in names:
        chosen, number = each, following.get(each, 2)
        while chosen in following:
            chosen, number = numbered.format(each, number), number + 1
        following[each] = number
        following.setdefault(chosen, 2)
    return list(following)


def total(parts: Sequence[Part]) -> int:
    return sum(minor for _, minor in parts)


def balances(rows: Sequence[FileRow]) -> Balances:
    """What the rows come to for each person and currency; zeros are left out."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        sign = -1 if row.kind is RowKind.INCOME else 1
        for name, minor in row.paid:
            sums[(name, row.currency)] += sign * minor
        for name, minor in row.shares:
            sums[(name, row.currency)] -= sign * minor
    return {key: minor for key, minor in sums.items() if minor}


def check(file: GroupFile) -> Balances:
    """Where the file's own balances differ from those of its rows: the file's minus ours, in minor units. Empty where all agree.

    Only what the file states is compared.
    """
    ours = balances(file.rows)
    return {key: stated - ours.get(key, 0) for key, stated in file.checks.items() if stated != ours.get(key, 0)}


def keys(rows: Sequence[FileRow]) -> list[bytes]:
    """A key for each row, the same whenever the same row comes again: its content and its place among rows that are equal to it.

    A file that has grown since brings the keys of before and new ones.
    """
    seen: Counter[bytes] = Counter()
    found = []
    for row in rows:
        digest = hashlib.sha256(_content(row)).digest()
        seen[digest] += 1
        found.append(hashlib.sha256(digest + seen[digest].to_bytes(4, "big")).digest())
    return found


def _content(row: FileRow) -> bytes:
    """Without the line and how it was split: rows may be put in before it, and our own programs may come to say more."""
    said = (row.kind.value, row.on.isoformat(), row.description, row.category or "", row.currency)
    parts = chain(*((side, name, str(minor)) for side, of in (("paid", row.paid), ("share", row.shares)) for name, minor in sorted(of)))
    return "\x1f".join(chain(said, parts)).encode("utf-8", "replace")


# ------------------------------------------------------------------ people


def same_names(book: Book, people: Sequence[str]) -> dict[str, UUID]:
    """Who of a file's people is a member by their very name or nickname; nobody is two of them."""
    found: dict[str, UUID] = {}
    for person in people:
        member = book.named(person)
        if member is not None and member.member_id not in found.values():
            found[person] = member.member_id
    return found


def likely(book: Book, person: str, *, taken: Iterable[UUID]) -> list[Member]:
    """Members who may be that person: their first names are alike, and they are nobody else of the file."""
    first = name_key(person).split()[:1]
    free = [member for member in book.members if member.active and member.also_person is None and member.member_id not in set(taken)]
    return [member for member in free if first and name_key(member.name).split()[:1] == first]


# ------------------------------------------------------------------ rebuilding rows


class NotARow(Exception):
    """The line cannot be taken over; `reason` is the code of an Aside."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def from_nets(cost: int, nets: Mapping[str, int]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """Who paid and who owes of a row that tells for each person only paid minus owed. Balances come out exactly; raises NotARow.

    Whoever is below zero owes that. Whoever is above paid that, and what is left of the cost was for themselves: in equal parts where several
    paid, since the row does not tell. A negative cost (money came back) is the mirror image.
    """
    if cost < 0:
        paid, shares = from_nets(-cost, {name: -minor for name, minor in nets.items()})
        return tuple((name, -minor) for name, minor in paid), tuple((name, -minor) for name, minor in shares)
    if sum(nets.values()):
        raise NotARow("does_not_add_up")
    above = [(name, minor) for name, minor in nets.items() if minor > 0]
    below = [(name, -minor) for name, minor in nets.items() if minor < 0]
    if not above:
        raise NotARow("nobody_owes" if cost else "zero")
    left = cost - total(above)
    if left < 0:
        raise NotARow("does_not_add_up")
    own = [(name, part) for (name, _), part in zip(above, evenly(left, len(above)), strict=True)]
    paid = tuple((name, minor + part) for (name, minor), (_, part) in zip(above, own, strict=True))
    return paid, tuple(part for part in (*own, *below) if part[1])
