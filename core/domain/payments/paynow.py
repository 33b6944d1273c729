"""PayNow for Singapore: the EMV code with a mobile number or a company's UEN."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.domain.money import Money
from core.domain.payments import emv
from core.domain.payments.codes import bounded, not_a_code, not_payable, payable, read_amount
from core.errors import DomainError

_RAIL = "paynow"
_DOMAIN = "SG.PAYNOW"
_NO_NAME = "NA"


@dataclass(frozen=True, slots=True)
class Charge:
    """`account`: +65 and eight digits, or a UEN. `expires` as YYYYMMDD. `editable`: whether the payer may change the amount."""

    account: str
    amount: Money
    reference: str = ""
    expires: str = ""
    editable: bool = False
    name: str = _NO_NAME


def checked_account(text: str) -> str:
    """A mobile with +65, or a UEN in upper case. DomainError `account_wrong`."""
    bare = re.sub(r"[\s.\-()]", "", text).upper()
    mobile = re.fullmatch(r"(?:\+65|0065|65)?([89][0-9]{7})", bare, re.ASCII)
    if mobile is not None:
        return f"+65{mobile[1]}"
    if re.fullmatch(r"[0-9]{8,9}[A-Z]|[STR][0-9]{2}[A-Z]{2}[0-9]{4}[A-Z]", bare, re.ASCII):
        return bare
    raise DomainError("account_wrong", kind=_RAIL)


def write(charge: Charge) -> str:
    """The code. DomainError `not_payable` or `account_wrong`."""
    account = checked_account(charge.account)
    if not re.fullmatch(r"(?:[0-9]{8})?", charge.expires, re.ASCII):
        raise not_payable(_RAIL, "expires")
    proxy = (
        ("00", _DOMAIN),
        ("01", "0" if account[0] == "+" else "2"),
        ("02", account),
        ("03", "1" if charge.editable else "0"),
        ("04", charge.expires),
    )
    return emv.seal(
        (
            ("00", "01"),
            ("01", "12"),
            ("26", emv.pack(proxy)),
            ("52", "0000"),
            ("53", "702"),
            ("54", str(payable(charge.amount, "SGD", rail=_RAIL, most="9999999999.99"))),
            ("58", "SG"),
            ("59", bounded(charge.name, 25, rail=_RAIL, field="name", least=1)),
            ("60", "Singapore"),
            ("62", emv.pack((("01", bounded(charge.reference, 25, rail=_RAIL, field="reference")),))),
        )
    )


def read(code: str) -> Charge:
    """The charge of a code. DomainError `not_a_payment_code`."""
    fields = emv.opened(code, rail=_RAIL)
    emv.expect(fields, _RAIL, f00="01", f53="702", f58="SG")
    proxy = emv.unpack(fields.get("26", ""), rail=_RAIL)
    emv.expect(proxy, _RAIL, f00=_DOMAIN)
    if "54" not in fields or "02" not in proxy:
        raise not_a_code(_RAIL)
    return Charge(
        proxy["02"],
        read_amount(fields["54"], "SGD", rail=_RAIL),
        emv.unpack(fields.get("62", ""), rail=_RAIL).get("01", ""),
        proxy.get("04", ""),
        proxy.get("03") == "1",
        fields.get("59", _NO_NAME),
    )
