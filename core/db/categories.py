"""What the people of a book made of its categories, encrypted by a key of each row's own. Who reads a book gets them with it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson

from core.db.ids import new_id
from core.db.session import UnitOfWork
from core.domain.categories import OWN, Category


def new_code() -> str:
    """The code of a category that somebody adds; it tells nobody what it is called."""
    return f"{OWN}{new_id().hex}"


async def keep(uow: UnitOfWork, book_id: UUID, category: Category) -> None:
    """The newest state of one category of a loaded book. The old key goes with the old words."""
    data_key = uow.keys.new_data_key()
    label = orjson.dumps({"name": category.name, "emoji": category.emoji, "colour": category.colour})
    await uow.execute(
        """INSERT INTO categories (book_id, code, data_key, label, hidden, merged_into) VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (book_id, code) DO UPDATE SET data_key = excluded.data_key, label = excluded.label, hidden = excluded.hidden,
          merged_into = excluded.merged_into""",
        book_id,
        category.code,
        data_key,
        uow.keys.encrypt(data_key, label),
        category.hidden,
        category.merged_into,
    )
    book = uow.book(book_id)
    uow.change_book(replace(book, categories=book.categories.with_changed(category)))


def export_rows(uow: UnitOfWork, book_id: UUID) -> list[dict[str, Any]]:
    """What was made of the categories of a loaded book, as JSON values."""
    return [
        {
            "code": each.code,
            "name": each.name,
            "emoji": each.emoji,
            "colour": each.colour,
            "hidden": each.hidden,
            "counts_as": each.merged_into,
        }
        for each in uow.book(book_id).categories.changed.values()
    ]


async def erase_rows(uow: UnitOfWork, person_id: UUID) -> None:
    """The words of the person's loaded books in which nobody with an account is left."""
    await uow.execute(
        """UPDATE categories SET data_key = NULL, label = NULL WHERE book_id IN (SELECT book_id FROM person_books WHERE person_id = $1)
        AND NOT EXISTS (SELECT 1 FROM members m WHERE m.book_id = categories.book_id AND m.person_id IS NOT NULL)""",
        person_id,
    )
