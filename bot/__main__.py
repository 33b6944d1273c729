"""The console script `tuppence`: finds the command's module, runs it, turns errors into an exit status. Imports nothing heavy."""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.metadata
import importlib.util
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn, Protocol, cast

from bot.cli import COMMANDS
from core.errors import DomainError, ServiceUnavailable

INTERRUPTED = 130  # what a shell reports for a command ended by Ctrl-C
PIPE_CLOSED = 141  # and for one whose reader went away


class Command(Protocol):
    """What every module of bot/cli that is a command offers."""

    HELP: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, options: argparse.Namespace) -> int:
        """The exit status: 0 fine, 1 some input was refused, 2 usage."""
        ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Exit status: 0 fine, 1 refused or failed (said on stderr), 2 usage; quiet on Ctrl-C and a closed pipe."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # under nohup the end of the terminal is to be ignored
            signal.signal(number, _end)
    try:
        status = _dispatch(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The interpreter flushes stdout once more when it ends; that must not complain either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except (DomainError, ServiceUnavailable) as error:
        print(f"tuppence {words[0]}: {error}", file=sys.stderr)
        return 1
    return status


def _end(number: int, _frame: object) -> NoReturn:
    """Told to stop, or the terminal is gone: end in order, so that what was started (an embedded Postgres) is stopped too."""
    raise SystemExit(128 + number)


def _dispatch(words: list[str]) -> int:
    name = words[0] if words else ""
    if name not in COMMANDS:
        return _usage(words)
    command = _load(name)
    if command is None:
        print(f"tuppence: the command {name} is not part of this version", file=sys.stderr)
        return 2
    parser = argparse.ArgumentParser(prog=f"tuppence {name}", description=command.HELP, allow_abbrev=False)
    command.add_arguments(parser)
    return command.run(parser.parse_args(words[1:]))


def _load(name: str) -> Command | None:
    module = COMMANDS[name]
    if importlib.util.find_spec(module) is None:
        return None
    return cast(Command, importlib.import_module(module))


def _usage(words: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="tuppence",
        description="Tuppence keeps money in chat.",
        epilog="\n".join(["commands:", *(f"  {name:<11} {text}" for name, text in _summaries()), "", "tuppence COMMAND --help tells more."]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"tuppence {importlib.metadata.version('tuppence')}")
    parser.add_argument("command", metavar="COMMAND", choices=[name for name, _ in _summaries()], help="one of the commands below")
    if not words:
        parser.print_help(sys.stderr)
        return 2
    parser.parse_args(words)
    return 2


def _summaries() -> list[tuple[str, str]]:
    """Name and HELP of every command there is, read from the source: importing them all would cost seconds."""
    specs = ((name, importlib.util.find_spec(module)) for name, module in COMMANDS.items())
    return [(name, _help_of(Path(spec.origin))) for name, spec in specs if spec is not None and spec.origin is not None]


def _help_of(source: Path) -> str:
    for node in ast.parse(source.read_text("utf-8")).body:
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
        if isinstance(target, ast.Name) and target.id == "HELP" and isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            return str(ast.literal_eval(node.value))
    return ""


if __name__ == "__main__":
    sys.exit(main())
