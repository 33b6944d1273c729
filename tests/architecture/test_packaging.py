"""What is built and installed: the wheel holds everything the packages need, the locks fit the project and name no registry."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from bot.cli import COMMANDS

REPOSITORY = Path(__file__).parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-build.lock")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", place], cwd=REPOSITORY, check=True, capture_output=True)
    return zipfile.ZipFile(next(place.glob("*.whl")))


def test_the_wheel_holds_every_file_of_the_packages(wheel: zipfile.ZipFile) -> None:
    """Language data, migrations, pages and pictures too, not Python alone."""
    shown = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "bot", "core", "integrations"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    if shown.returncode != 0:
        pytest.skip("not a git checkout: cannot tell the project's files from others")
    wanted = {path for path in shown.stdout.split("\n") if path and (REPOSITORY / path).exists()}
    assert any(path.endswith(".sql") for path in wanted)
    assert wanted <= set(wheel.namelist())


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0] for name in wheel.namelist()} == {"bot", "core", "integrations", f"tuppence-{PROJECT['project']['version']}.dist-info"}


def test_the_wheel_brings_the_command(wheel: zipfile.ZipFile) -> None:
    entry = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "tuppence = bot.__main__:main" in wheel.read(entry).decode()


def test_the_table_of_commands_names_each_after_its_module() -> None:
    assert all(module == f"bot.cli.{name}" for name, module in COMMANDS.items())


def locked(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9][\w.-]*)==([^\s;\\]+)", (REPOSITORY / name).read_text(), re.MULTILINE))


def required(requirements: list[str]) -> set[str]:
    return {re.split(r"[\s\[<>=;]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_has_hashes_and_no_address(name: str) -> None:
    text = (REPOSITORY / name).read_text()
    assert "://" not in text
    assert "index-url" not in text
    blocks = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert all("--hash=sha256:" in block for block in blocks)


def test_the_locks_cover_what_the_project_asks_for_and_agree() -> None:
    groups = PROJECT["dependency-groups"]
    assert required(PROJECT["project"]["dependencies"]) <= locked("requirements.lock").keys()
    assert required(groups["dev"]) <= locked("requirements-dev.lock").keys()
    assert required(groups["build"]) <= locked("requirements-build.lock").keys()
    everything = locked("requirements-dev.lock")
    assert all(locked(name).items() <= everything.items() for name in LOCKS)
