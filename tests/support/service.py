"""The service as a process for load and kill tests: the product's own `serve` with another channel, a stub engine or a seeded bug."""

from __future__ import annotations

import os
import sys

from bot.cli.serve import serve
from bot.settings import Settings
from bot.throttle import LIMITS
from bot.wiring import Runtime, open_runtime
from tests.support.load import CHANNEL, LoadChannel, load_app
from tests.support.stub_engine import StubEngine


def main(environment: dict[str, str] | None = None) -> None:
    """Takes the product's variables and TEST_ROLES, TEST_ENGINE (stub or real), TEST_RECEIVED (the platform's log), TEST_MUTANT, TEST_LOG.

    Without TEST_RECEIVED it has the product's channels. TEST_LIMITS=off: messages are answered as fast as they come.
    """
    os.environ.update(environment or {})
    if os.environ.get("TEST_LOG"):
        log = os.open(os.environ["TEST_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
    settings = Settings.load()
    roles = frozenset(os.environ.get("TEST_ROLES", "web,worker,scheduler").split(","))
    channels = {CHANNEL: LoadChannel(os.environ["TEST_RECEIVED"])} if "TEST_RECEIVED" in os.environ else None
    engine = StubEngine() if os.environ.get("TEST_ENGINE", "stub") == "stub" else None
    if os.environ.get("TEST_MUTANT"):
        from tests.campaigns.mutants import plant

        plant(os.environ["TEST_MUTANT"], channels)

    async def opened() -> Runtime:
        limits = None if os.environ.get("TEST_LIMITS") == "off" else LIMITS
        return await open_runtime(settings, roles=roles, engine=engine, channels=channels, limits=limits)

    sys.exit(serve(settings, roles=roles, opened=opened, make_app=load_app))


if __name__ == "__main__":
    main()
