"""The EPC QR code ("GiroCode") for euro transfers: EPC069-12, versions 001 and 002. Text in, text out."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.money import Money
from core.domain.payments.codes import bounded, not_a_code, not_payable, payable, read_amount
from core.domain.payments.numbers import checked_bic, checked_iban
from core.errors import DomainError

CHARSETS = ("utf-8", "iso8859-1", "iso8859-2", "iso8859-4", "iso8859-5", "iso8859-7", "iso8859-10", "iso8859-15")
_RAIL = "epc"
_MOST_BYTES = 331


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer. Either `reference` (structured, ISO 11649) or `text` is there. `charset`: one of CHARSETS."""

    name: str
    iban: str
    amount: Money
    bic: str = ""
    purpose: str = ""
    reference: str = ""
    text: str = ""
    note: str = ""  # shown to the payer alone
    version: str = "002"
    charset: str = "utf-8"


def write(transfer: Transfer) -> str:
    """Lines joined by LF, empty ones at the end left out. DomainError `not_payable` or `account_wrong`."""
    if bool(transfer.reference) == bool(transfer.text):
        raise not_payable(_RAIL, "text")
    if transfer.version not in ("001", "002") or transfer.charset not in CHARSETS or (transfer.version == "001" and not transfer.bic):
        raise not_payable(_RAIL, "version")
    amount = payable(transfer.amount, "EUR", rail=_RAIL)
    lines = (
        "BCD",
        transfer.version,
        str(CHARSETS.index(transfer.charset) + 1),
        "SCT",
        checked_bic(transfer.bic),
        bounded(transfer.name, 70, rail=_RAIL, field="name", least=1),
        checked_iban(transfer.iban),
        f"EUR{str(amount).rstrip('0').rstrip('.')}",
        bounded(transfer.purpose, 4, rail=_RAIL, field="purpose"),
        bounded(transfer.reference, 35, rail=_RAIL, field="reference"),
        bounded(transfer.text, 140, rail=_RAIL, field="text"),
        bounded(transfer.note, 70, rail=_RAIL, field="note"),
    )
    code = "\n".join(lines).rstrip("\n")
    if len(encoded(code)) > _MOST_BYTES:
        raise not_payable(_RAIL, "length")
    return code


def encoded(code: str) -> bytes:
    """The bytes of a code in the character set that its third line names. DomainError `not_payable` where that has no such letter."""
    try:
        return code.encode(CHARSETS[int(code.split("\n", 3)[2]) - 1])
    except UnicodeEncodeError:
        raise not_payable(_RAIL, "charset") from None


def read(code: str) -> Transfer:
    """The transfer of a code with LF or CRLF. DomainError `not_a_payment_code`."""
    lines = code.split("\r\n" if "\r\n" in code else "\n")
    lines += [""] * (12 - len(lines))
    head, version, charset, method, bic, name, iban, amount, purpose, reference, text, note = lines[:12]
    if head != "BCD" or method != "SCT" or charset not in tuple("12345678") or amount[:3] != "EUR" or any(lines[12:]):
        raise not_a_code(_RAIL)
    money = read_amount(amount[3:], "EUR", rail=_RAIL)
    transfer = Transfer(name, iban, money, bic, purpose, reference, text, note, version, CHARSETS[int(charset) - 1])
    try:
        write(transfer)
    except DomainError:
        raise not_a_code(_RAIL) from None
    return transfer
