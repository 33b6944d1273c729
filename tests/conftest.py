"""Fixtures for all tests."""

from tests.support.database import database, dsn, server

__all__ = ["database", "dsn", "server"]
