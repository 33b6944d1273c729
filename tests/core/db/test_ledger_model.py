"""The short form of the ledger campaign: random operations against a model, then the auditor."""

from __future__ import annotations

import pytest

from core.db.audit import audit
from core.db.session import Database
from tests.support.ledger_model import Simulation


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_ledger_does_what_the_model_says(database: Database, dsn: str, seed: int) -> None:
    simulation = Simulation(database, seed=seed, books=3)
    await simulation.run(400)
    assert all(simulation.counts[name] for name in ("expense", "edit", "undone", "deleted", "settlement", "income", "messages taken back"))
    scope, violations = await audit(dsn)
    assert violations == []
    assert scope.entries == sum(shelf.entries for shelf in simulation.model.values())
