"""Pix for Brazil: the static BR Code of the Banco Central do Brasil's manual, and what can be a Pix key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from core.domain.money import Money
from core.domain.payments import emv
from core.domain.payments.codes import bounded, not_payable, payable, read_amount
from core.domain.payments.numbers import is_cnpj, is_cpf
from core.errors import DomainError

_RAIL = "pix"
_DOMAIN = "br.gov.bcb.pix"
NO_REFERENCE = "***"


@dataclass(frozen=True, slots=True)
class Charge:
    """`name` (25) and `city` (15) in ASCII. `amount` None: the payer enters it. `once`: to be paid a single time, as some apps ask for."""

    key: str
    name: str
    city: str
    amount: Money | None = None
    reference: str = NO_REFERENCE
    info: str = ""
    once: bool = False


def checked_key(text: str) -> str:
    """As the directory writes it: CPF or CNPJ without points, +55 and the number, e-mail, or a random key. DomainError `account_wrong`.

    A mobile number without +55 has the shape of a CPF: it is one only where its check digits say so.
    """
    key = "".join(text.split())
    bare = re.sub(r"[.\-/()]", "", key)
    if "@" in key:
        if len(key) <= 77 and re.fullmatch(r"[A-Za-z0-9.!#$&'*+/=?^_`{}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+", key, re.ASCII):
            return key.lower()
    elif re.fullmatch(r"\+55[1-9][0-9]{9,10}", bare, re.ASCII) or is_cpf(bare):
        return bare
    elif is_cnpj(bare.upper()):
        return bare.upper()
    elif re.fullmatch(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", key.lower(), re.ASCII):
        return str(UUID(key))
    raise DomainError("account_wrong", kind=_RAIL)


def write(charge: Charge) -> str:
    """The code, which is also what is copied and pasted. DomainError `not_payable` or `account_wrong`."""
    if charge.reference != NO_REFERENCE and not re.fullmatch(r"[A-Za-z0-9]{1,25}", charge.reference, re.ASCII):
        raise not_payable(_RAIL, "reference")
    if not (charge.name + charge.city).isascii():
        raise not_payable(_RAIL, "name")
    amount = None if charge.amount is None else payable(charge.amount, "BRL", rail=_RAIL, most="9999999999.99")
    return emv.seal(
        (
            ("00", "01"),
            ("01", "12" if charge.once else ""),
            ("26", emv.pack((("00", _DOMAIN), ("01", checked_key(charge.key)), ("02", charge.info)))),
            ("52", "0000"),
            ("53", "986"),
            ("54", "" if amount is None else str(amount)),
            ("58", "BR"),
            ("59", bounded(charge.name, 25, rail=_RAIL, field="name", least=1)),
            ("60", bounded(charge.city, 15, rail=_RAIL, field="city", least=1)),
            ("62", emv.pack((("05", charge.reference),))),
        )
    )


def read(code: str) -> Charge:
    """The charge of a static code. DomainError `not_a_payment_code`, also for a dynamic one: what it asks for is said elsewhere."""
    fields = emv.opened(code, rail=_RAIL)
    emv.expect(fields, _RAIL, f00="01", f53="986", f58="BR")
    account = emv.unpack(fields.get("26", ""), rail=_RAIL)
    emv.expect({"26": account.get("00", "").lower()}, _RAIL, f26=_DOMAIN)
    reference = emv.unpack(fields.get("62", ""), rail=_RAIL).get("05", NO_REFERENCE)
    emv.expect({"01": "yes" if account.get("01") else ""}, _RAIL, f01="yes")
    return Charge(
        account["01"],
        fields.get("59", ""),
        fields.get("60", ""),
        read_amount(fields["54"], "BRL", rail=_RAIL) if "54" in fields else None,
        reference,
        account.get("02", ""),
        fields.get("01") == "12",
    )
