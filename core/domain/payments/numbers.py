"""Check digits of bank accounts, references and identity numbers. Knows no rail."""

from __future__ import annotations

import re

from core.errors import DomainError

_RECURSIVE = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)

# Length of an IBAN by its country. Source: ISO 13616, the registry of IBAN formats, as of 2026.
_LENGTHS = """
AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22
GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20
MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26
UA29 VA22 VG24 XK20 YE30
"""
IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _LENGTHS.split()}

# Countries of the Single Euro Payments Area (source: EPC409-09, as of 2026), and those of them where a transfer needs no BIC: the EEA.
_EEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
_BEYOND = "AD AL CH GB GI MC MD ME MK RS SM VA"
EEA = frozenset(_EEA.split())
SEPA = EEA | frozenset(_BEYOND.split())


def checked_iban(text: str) -> str:
    """Without spaces and in upper case. DomainError `account_wrong` for a wrong country, length or check (ISO 13616: mod 97 is 1)."""
    iban = _bare_iban(text)
    if iban_fault(iban) is not None:
        raise DomainError("account_wrong", kind="iban")
    return iban


def iban_fault(text: str) -> str | None:
    """What is wrong with an IBAN: its "country" is none, its "length" is another, or its "check" digits do not fit; None: nothing is."""
    iban = _bare_iban(text)
    length = IBAN_LENGTHS.get(iban[:2])
    if length is None:
        return "country"
    if length != len(iban):
        return "length"
    right = re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]+", iban, re.ASCII) and _mod_97(iban[4:] + iban[:4]) == 1
    return None if right else "check"


def iban_parts(text: str) -> tuple[str, int, int]:
    """The country of what is meant as an IBAN, how many characters its IBANs have, and how many this one has."""
    iban = _bare_iban(text)
    return iban[:2], IBAN_LENGTHS.get(iban[:2], 0), len(iban)


def _bare_iban(text: str) -> str:
    return "".join(text.split()).upper().removeprefix("IBAN:").removeprefix("IBAN")


def checked_bic(text: str) -> str:
    """8 or 11 characters in upper case, "" for none. DomainError `account_wrong`."""
    bic = "".join(text.split()).upper()
    if bic and not re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?", bic, re.ASCII):
        raise DomainError("account_wrong", kind="bic")
    return bic


def is_qr_iban(iban: str) -> bool:
    """Whether it is one that only takes payments with a QR reference: Swiss, of a bank number from 30000 to 31999 (SIX IG QR-bill)."""
    return iban[:2] in ("CH", "LI") and iban[4:9].isdecimal() and 30000 <= int(iban[4:9]) <= 31999


def creditor_reference(reference: str) -> str:
    """ISO 11649: "RF", two check digits and the reference (1 to 21 of A-Z and 0-9)."""
    assert re.fullmatch(r"[A-Z0-9]{1,21}", reference), "a reference is of capitals and digits"
    return f"RF{98 - _mod_97(reference + 'RF00'):02}{reference}"


def is_creditor_reference(text: str) -> bool:
    """Whether it is one of ISO 11649 with the right check digits."""
    return re.fullmatch(r"RF[0-9]{2}[A-Z0-9]{1,21}", text, re.ASCII) is not None and _mod_97(text[4:] + text[:4]) == 1


def recursive_check(digits: str) -> str:
    """The check digit of Swiss references: modulo 10, recursive (SIX IG QR-bill, annex B)."""
    carry = 0
    for digit in digits:
        carry = _RECURSIVE[(carry + int(digit)) % 10]
    return str((10 - carry) % 10)


def is_cpf(digits: str) -> bool:
    """A Brazilian person's number: 11 digits, the last two of which check the others by modulo 11."""
    if not re.fullmatch(r"[0-9]{11}", digits, re.ASCII) or len(set(digits)) == 1:
        return False
    return _ends_in(digits, range(10, 1, -1), range(11, 1, -1))


def is_cnpj(text: str) -> bool:
    """A Brazilian company's number: 12 digits or (since 2026) capitals, and two digits that check them by modulo 11."""
    if not re.fullmatch(r"[A-Z0-9]{12}[0-9]{2}", text, re.ASCII) or len(set(text)) == 1:
        return False
    weights = (6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)
    return _ends_in(text, weights[1:], weights)


def is_thai_id(digits: str) -> bool:
    """A Thai person's or tax number: 13 digits, the last of which checks the others by modulo 11."""
    if not re.fullmatch(r"[0-9]{13}", digits, re.ASCII):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, range(13, 1, -1), strict=False))
    return int(digits[12]) == (11 - total % 11) % 10


def _ends_in(text: str, *weights: range | tuple[int, ...]) -> bool:
    """Whether the last digits are those of modulo 11, one after the other; a letter counts by its place behind the digits."""
    for number, row in enumerate(weights):
        place = len(text) - len(weights) + number
        rest = sum((ord(each) - 48) * weight for each, weight in zip(text[:place], row, strict=True)) % 11
        if int(text[place]) != (0 if rest < 2 else 11 - rest):
            return False
    return True


def _mod_97(text: str) -> int:
    return int("".join(str(int(each, 36)) for each in text)) % 97
