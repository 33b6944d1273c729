"""Where somebody can be paid: a bank account, a number, a name at a wallet; as a payto: URI and back. Asks no bank."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from core.domain.payments import paynow, payto, pix, promptpay, swish, upi, vietqr
from core.domain.payments.codes import not_a_code
from core.domain.payments.lettering import clean, shortened
from core.domain.payments.numbers import checked_bic, checked_iban
from core.domain.payments.payto import Payto
from core.domain.payments.wallets import WALLETS, checked_name
from core.errors import DomainError

HOLDER_MOST = 70


class Kind(StrEnum):
    """The target of the payto: URI. Of `void`, the account says by which service, then who: "zelle/anna@example.com"."""

    IBAN = "iban"
    PIX = "pix"
    UPI = "upi"
    SWISH = "swish"
    PROMPTPAY = "promptpay"
    PAYNOW = "paynow"
    VIETQR = "vietqr"
    PAYPAL = "paypal"
    VENMO = "venmo"
    CASHAPP = "cashapp"
    REVOLUT = "revolut"
    MONZO = "monzo"
    WISE = "wise"
    ELSEWHERE = "void"
    CASH = "cash"  # no account: the receiver likes it in the hand


@dataclass(frozen=True, slots=True)
class PaymentMethod:
    """Make one with `method`, which checks. `holder`: the name that the account is in; the rest is of bank accounts, "" where not known."""

    kind: Kind
    account: str
    holder: str
    bic: str = ""
    postal_code: str = ""
    town: str = ""

    @property
    def country(self) -> str:
        """Of a bank account, two letters; else ""."""
        return self.account[:2] if self.kind is Kind.IBAN else ""


def method(kind: Kind, account: str, *, holder: str, bic: str = "", postal_code: str = "", town: str = "") -> PaymentMethod:
    """Checked and in the form in which its kind writes accounts. DomainError `account_wrong` (kind), `holder_missing`."""
    name = shortened(clean(holder), HOLDER_MOST)
    if not name:
        raise DomainError("holder_missing")
    place = shortened(clean(postal_code), 16), shortened(clean(town), 35)
    return PaymentMethod(kind, _CHECKS[kind](account), name, checked_bic(bic) if kind is Kind.IBAN else "", *place)


def uri_of(kept: PaymentMethod) -> str:
    """The payto: URI in which all of the method stands."""
    path = kept.account.split("/") if kept.kind in (Kind.ELSEWHERE, Kind.VIETQR) else [kept.account]
    options = {"receiver-name": kept.holder, "receiver-postal-code": kept.postal_code, "receiver-town": kept.town}
    return payto.write(Payto(kept.kind.value, (*([kept.bic] if kept.bic else []), *path), options))


def method_of(uri: str) -> PaymentMethod:
    """The method of a payto: URI. DomainError `not_a_payment_code`, and those of `method`."""
    read = payto.read(uri)
    if read.target not in list(Kind):
        raise not_a_code("payto")
    kind, path = Kind(read.target), list(read.path)
    bic = path.pop(0) if kind is Kind.IBAN and len(path) == 2 else ""
    options = read.options
    return method(
        kind,
        "/".join(path),
        holder=options.get("receiver-name", ""),
        bic=bic,
        postal_code=options.get("receiver-postal-code", ""),
        town=options.get("receiver-town", ""),
    )


def _elsewhere(text: str) -> str:
    """A service's name and whatever one is called there."""
    service, _, name = clean(text).partition("/")
    name = name.strip()
    if not re.fullmatch(r"[a-z0-9]{2,20}", service.lower(), re.ASCII) or not 1 <= len(name) <= 100 or "/" in name:
        raise DomainError("account_wrong", kind=Kind.ELSEWHERE.value)
    return f"{service.lower()}/{name}"


def _in_hand(_text: str) -> str:
    """There is nothing to check: all cash is the same."""
    return Kind.CASH.value


_CHECKS: Mapping[Kind, Callable[[str], str]] = {
    Kind.IBAN: checked_iban,
    Kind.PIX: pix.checked_key,
    Kind.UPI: upi.checked_address,
    Kind.SWISH: swish.checked_number,
    Kind.PROMPTPAY: promptpay.checked_account,
    Kind.PAYNOW: paynow.checked_account,
    Kind.VIETQR: vietqr.checked_account,
    Kind.ELSEWHERE: _elsewhere,
    Kind.CASH: _in_hand,
    **{Kind(name): partial(checked_name, name) for name in WALLETS},
}
