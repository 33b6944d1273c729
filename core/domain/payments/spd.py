"""SPD ("QR Platba", Short Payment Descriptor 1.0) for Czech and Slovak accounts: text in, text out."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from urllib.parse import quote, unquote

from core.domain.money import Money
from core.domain.payments.codes import bounded, not_a_code, not_payable, payable, read_amount
from core.domain.payments.numbers import checked_bic, checked_iban
from core.errors import DomainError

_RAIL = "spd"
_HEAD = "SPD*1.0"
_RAW = " !\"#$&'()+,-./:;<=>?@[\\]^_`{|}~"  # what stands as it is beside letters and digits; not * and %
_CURRENCIES = ("CZK", "EUR")


@dataclass(frozen=True, slots=True)
class Descriptor:
    """`name`: the receiver's (35). `message` (60) is told to them. `reference`: up to 16 digits."""

    iban: str
    amount: Money
    bic: str = ""
    name: str = ""
    message: str = ""
    reference: str = ""


def write(descriptor: Descriptor) -> str:
    """The descriptor, without its optional checksum. DomainError `not_payable` or `account_wrong`."""
    amount = str(payable(descriptor.amount, *_CURRENCIES, rail=_RAIL, most="9999999.99"))
    bic = checked_bic(descriptor.bic)
    if not re.fullmatch(r"[0-9]{0,16}", descriptor.reference, re.ASCII):
        raise not_payable(_RAIL, "reference")
    fields = (
        ("ACC", checked_iban(descriptor.iban) + (f"+{bic}" if bic else "")),
        ("AM", amount),
        ("CC", descriptor.amount.currency),
        ("RF", descriptor.reference),
        ("RN", bounded(descriptor.name, 35, rail=_RAIL, field="name")),
        ("MSG", bounded(descriptor.message, 60, rail=_RAIL, field="message")),
    )
    return "*".join((_HEAD, *(f"{name}:{quote(value, safe=_RAW)}" for name, value in fields if value)))


def read(code: str) -> Descriptor:
    """The descriptor of a code; its checksum is checked where there is one. DomainError `not_a_payment_code`."""
    if not code.startswith(f"{_HEAD}*"):
        raise not_a_code(_RAIL)
    raw = [each.partition(":") for each in code.removeprefix(f"{_HEAD}*").strip("*").split("*")]
    fields = {name: unquote(value) for name, _, value in raw}
    if len(fields) != len(raw) or fields.get("CRC32", checksum(code)).upper() != checksum(code):
        raise not_a_code(_RAIL)
    iban, _, bic = fields.get("ACC", "").partition("+")
    currency = fields.get("CC", "CZK")
    if currency not in _CURRENCIES:
        raise not_a_code(_RAIL)
    amount = read_amount(fields.get("AM", ""), currency, rail=_RAIL)
    try:
        return Descriptor(checked_iban(iban), amount, checked_bic(bic), fields.get("RN", ""), fields.get("MSG", ""), fields.get("RF", ""))
    except DomainError:
        raise not_a_code(_RAIL) from None


def checksum(code: str) -> str:
    """CRC-32 over the canonical form: without the checksum itself, fields in the order of their names; eight hex digits."""
    fields = sorted(each for each in code.removeprefix(f"{_HEAD}*").strip("*").split("*") if not each.startswith("CRC32:"))
    return f"{zlib.crc32('*'.join((_HEAD, *fields)).encode()):08X}"
