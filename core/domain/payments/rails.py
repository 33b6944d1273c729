"""Which rails can carry a payment from one to the other, in the order in which they are offered, and what each hands to the payer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from core.domain.currencies import DECIMALS
from core.domain.money import Money
from core.domain.payments import epc, paynow, payto, pix, promptpay, qr_bill, spd, swish, upi, vietqr
from core.domain.payments.codes import not_payable
from core.domain.payments.lettering import clean, latin, plain, shortened
from core.domain.payments.methods import Kind, PaymentMethod
from core.domain.payments.numbers import EEA, SEPA, is_qr_iban
from core.domain.payments.wallets import PAYPAL_CURRENCIES, wallet_link
from core.errors import DomainError

_NO_CITY, _NO_NAME = "BRASIL", "NA"
_UPI_NAME, _UPI_NAME_BYTES = 50, 60  # three signs for each byte beyond ASCII: longer ones make a picture that is hard to read


class Rail(StrEnum):
    EPC = "epc"
    PIX = "pix"
    UPI = "upi"
    SWISH = "swish"
    SPD = "spd"
    QR_BILL = "qr_bill"
    PROMPTPAY = "promptpay"
    PAYNOW = "paynow"
    VIETQR = "vietqr"
    VENMO = "venmo"
    CASHAPP = "cashapp"
    MONZO = "monzo"
    PAYPAL = "paypal"
    REVOLUT = "revolut"
    WISE = "wise"
    BANK = "bank"  # the account itself, to be typed or copied
    ELSEWHERE = "elsewhere"  # a name at a service that has no link for people
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to pay, "" where the rail has no such thing. `code`: what a QR picture holds, and apps take as text. `link`: opens the payer's app.

    `text`: what can be copied whole where there is no code.
    """

    rail: Rail
    method: PaymentMethod
    code: str = ""
    link: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a rail takes. `payers`: the countries it can be paid from; empty: any."""

    kind: Kind
    currencies: Collection[str]
    payers: frozenset[str] = frozenset()
    account: Callable[[PaymentMethod], bool] = lambda _method: True


def _has_code(method: PaymentMethod) -> bool:
    """Beyond the EEA a transfer needs the BIC."""
    return (method.country in EEA or (method.country in SEPA and bool(method.bic))) and not is_qr_iban(method.account)


def _has_bill(method: PaymentMethod) -> bool:
    """A QR-bill names the receiver's town; a QR-IBAN wants a reference that only its bank can give."""
    return method.country in ("CH", "LI") and bool(method.town and method.postal_code) and not is_qr_iban(method.account)


# In the order in which they are offered.
TERMS: dict[Rail, Terms] = {
    Rail.EPC: Terms(Kind.IBAN, ("EUR",), SEPA, _has_code),
    Rail.PIX: Terms(Kind.PIX, ("BRL",), frozenset({"BR"})),
    Rail.UPI: Terms(Kind.UPI, ("INR",), frozenset({"IN"})),
    Rail.SWISH: Terms(Kind.SWISH, ("SEK",), frozenset({"SE"})),
    Rail.SPD: Terms(Kind.IBAN, ("CZK",), frozenset({"CZ", "SK"}), lambda method: method.country in ("CZ", "SK")),
    Rail.QR_BILL: Terms(Kind.IBAN, ("CHF", "EUR"), frozenset({"CH", "LI"}), _has_bill),
    Rail.PROMPTPAY: Terms(Kind.PROMPTPAY, ("THB",), frozenset({"TH"})),
    Rail.PAYNOW: Terms(Kind.PAYNOW, ("SGD",), frozenset({"SG"})),
    Rail.VIETQR: Terms(Kind.VIETQR, ("VND",), frozenset({"VN"})),
    Rail.VENMO: Terms(Kind.VENMO, ("USD",), frozenset({"US"})),
    Rail.CASHAPP: Terms(Kind.CASHAPP, ("USD", "GBP"), frozenset({"US", "GB"})),
    Rail.MONZO: Terms(Kind.MONZO, ("GBP",), frozenset({"GB"})),
    Rail.PAYPAL: Terms(Kind.PAYPAL, PAYPAL_CURRENCIES),
    Rail.REVOLUT: Terms(Kind.REVOLUT, DECIMALS),
    Rail.WISE: Terms(Kind.WISE, DECIMALS),
    Rail.BANK: Terms(Kind.IBAN, DECIMALS, account=lambda method: not is_qr_iban(method.account)),
    Rail.ELSEWHERE: Terms(Kind.ELSEWHERE, DECIMALS),
    Rail.CASH: Terms(Kind.CASH, DECIMALS),
}
# Rails whose links are seen in use and promised nowhere: opened only where the operator says so. Their names are shown in any case.
CONFIGURED = frozenset({Rail.SWISH, Rail.VENMO, Rail.CASHAPP, Rail.MONZO, Rail.PAYPAL, Rail.REVOLUT, Rail.WISE})


