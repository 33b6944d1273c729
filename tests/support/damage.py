"""Damages rows past every guard, and asks the auditor in the same transaction."""

from __future__ import annotations

import random

import asyncpg
import orjson

from core.db.audit import Violation, audit_in

LEDGER_TABLES = ("entries", "postings", "entry_texts", "balances", "spending", "chain", "chain_heads")
# Which person wrote a text is forgotten when they are: it is not part of what is hashed.
NOT_GUARDED = {("entry_texts", "author_id")}
_CHANGES = {
    "uuid": "gen_random_uuid()",
    "bigint": "{0} + 1",
    "integer": "{0} + 1",
    "smallint": "{0} + 40",
    "text": "coalesce({0}, '') || 'x'",
    "character": "CASE {0} WHEN 'USD' THEN 'CHF' ELSE 'USD' END",
    "bytea": "set_byte({0}, 3, 255 - get_byte({0}, 3))",
    "date": "{0} + 1",
    "timestamp with time zone": "{0} + interval '1 microsecond'",
    "jsonb": """{0} || '{{"x": 1}}'""",
}


async def audit_past_guards(connection: asyncpg.Connection) -> list[Violation]:
    """What the auditor's role finds in the transaction that is open."""
    await connection.execute("SET LOCAL session_replication_role = origin; SET LOCAL ROLE tuppence_auditor")
    await connection.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=orjson.loads)
    violations = (await audit_in(connection))[1]
    await connection.execute("RESET ROLE")
    return violations


async def damage(connection: asyncpg.Connection, chance: random.Random) -> str:
    """Change one column of one row of the ledger at random; returns "table.column before". Needs a transaction that gets rolled back."""
    await connection.execute("SET LOCAL session_replication_role = replica")
    while True:
        table = chance.choice(LEDGER_TABLES)
        columns = await connection.fetch("SELECT column_name AS name, data_type AS type FROM information_schema.columns WHERE table_name = $1", table)
        column = chance.choice(columns)
        rows = await connection.fetch(f"SELECT ctid, {column['name']} AS value FROM {table} ORDER BY {table}::text")
        row = chance.choice(rows)
        if (table, column["name"]) in NOT_GUARDED or (column["type"] == "bytea" and row["value"] is None):
            continue
        change = _CHANGES[column["type"]].format(column["name"])
        try:
            async with connection.transaction():
                await connection.execute(f"UPDATE {table} SET {column['name']} = {change} WHERE ctid = $1", row["ctid"])
        except asyncpg.IntegrityConstraintViolationError:
            continue  # the database itself refuses, even past the triggers
        return f"{table}.{column['name']} {row['value']}"
