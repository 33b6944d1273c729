"""Where people can be paid: what is taken as an account, and in what form it is kept."""

from __future__ import annotations

import pytest

from core.domain.payments.methods import Kind, method, method_of, uri_of
from core.domain.payments.numbers import creditor_reference, is_cnpj, is_cpf, is_creditor_reference, is_qr_iban, recursive_check
from core.errors import DomainError

GOOD = [
    (Kind.IBAN, "de71 1102 2033 0123 4567 89", "DE71110220330123456789"),
    (Kind.IBAN, "IBAN: FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"),
    (Kind.IBAN, "NO93 8601 1117 947", "NO9386011117947"),
    (Kind.PIX, "529.982.247-25", "52998224725"),
    (Kind.PIX, "11.222.333/0001-81", "11222333000181"),
    (Kind.PIX, "12.abc.345/01de-35", "12ABC34501DE35"),
    (Kind.PIX, "+55 (11) 91234-5678", "+5511912345678"),
    (Kind.PIX, "Ana@Example.com", "ana@example.com"),
    (Kind.PIX, "123E4567-E12B-12D1-A456-426655440000", "123e4567-e12b-12d1-a456-426655440000"),
    (Kind.UPI, "anna.b-2@okaxis", "anna.b-2@okaxis"),
    (Kind.SWISH, "+46 70-123 45 67", "0701234567"),
    (Kind.SWISH, "070 123 45 67", "0701234567"),
    (Kind.SWISH, "123 785 69 01", "1237856901"),
    (Kind.PROMPTPAY, "+66 89 999 9999", "0899999999"),
    (Kind.PROMPTPAY, "1-1017-00230-70-8", "1101700230708"),
    (Kind.PAYNOW, "9123 4567", "+6591234567"),
    (Kind.PAYNOW, "t08gb0028a", "T08GB0028A"),
    (Kind.VIETQR, "970416 / 257678859", "970416/257678859"),
    (Kind.PAYPAL, "https://paypal.me/AnaB", "AnaB"),
    (Kind.VENMO, "@ana-b", "ana-b"),
    (Kind.CASHAPP, "$anab", "anab"),
    (Kind.ELSEWHERE, "Zelle/ana@example.com", "zelle/ana@example.com"),
]


@pytest.mark.parametrize(("kind", "typed", "kept"), GOOD)
def test_an_account_is_kept_in_one_form_and_as_a_uri(kind, typed, kept):
    found = method(kind, typed, holder="  Ana  Bé\n", bic="BHBLDEHH" if kind is Kind.IBAN else "", town="Köln", postal_code="50667")
    assert (found.account, found.holder) == (kept, "Ana Bé")
    assert uri_of(found).startswith(f"payto://{kind.value}/")
    assert method_of(uri_of(found)) == found


BAD = [
    (Kind.IBAN, "DE71110220330123456788"),  # a digit wrong
    (Kind.IBAN, "DE17110220330123456789"),  # two changed places
    (Kind.IBAN, "DE7111022033012345678"),  # too short
    (Kind.IBAN, "XX71110220330123456789"),  # no such country
    (Kind.IBAN, "DE7111022033012345678٩"),  # a digit of another script
    (Kind.PIX, "529.982.247-24"),
    (Kind.PIX, "11912345678"),  # a mobile without its country: not to be taken for a CPF
    (Kind.PIX, "111.111.111-11"),
    (Kind.PIX, "11.222.333/0001-82"),
    (Kind.PIX, "ana@example"),
    (Kind.PIX, "a" * 70 + "@example.com"),
    (Kind.PIX, "123e4567e12b12d1a456426655440000"),
    (Kind.UPI, "anna@ok axis!"),
    (Kind.UPI, "a@okaxis"),
    (Kind.UPI, "anna@okaxis.com"),
    (Kind.SWISH, "123785690"),
    (Kind.SWISH, "08-123 456 78"),
    (Kind.PROMPTPAY, "1-1017-00230-70-9"),
    (Kind.PROMPTPAY, "089999999"),
    (Kind.PAYNOW, "71234567"),
    (Kind.PAYNOW, "123456789"),
    (Kind.VIETQR, "257678859"),
    (Kind.VIETQR, "123456/257678859"),
    (Kind.ELSEWHERE, "anna"),
    (Kind.ELSEWHERE, "zelle/"),
]


@pytest.mark.parametrize(("kind", "typed"), BAD)
def test_what_cannot_be_an_account_is_refused(kind, typed):
    with pytest.raises(DomainError) as error:
        method(kind, typed, holder="Ana")
    assert (error.value.code, error.value.params["kind"]) == ("account_wrong", kind.value)


@pytest.mark.parametrize("bic", ["BHBLDE", "BHBLDEHHXX", "BHBLDEHHXXXX", "BHB1DEHH", "BHBL DE HH é"])
def test_a_wrong_bic_is_refused(bic):
    with pytest.raises(DomainError, match="account_wrong"):
        method(Kind.IBAN, "DE71110220330123456789", holder="Ana", bic=bic)


def test_an_account_has_a_holder():
    with pytest.raises(DomainError, match="holder_missing"):
        method(Kind.UPI, "anna@okaxis", holder=" \u200b\n")


@pytest.mark.parametrize("uri", ["payto://bitcoin/abc?receiver-name=A", "payto://iban/a/b/c?receiver-name=A", "payto://iban/DE71?receiver-name=A"])
def test_a_uri_of_nothing_we_know_is_refused(uri):
    with pytest.raises(DomainError):
        method_of(uri)


def test_check_digits():
    assert creditor_reference("539007547034") == "RF18539007547034"
    assert creditor_reference("SPLIT0042") == "RF27SPLIT0042"
    assert is_creditor_reference("RF27SPLIT0042") and not is_creditor_reference("RF28SPLIT0042")
    assert recursive_check("21000000000313947143000901") == "7"
    assert is_qr_iban("CH4431999123000889012") and not is_qr_iban("CH9300762011623852957")
    assert is_cpf("52998224725") and not is_cpf("52998224752")
    assert is_cnpj("12ABC34501DE35") and not is_cnpj("12ABC34501DE53")


def test_one_wrong_digit_of_an_iban_is_always_found():
    good = "DE71110220330123456789"
    for place in range(2, len(good)):
        for digit in set("0123456789") - {good[place]}:
            with pytest.raises(DomainError):
                method(Kind.IBAN, good[:place] + digit + good[place + 1 :], holder="Ana")
