"""What the readers of all formats share: going through rows, keeping the bad ones aside, and looking into what may be anything."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from core.domain.imports import Aside, FileRow, NotARow, Part
from core.domain.money import Money
from core.domain.splits import split
from core.errors import DomainError
from integrations.imports.vocabulary import limit

R = TypeVar("R")


def gather(records: Iterable[tuple[int, R]] | Sequence[R], row_of: Callable[[int, R], FileRow]) -> tuple[tuple[FileRow, ...], tuple[Aside, ...]]:
    """The rows that can be taken over, and the others. Records without a line are counted. Raises DomainError `unreadable_import`: too many."""
    rows, aside = [], []
    for number, record in enumerate(records, 1):
        line, value = record if isinstance(record, tuple) else (number, record)
        if number > limit("rows_most"):
            raise DomainError("unreadable_import", reason="too_many_rows")
        try:
            rows.append(row_of(line, value))
        except NotARow as problem:
            aside.append(Aside(line, problem.reason))
    return tuple(rows), tuple(aside)


def records_of(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; what is none becomes an empty one, which no reader takes."""
    return [each if isinstance(each, dict) else {} for each in value] if isinstance(value, list) else []


def text_of(record: Mapping[str, Any], key: str) -> str:
    """The text under a key; "" where there is none."""
    value = record.get(key)
    return value if isinstance(value, str) else ""


def column_of(titles: Sequence[str], title: str) -> int:
    """Where it is; behind all others where it is not, so that its cells are empty."""
    return titles.index(title) if title in titles else len(titles)


class Carry:
    """Parts by weight, rounded so that over all rows of a file nobody is more than a unit from the exact sum. See core.domain.splits."""

    def __init__(self) -> None:
        self._behind: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))

    def parts(self, amount: int, currency: str, weights: Mapping[str, Decimal], payer: str) -> tuple[Part, ...]:
        """What each has of `amount` (minor units). Raises NotARow."""
        if len(weights) > limit("people_most"):
            raise NotARow("person")
        behind = self._behind[currency]
        try:
            made = split(Money(amount, currency), type="shares", weights=weights, payers=(payer,), behind=behind)
        except DomainError as problem:
            raise NotARow("zero" if problem.code == "zero_amount" else "does_not_add_up") from None
        for share in made:
            behind[share.member] += share.remainder
        return tuple((share.member, share.amount.minor) for share in made if share.amount)
