"""Fixtures for all tests."""

from tests.support.database import database, dsn, embedded, server

__all__ = ["database", "dsn", "embedded", "server"]
