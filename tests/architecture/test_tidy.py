"""Rules of the house that no linter knows, over the syntax tree of every file; each is shown to fail on a small bad snippet."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
OWN = ("bot", "core", "integrations")
FILE_LINES = 400
TEST_FILE_LINES = 600
FUNCTION_LINES = 70
CHANNELS = {"telegram", "whatsapp", "sms", "webchat", "terminal"}
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "stuff", "base"}

# Third-party libraries that may be imported inside a function, because a chat reply must not pay for them; with the reason.
LAZY_LIBRARIES: dict[str, str] = {
    "integrations.channels.telegram": "only where a bot token is set: its library takes 0.5 s and 30 MB",
    "alembic": "only migrations need it: 0.3 s",
    "uvicorn": "only `tuppence serve` needs it",
    "httpx": "only channels that speak HTTP need it: 0.3 s",
    "twilio": "only where Twilio is configured",
    "apscheduler": "only the process that keeps the clock needs it",
    "aiosmtplib": "only hosts that send mail need it",
    "icalendar": "only who asks for a calendar needs it: 0.2 s",
    "xlsxwriter": "only who asks for a workbook needs it",
    "vl_convert": "only who draws a card or a chart needs it: 90 MB",
    "typst": "only who sets pages needs it: 60 MB",
}


@dataclass(frozen=True)
class File:
    path: str  # relative to the repository, with slashes
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    def within(self, *places: str) -> bool:
        return any(self.path == place or self.path.startswith(f"{place}/") for place in places)


Finding = tuple[int, str]
Rule = Callable[[File], Iterator[Finding]]


def functions(nodes: Iterable[ast.AST]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def dotted(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def files_are_short(file: File) -> Iterator[Finding]:
    limit = TEST_FILE_LINES if file.within("tests") else FILE_LINES
    lines = len(file.source.splitlines())
    if lines > limit:
        yield limit + 1, f"{lines} lines, more than {limit}"


def functions_are_short(file: File) -> Iterator[Finding]:
    for node in functions(file.nodes):
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > FUNCTION_LINES:
            yield node.lineno, f"{node.name} has {lines} lines, more than {FUNCTION_LINES}"


def modules_say_what_they_are_for(file: File) -> Iterator[Finding]:
    if not ast.get_docstring(file.tree):
        yield 1, "no docstring: one sentence on what this module owns and must not do"


def modules_have_names_that_say_something(file: File) -> Iterator[Finding]:
    if Path(file.path).stem in NAMES_THAT_SAY_NOTHING:
        yield 1, "name it after what it owns"


def money_is_no_float(file: File) -> Iterator[Finding]:
    if not file.within("core/domain", "core/services"):
        return
    for node in file.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, float):
            yield node.lineno, f"the float {node.value}"
        if isinstance(node, ast.Name) and node.id == "float":
            yield node.lineno, "float"


def money_is_counted_in_the_domain(file: File) -> Iterator[Finding]:
    if not file.within("bot"):
        return
    for node in file.nodes:
        counted: list[ast.expr] = []
        if isinstance(node, ast.BinOp):
            counted = [node.left, node.right]
        if isinstance(node, ast.AugAssign):
            counted = [node.value]
        if isinstance(node, ast.Call) and dotted(node.func) == "sum":
            counted = [each.elt for each in node.args if isinstance(each, ast.GeneratorExp | ast.ListComp)]
        if any(isinstance(each, ast.Attribute) and each.attr in {"minor", "decimal"} for each in counted):
            yield node.lineno, f"{ast.unparse(node)}: a method of Money, Bill or Receipt can do that"


def the_unit_of_work_alone_commits(file: File) -> Iterator[Finding]:
    if file.within("core/db/session.py", "core/db/migrate.py", "core/db/migrations", "tests"):
        return
    for node in file.nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"commit", "transaction", "rollback"}:
            yield node.lineno, f".{node.func.attr}( belongs to core/db/session.py"
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"\s*(COMMIT|BEGIN|ROLLBACK)\s*;?\s*", node.value):
            yield node.lineno, f"{node.value.strip()} belongs to core/db/session.py"


def imports_stand_at_the_top(file: File) -> Iterator[Finding]:
    if file.within("tests"):
        return
    for function in functions(file.nodes):
        for node in ast.walk(function):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                if not any(f"{name}.".startswith(f"{lazy}.") for lazy in LAZY_LIBRARIES):
                    yield node.lineno, f"{name} is imported inside {function.name}; heavy libraries that may be are listed in LAZY_LIBRARIES"


def channels_are_known_to_their_adapters_only(file: File) -> Iterator[Finding]:
    if file.within("integrations/channels", "bot/wiring.py", "bot/settings.py", "bot/cli", "tests"):
        return
    for node in file.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() in CHANNELS:
            yield node.lineno, f"the channel name {node.value!r}: handle what a channel can do instead"


def time_comes_from_the_clock(file: File) -> Iterator[Finding]:
    if file.within("bot/clock.py", "core/db/ids.py", "tests"):  # the time inside a UUIDv7 orders ids, it says nothing about money
        return
    for node in file.nodes:
        if isinstance(node, ast.Attribute) and re.search(
            r"(?:^|\.)(?:datetime\.(?:now|utcnow|today)|date\.today|time\.time|time\.time_ns)$", dotted(node)
        ):
            yield node.lineno, f"{dotted(node)}: take `now` as an argument"


def the_environment_is_read_once(file: File) -> Iterator[Finding]:
    if file.within("bot/settings.py", "tests"):
        return
    for node in file.nodes:
        if dotted(node) in {"os.environ", "os.getenv", "os.environb"}:
            yield node.lineno, f"{dotted(node)}: bot/settings.py alone reads the environment"


def nothing_of_ours_is_patched(file: File) -> Iterator[Finding]:
    if not file.within("tests"):
        return
    for node in file.nodes:
        if isinstance(node, ast.ImportFrom | ast.Import) and "unittest.mock" in ast.unparse(node):
            yield node.lineno, "unittest.mock: use a fake of tests/support"
        if isinstance(node, ast.Call) and dotted(node.func).endswith("monkeypatch.setattr") and node.args:
            target = node.args[0]
            if isinstance(target, ast.Constant) and str(target.value).split(".")[0] in OWN:
                yield node.lineno, f"replaces {target.value}: use a fake of tests/support"


def public_functions_of_the_core_are_explained(file: File) -> Iterator[Finding]:
    if not file.within("core", "integrations") or file.within("core/db/migrations"):
        return
    for node in file.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.name.startswith("_"):
            continue
        if len(node.body) > 1 and not ast.get_docstring(node):  # of one statement, the name can say it all
            yield node.lineno, f"{node.name} has no docstring: shapes, units, errors"


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        files_are_short,
        functions_are_short,
        modules_say_what_they_are_for,
        modules_have_names_that_say_something,
        money_is_no_float,
        money_is_counted_in_the_domain,
        the_unit_of_work_alone_commits,
        imports_stand_at_the_top,
        channels_are_known_to_their_adapters_only,
        time_comes_from_the_clock,
        the_environment_is_read_once,
        nothing_of_ours_is_patched,
        public_functions_of_the_core_are_explained,
    )
}


@cache
def findings() -> dict[str, list[str]]:
    """By rule, what breaks it in the project: each file is read once for all rules."""
    broken: dict[str, list[str]] = {name: [] for name in RULES}
    for file in project_files():
        for name, rule in RULES.items():
            broken[name] += [f"{file.path}:{line}: {what}" for line, what in rule(file)]
    return broken


def project_files() -> Iterator[File]:
    paths = sorted(path for place in (*OWN, "tests") for path in (REPOSITORY / place).rglob("*.py") if "__pycache__" not in path.parts)
    return (File(path=path.relative_to(REPOSITORY).as_posix(), source=path.read_text("utf-8")) for path in paths)


@pytest.mark.parametrize("name", RULES)
def test_the_project_keeps_the_rule(name: str) -> None:
    assert not findings()[name], f"{name}:\n" + "\n".join(findings()[name])


BAD: list[tuple[str, str, str]] = [
    ("files_are_short", "core/domain/money.py", "x = 1\n" * 401),
    ("files_are_short", "tests/core/test_money.py", "x = 1\n" * 601),
    ("functions_are_short", "bot/inbox.py", "def accept():\n" + "    x = 1\n" * 70),
    ("modules_say_what_they_are_for", "bot/inbox.py", "import os\n"),
    ("modules_have_names_that_say_something", "bot/utils.py", ""),
    ("money_is_no_float", "core/domain/splits.py", "half = 0.5"),
    ("money_is_no_float", "core/domain/splits.py", "def half(amount): return float(amount)"),
    ("money_is_counted_in_the_domain", "bot/inbox.py", "left = total.minor - paid"),
    ("money_is_counted_in_the_domain", "bot/inbox.py", "row[member] += money.minor"),
    ("money_is_counted_in_the_domain", "bot/inbox.py", "sum(part.minor for part in parts)"),
    ("money_is_counted_in_the_domain", "bot/inbox.py", "tip = amount.decimal * 10"),
    ("the_unit_of_work_alone_commits", "bot/inbox.py", "async def f(c): await c.commit()"),
    ("the_unit_of_work_alone_commits", "core/db/outbox.py", "async def f(c):\n    async with c.transaction(): pass"),
    ("the_unit_of_work_alone_commits", "core/db/outbox.py", "async def f(c): await c.execute('COMMIT')"),
    ("imports_stand_at_the_top", "bot/inbox.py", "def f():\n    from core.domain import money"),
    ("imports_stand_at_the_top", "bot/inbox.py", "def f():\n    import pandas"),
    ("channels_are_known_to_their_adapters_only", "bot/delivery.py", "if channel == 'whatsapp': pass"),
    ("channels_are_known_to_their_adapters_only", "core/services/alerts.py", "DEFAULT = 'SMS'"),
    ("time_comes_from_the_clock", "core/services/alerts.py", "import datetime as d\ntoday = datetime.now()"),
    ("time_comes_from_the_clock", "core/services/alerts.py", "today = datetime.datetime.utcnow()"),
    ("time_comes_from_the_clock", "bot/inbox.py", "started = time.time()"),
    ("the_environment_is_read_once", "integrations/fx.py", "key = os.environ['KEY']"),
    ("nothing_of_ours_is_patched", "tests/bot/test_inbox.py", "from unittest.mock import patch"),
    ("nothing_of_ours_is_patched", "tests/bot/test_inbox.py", "monkeypatch.setattr('bot.inbox.accept', None)"),
    ("public_functions_of_the_core_are_explained", "core/domain/splits.py", "def split():\n    x = 1\n    return x"),
]


@pytest.mark.parametrize(("rule", "path", "source"), BAD)
def test_the_rule_can_fail(rule: str, path: str, source: str) -> None:
    assert list(RULES[rule](File(path=path, source=source)))


GOOD: list[tuple[str, str, str]] = [
    ("files_are_short", "core/domain/money.py", "x = 1\n" * 400),
    ("functions_are_short", "bot/inbox.py", "def accept():\n" + "    x = 1\n" * 69),
    ("money_is_no_float", "bot/metrics.py", "seconds = 0.5"),
    ("money_is_counted_in_the_domain", "bot/inbox.py", "left = total - Money.total(parts, total.currency)"),
    ("money_is_counted_in_the_domain", "core/domain/splits.py", "left = total.minor - 1"),
    ("the_unit_of_work_alone_commits", "core/db/session.py", "async def f(c): await c.commit()"),
    ("the_unit_of_work_alone_commits", "bot/inbox.py", "'''Commits nothing.'''"),
    ("imports_stand_at_the_top", "core/db/migrate.py", "def f():\n    from alembic import command"),
    ("channels_are_known_to_their_adapters_only", "integrations/channels/terminal.py", "NAME = 'terminal'"),
    ("channels_are_known_to_their_adapters_only", "bot/delivery.py", "'''Works for telegram too.'''"),
    ("time_comes_from_the_clock", "bot/clock.py", "now = datetime.now(UTC)"),
    ("time_comes_from_the_clock", "bot/delivery.py", "started = time.monotonic()"),
]


@pytest.mark.parametrize(("rule", "path", "source"), GOOD)
def test_the_rule_leaves_alone_what_is_right(rule: str, path: str, source: str) -> None:
    assert not list(RULES[rule](File(path=path, source=source)))


def test_every_rule_is_shown_to_fail() -> None:
    assert {rule for rule, _, _ in BAD} == set(RULES)


def test_tests_are_no_packages() -> None:
    """With --import-mode=importlib an __init__.py under tests would shadow the packages of the same name."""
    assert not list((REPOSITORY / "tests").rglob("__init__.py"))
