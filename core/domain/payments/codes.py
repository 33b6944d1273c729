"""What all payment codes have in common: bounded fields, amounts as decimal strings, and the word for what cannot be one."""

from __future__ import annotations

import re
from decimal import Decimal

from core.domain.money import Money
from core.errors import DomainError


def not_payable(rail: str, field: str) -> DomainError:
    """For what the rail cannot carry; `field` says where."""
    return DomainError("not_payable", rail=rail, field=field)


def not_a_code(rail: str) -> DomainError:
    """For text that is no code of the rail."""
    return DomainError("not_a_payment_code", rail=rail)


def bounded(text: str, most: int, *, rail: str, field: str, least: int = 0) -> str:
    """The text itself, of `least` to `most` characters on one line. DomainError `not_payable`."""
    if not least <= len(text) <= most or re.search(r"[\x00-\x1f\x7f]", text):
        raise not_payable(rail, field)
    return text


def payable(amount: Money, *currencies: str, rail: str, most: str = "999999999.99") -> Money:
    """The amount itself, more than nothing, of one of the currencies and at most `most` in major units. DomainError `not_payable`."""
    if amount.currency not in currencies:
        raise not_payable(rail, "currency")
    if amount.minor <= 0 or amount.decimal > Decimal(most):
        raise not_payable(rail, "amount")
    return amount


def read_amount(text: str, currency: str, *, rail: str) -> Money:
    """Of digits and at most one point ("12.3"). DomainError `not_a_payment_code`."""
    if not re.fullmatch(r"[0-9]{1,13}(?:\.[0-9]*)?", text, re.ASCII):
        raise not_a_code(rail)
    try:
        return Money.of(text.rstrip("."), currency)
    except DomainError:
        raise not_a_code(rail) from None
