"""Owns what a child process may use: memory, processor time, files, and no network where the system lets it be taken away."""

from __future__ import annotations

import contextlib
import ctypes
import resource
import sys

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_FILE_BYTES = 64 << 20


def confine(*, memory_bytes: int, cpu_seconds: int) -> None:
    """Limit this process and what it starts. Memory is address space; a process past its limit of time is killed by the system."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, _FILE_BYTES)
    if sys.platform != "darwin":  # there the address space of every process is larger than any sensible limit
        _limit(resource.RLIMIT_AS, memory_bytes)
    more_time(cpu_seconds)
    _leave_the_network()


def more_time(cpu_seconds: int) -> None:
    """From now on this process may use so much processor time: called before each picture by a process that reads several."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    with contextlib.suppress(ValueError, OSError):
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + cpu_seconds, hard))


def _limit(what: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # a lower limit is in force already
        resource.setrlimit(what, (most, most))


def _leave_the_network() -> None:
    """A network namespace of its own, without an interface. Where that is not allowed the other walls stand."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            unshare = ctypes.CDLL(None, use_errno=True).unshare
            if unshare(_CLONE_NEWNET) != 0:
                unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
