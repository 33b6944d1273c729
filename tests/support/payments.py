"""Random payments for every rail that writes codes, by a source of chance that the caller brings."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from types import ModuleType
from typing import Any
from uuid import UUID

from core.domain.money import Money
from core.domain.payments import epc, paynow, pix, promptpay, qr_bill, spd, swish, upi, vietqr
from core.domain.payments.methods import Kind, method
from core.domain.payments.numbers import IBAN_LENGTHS, creditor_reference
from core.domain.payments.rails import TERMS, Offer, Rail, offer
from core.errors import DomainError

READERS: dict[str, ModuleType] = {
    "epc": epc, "pix": pix, "promptpay": promptpay, "paynow": paynow, "vietqr": vietqr, "upi": upi, "swish": swish, "spd": spd, "qr_bill": qr_bill,
}  # fmt: skip
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,-/&'()"
LATIN = PLAIN + "äöüßéèçñåøÄÖÜ"
WIDE = LATIN + "łŁşğčďЖющλω山田भा"
CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def tried(act: Callable[[], Any]) -> Any:
    """What came of it: the value, or the code of the DomainError."""
    try:
        return act()
    except DomainError as error:
        return error.code


async def tried_async(act: Awaitable[Any]) -> Any:
    """The same of what is waited for."""
    try:
        return await act
    except DomainError as error:
        return error.code


def words(chance: Random, letters: str, most: int, *, least: int = 1) -> str:
    """One line without a space at either end."""
    size = chance.randint(least, most)
    text = "".join(chance.choice(letters) for _ in range(size))
    return text.strip().ljust(least, "A")


def digits(chance: Random, count: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(count))


def iban(chance: Random, *countries: str) -> str:
    """With the right check digits; a Swiss one is of no QR bank number."""
    country = chance.choice(countries)
    account = ("0" if country in ("CH", "LI") else "4") + digits(chance, IBAN_LENGTHS[country] - 5)
    number = int("".join(str(int(each, 36)) for each in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02}{account}"


def money(chance: Random, currency: str, *, most: int = 99_999_999) -> Money:
    return Money(chance.choice([1, chance.randint(1, 9999), chance.randint(1, most)]), currency)


def values(rail: str, chance: Random) -> object:
    """What the rail's `write` takes, in the form in which its `read` gives it back."""
    return _VALUES[rail](chance)


def _epc(chance: Random) -> epc.Transfer:
    reference = chance.random() < 0.3
    return epc.Transfer(
        words(chance, WIDE, 40),
        iban(chance, "DE", "FR", "AT", "NL", "MT"),
        money(chance, "EUR"),
        chance.choice(["", "BHBLDEHHXXX", "BPOTBEB1"]),
        chance.choice(["", "GDDS"]),
        creditor_reference(words(chance, CAPITALS, 20)) if reference else "",
        "" if reference else words(chance, WIDE, 40),
    )


def _pix(chance: Random) -> pix.Charge:
    keys = ["ana.b@example.com", f"+5511{digits(chance, 9)}", "52998224725", "11222333000181", str(UUID(int=chance.getrandbits(128)))]
    amount = money(chance, "BRL") if chance.random() < 0.9 else None
    reference = words(chance, CAPITALS, 25) if chance.random() < 0.8 else pix.NO_REFERENCE
    return pix.Charge(chance.choice(keys), words(chance, PLAIN, 25), words(chance, PLAIN, 15), amount, reference, once=chance.random() < 0.2)


def _promptpay(chance: Random) -> promptpay.Charge:
    return promptpay.Charge(chance.choice([f"0{digits(chance, 9)}", digits(chance, 15), "1101700230708"]), money(chance, "THB"))


def _paynow(chance: Random) -> paynow.Charge:
    account = chance.choice([f"+659{digits(chance, 7)}", "53312345A", "T08GB0028A"])
    return paynow.Charge(account, money(chance, "SGD"), words(chance, CAPITALS, 25), chance.choice(["", "20991231"]), chance.random() < 0.5)


def _vietqr(chance: Random) -> vietqr.Charge:
    return vietqr.Charge(f"97{digits(chance, 4)}/{digits(chance, chance.randint(6, 19))}", money(chance, "VND"), words(chance, PLAIN, 25))


def _upi(chance: Random) -> upi.Charge:
    return upi.Charge("anna.b-2@okaxis", words(chance, WIDE, 25), money(chance, "INR"), words(chance, WIDE, 25), words(chance, CAPITALS, 35))


def _swish(chance: Random) -> swish.Charge:
    number = chance.choice([f"07{digits(chance, 8)}", f"123{digits(chance, 7)}"])
    return swish.Charge(number, money(chance, "SEK"), words(chance, WIDE, 40), chance.randint(0, 7))


def _spd(chance: Random) -> spd.Descriptor:
    currency = chance.choice(["CZK", "EUR"])
    amount = money(chance, currency)
    return spd.Descriptor(iban(chance, "CZ", "SK"), amount, chance.choice(["", "FIOBCZPP"]), words(chance, WIDE, 35), words(chance, WIDE, 60))


def _qr_bill(chance: Random) -> qr_bill.Bill:
    reference = chance.choice(["", creditor_reference(words(chance, CAPITALS, 20))])
    amount = money(chance, chance.choice(["CHF", "EUR"]))
    return qr_bill.Bill(
        iban(chance, "CH", "LI"), words(chance, LATIN, 70), digits(chance, 4), words(chance, LATIN, 35), amount, reference, words(chance, LATIN, 60)
    )


_VALUES = {
    "epc": _epc, "pix": _pix, "promptpay": _promptpay, "paynow": _paynow, "vietqr": _vietqr, "upi": _upi, "swish": _swish, "spd": _spd,
    "qr_bill": _qr_bill,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """An offer, and the amount that it was asked for."""

    amount: Money
    made: Offer


_ACCOUNTS = {
    Kind.PIX: "52998224725", Kind.UPI: "anna@okaxis", Kind.SWISH: "0701234567", Kind.PROMPTPAY: "0812345678", Kind.PAYNOW: "91234567",
    Kind.VIETQR: "970416/257678859",
}  # fmt: skip


def any_offer(chance: Random) -> Asked:
    """An offer to somebody of any name and town, on a rail that has a code."""
    rail = Rail(chance.choice(sorted(READERS)))
    terms = TERMS[rail]
    countries = {Rail.EPC: ("DE", "GR"), Rail.SPD: ("CZ",), Rail.QR_BILL: ("CH",)}
    account = iban(chance, *countries[rail]) if rail in countries else _ACCOUNTS[terms.kind]
    holder = "".join(chr(chance.choice([chance.randint(0x20, 0x7E), chance.randint(0xA0, 0x3FF), chance.randint(0x4E00, 0x4FFF), 0x301]))
                     for _ in range(chance.randint(1, 120)))  # fmt: skip
    to = method(terms.kind, account, holder=f"x{holder}", postal_code="8005", town=words(chance, WIDE, 40))
    amount = money(chance, next(iter(terms.currencies)))
    made = offer(rail, to, amount, "S" + words(chance, CAPITALS, 9, least=9))
    return Asked(amount, made)
