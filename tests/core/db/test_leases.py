"""A lease has one holder, and is free when it is given up or its connection is gone."""

from __future__ import annotations

from core.db.leases import Lease


async def test_one_holder_at_a_time(database):
    one, two, other = Lease(database.pool, "poll"), Lease(database.pool, "poll"), Lease(database.pool, "else")
    assert await one.held()
    assert await one.held()
    assert not await two.held()
    assert await other.held()
    await one.close()
    assert await two.held()
    await two.close()
    await other.close()


async def test_a_holder_whose_connection_died_has_lost_it(database):
    one, two = Lease(database.pool, "poll"), Lease(database.pool, "poll")
    assert await one.held()
    await one._connection.close()
    assert await two.held()
    assert not await one.held()
    await two.close()
