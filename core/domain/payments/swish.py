"""Swish for Sweden: the QR code of its developer guide, and the app's link as it is seen in use."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from core.domain.money import Money
from core.domain.payments.codes import bounded, not_a_code, payable, read_amount
from core.errors import DomainError

_RAIL = "swish"
PAYEE, AMOUNT, MESSAGE = 1, 2, 4  # what the payer may change
_MOST = "999999.99"


@dataclass(frozen=True, slots=True)
class Charge:
    """`number`: 123... of a company or 07... of a person. `editable`: a sum of PAYEE, AMOUNT and MESSAGE."""

    number: str
    amount: Money | None
    message: str = ""
    editable: int = 0


def checked_number(text: str) -> str:
    """Ten digits: a company's as it is, a mobile with 0 in place of +46. DomainError `account_wrong`."""
    digits = re.sub(r"[\s.\-()]", "", text)
    mobile = re.fullmatch(r"(?:\+46|0046|46|0)(7[0-9]{8})", digits, re.ASCII)
    if mobile is not None:
        return f"0{mobile[1]}"
    if re.fullmatch(r"123[0-9]{7}", digits, re.ASCII):
        return digits
    raise DomainError("account_wrong", kind=_RAIL)


def write(charge: Charge) -> str:
    """The code; what may be changed is left out where that is nothing. DomainError `not_payable` or `account_wrong`."""
    amount = "" if charge.amount is None else str(payable(charge.amount, "SEK", rail=_RAIL, most=_MOST)).replace(".", ",")
    message = quote(bounded(charge.message, 50, rail=_RAIL, field="message"), safe="")
    parts = [f"C{checked_number(charge.number)}", amount, message, *([str(charge.editable)] if charge.editable else [])]
    return ";".join(parts)


def link(charge: Charge) -> str:
    """What opens the app, by public code and no promise of Swish. DomainError as `write`."""
    write(charge)
    amount = "" if charge.amount is None else f'"amount":{{"value":{charge.amount}}},'
    message = f'"message":{{"value":{json.dumps(charge.message)},"editable":{json.dumps(bool(charge.editable & MESSAGE))}}}'
    data = f'{{"version":1,"payee":{{"value":{json.dumps(checked_number(charge.number))}}},{amount}{message}}}'
    return f"swish://payment?data={quote(data, safe='')}"


def read(code: str) -> Charge:
    """The charge of a code. DomainError `not_a_payment_code`."""
    found = re.fullmatch(r"C([0-9]+);([0-9]+,[0-9]{2}|);([^;]*)(?:;([0-7]))?", code, re.ASCII)
    if found is None:
        raise not_a_code(_RAIL)
    try:
        number = checked_number(found[1])
    except DomainError:
        raise not_a_code(_RAIL) from None
    amount = read_amount(found[2].replace(",", "."), "SEK", rail=_RAIL) if found[2] else None
    return Charge(number, amount, unquote(found[3]), int(found[4] or 0))
