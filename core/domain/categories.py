"""Owns the list of categories that come along. People may name others: nothing here refuses those."""

from __future__ import annotations

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
