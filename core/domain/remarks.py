"""A message that no rule understood, as a language model may see it, and what the model takes it to mean. Believes nothing of that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["expense", "settlement", "income", "query", "none"]
Sharing = Literal["unsaid", "everyone", "named"]
Asked = Literal["spend", "spend_by_category", "balances", "balance_with", "list", "biggest", "average"]


@dataclass(frozen=True, slots=True)
class Remark:
    """All that leaves the house: the message, the names that may stand in it (the writer's is `speaker`), and what there is to choose from."""

    text: str
    speaker: str
    members: tuple[str, ...]
    categories: tuple[str, ...]
    currency: str
    today: date


@dataclass(frozen=True, slots=True)
class Guess:
    """What the model says, as it says it; None for what it leaves out. Amounts are decimal strings, days and periods are dates.

    `person` is the other side: who paid an expense, who a question is about. A settlement goes from `sender` to `receiver`.
    """

    kind: Kind
    amount: str | None = None
    currency: str | None = None
    description: str | None = None
    category: str | None = None
    day: date | None = None
    person: str | None = None
    sharing: Sharing = "unsaid"
    people: tuple[str, ...] = ()
    sender: str | None = None
    receiver: str | None = None
    asked: Asked | None = None
    start: date | None = None
    end: date | None = None
