"""UPI for India: NPCI's deep link, which is also what its QR code holds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from core.domain.money import Money
from core.domain.payments.codes import bounded, not_a_code, payable, read_amount
from core.errors import DomainError

_RAIL = "upi"
_HEAD = "upi://pay?"


@dataclass(frozen=True, slots=True)
class Charge:
    """`address`: the virtual payment address. `amount` None: the payer enters it. `reference` is for merchants; a person's goes into the note."""

    address: str
    name: str
    amount: Money | None = None
    note: str = ""
    reference: str = ""


def checked_address(text: str) -> str:
    """A virtual payment address, "anna@bank". DomainError `account_wrong`."""
    address = "".join(text.split())
    if not re.fullmatch(r"[A-Za-z0-9.\-_]{2,256}@[A-Za-z]{2,64}", address, re.ASCII):
        raise DomainError("account_wrong", kind=_RAIL)
    return address


def write(charge: Charge) -> str:
    """The link; a space is %20, for several apps would show a plus. DomainError `not_payable` or `account_wrong`."""
    amount = None if charge.amount is None else payable(charge.amount, "INR", rail=_RAIL)
    fields = (
        ("pa", checked_address(charge.address)),
        ("pn", bounded(charge.name, 99, rail=_RAIL, field="name", least=1)),
        ("am", "" if amount is None else str(amount)),
        ("cu", "INR"),
        ("tn", bounded(charge.note, 80, rail=_RAIL, field="note")),
        ("tr", bounded(charge.reference, 35, rail=_RAIL, field="reference")),
    )
    return _HEAD + "&".join(f"{name}={quote(value, safe='@')}" for name, value in fields if value)


def read(code: str) -> Charge:
    """The charge of a link; what it says beyond that is left out. DomainError `not_a_payment_code`."""
    if not code.startswith(_HEAD):
        raise not_a_code(_RAIL)
    fields = {name: unquote(value) for name, _, value in (each.partition("=") for each in code.removeprefix(_HEAD).split("&"))}
    try:
        address = checked_address(fields.get("pa", ""))
    except DomainError:
        raise not_a_code(_RAIL) from None
    if fields.get("cu", "INR") != "INR" or not fields.get("pn"):
        raise not_a_code(_RAIL)
    amount = read_amount(fields["am"], "INR", rail=_RAIL) if fields.get("am") else None
    return Charge(address, fields["pn"], amount, fields.get("tn", ""), fields.get("tr", ""))
