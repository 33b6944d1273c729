"""EMV QR codes (EMVCo QRCPS, merchant-presented): fields of id, length and value, and the checksum at the end. Knows no country."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from core.domain.payments.codes import not_a_code, not_payable

_CRC = "6304"
_RAIL = "emv"


def pack(fields: Iterable[tuple[str, str]]) -> str:
    """Fields in order, each of a two-digit id and at most 99 bytes; empty ones are left out. DomainError `not_payable`."""
    return "".join(_field(id_, value) for id_, value in fields if value)


def seal(fields: Iterable[tuple[str, str]]) -> str:
    """A whole code: the fields, then the checksum over them and over its own head."""
    body = pack(fields) + _CRC
    return body + checksum(body)


def opened(text: str, *, rail: str = _RAIL) -> dict[str, str]:
    """The fields of a whole code by id, without the checksum. DomainError `not_a_payment_code` for a wrong checksum or shape."""
    if text[-8:-4] != _CRC or checksum(text[:-4]) != text[-4:]:
        raise not_a_code(rail)
    return unpack(text[:-8], rail=rail)


def unpack(text: str, *, rail: str = _RAIL) -> dict[str, str]:
    """Fields by id. Lengths count bytes; some writers count characters, so that is tried next. DomainError `not_a_payment_code`."""
    for units in (text.encode(), text):
        fields = _unpacked(units)
        if fields is not None:
            return fields
    raise not_a_code(rail)


def expect(fields: Mapping[str, str], rail: str, **wanted: str) -> None:
    """That fields (by `f` and their id) hold what they must. DomainError `not_a_payment_code`."""
    if any(fields.get(name[1:]) != value for name, value in wanted.items()):
        raise not_a_code(rail)


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE over the UTF-8 bytes: polynomial 0x1021, begun with 0xFFFF, not reflected; four upper-case hex digits."""
    crc = 0xFFFF
    for byte in text.encode():
        crc = (crc << 8) & 0xFFFF ^ _TABLE[crc >> 8 ^ byte]
    return f"{crc:04X}"


def _remainder(byte: int) -> int:
    crc = byte << 8
    for _ in range(8):
        crc = (crc << 1) ^ 0x1021 if crc & 0x8000 else crc << 1
    return crc & 0xFFFF


_TABLE = tuple(_remainder(byte) for byte in range(256))


def _field(id_: str, value: str) -> str:
    size = len(value.encode())
    if size > 99 or re.search(r"[\x00-\x1f\x7f]", value):
        raise not_payable(_RAIL, id_)
    return f"{id_}{size:02}{value}"


def _unpacked(units: str | bytes) -> dict[str, str] | None:
    """None where the lengths, counted in these units, do not fit, or an id comes twice."""
    fields: dict[str, str] = {}
    place = 0
    try:
        while place < len(units):
            head = _text(units[place : place + 4])
            end = place + 4 + int(head[2:])
            if not re.fullmatch(r"[0-9]{4}", head, re.ASCII) or end > len(units) or head[:2] in fields:
                return None
            fields[head[:2]], place = _text(units[place + 4 : end]), end
    except ValueError:  # no number, or a letter cut in two
        return None
    return fields


def _text(units: str | bytes) -> str:
    return units.decode() if isinstance(units, bytes) else units
