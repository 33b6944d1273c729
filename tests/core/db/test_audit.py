"""`tuppence check` finds what is wrong: each invariant is broken on purpose, past every guard, and must be named."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import orjson
import pytest

from core.db.audit import audit
from core.db.audit_chain import SAYS
from core.db.audit_checks import CHECKS
from core.db.ids import new_id
from core.db.session import Database
from core.domain.ledger import reverse
from core.domain.money import Money
from core.services import goals
from core.services.bills import Effects, record_saving, record_settlement
from tests.support.builders import NOW, TODAY, expense, make_group, make_person
from tests.support.damage import audit_past_guards
from tests.support.database import KEYS, copy_of_template, execute

ROOT = Path(__file__).parents[3]

PERCENTS = '{"type": "percent", "weights": {"00000000-0000-0000-0000-000000000001": "60", "00000000-0000-0000-0000-000000000002": "30"}}'

# What breaks the invariant, and what else it breaks by its nature.
BREAKS: dict[str, tuple[str, set[str]]] = {
    "entry_not_zero": (
        "UPDATE postings SET amount = amount + 1 WHERE no = 1 AND (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"balance_wrong", "spending_wrong", "expense_not_whole", "chain_entries_changed"},
    ),
    "entry_without_postings": (
        "DELETE FROM postings WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"balance_wrong", "spending_wrong", "chain_entries_changed"},
    ),
    "posting_without_entry": (
        "DELETE FROM entries WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"spending_wrong", "chain_entries_changed", "effect_without_bill"},
    ),
    "posting_without_member": (
        "DELETE FROM members WHERE (book_id, name) = (SELECT book_id, 'Cleo' FROM plain)",
        set(),
    ),
    "actor_without_member": (
        "UPDATE entries SET actor_id = gen_random_uuid() WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"chain_entries_changed"},
    ),
    "role_of_other_kind": (
        "UPDATE entries SET kind = 'income' WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"chain_entries_changed"},
    ),
    "expense_not_whole": (
        "UPDATE postings SET role = 'share' WHERE no = 0 AND (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"spending_wrong", "chain_entries_changed"},
    ),
    "remainders_not_zero": (
        "UPDATE postings SET remainder = remainder + 1 WHERE no = 1 AND (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"balance_wrong", "chain_entries_changed"},
    ),
    "reversal_not_mirror": (
        "UPDATE entries SET occurred_on = occurred_on - 1 WHERE kind = 'reversal'",
        {"chain_entries_changed"},
    ),
    "reversed_twice": (
        "ALTER TABLE entries DROP CONSTRAINT entries_book_id_reverses_key; "
        "UPDATE entries SET kind = 'reversal', reverses = r.reverses FROM (SELECT reverses FROM entries WHERE kind = 'reversal') r "
        "WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"reversal_not_mirror", "chain_entries_changed", "spending_wrong"},
    ),
    "bill_stands_twice": (
        "UPDATE entries SET bill_id = p.entry_id FROM plain p WHERE entries.book_id = p.book_id AND kind = 'expense' AND bill_id <> p.entry_id "
        "AND NOT EXISTS (SELECT 1 FROM entries r WHERE r.reverses = entries.entry_id)",
        {"chain_entries_changed"},
    ),
    "text_not_as_committed": (
        "UPDATE entry_texts SET description = 'something else' WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        set(),
    ),
    "settlement_not_a_transfer": (
        "UPDATE postings SET amount = 0 WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM entries WHERE kind = 'settlement')",
        {"balance_wrong", "chain_entries_changed"},
    ),
    "saving_not_ones_own": (
        "UPDATE postings SET member_id = (SELECT member_id FROM members m WHERE m.book_id = postings.book_id AND m.name = 'Cleo') "
        "WHERE role = 'aside'",
        {"balance_wrong", "chain_entries_changed"},
    ),
    "edit_without_reversal": (
        "UPDATE entries SET reason = 'edited' WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"chain_entries_changed"},
    ),
    "split_not_frozen": (
        """UPDATE entries SET split = '{"type": "shares", "weights": {}}' WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)""",
        {"chain_entries_changed"},
    ),
    "parts_do_not_add_up": (
        f"UPDATE entries SET split = '{PERCENTS}' WHERE (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"chain_entries_changed", "share_not_as_frozen"},
    ),
    "share_not_as_frozen": (
        "UPDATE postings SET amount = amount + CASE no WHEN 1 THEN 2 ELSE -2 END WHERE no > 0 AND no < 3 "
        "AND (book_id, entry_id) = (SELECT book_id, entry_id FROM plain)",
        {"balance_wrong", "spending_wrong", "chain_entries_changed"},
    ),
    "money_not_whole": ("ALTER TABLE spending ALTER COLUMN amount TYPE numeric", set()),
    "book_not_zero": (
        "UPDATE balances SET amount = amount + 1 WHERE (book_id, amount) = (SELECT book_id, max(amount) FROM balances GROUP BY 1 LIMIT 1)",
        {"balance_wrong"},
    ),
    "balance_wrong": ("UPDATE balances SET remainder = remainder + 1", set()),
    "payment_without_settlement": (
        """INSERT INTO payments (book_id, payment_id, reference, sender_id, receiver_id, currency, amount, state, proposed_at, bill_id)
        SELECT book_id, entry_id, 'S2345ABCDE', gen_random_uuid(), gen_random_uuid(), 'EUR', 100, 'receiver_confirmed', now(), entry_id FROM plain""",
        set(),
    ),
    "spending_wrong": ("DELETE FROM spending", set()),
    "chain_head_wrong": ("UPDATE chain_heads SET chain_no = chain_no + 1", set()),
    "chain_link_missing": ("DELETE FROM chain WHERE chain_no = 1", set()),
    "chain_link_broken": ("UPDATE chain SET previous = sha256('x') WHERE chain_no = 2", {"chain_entries_changed"}),
    "chain_entries_changed": (
        "UPDATE entries SET reason = 'odd' WHERE kind = 'reversal'",
        set(),
    ),
    "effect_twice": (
        "UPDATE entries SET effect_key = '\\x01' WHERE (book_id, chain_no) IN (SELECT DISTINCT ON (book_id) book_id, chain_no FROM entries)",
        {"chain_entries_changed"},
    ),
    "effect_without_reply": ("DELETE FROM outbox", set()),
    "effect_without_bill": ("UPDATE message_effects SET bill_ids = ARRAY[gen_random_uuid()]", set()),
    "message_without_key": ("DELETE FROM inbox_keys", set()),
    "membership_one_sided": ("DELETE FROM person_books", set()),
    "table_without_row_security": ("ALTER TABLE spending NO FORCE ROW LEVEL SECURITY", set()),
    "policy_too_wide": ("CREATE POLICY all_books ON entry_texts TO tuppence_app USING (true)", set()),
    "ledger_can_be_changed": ("GRANT UPDATE (amount) ON postings TO tuppence_app", set()),
    "guard_missing": ("ALTER TABLE postings DISABLE TRIGGER postings_balance", set()),
    "role_too_strong": ("ALTER ROLE tuppence_app BYPASSRLS", set()),
    "auditor_can_write": ("GRANT DELETE ON chain TO tuppence_auditor", set()),
    "code_runs_as_owner": ("CREATE FUNCTION sneaky() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'", set()),
}


@pytest.fixture(scope="module")
def recorded(server: str) -> Iterator[str]:
    """One database for all of this file. It is broken in transactions that are rolled back."""
    with copy_of_template(server) as dsn:
        asyncio.run(record(dsn))
        yield dsn


async def record(dsn: str) -> None:
    """Books with bills, an undo, and a message with its answer; `plain` is a view of an entry that stands as it was recorded."""
    database = await Database.open(dsn, keys=KEYS, durable=False)
    async with database.unit_of_work() as uow:
        anna = await make_person(uow, "Anna")
        group = await make_group(uow, "Ben", "Cleo", persons=[anna])
        books = [group, uow.book(anna.personal_book_id)]
    entries = []
    for minor in (1000, 2000, 3000):
        async with database.unit_of_work() as uow:
            await uow.load_books([book.book_id for book in books])
            for book in books:
                entries.append(expense(book, minor, author_id=anna.person_id))
                uow.post(entries[-1])
    async with database.unit_of_work() as uow:
        await uow.load_books([group.book_id])
        sender, receiver = (member.member_id for member in group.members[1:3])
        effects = Effects(b"paid", sender, anna.person_id)
        record_settlement(uow, group.book_id, sender=sender, receiver=receiver, amount=Money(500, "EUR"), on=TODAY, effects=effects, now=NOW)
    async with database.unit_of_work() as uow:
        await uow.load_books([group.book_id])
        goal = await goals.set_up(uow, group.book_id, name="sofa", amount=Money(9000, "EUR"), due_on=None, today=TODAY)
        kept = {"goal_id": goal.goal_id, "amount": Money(700, "EUR"), "description": goal.name}
        record_saving(uow, group.book_id, member=sender, **kept, on=TODAY, effects=Effects(b"aside", sender, anna.person_id), now=NOW)
    async with database.unit_of_work() as uow:
        await uow.load_books([group.book_id])
        uow.post(reverse(entries[0], entry_id=new_id(), recorded_at=NOW, actor_id=None, reason="undone", effect_key=b"undo"))
    plain = entries[2]
    connection = await asyncpg.connect(dsn)
    await connection.execute(
        f"""CREATE VIEW plain WITH (security_invoker = true) AS SELECT book_id, entry_id FROM entries WHERE entry_id = '{plain.entry_id}';
        GRANT SELECT ON plain TO tuppence_auditor;
        INSERT INTO conversations (id, address_hash, channel, kind, address, created_at)
          VALUES (gen_random_uuid(), 'a', 'webchat', 'private', 'x', now());
        INSERT INTO inbox_keys SELECT 'k', 'b', now();
        INSERT INTO inbox (id, conversation_id, position, key, state, next_at, received_at, trace_id)
          SELECT gen_random_uuid(), id, 1, 'k', 'done', now(), now(), 't' FROM conversations;
        INSERT INTO outbox (id, conversation_id, dedupe_key, urgency, next_at, created_at, trace_id)
          SELECT gen_random_uuid(), id, 'd', 'reply', now(), now(), 't' FROM conversations;
        INSERT INTO message_effects (conversation_id, message_hash, version, book_id, bill_ids, outbox_id)
          SELECT c.id, 'm', 0, p.book_id, ARRAY[p.entry_id], o.id FROM conversations c, outbox o, plain p;"""
    )
    await connection.close()
    await database.close()


@pytest.fixture
async def broken(recorded: str) -> AsyncIterator[asyncpg.Connection]:
    """A superuser past every guard: no triggers, no foreign keys. All of it is rolled back."""
    connection = await asyncpg.connect(recorded)
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute("SET LOCAL session_replication_role = replica")
    yield connection
    await transaction.rollback()
    await connection.close()


async def test_nothing_is_found_where_nothing_is_wrong(recorded: str) -> None:
    scope, violations = await audit(recorded)
    assert violations == []
    assert (scope.books, scope.entries) == (2, 9)


@pytest.mark.parametrize("name", BREAKS)
async def test_what_is_broken_is_named(broken: asyncpg.Connection, name: str) -> None:
    statement, besides = BREAKS[name]
    await broken.execute(statement)
    found = {violation.name for violation in await audit_past_guards(broken)}
    assert name in found
    assert found <= {name, *besides}


def test_every_check_is_broken_once() -> None:
    assert BREAKS.keys() == {check.name for check in CHECKS} | SAYS.keys()


async def test_the_place_of_a_change_is_named(broken: asyncpg.Connection) -> None:
    place = await broken.fetchrow("SELECT book_id, chain_no, entry_id FROM entries JOIN plain USING (book_id, entry_id)")
    await broken.execute("UPDATE entries SET reason = 'odd' WHERE entry_id = (SELECT entry_id FROM plain)")
    [violation] = await audit_past_guards(broken)
    assert violation.name == "chain_entries_changed"
    assert violation.where["book_id"] == str(place["book_id"])
    assert violation.where["chain_no"] == str(place["chain_no"])
    assert violation.where["entries"] == str(place["entry_id"])


LEDGER_COLUMNS = {
    "entries": {
        **dict.fromkeys(("bill_id", "actor_id"), "gen_random_uuid()"),
        **{"category": "'x'", "occurred_on": "occurred_on + 1", "recorded_at": "recorded_at + interval '1 microsecond'"},
        **{"split": """'{"type": "exact"}'""", "reason": "'x'", "kind": "CASE kind WHEN 'income' THEN 'expense' ELSE 'income' END"},
        **dict.fromkeys(("effect_key", "text_commitment"), "sha256(entry_id::text::bytea)"),
    },
    "postings": {"role": "'earned'", "currency": "'USD'", "amount": "amount + 1", "remainder": "remainder + 1", "no": "no + 7"},
}


@pytest.mark.parametrize(("table", "column"), [(table, column) for table, columns in LEDGER_COLUMNS.items() for column in columns])
async def test_a_change_of_any_column_breaks_the_chain(broken: asyncpg.Connection, table: str, column: str) -> None:
    await broken.execute(f"UPDATE {table} SET {column} = {LEDGER_COLUMNS[table][column]} WHERE entry_id = (SELECT entry_id FROM plain)")
    found = {violation.name for violation in await audit_past_guards(broken)}
    # Where a posting stands is only told by its number's order; a gap is found by the count.
    assert found & ({"entry_without_postings"} if column == "no" else {"chain_entries_changed"})


async def test_an_audit_waits_for_nobody_and_holds_up_nobody(dsn: str, database: Database) -> None:
    """A writer holds its locks while the audit runs, and the audit sees a picture from before or after, never in between."""
    async with database.unit_of_work() as uow:
        book = await make_group(uow, "Anna", "Ben")
    for expected in (0, 1):
        async with database.unit_of_work() as uow:
            await uow.load_books([book.book_id])
            uow.post(expense(book, 700))
            await uow.flush()
            scope, violations = await audit(dsn)
            assert (scope.entries, violations) == (expected, [])


def test_the_command_names_what_is_wrong(server: str) -> None:
    with copy_of_template(server) as dsn:
        asyncio.run(record(dsn))
        command = [sys.executable, "-m", "bot", "check"]
        environment = {**os.environ, "DATABASE_URL": dsn}
        fine = subprocess.run([*command, "--json"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (fine.returncode, orjson.loads(fine.stdout)["ok"]) == (0, True)
        asyncio.run(execute(dsn, "UPDATE balances SET amount = amount + 1"))
        wrong = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert wrong.returncode == 1
        assert "book_not_zero: book_id=" in wrong.stdout
        assert "balance_wrong: book_id=" in wrong.stdout
        told = subprocess.run([*command, "--json"], env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        assert {violation["name"] for violation in orjson.loads(told.stdout)["violations"]} == {"book_not_zero", "balance_wrong"}
