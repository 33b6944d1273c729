"""Whether a webhook is Twilio's: its signature over the configured address and the whole form as received. Fails closed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl

FIELDS_MOST = 200
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


class Forged(Exception):
    """Not signed by Twilio, or not readable as what Twilio signs. The message says why, for the log."""


class Form:
    """Fields in the order received, repeated ones included: what Twilio signed is all of them."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(name, []).append(value)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def getall(self, name: str) -> list[str]:
        """The name that twilio's validator looks for: without it a repeated field would count once."""
        return self._values[name]

    def get(self, name: str) -> str:
        """The first value; empty where there is none."""
        return self._values.get(name, [""])[0]

    def only(self, name: str) -> str:
        """The value of a field that must be clear: empty where it is missing or has two values (their order is not signed)."""
        values = set(self._values.get(name, ()))
        return values.pop() if len(values) == 1 else ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A request as it came. `path` as routed, `query` raw; `signatures`: every value of that header; `settings`: Twilio's word on the algorithm."""

    path: str
    query: str
    content_type: str
    body: bytes
    signatures: tuple[str, ...]
    settings: str = ""


class Validator(Protocol):
    """What is used of twilio's RequestValidator."""

    def validate(self, uri: str, params: object, signature: str, algorithm: str | None = None) -> bool: ...


class Verifier:
    """Without a public address or a token nothing is Twilio's."""

    def __init__(self, *, auth_token: str, public_url: str | None) -> None:
        # Twilio's library is needed only where Twilio is configured, and costs 40 ms.
        from twilio.request_validator import RequestValidator, get_signature_algorithm

        self._public_url = public_url.rstrip("/") if public_url else None
        self._validator: Validator | None = RequestValidator(auth_token) if auth_token else None
        self._algorithm = get_signature_algorithm

    def verified(self, posted: Posted) -> Form:
        """The form of a request that Twilio signed. Raises Forged."""
        if self._validator is None or self._public_url is None:
            raise Forged("not configured")
        if len(posted.signatures) != 1:
            raise Forged("not one signature")
        uri = f"{self._public_url}{posted.path}{'?' + posted.query if posted.query else ''}"
        kind = posted.content_type.split(";")[0].strip().lower()
        if kind == FORM:
            form = _form(posted.body)
            signed: Form | str = form
        elif kind == JSON and "bodySHA256=" in posted.query:  # without it the signature says nothing of the body
            form, signed = _json(posted.body), posted.body.decode()
        else:
            raise Forged("not a form")
        if not self._validator.validate(uri, signed, posted.signatures[0], self._algorithm(posted.settings)):
            raise Forged("wrong signature")
        return form


def _form(body: bytes) -> Form:
    """Blank values stay: they are signed too."""
    try:
        return Form(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=FIELDS_MOST, errors="strict"))
    except ValueError as problem:  # also what is not ASCII or not UTF-8
        raise Forged("not a form") from problem


def _json(body: bytes) -> Form:
    """A flat object; what is not text is left out of the form, not out of the signature."""
    try:
        fields = json.loads(body.decode())
    except (ValueError, RecursionError) as problem:
        raise Forged("not JSON") from problem
    if not isinstance(fields, dict) or len(fields) > FIELDS_MOST:
        raise Forged("not a flat object")
    return Form([(name, value) for name, value in fields.items() if isinstance(value, str)])


def query_of(query: str) -> Form:
    """The fields of an address's query, which is signed with the address. What cannot be read is left out."""
    try:
        return Form(parse_qsl(query, keep_blank_values=True, max_num_fields=FIELDS_MOST))
    except ValueError:
        return Form(())
