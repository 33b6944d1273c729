"""JSON Lines for every command: strict reading of one object a line, refusals that name the line, answers flushed one by one. Knows no command."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, TextIO, cast

from core.errors import DomainError

Json = dict[str, object]

LINE_BYTES = 1 << 20  # longer lines are refused unread
DEPTH = 32  # nesting beyond this is refused


class Refused(Exception):
    """This line is not taken; the message says why, for the person who wrote the input."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of input, counted from 1. Exactly one of `record` and `error` is set; `id` as far as it could be read."""

    number: int
    record: Json | None
    error: str | None
    id: str | None


def answer_lines(
    answer: Callable[[Json], Json],
    *,
    keys: frozenset[str],
    lines: BinaryIO | None = None,
    output: TextIO | None = None,
    errors: TextIO | None = None,
) -> int:
    """Read objects with `id` and `keys` from `lines` (stdin), write what `answer` makes of each to `output` (stdout). Returns the exit status.

    `answer` gets the record and gives the answer without its id; it may raise Refused or DomainError. A refused line gives `{"id", "error"}` and a
    line on `errors` (stderr), the ones after it go on, the status is 1. A line that breaks a command is refused too, with the trace on `errors`.
    """
    output, errors = output or sys.stdout, errors or sys.stderr
    status = 0
    try:
        for line in read_lines(lines or sys.stdin.buffer, keys=keys | {"id"}):
            said, error = _attempt(answer, line, errors)
            if error is not None:
                status = 1
                print(f"line {line.number}{f' (id {json.dumps(line.id)})' if line.id is not None else ''}: {error}", file=errors, flush=True)
            print(dump({"id": line.id} | said), file=output, flush=True)
    except BrokenPipeError:  # the reader has seen enough, as in `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return status


def dump(record: Mapping[str, object]) -> str:
    """One line of output, in UTF-8 as it is, without a line end."""
    return json.dumps(record, ensure_ascii=False, separators=(", ", ": "))


def read_lines(lines: BinaryIO, *, keys: frozenset[str]) -> Iterator[Line]:
    """Every line that is not blank. Refused: too long, not UTF-8, no JSON object, duplicate or unknown keys, no text `id` where `keys` hold one."""
    number = 0
    while raw := lines.readline(LINE_BYTES + 1):
        number += 1
        if len(raw) > LINE_BYTES and not raw.endswith(b"\n"):
            while (more := lines.readline(LINE_BYTES)) and not more.endswith(b"\n"):
                pass
            yield Line(number, None, f"longer than {LINE_BYTES} bytes", None)
        elif raw.strip():
            yield _read(raw, number, keys)


def check_keys(record: Json, keys: frozenset[str] | set[str], where: str = "") -> None:
    """Refuse keys beyond `keys`."""
    unknown = sorted(set(record) - keys)
    if unknown:
        raise Refused(f"unknown {'key' if len(unknown) == 1 else 'keys'} {', '.join(map(json.dumps, unknown))}{f' in {where}' if where else ''}")


def words_of(problem: DomainError) -> str:
    """A domain error for an operator: its code in words, and its parameters."""
    shown = ", ".join(f"{name} {value}" for name, value in problem.params.items())
    return problem.code.replace("_", " ") + (f" ({shown})" if shown else "")


def _attempt(answer: Callable[[Json], Json], line: Line, errors: TextIO) -> tuple[Json, str | None]:
    try:
        if line.record is None:
            raise Refused(line.error)
        return answer(line.record), None
    except Refused as problem:
        error = str(problem)
    except DomainError as problem:
        error = words_of(problem)
    except Exception as problem:  # one line must not take the others with it
        traceback.print_exc(file=errors)
        error = f"could not be handled ({type(problem).__name__}): this is a defect"
    return {"error": error}, error


def _read(raw: bytes, number: int, keys: frozenset[str]) -> Line:
    name: str | None = None
    twice: list[str] = []
    try:
        record = _object(raw, twice)
        name = _text_id(record)
        _refuse_odd(record, raw, twice)
        check_keys(record, keys)
        if "id" in keys and name is None:
            raise Refused('"id" is missing or not a string')
        return Line(number, record, None, name)
    except Refused as problem:
        return Line(number, None, str(problem), name)


def _text_id(record: Json) -> str | None:
    given = record.get("id")
    return given if isinstance(given, str) and not any("\ud800" <= character <= "\udfff" for character in given) else None


def _object(raw: bytes, twice: list[str]) -> Json:
    """The object of one line; keys that appear more than once are added to `twice`."""

    def collect(pairs: list[tuple[str, object]]) -> Json:
        record = dict(pairs)
        if len(record) < len(pairs):
            twice.extend(key for key in record if sum(key == other for other, _ in pairs) > 1)
        return record

    try:
        value = json.loads(raw.decode().removeprefix("\ufeff"), object_pairs_hook=collect, parse_constant=_refuse_constant)
    except UnicodeDecodeError as problem:
        raise Refused("not UTF-8") from problem
    except json.JSONDecodeError as problem:
        raise Refused(f"not JSON ({problem.msg} at column {problem.colno})") from problem
    except (ValueError, RecursionError) as problem:
        raise Refused("not JSON (a number or a nesting beyond reason)") from problem
    if not isinstance(value, dict):
        raise Refused("not a JSON object")
    return cast(Json, value)


def _refuse_odd(record: Json, raw: bytes, twice: list[str]) -> None:
    """Valid JSON that nobody means: a key given twice, endless nesting, half a surrogate pair (which cannot be written back as UTF-8)."""
    if twice:
        raise Refused(f"key {json.dumps(twice[0])} appears twice")
    _check_depth(record, DEPTH)
    if b"\\ud" in raw.lower():
        try:
            dump(record).encode()
        except UnicodeEncodeError as problem:
            raise Refused("half of a surrogate pair in a string") from problem


def _refuse_constant(name: str) -> object:
    raise Refused(f"{name} is not JSON")


def _check_depth(value: object, left: int) -> None:
    if not left:
        raise Refused(f"nested deeper than {DEPTH} levels")
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_depth(inner, left - 1)
