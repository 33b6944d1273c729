"""PromptPay for Thailand: the EMV code with a mobile, national or e-wallet number."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain.money import Money
from core.domain.payments import emv
from core.domain.payments.codes import not_a_code, payable, read_amount
from core.domain.payments.numbers import is_thai_id
from core.errors import DomainError

_RAIL = "promptpay"
_APPLICATION = "A000000677010111"
_MOBILE, _NATIONAL, _WALLET = "01", "02", "03"


@dataclass(frozen=True, slots=True)
class Charge:
    """`account`: 10 digits of a mobile (0...), 13 of a national or tax number, 15 of an e-wallet. `amount` None: the payer enters it."""

    account: str
    amount: Money | None = None


def checked_account(text: str) -> str:
    """Digits alone, a mobile as 0 and nine more. DomainError `account_wrong`."""
    digits = re.sub(r"[\s.\-()]", "", text)
    mobile = re.fullmatch(r"(?:\+66|0066|66|0)([0-9]{9})", digits, re.ASCII)
    if mobile is not None:
        return f"0{mobile[1]}"
    if is_thai_id(digits) or re.fullmatch(r"[0-9]{15}", digits, re.ASCII):
        return digits
    raise DomainError("account_wrong", kind=_RAIL)


def write(charge: Charge) -> str:
    """The code. DomainError `not_payable` or `account_wrong`."""
    account = checked_account(charge.account)
    kind = {10: _MOBILE, 13: _NATIONAL, 15: _WALLET}[len(account)]
    amount = None if charge.amount is None else payable(charge.amount, "THB", rail=_RAIL, most="9999999999.99")
    return emv.seal(
        (
            ("00", "01"),
            ("01", "11" if amount is None else "12"),
            ("29", emv.pack((("00", _APPLICATION), (kind, f"0066{account[1:]}" if kind == _MOBILE else account)))),
            ("58", "TH"),
            ("53", "764"),
            ("54", "" if amount is None else str(amount)),
        )
    )


def read(code: str) -> Charge:
    """The charge of a code. DomainError `not_a_payment_code`."""
    fields = emv.opened(code, rail=_RAIL)
    emv.expect(fields, _RAIL, f00="01", f53="764", f58="TH")
    account = emv.unpack(fields.get("29", ""), rail=_RAIL)
    emv.expect(account, _RAIL, f00=_APPLICATION)
    number = next((account[kind] for kind in (_MOBILE, _NATIONAL, _WALLET) if kind in account), "")
    try:
        found = checked_account(number)
    except DomainError:
        raise not_a_code(_RAIL) from None
    return Charge(found, read_amount(fields["54"], "THB", rail=_RAIL) if "54" in fields else None)
