"""Values as the command line's JSON writes them: decimal strings, names of members, days. Refuses, never guesses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import cast

from bot.cli.jsonl import Json, Refused, words_of
from core.domain.money import Money
from core.errors import DomainError

_DECIMAL = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?")


def read_decimal(value: object, where: str) -> Decimal:
    """A decimal string; a JSON number is refused, because readers of JSON make binary fractions of it."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise Refused(f'{where} must be a decimal string like "45.00", not {json.dumps(value)[:60]}')
    return Decimal(value)


def read_amount(value: object, currency: str, where: str) -> Money:
    """An amount in major units of `currency`."""
    number = read_decimal(value, where)
    try:
        return Money.of(number, currency)
    except DomainError as problem:
        raise Refused(f"{where}: {words_of(problem)}") from problem


def read_currency(value: object, where: str) -> str:
    try:
        return Money.of(0, value if isinstance(value, str) else "").currency
    except DomainError as problem:
        raise Refused(f"{where} must be an ISO currency code, not {json.dumps(value)[:60]}") from problem


def read_object(value: object, where: str) -> Json:
    if not isinstance(value, dict):
        raise Refused(f"{where} must be an object")
    return cast(Json, value)


def read_list(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise Refused(f"{where} must be a list")
    return cast("list[object]", value)


def read_names(value: object, where: str) -> tuple[str, ...]:
    """Distinct names, none of them empty."""
    names = tuple(name for name in read_list(value, where) if isinstance(name, str) and name.strip())
    if len(names) != len(cast("list[object]", value)) or len(set(names)) != len(names):
        raise Refused(f"{where} must be distinct names")
    return names


def check_members(names: Iterable[str], members: Iterable[str], where: str) -> None:
    strangers = [name for name in names if name not in members]
    if strangers:
        raise Refused(f"{where}: {', '.join(map(json.dumps, strangers))} not among the members")


def check_day(value: object, where: str) -> None:
    """Null or a day of the calendar."""
    try:
        if value is not None and (not isinstance(value, str) or len(value) != 10 or not date.fromisoformat(value)):
            raise ValueError
    except ValueError as problem:
        raise Refused(f"{where} must be a day like 2025-03-14") from problem
