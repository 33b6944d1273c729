"""The short form of the campaign of payment codes, and proof that it finds what it is there to find."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from types import SimpleNamespace

from core.domain.money import Money
from core.domain.payments import promptpay
from tests.campaigns.payment_codes import campaign, misread


def test_no_code_is_misread() -> None:
    assert campaign(count=100, seed=3) == []


def test_a_reader_that_is_a_cent_off_is_found() -> None:
    def read(code: str) -> promptpay.Charge:
        charge = promptpay.read(code)
        assert charge.amount is not None
        return replace(charge, amount=charge.amount + Money(1, "THB"))

    assert "is read as" in misread("promptpay", SimpleNamespace(write=promptpay.write, read=read), Random(3))  # type: ignore[arg-type]
