"""payto: URIs (RFC 8905), the form in which places to be paid at are kept and told on. Knows the syntax alone, not what an account looks like."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from core.domain.money import Money
from core.domain.payments.codes import not_a_code

_RAIL = "payto"
_LENGTH_MOST = 2000
_FORM = re.compile(r"payto://([A-Za-z0-9-]+)/([^?#]+)(?:\?([^#]*))?")


@dataclass(frozen=True, slots=True)
class Payto:
    """`target`: how money gets there ("iban"). `path`: whose account. `options`: "amount" ("EUR:12.30"), "receiver-name", "message"."""

    target: str
    path: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)


def write(payto: Payto) -> str:
    """The URI; empty options are left out."""
    options = "&".join(f"{name}={quote(value, safe=':@')}" for name, value in payto.options.items() if value)
    return f"payto://{payto.target}/{'/'.join(quote(part, safe='@+$') for part in payto.path)}" + (f"?{options}" if options else "")


def transfer(iban: str, amount: Money, *, bic: str = "", receiver: str, message: str) -> str:
    """The URI that asks for a bank transfer."""
    options = {"amount": f"{amount.currency}:{amount}", "receiver-name": receiver, "message": message}
    return write(Payto("iban", (*([bic] if bic else []), iban), options))


def read(text: str) -> Payto:
    """The parts of a URI. DomainError `not_a_payment_code`."""
    parts = _FORM.fullmatch(text) if len(text) <= _LENGTH_MOST and text.isascii() else None
    if parts is None:
        raise not_a_code(_RAIL)
    options = {name.lower(): unquote(value) for name, _, value in (each.partition("=") for each in (parts[3] or "").split("&")) if name}
    return Payto(parts[1].lower(), tuple(unquote(part) for part in parts[2].split("/")), options)
