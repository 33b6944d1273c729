"""Alembic's entry: connects as the owner by the URL it is given and hands over to core.db.migrate."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine

from core.db.migrate import explained, run_in


def upgrade(connection: Connection) -> None:
    context.configure(connection=connection, transaction_per_migration=False)
    run_in(connection, context)


async def main() -> None:
    engine = create_async_engine(context.config.attributes["url"], poolclass=pool.NullPool)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(upgrade)
            await connection.commit()
    except DBAPIError as problem:
        raise explained(problem.orig) or problem from problem
    finally:
        await engine.dispose()


asyncio.run(main())
