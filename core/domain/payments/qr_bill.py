"""The Swiss QR-bill (SIX Implementation Guidelines, SPC 0200): 31 lines of text for Swiss and Liechtenstein accounts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain.money import Money
from core.domain.payments.codes import bounded, not_a_code, not_payable, payable, read_amount
from core.domain.payments.numbers import checked_iban, is_creditor_reference, is_qr_iban, recursive_check
from core.errors import DomainError

_RAIL = "qr_bill"
_NOBODY = ("",) * 7
_MOST = 997  # characters in all
_STRUCTURED = "S"


@dataclass(frozen=True, slots=True)
class Bill:
    """`postal_code`, `town` and `country` are the receiver's. `reference`: 27 digits (QRR) to a QR-IBAN, "RF..." (SCOR) to another one, or none."""

    iban: str
    name: str
    postal_code: str
    town: str
    amount: Money
    reference: str = ""
    message: str = ""
    country: str = "CH"
    street: str = ""
    house: str = ""


def write(bill: Bill) -> str:
    """Lines joined by LF. DomainError `not_payable` or `account_wrong`."""
    iban = checked_iban(bill.iban)
    if iban[:2] not in ("CH", "LI"):
        raise not_payable(_RAIL, "iban")
    if not re.fullmatch(r"[A-Z]{2}", bill.country, re.ASCII):
        raise not_payable(_RAIL, "country")
    amount = payable(bill.amount, "CHF", "EUR", rail=_RAIL)
    lines = (
        *("SPC", "0200", "1", iban, _STRUCTURED),
        bounded(bill.name, 70, rail=_RAIL, field="name", least=1),
        bounded(bill.street, 70, rail=_RAIL, field="street"),
        bounded(bill.house, 16, rail=_RAIL, field="house"),
        bounded(bill.postal_code, 16, rail=_RAIL, field="postal_code", least=1),
        bounded(bill.town, 35, rail=_RAIL, field="town", least=1),
        bill.country,
        *_NOBODY,
        *(str(amount), amount.currency),
        *_NOBODY,
        *(_kind_of(iban, bill.reference), bill.reference),
        bounded(bill.message, 140, rail=_RAIL, field="message"),
        "EPD",
    )
    code = "\n".join(lines)
    if len(code) > _MOST:
        raise not_payable(_RAIL, "length")
    return code


def read(code: str) -> Bill:
    """The bill of a code with LF or CRLF and a structured address. DomainError `not_a_payment_code`."""
    lines = code.replace("\r\n", "\n").split("\n")
    if len(lines) < 31 or lines[:3] != ["SPC", "0200", "1"] or lines[4] != _STRUCTURED or lines[30] != "EPD" or lines[19] not in ("CHF", "EUR"):
        raise not_a_code(_RAIL)
    amount = read_amount(lines[18], lines[19], rail=_RAIL)
    bill = Bill(lines[3], lines[5], lines[8], lines[9], amount, lines[28], lines[29], lines[10], lines[6], lines[7])
    try:
        write(bill)
    except DomainError:
        raise not_a_code(_RAIL) from None
    return bill


def _kind_of(iban: str, reference: str) -> str:
    """Which reference it is; only a QR-IBAN takes, and must have, the one of 27 digits."""
    if is_qr_iban(iban):
        if re.fullmatch(r"[0-9]{27}", reference, re.ASCII) and recursive_check(reference[:-1]) == reference[-1]:
            return "QRR"
    elif not reference:
        return "NON"
    elif is_creditor_reference(reference):
        return "SCOR"
    raise not_payable(_RAIL, "reference")
