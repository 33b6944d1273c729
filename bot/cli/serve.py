"""`tuppence serve`: the whole service, or the parts of it that --role names, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator

import uvicorn
import uvloop
from fastapi import FastAPI

from bot import log
from bot.settings import Settings
from bot.web.app import create_app
from bot.web.protocol import CuttableProtocol
from bot.wiring import ROLES, Runtime, open_runtime
from core.db.session import UnsafeDatabase
from core.reading.source import LanguageError

HELP = "run the service: web, worker and scheduler in one process"

DRAIN_SECONDS = 20
UNSENT_MOST_BYTES = 128 * 1024  # kept by the kernel for one connection beyond what is on the wire


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "settings are environment variables, among them TUPPENCE_GROUPS=anyone|known: whether every group that adds the bot is served (default), "
        "or those alone in which somebody has written to it in private before; docs/self-hosting.md lists all"
    )
    parser.add_argument("--role", type=_roles, default=frozenset(ROLES), metavar="ROLES", help=f"parts to run, of {','.join(ROLES)} (default: all)")


def run(options: argparse.Namespace) -> int:
    settings = Settings.load()
    roles: frozenset[str] = options.role
    return serve(settings, roles=roles, opened=lambda: open_runtime(settings, roles=roles))


def _roles(text: str) -> frozenset[str]:
    roles = frozenset(part.strip() for part in text.split(",") if part.strip())
    if not roles or roles - set(ROLES):
        raise argparse.ArgumentTypeError(f"takes {', '.join(ROLES)}, separated by commas")
    return roles


def serve(
    settings: Settings, *, roles: frozenset[str], opened: Callable[[], Awaitable[Runtime]], make_app: Callable[[Runtime], FastAPI] = create_app
) -> int:
    """Run until SIGTERM or SIGINT, then drain. Returns the exit status: 2 where the port is taken."""
    log.configure()
    listening = None
    if "web" in roles:
        try:
            listening = _listen(settings.host, settings.port)
        except OSError as error:
            print(f"tuppence: cannot listen on {settings.host} port {settings.port} (TUPPENCE_PORT): {error.strerror}", file=sys.stderr)
            return 2
    try:
        return uvloop.run(_serve(settings, listening, opened, make_app))
    except (UnsafeDatabase, LanguageError) as error:
        print(f"tuppence: {error}", file=sys.stderr)
        return 2


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listening = socket.socket(family, kind, protocol)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):  # else the kernel takes megabytes for a reader who does not read, before anybody notices
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_MOST_BYTES)
    try:
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    return listening


async def _serve(
    settings: Settings, listening: socket.socket | None, opened: Callable[[], Awaitable[Runtime]], make_app: Callable[[Runtime], FastAPI]
) -> int:
    runtime = await opened()
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    loops = asyncio.create_task(runtime.run())
    loops.add_done_callback(lambda _task: told.set())
    server = _server(make_app(runtime)) if listening is not None else None
    web = asyncio.create_task(server.serve(sockets=[listening])) if server is not None and listening is not None else None
    if server is not None and listening is not None:
        while not server.started and not told.is_set():  # noqa: ASYNC110 - uvicorn offers no event to wait for
            await asyncio.sleep(0.01)
        port = listening.getsockname()[1]
        address = settings.public_url or f"http://{settings.host}:{port}"
        print(f"Tuppence is ready: {address} (Ctrl-C ends it)", flush=True)
    else:
        print("Tuppence is ready", flush=True)
    log.log.info("ready", port=listening.getsockname()[1] if listening else None)
    await told.wait()
    return await _drain(runtime, loops, server, web)


async def _drain(runtime: Runtime, loops: asyncio.Task[None], server: uvicorn.Server | None, web: asyncio.Task[None] | None) -> int:
    """No new request is taken, requests in flight get their answer, claimed messages and letters come to an end, claims are given back."""
    log.log.info("stopping")
    runtime.stopping.set()
    if server is not None and web is not None:
        server.should_exit = True
        await web
    runtime.stop()
    _done, late = await asyncio.wait([loops], timeout=DRAIN_SECONDS)
    for task in late:  # what is cut off here is claimed by a number that dies with this process: others take it up at once
        task.cancel()
    result = (await asyncio.gather(loops, return_exceptions=True))[0]
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(5):
            await runtime.close()
    if isinstance(result, Exception):
        log.log.critical("a loop ended", **log.error_fields(result))
        return 1
    log.log.info("stopped")
    return 0


class _Server(uvicorn.Server):
    """Uvicorn without its signal handlers: draining is more than closing connections."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _server(app: FastAPI) -> uvicorn.Server:
    config = uvicorn.Config(
        app, http=CuttableProtocol, ws="none", loop="none", lifespan="off", proxy_headers=False, log_config=None, access_log=False,
        server_header=False, timeout_graceful_shutdown=10, timeout_keep_alive=30, backlog=2048,
    )  # fmt: skip
    return _Server(config)
