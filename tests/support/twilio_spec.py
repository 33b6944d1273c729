"""Twilio's own description of its interface, where it lies beside the checkout: what it would say of a request of ours."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_HERE = Path(__file__).resolve()
_PLACES = [Path(os.environ["TUPPENCE_SHARED"])] if os.environ.get("TUPPENCE_SHARED") else [parent / "shared" for parent in _HERE.parents]
SPEC = next((place / "specs" / "twilio_api_v2010.json" for place in _PLACES if (place / "specs" / "twilio_api_v2010.json").is_file()), None)


@cache
def _paths() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    assert SPEC is not None
    paths = json.loads(SPEC.read_text("utf-8"))["paths"]
    return [(re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))), operations) for path, operations in paths.items()]


def problems(method: str, path: str, query: Sequence[tuple[str, str]], form: Sequence[tuple[str, str]]) -> list[str]:
    """What is wrong with a request by the description; nothing where there is no description."""
    if SPEC is None:
        return []
    for pattern, operations in _paths():
        match = pattern.fullmatch(path)
        if match and method.lower() in operations:
            return _wrong(operations[method.lower()], match.groupdict(), operations.get("parameters", []), query, form)
    return [f"no such operation: {method} {path}"]


def _wrong(operation: dict[str, Any], places: dict[str, str], shared: list[Any], query: Sequence[Any], form: Sequence[Any]) -> list[str]:
    parameters = {(each["in"], each["name"]): each for each in [*shared, *operation.get("parameters", [])]}
    given = [("path", *pair) for pair in places.items()] + [("query", *pair) for pair in query]
    found = []
    for where, name, value in given:
        if (where, name) not in parameters:
            found.append(f"unknown {where} parameter {name}")
        else:
            found += _against(parameters[where, name]["schema"], name, value)
    found += [
        f"{name} is missing" for (where, name), each in parameters.items() if each.get("required") and (where, name) not in {g[:2] for g in given}
    ]
    body = operation.get("requestBody", {}).get("content", {}).get("application/x-www-form-urlencoded", {}).get("schema", {})
    fields = body.get("properties", {})
    for name, value in form:
        found += _against(fields[name], name, value) if name in fields else [f"unknown field {name}"]
    return found + [f"{name} is missing" for name in body.get("required", []) if name not in dict(form)]


def _against(schema: dict[str, Any], name: str, value: str) -> list[str]:
    if schema.get("type") == "array":
        schema = schema.get("items", {})
    rules = {
        "pattern": lambda pattern: re.search(pattern, value),
        "minLength": lambda least: len(value) >= least,
        "maxLength": lambda most: len(value) <= most,
        "enum": lambda names: value in names,
    }
    formats = {
        "uri": lambda: urlsplit(value).scheme in ("http", "https") and "_" not in (urlsplit(value).hostname or "_"),
        "date-time": lambda: re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value),
    }
    found = [f"{name}={value!r} breaks {rule} {schema[rule]!r}" for rule, holds in rules.items() if rule in schema and not holds(schema[rule])]
    kind = schema.get("format")
    if kind in formats and not formats[kind]():
        found.append(f"{name}={value!r} is no {kind}")
    if schema.get("type") in ("integer", "number") and not re.fullmatch(r"-?\d+", value):
        found.append(f"{name}={value!r} is no number")
    return found
