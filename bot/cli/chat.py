"""`tuppence chat`: talk to it in the terminal, or from a pipe one message a line. The same inbox, conversation and outbox as everywhere."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import logging
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from babel.core import default_locale

from bot import log
from bot.settings import Settings
from bot.wiring import Runtime, open_runtime
from core.db.queues import is_chat_quiet
from core.domain.messages import ChatAddress, ChatKind, InboundKind, InboundMessage, Person
from core.errors import DomainError
from integrations.channels.limits import CAPABILITIES
from integrations.channels.terminal import Terminal, address_of

HELP = "talk to it in the terminal; from a pipe one message a line"

ANSWER_SECONDS = 30
POLL_SECONDS = 0.005


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--as", dest="person", metavar="NAME", default=None, help="who you are (default: your user name)")
    parser.add_argument("--group", metavar="NAME", help="talk in a group of this name, instead of alone")
    parser.add_argument("--channel", choices=sorted(CAPABILITIES), default="terminal", help="answer as on this channel (default: terminal)")


def run(options: argparse.Namespace) -> int:
    log.configure(level=logging.ERROR)
    return asyncio.run(_chat(Settings.load(), options))


async def _chat(settings: Settings, options: argparse.Namespace) -> int:
    person = options.person or getpass.getuser()
    interactive = sys.stdin.isatty()
    address = address_of(person=person, group=options.group)
    terminal = Terminal(sys.stdout, mark="« " if interactive else "", chat=address.chat, capabilities=CAPABILITIES[options.channel])
    runtime = await open_runtime(settings, roles=frozenset({"web", "worker"}), channels={terminal.name: terminal})
    loops = asyncio.create_task(runtime.run())
    try:
        if interactive:
            print(f"You are {person}{f' in {options.group}' if options.group else ''}. Try: coffee 3.50   (Ctrl-D ends it)")
        async for line in _lines(interactive):
            await _say(runtime, terminal, address, person, line, group=options.group)
    finally:
        runtime.stop()
        await loops
        await runtime.close()
    return 0


async def _lines(interactive: bool) -> AsyncIterator[str]:
    """Lines of the keyboard or the pipe, without those that are blank."""
    while True:
        if interactive:
            print("> ", end="", flush=True)
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line:
            return
        if line.strip():
            yield line.rstrip("\n")


async def _say(runtime: Runtime, terminal: Terminal, address: ChatAddress, person: str, line: str, *, group: str | None) -> None:
    """Hand over one line and wait for its answers: what is printed next belongs to it."""
    now = runtime.clock()
    stamp = int(now.timestamp() * 1_000_000)
    pressed = terminal.pressable.get(line.strip())
    message = InboundMessage(
        address=address,
        chat_kind=ChatKind.GROUP if group else ChatKind.PRIVATE,
        sender=Person(person, person),
        message_id=f"in-{stamp}",
        kind=InboundKind.BUTTON if pressed else InboundKind.TEXT,
        sent_at=now,
        position=stamp,
        text="" if pressed else line,
        reply_to=pressed[0] if pressed else None,
        button=pressed[1].id if pressed else None,
        chat_title=group or "",
        language=default_locale(),
        time_zone=_time_zone(),
    )
    try:
        await runtime.accept(message)
    except DomainError as problem:
        print(f"That cannot be sent: {problem.code.replace('_', ' ')}.", file=sys.stderr)
        return
    for _ in range(int(ANSWER_SECONDS / POLL_SECONDS)):
        async with runtime.database.pool.acquire() as connection:
            if await is_chat_quiet(connection, runtime.database.keys, address):
                return
        await asyncio.sleep(POLL_SECONDS)
    print("No answer yet; it will come.", file=sys.stderr)


def _time_zone() -> str | None:
    """The machine's IANA zone, where it says."""
    for place in (Path("/etc/timezone"), Path("/etc/localtime")):
        if place.name == "timezone" and place.is_file():
            return place.read_text().strip()
        if place.is_symlink():
            return str(place.resolve()).partition("zoneinfo/")[2] or None
    return None
