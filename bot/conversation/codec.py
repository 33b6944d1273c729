"""Intents to JSON and back, for questions and buttons that wait in the database. Only the types listed here can come back."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from bot.conversation import intents
from core.domain.money import Money

_TYPES: dict[str, type] = {
    kind.__name__: kind
    for kind in (
        intents.RecordExpenses,
        intents.ExpenseDraft,
        intents.Payment,
        intents.SplitSpec,
        intents.Recurrence,
        intents.RecordSettlement,
        intents.Correct,
        intents.TakeBack,
        intents.Query,
        intents.SetBudget,
        intents.RecordIncome,
        intents.BankAlert,
        intents.Command,
        intents.Nothing,
        Money,
    )
}


def pack(value: Any) -> Any:
    """A value of the listed types, tuples, dates and plain JSON values, as JSON."""
    if is_dataclass(value) and not isinstance(value, type):
        name = type(value).__name__
        assert name in _TYPES, f"{name} cannot wait in the database"
        return {"is": name, **{field.name: pack(getattr(value, field.name)) for field in fields(value)}}
    if isinstance(value, tuple):
        return [pack(item) for item in value]
    if isinstance(value, dict):
        return {"is": "dict", "of": {key: pack(item) for key, item in value.items()}}
    if isinstance(value, date):
        return {"is": "date", "iso": value.isoformat()}
    if isinstance(value, Decimal):
        return {"is": "decimal", "text": str(value)}
    return value


def unpack(value: Any) -> Any:
    """The reverse of `pack`."""
    if isinstance(value, list):
        return tuple(unpack(item) for item in value)
    if not isinstance(value, dict):
        return value
    kind = value["is"]
    if kind == "dict":
        return {key: unpack(item) for key, item in value["of"].items()}
    if kind == "date":
        return date.fromisoformat(value["iso"])
    if kind == "decimal":
        return Decimal(value["text"])
    return _TYPES[kind](**{key: unpack(item) for key, item in value.items() if key != "is"})
