"""The import contracts of pyproject.toml: each is broken once, in a copy of the project, and must be reported."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CONTRACTS = {c["id"]: c["name"] for c in tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]}

# contract -> (file, what is added to it); a file that does not exist is made
VIOLATIONS = {
    "layers": ("core/errors.py", "import integrations.postgres"),
    "core": ("core/tricks.py", "x = 1"),
    "bot": ("bot/tricks.py", "x = 1"),
    "purity": ("core/domain/money.py", "import random"),
    "reading": ("core/reading/__init__.py", "import asyncio"),
    "words": ("bot/conversation/replies/__init__.py", "import core.db.session"),
    "database": ("bot/conversation/turn.py", "import asyncpg"),
    "http": ("bot/conversation/turn.py", "import fastapi"),
    "platforms": ("bot/conversation/turn.py", "import telegram"),
    "pictures": ("bot/delivery.py", "import integrations.receipts.imaging"),
    "engines": ("bot/metrics.py", "import onnxruntime"),
    "codes": ("bot/metrics.py", "import segno"),
    "siblings": ("integrations/postgres.py", "import integrations.other"),
    "channels": ("integrations/channels/terminal.py", "import integrations.channels.webchat"),
    "settings": ("bot/conversation/turn.py", "import bot.settings"),
}


def lint(project: Path) -> dict[str, str]:
    """KEPT or BROKEN by the name of the contract."""
    command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache", "--no-logo"]
    shown = subprocess.run(
        command, cwd=project, capture_output=True, text=True, env={"COLUMNS": "400", "PYTHONPATH": str(project)}, check=False
    ).stdout
    return dict(re.findall(r"^(.*?) (KEPT|BROKEN)(?: \(.*\))?$", shown, re.MULTILINE))


def copy_of_the_project(to: Path) -> Path:
    for place in ("bot", "core", "integrations"):
        shutil.copytree(REPOSITORY / place, to / place, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", to)
    return to


def test_the_project_keeps_every_contract(tmp_path: Path) -> None:
    assert lint(copy_of_the_project(tmp_path)) == dict.fromkeys(CONTRACTS.values(), "KEPT")


def test_every_contract_can_fail(tmp_path: Path) -> None:
    project = copy_of_the_project(tmp_path)
    (project / "integrations" / "other.py").write_text("x = 1\n")
    for path, addition in VIOLATIONS.values():
        with (project / path).open("a") as file:
            file.write(f"\n{addition}\n")
    assert lint(project) == dict.fromkeys(CONTRACTS.values(), "BROKEN")
    assert VIOLATIONS.keys() == CONTRACTS.keys()
