"""The console script as a process: usage, exit statuses, closed pipes, and what a light command must not import."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import bot.__main__ as entry
from bot.cli import COMMANDS

REPOSITORY = Path(__file__).parents[2]
PRESENT = [name for name in COMMANDS if (REPOSITORY / f"bot/cli/{name}.py").exists()]
# Whoever runs the tests in the background may have told their children to ignore these.
AS_IN_A_SHELL = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); signal.signal(signal.SIGINT, signal.default_int_handler); "


def tuppence(*arguments: str, source: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments], input=source, capture_output=True, text=True, cwd=REPOSITORY, timeout=60, check=False
    )


ECHO = """
from core.errors import DomainError

HELP = "Does as told."

def add_arguments(parser):
    parser.add_argument("what")

def run(options):
    if options.what == "refuse":
        raise DomainError("not_so", by=3)
    if options.what == "interrupt":
        raise KeyboardInterrupt
    print("heard?")
    return int(options.what)
"""


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "echo_command.py").write_text(ECHO)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(COMMANDS, "echo", "echo_command")


def test_help_lists_every_command_there_is_with_what_it_does() -> None:
    done = tuppence("--help")
    assert done.returncode == 0
    listed = [line.split()[0] for line in done.stdout.partition("commands:")[2].splitlines() if line.startswith("  ")]
    assert listed == PRESENT
    assert all(len(line.split()) > 2 for line in done.stdout.partition("commands:")[2].splitlines() if line.startswith("  "))


@pytest.mark.parametrize("name", PRESENT)
def test_every_command_explains_itself(name: str) -> None:
    done = tuppence(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"usage: tuppence {name}" in done.stdout


def test_version() -> None:
    assert tuppence("--version").stdout.split()[0] == "tuppence"


@pytest.mark.parametrize("arguments", [(), ("nonsense",), ("--nonsense",)])
def test_wrong_usage_is_two(arguments: tuple[str, ...]) -> None:
    done = tuppence(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage: tuppence" in done.stderr


def test_a_command_that_is_not_there_yet_does_not_break_the_others(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(COMMANDS, "fly", "bot.cli.fly")
    assert entry.main(["fly"]) == 2
    assert "not part of this version" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        entry.main(["--help"])
    assert "fly" not in capsys.readouterr().out


@pytest.mark.usefixtures("echo")
def test_statuses_pass_through(capsys: pytest.CaptureFixture[str]) -> None:
    assert [entry.main(["echo", status]) for status in ("0", "1", "2")] == [0, 1, 2]
    assert entry.main(["echo", "refuse"]) == 1
    assert capsys.readouterr().err == "tuppence echo: not_so(by=3)\n"
    assert entry.main(["echo", "interrupt"]) == 130
    assert capsys.readouterr().err == ""


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "echo_command.py").write_text(ECHO)
    program = (
        "import sys; from bot.cli import COMMANDS; from bot.__main__ import main; COMMANDS['echo'] = 'echo_command'; sys.exit(main(['echo', '0']))"
    )
    reader, writer = os.pipe()
    os.close(reader)
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], stdout=writer, stderr=subprocess.PIPE, cwd=REPOSITORY, env=environment, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_told_to_stop_it_ends_in_order_and_leaves_no_server_behind(tmp_path: Path) -> None:
    program = "import time; from pathlib import Path; from integrations.postgres import start_embedded\n"
    program += "HELP = ''\ndef add_arguments(parser): parser.add_argument('home')\n"
    program += "def run(options): start_embedded(Path(options.home), durable=False); print('up', flush=True); time.sleep(60)"
    (tmp_path / "keep_command.py").write_text(program)
    start = "import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL); signal.signal(signal.SIGINT, signal.default_int_handler); "  # as in a shell
    start += (
        "import sys; from bot.cli import COMMANDS; from bot.__main__ import main; COMMANDS['keep'] = 'keep_command'; sys.exit(main(sys.argv[1:]))"
    )
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        process = subprocess.Popen(
            [sys.executable, "-c", start, "keep", str(tmp_path / "home")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=REPOSITORY,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        started = time.monotonic()
        process.send_signal(number)
        assert process.communicate(timeout=30) == ("", "")
        assert process.returncode == 128 + number
        assert time.monotonic() - started < 10
        assert not (tmp_path / "home" / "data" / "postmaster.pid").exists()


def test_under_nohup_the_end_of_the_terminal_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "wait_command.py").write_text(
        "HELP = ''\ndef add_arguments(parser): pass\ndef run(options):\n    print('up', flush=True); input(); return 0"
    )
    start = "import sys; from bot.cli import COMMANDS; from bot.__main__ import main; COMMANDS['wait'] = 'wait_command'; sys.exit(main(['wait']))"
    process = subprocess.Popen(
        [sys.executable, "-c", start],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    assert process.stdout
    assert process.stdout.readline() == "up\n"
    process.send_signal(signal.SIGHUP)
    process.communicate("\n", timeout=30)
    assert process.returncode == 0


@pytest.mark.parametrize("name", ["parse", "split", "settle"])
def test_a_light_command_starts_without_the_heavy_libraries(name: str) -> None:
    if name not in PRESENT:
        pytest.skip(f"tuppence {name} is not there yet")
    program = (
        "import sys; sys.argv = ['tuppence', sys.argv[1]]\n"
        "from bot.__main__ import main\n"
        "assert main() == 0\n"
        "print([m for m in ('asyncpg', 'alembic', 'sqlalchemy', 'fastapi', 'cryptography', 'uvicorn') if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, name], input="", capture_output=True, text=True, cwd=REPOSITORY, check=False)
    assert done.stderr.strip() == "[]"


def test_ctrl_c_is_quiet() -> None:
    if "parse" not in PRESENT:
        pytest.skip("tuppence parse is not there yet")
    start = AS_IN_A_SHELL + "import sys; from bot.__main__ import main; sys.exit(main())"
    process = subprocess.Popen(
        [sys.executable, "-c", start, "parse"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    assert process.stdin
    assert process.stdout
    process.stdin.write('{"id": "1", "text": "hello"}\n')
    process.stdin.flush()
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, complaints = process.communicate(timeout=30)
    assert (process.returncode, complaints) == (130, "")
