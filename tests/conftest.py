"""Fixtures for all tests."""

from tests.support.database import database, dsn, durable_server, place, server

__all__ = ["database", "dsn", "durable_server", "place", "server"]
