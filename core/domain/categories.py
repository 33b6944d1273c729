"""The categories that come along, and what a book made of them: own ones, other names, emoji, colours, merged, hidden. Refuses no other word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

OTHER = "other"
CATEGORIES = (
    "food",  # eating out
    "groceries",
    "transport",
    "travel",
    "housing",
    "utilities",
    "subscriptions",
    "entertainment",
    "shopping",
    "health",
    "personal",
    "gifts",
    "pets",
    "education",
    "children",
    "fees",
    "income",
    OTHER,
)
OWN = "own_"  # begins the code of one that people added: the ledger keeps the code, so their words can be changed, and erased
OWN_MOST = 100  # of a book


def is_own(code: str | None) -> bool:
    """Whether a code is of a category that people added."""
    return code is not None and code.startswith(OWN)


@dataclass(frozen=True, slots=True)
class Category:
    """What a book made of a category. `name` and `emoji` are "" as it comes along; `colour` is "#rrggbb" or ""."""

    code: str
    name: str = ""
    emoji: str = ""
    colour: str = ""
    hidden: bool = False  # offered nowhere and never guessed; what is in it stays
    merged_into: str | None = None


@dataclass(frozen=True)
class Categories:
    """What a book made of its categories, by code; what is not in it is as it comes along."""

    changed: Mapping[str, Category] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.changed)

    def resolve(self, code: str) -> str:
        """The category that one counts as: itself, or what it was merged into."""
        for _ in self.changed:  # merged into one that was merged itself
            into = self.changed[code].merged_into if code in self.changed else None
            if into is None:
                break
            code = into
        return code

    def get(self, code: str) -> Category:
        """The category that a code counts as."""
        code = self.resolve(code)
        return self.changed.get(code) or Category(code)

    def knows(self, code: str) -> bool:
        """Whether it is one that comes along, or one of this book's own."""
        return code in CATEGORIES or code in self.changed

    def counts_as(self, code: str, *, of: Categories) -> str:
        """What a category of another book is in this one, where both are read together; one of its own is that of the same name."""
        code = of.resolve(code)
        if is_own(code) and code not in self.changed:
            said = of.get(code).name.casefold()
            code = next((mine for name, mine in self.named if name.casefold() == said), code)
        return self.resolve(code)

    def codes_in(self, of: Categories, code: str) -> list[str]:
        """The codes of another book (or of this) that count as a category of this one."""
        there = [each for each in dict.fromkeys((*CATEGORIES, *of.changed)) if self.counts_as(each, of=of) == code]
        return there if self.knows(code) else [code]

    @cached_property
    def named(self) -> tuple[tuple[str, str], ...]:
        """(name, code that it counts as) of all that people named, also of those that were merged: their words go on meaning something."""
        return tuple((each.name, self.resolve(each.code)) for each in self.changed.values() if each.name)

    @property
    def shown(self) -> tuple[Category, ...]:
        """Those that stand: as they come along, then the book's own; neither hidden nor merged into another."""
        codes = dict.fromkeys((*CATEGORIES, *self.changed))
        return tuple(self.get(code) for code in codes if self.resolve(code) == code and not self.get(code).hidden)

    @property
    def offered(self) -> tuple[str, ...]:
        """The codes under which an expense can be put."""
        return tuple(each.code for each in self.shown if each.code != "income")

    def with_changed(self, category: Category) -> Categories:
        return Categories({**self.changed, category.code: category})

    def merged(self, one: str, two: str) -> Category:
        """The row by which one counts as the other from now on; both stand for themselves, so no ring comes of it."""
        assert one != two and self.resolve(one) == one and self.resolve(two) == two, "two that stand"
        return replace(self.get(one), merged_into=two)


AS_THEY_COME = Categories()
