"""The auditor: recomputes what the ledger claims and names every row that does not hold. Reads one snapshot, as a role that can only read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

from core.db import audit_chain
from core.db.audit_checks import CHECKS, ROWS_MOST
from core.db.session import Connection, read_snapshot


@dataclass(frozen=True, slots=True)
class Violation:
    """One invariant that does not hold at one place: column to value, as text."""

    name: str
    says: str
    where: dict[str, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """How much was looked at."""

    books: int
    entries: int
    checks: int


async def audit(dsn: str) -> tuple[Scope, list[Violation]]:
    """Check everything over the live database; nothing is locked, nobody waits. At most 100 violations of each kind are listed."""
    async with read_snapshot(dsn) as connection:
        return await audit_in(connection)


async def audit_in(connection: Connection) -> tuple[Scope, list[Violation]]:
    """The same within a transaction that is open already."""
    found = [violation async for violation in _violations(connection)]
    row = await connection.fetchrow("SELECT (SELECT count(*) FROM books) AS books, (SELECT count(*) FROM entries) AS entries")
    assert row is not None, "counts make a row"
    return Scope(row["books"], row["entries"], len(CHECKS) + len(audit_chain.SAYS)), found


async def _violations(connection: Connection) -> AsyncIterator[Violation]:
    for check in CHECKS:
        for row in await connection.fetch(f"{check.query} LIMIT {ROWS_MOST}"):
            yield Violation(check.name, check.says, {name: str(value) for name, value in row.items()})
    async for name, where in audit_chain.breaks(connection, most=ROWS_MOST):
        yield Violation(name, audit_chain.SAYS[name], where)
