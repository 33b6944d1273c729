"""VietQR for Vietnam: NAPAS's EMV code with a bank and an account there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain.money import Money
from core.domain.payments import emv
from core.domain.payments.codes import bounded, not_a_code, payable, read_amount
from core.errors import DomainError

_RAIL = "vietqr"
_APPLICATION = "A000000727"
_TO_ACCOUNT = "QRIBFTTA"


@dataclass(frozen=True, slots=True)
class Charge:
    """`account`: the bank's six digits, a slash, the account (up to 19 letters and digits). `amount` None: the payer enters it."""

    account: str
    amount: Money | None = None
    note: str = ""


def checked_account(text: str) -> str:
    """The bank's number, a slash and the account, without spaces. DomainError `account_wrong`."""
    account = "".join(text.split()).upper()
    if not re.fullmatch(r"97[0-9]{4}/[A-Z0-9]{4,19}", account, re.ASCII):
        raise DomainError("account_wrong", kind=_RAIL)
    return account


def write(charge: Charge) -> str:
    """The code. DomainError `not_payable` or `account_wrong`."""
    bank, _, account = checked_account(charge.account).partition("/")
    amount = None if charge.amount is None else payable(charge.amount, "VND", rail=_RAIL, most="9999999999999")
    holder = emv.pack((("00", bank), ("01", account)))
    return emv.seal(
        (
            ("00", "01"),
            ("01", "11" if amount is None else "12"),
            ("38", emv.pack((("00", _APPLICATION), ("01", holder), ("02", _TO_ACCOUNT)))),
            ("53", "704"),
            ("54", "" if amount is None else str(amount)),
            ("58", "VN"),
            ("62", emv.pack((("08", bounded(charge.note, 25, rail=_RAIL, field="note")),))),
        )
    )


def read(code: str) -> Charge:
    """The charge of a code. DomainError `not_a_payment_code`."""
    fields = emv.opened(code, rail=_RAIL)
    emv.expect(fields, _RAIL, f00="01", f53="704", f58="VN")
    account = emv.unpack(fields.get("38", ""), rail=_RAIL)
    emv.expect(account, _RAIL, f00=_APPLICATION, f02=_TO_ACCOUNT)
    holder = emv.unpack(account.get("01", ""), rail=_RAIL)
    if not {"00", "01"} <= holder.keys():
        raise not_a_code(_RAIL)
    amount = read_amount(fields["54"], "VND", rail=_RAIL) if "54" in fields else None
    return Charge(f"{holder['00']}/{holder['01']}", amount, emv.unpack(fields.get("62", ""), rail=_RAIL).get("08", ""))