def offers(
    methods: Iterable[PaymentMethod], amount: Money, reference: str, *, links: Collection[Rail] = (), payer_country: str = ""
) -> tuple[Offer, ...]:
    """Every way to pay the amount, best first: the receiver's methods that take its currency, and the payer's country where that is known.

    `links`: those of CONFIGURED that may be opened. A bank account is shown bare only where no code can be made for it.
    """
    kept = list(methods)
    found: list[Offer] = []
    for rail, terms in TERMS.items():
        if amount.currency not in terms.currencies or (payer_country and terms.payers and payer_country not in terms.payers):
            continue
        for method in kept:
            if method.kind is terms.kind and terms.account(method) and not (rail is Rail.BANK and any(o.method == method for o in found)):
                try:
                    found.append(offer(rail, method, amount, reference, links=links))
                except DomainError:  # more than the rail carries: there are others
                    continue
    return tuple(found)


def rails_of(methods: Iterable[PaymentMethod], currency: str) -> frozenset[Rail]:
    """The rails on which somebody can be paid the currency: who shares one can pay the other from there. Cash is none, other services are many."""
    kept = list(methods)
    return frozenset(
        rail
        for rail, terms in TERMS.items()
        if rail not in (Rail.CASH, Rail.ELSEWHERE)
        and currency in terms.currencies
        and any(method.kind is terms.kind and terms.account(method) for method in kept)
    )


def offer(rail: Rail, method: PaymentMethod, amount: Money, reference: str, *, links: Collection[Rail] = ()) -> Offer:
    """What the rail hands to the payer. Names are made to fit; DomainError `not_payable` for what it cannot carry."""
    terms = TERMS[rail]
    if method.kind is not terms.kind or not terms.account(method):
        raise not_payable(rail.value, "method")
    if amount.currency not in terms.currencies or amount.minor <= 0:
        raise not_payable(rail.value, "amount")
    made = _MAKERS.get(rail, _wallet)(method, amount, reference)
    return made if rail in links or rail not in CONFIGURED else replace(made, link="")


def _epc(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    name = shortened(clean(method.holder), 70, most_bytes=200)
    return Offer(Rail.EPC, method, epc.write(epc.Transfer(name, method.account, amount, method.bic, text=reference)))


def _pix(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    name, city = shortened(plain(method.holder).upper(), 25) or _NO_NAME, shortened(plain(method.town).upper(), 15) or _NO_CITY
    return Offer(Rail.PIX, method, pix.write(pix.Charge(method.account, name, city, amount, reference)))


def _upi(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    code = upi.write(upi.Charge(method.account, shortened(clean(method.holder), _UPI_NAME, most_bytes=_UPI_NAME_BYTES), amount, reference))
    return Offer(Rail.UPI, method, code, code)


def _swish(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    charge = swish.Charge(method.account, amount, reference)
    return Offer(Rail.SWISH, method, swish.write(charge), swish.link(charge))


def _spd(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    name = shortened(plain(method.holder).upper(), 35)
    return Offer(Rail.SPD, method, spd.write(spd.Descriptor(method.account, amount, method.bic, name, reference)))


def _qr_bill(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    name, town = shortened(latin(method.holder), 70) or _NO_NAME, shortened(latin(method.town), 35) or _NO_NAME
    bill = qr_bill.Bill(method.account, name, plain(method.postal_code), town, amount, message=reference, country=method.country)
    return Offer(Rail.QR_BILL, method, qr_bill.write(bill))


def _promptpay(method: PaymentMethod, amount: Money, _reference: str) -> Offer:
    return Offer(Rail.PROMPTPAY, method, promptpay.write(promptpay.Charge(method.account, amount)))


def _paynow(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    return Offer(Rail.PAYNOW, method, paynow.write(paynow.Charge(method.account, amount, reference)))


def _vietqr(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    return Offer(Rail.VIETQR, method, vietqr.write(vietqr.Charge(method.account, amount, reference)))


def _bank(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    return Offer(Rail.BANK, method, text=payto.transfer(method.account, amount, bic=method.bic, receiver=method.holder, message=reference))


def _elsewhere(method: PaymentMethod, _amount: Money, _reference: str) -> Offer:
    return Offer(Rail.ELSEWHERE, method)


def _cash(method: PaymentMethod, _amount: Money, _reference: str) -> Offer:
    return Offer(Rail.CASH, method)


def _wallet(method: PaymentMethod, amount: Money, reference: str) -> Offer:
    rail = Rail(method.kind.value)
    return Offer(rail, method, link=wallet_link(rail.value, method.account, amount, reference))


_MAKERS: dict[Rail, Callable[[PaymentMethod, Money, str], Offer]] = {
    Rail.EPC: _epc,
    Rail.PIX: _pix,
    Rail.UPI: _upi,
    Rail.SWISH: _swish,
    Rail.SPD: _spd,
    Rail.QR_BILL: _qr_bill,
    Rail.PROMPTPAY: _promptpay,
    Rail.PAYNOW: _paynow,
    Rail.VIETQR: _vietqr,
    Rail.BANK: _bank,
    Rail.ELSEWHERE: _elsewhere,
    Rail.CASH: _cash,
}
