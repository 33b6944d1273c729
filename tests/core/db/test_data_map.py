"""The data map knows every column there is, and what belongs to a person comes out with "export me"."""

from __future__ import annotations

import tomllib
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from core.db import budgets, categories, comments, goals, mailboxes, notices, people, privacy, recurring, report_schedules, tips
from core.db.comments import Comment
from core.db.ids import new_id
from core.db.recurring import Outcome
from core.db.report_schedules import Standing
from core.db.session import Database
from core.domain.budgets import Budget, Cycle
from core.domain.categories import Category
from core.domain.goals import Goal
from core.domain.money import Money
from core.domain.notices import Kind, Manners, Pace, Topic, Wish
from core.domain.recurrence import Every, Rule
from tests.bot.test_erasure import GUEST, NAME, TITLE, life
from tests.support.builders import repeating
from tests.support.product import Product, producing

MAP = Path(privacy.__file__).with_name("data_map.toml")
MARKED: dict[str, dict[str, Any]] = tomllib.loads(MAP.read_text("utf-8"))
COLUMNS = """SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped"""
PERSONAL = [(table, column, mark) for table, columns in MARKED.items() for column, mark in columns.items() if isinstance(mark, dict)]


async def there(dsn: str) -> set[tuple[str, str]]:
    connection = await asyncpg.connect(dsn)
    try:
        return {(row[0], row[1]) for row in await connection.fetch(COLUMNS)}
    finally:
        await connection.close()


async def test_every_column_is_marked_and_no_other(dsn: str) -> None:
    assert await there(dsn) == {(table, column) for table, columns in MARKED.items() for column in columns}


async def test_a_new_column_would_fail(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute("ALTER TABLE people ADD COLUMN shoe_size integer")
    await connection.close()
    assert await there(dsn) - {(table, column) for table, columns in MARKED.items() for column in columns} == {("people", "shoe_size")}


def test_every_mark_says_what_becomes_of_it_and_where_it_comes_out() -> None:
    for table, columns in MARKED.items():
        for column, mark in columns.items():
            if isinstance(mark, dict):
                assert mark["goes"] in ("erased", "pseudonym", "shared"), (table, column)
                assert mark.keys() in ({"goes", "export"}, {"goes", "covered"}), (table, column)
            else:
                assert mark in ("technical", "pseudonym"), (table, column)


def at(document: Any, path: str) -> list[Any]:
    """All values at a path; lists are gone through."""
    found = [document]
    for name in path.split("."):
        found = [each[name] for value in found for each in (value if isinstance(value, list) else [value]) if name in each]
    return [each for value in found for each in (value if isinstance(value, list) else [value]) if each is not None]


@pytest.fixture
async def exported(database: Database, tmp_path: Path) -> dict[str, Any]:
    """What is handed over to somebody who has used everything there is."""
    async with producing(database, tmp_path / "blobs") as product:
        return await _export(product, database)


async def _export(product: Product, database: Database) -> dict[str, Any]:
    anna, _ben, group = await life(product)
    product.gate.shut.clear()
    anna.waiting = 0
    await anna.say("call me Zanzibella the Great")
    await anna.say("my currency is euro")
    await anna.say("I live in Lisbon")
    await anna._do(f"/chat/chats/{group}/leave", {"person": anna.person})
    async with database.unit_of_work() as uow:
        person = await uow.connection.fetchrow(
            "SELECT p.id, p.personal_book_id FROM people p JOIN person_books b ON b.person_id = p.id GROUP BY p.id ORDER BY count(*) DESC LIMIT 1"
        )
        books = await uow.connection.fetch("SELECT book_id, member_id FROM person_books WHERE person_id = $1", person["id"])
        await uow.load_books([row[0] for row in books])
        today = date(2025, 3, 14)
        for book_id, member_id in [(row["book_id"], row["member_id"]) for row in books]:
            await people.update_member(uow, book_id, member_id, aliases=["Zanzi"])
            said = Comment(new_id(), member_id, "marzipanlighthouse", datetime(2025, 3, 14, tzinfo=UTC))
            await budgets.keep(uow, book_id, Budget(new_id(), "food", Money(40000, "EUR"), Cycle.MONTH, date(2025, 3, 1)))
            await categories.keep(uow, book_id, Category("food", "gossamerfeast", "🥕", "#2e7d32", merged_into="groceries"))
            await goals.keep(uow, book_id, Goal(new_id(), "velvetgondola", Money(60000, "EUR"), today, today, 1, reached_on=today))
            await tips.keep_shown(uow, book_id, "coffee_often", on=date(2025, 3, 1))
            await people.update_book(uow, book_id, payday=25)
            await comments.add(uow, book_id, said, person_id=person["id"])
            first = date(2025, 3, 4)
            rule = Rule(Every.YEAR, first, until=date(2026, 3, 4), weekdays=frozenset({2}), day=4, nth=1, month=3)
            kept = repeating(book_id, member_id, rule, person_id=person["id"], asks=True, what="wickerobelisk")
            await recurring.keep(uow, kept)
            await recurring.claim(uow, kept, [first], Outcome.POSTED, now=datetime(2025, 3, 14, tzinfo=UTC))
        own, noon = person["personal_book_id"], datetime(2025, 3, 14, 12, tzinfo=UTC)
        manners = Manners((time(22), time(8)), Pace.WEEKLY, noon, {Topic.BILLS: Wish.LESS}, {Topic.GOALS: noon})
        await notices.keep(uow, own, manners, look_at=noon)
        await notices.note(uow, own, notices.Told(Kind.NEARLY, "food month", date(2025, 3, 1)), now=noon)
        chat = await uow.connection.fetchval("SELECT conversation_id FROM addresses WHERE person_id = $1", person["id"])
        due = datetime(2025, 3, 17, 9, tzinfo=UTC)
        await report_schedules.keep(uow, Standing(new_id(), person["id"], chat, None, Every.WEEK, 1, time(9), "UTC", "pdf", "en", due))
        there = await mailboxes.place(uow, person["id"], "anna@example.org", now=noon)
        await uow.execute(
            "UPDATE mailboxes SET proven_at = $2, stopped_at = $2, refused_at = $2 WHERE conversation_id = $1",
            there,
            noon,
        )
        return await privacy.export_person(uow, person["id"])


async def test_all_that_is_marked_as_the_persons_comes_out(exported: dict[str, Any]) -> None:
    missing = {(table, column): mark["export"] for table, column, mark in PERSONAL if "export" in mark and not at(exported, mark["export"])}
    assert missing == {}


async def test_all_that_the_person_wrote_comes_out(exported: dict[str, Any]) -> None:
    text = repr(exported)
    words = (
        "quillfeather 12",
        "velvetanchor 40",
        "sapphirekettle 7",
        "thimblecactus 8",
        "osmiumpillow 1.234",
        "wigwamtruffle 3",
        "one umbrella",
        "cobaltlantern",
        "gossamerladle",
        "marzipanlighthouse",
        "Cinnamondrum",
        "gossamerfeast",
        "velvetgondola",
        "wickerobelisk",
    )
    assert [word for word in (NAME, GUEST, TITLE, *words) if word not in text] == []
    assert len(at(exported, "web_chat.photos")) == 2
    assert "osmium'" not in text  # what others wrote is theirs
