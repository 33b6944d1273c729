"""What is offered to a payer, in which order, and how far a payment is."""

from __future__ import annotations

from uuid import UUID

import pytest

from core.domain.money import Money
from core.domain.payments import epc
from core.domain.payments.methods import Kind, method
from core.domain.payments.rails import CONFIGURED, Rail, offer, offers
from core.domain.payments.reference import reference_of, references_in
from core.domain.payments.states import OPEN, Party, State, Step, after
from core.errors import DomainError
from tests.support.payments import tried

GERMAN = method(Kind.IBAN, "DE71110220330123456789", holder="Anna Muster")
CZECH = method(Kind.IBAN, "CZ5855000000001265098001", holder="Anna Nováková")
SWISS = method(Kind.IBAN, "CH9300762011623852957", holder="Anna Muster", postal_code="8005", town="Zürich")
PAYPAL = method(Kind.PAYPAL, "annam", holder="Anna")
VENMO = method(Kind.VENMO, "annam", holder="Anna")
REFERENCE = "S2345ABCDE"


def rails(methods, amount, currency, **said):
    return [each.rail for each in offers(methods, Money.of(amount, currency), REFERENCE, **said)]


def test_the_rail_of_the_currency_comes_first_and_a_bare_account_only_where_no_code_is_made():
    assert rails([PAYPAL, GERMAN], "10", "EUR") == [Rail.EPC, Rail.PAYPAL]
    assert rails([PAYPAL, GERMAN], "10", "USD") == [Rail.PAYPAL, Rail.BANK]
    assert rails([CZECH], "10", "CZK") == [Rail.SPD]
    assert rails([CZECH], "10", "EUR") == [Rail.EPC]
    assert rails([SWISS], "10", "CHF") == rails([SWISS], "10", "EUR") == [Rail.QR_BILL]  # outside the EEA an EPC code has a BIC
    assert rails([VENMO, PAYPAL], "10", "USD") == [Rail.VENMO, Rail.PAYPAL]
    assert rails([VENMO], "10", "EUR") == rails([], "10", "EUR") == []


def test_the_payers_country_counts_where_it_is_known():
    assert rails([GERMAN, VENMO], "10", "EUR", payer_country="US") == [Rail.BANK]
    assert rails([VENMO, PAYPAL], "10", "USD", payer_country="DE") == [Rail.PAYPAL]


def test_a_swiss_account_without_a_town_or_of_a_qr_reference_gets_no_bill():
    bare = method(Kind.IBAN, "CH9300762011623852957", holder="Anna Muster")
    assert rails([bare], "10", "CHF") == [Rail.BANK]
    assert rails([method(Kind.IBAN, "CH4431999123000889012", holder="Anna", postal_code="8005", town="Zürich")], "10", "CHF") == []
    with pytest.raises(DomainError, match="not_payable"):
        offer(Rail.QR_BILL, bare, Money.of("10", "CHF"), REFERENCE)


def test_more_than_a_rail_carries_goes_another_way():
    assert rails([CZECH], "9999999.99", "CZK") == [Rail.SPD]
    assert rails([CZECH], "10000000", "CZK") == [Rail.BANK]
    assert rails([GERMAN], "1000000000", "EUR") == [Rail.BANK]


def test_every_code_carries_the_reference_and_the_amount():
    [shown] = offers([GERMAN], Money.of("12.30", "EUR"), REFERENCE)
    assert epc.read(shown.code) == epc.Transfer("Anna Muster", "DE71110220330123456789", Money.of("12.30", "EUR"), text=REFERENCE)
    [bare] = offers([GERMAN], Money.of("12.30", "USD"), REFERENCE)
    assert bare.text == "payto://iban/DE71110220330123456789?amount=USD:12.30&receiver-name=Anna%20Muster&message=S2345ABCDE"


def test_links_that_nobody_promised_are_given_only_where_they_are_configured():
    [closed] = offers([PAYPAL], Money.of("12.34", "EUR"), REFERENCE)
    [opened] = offers([PAYPAL], Money.of("12.34", "EUR"), REFERENCE, links={Rail.PAYPAL})
    assert (closed.link, opened.link) == ("", "https://paypal.me/annam/12.34EUR")
    swedish = method(Kind.SWISH, "0701234567", holder="Anna")
    [plain] = offers([swedish], Money.of("50", "SEK"), REFERENCE)
    assert (plain.code, plain.link) == ("C0701234567;50,00;S2345ABCDE", "")
    indian = method(Kind.UPI, "anna@okaxis", holder="Anna")
    [upi] = offers([indian], Money.of("50", "INR"), REFERENCE)
    assert upi.link == upi.code == "upi://pay?pa=anna@okaxis&pn=Anna&am=50.00&cu=INR&tn=S2345ABCDE"
    assert Rail.UPI not in CONFIGURED


def test_paypal_gets_whole_units_of_what_it_knows_no_parts_of():
    [whole] = offers([PAYPAL], Money.of("1200", "HUF"), REFERENCE, links={Rail.PAYPAL})
    assert whole.link == "https://paypal.me/annam/1200HUF"
    assert rails([PAYPAL], "1200.50", "HUF") == []


def test_names_are_made_to_fit_their_rail():
    pix = method(Kind.PIX, "ana@example.com", holder="João Conceição de Oliveira Júnior", town="São Paulo")
    [shown] = offers([pix], Money.of("5", "BRL"), REFERENCE)
    assert "5917JOAO CONCEICAO DE6009SAO PAULO" in shown.code  # 25 letters would end inside a word
    unwritten = method(Kind.PIX, "ana@example.com", holder="山田")
    [nameless] = offers([unwritten], Money.of("5", "BRL"), REFERENCE)
    assert "5902NA6006BRASIL" in nameless.code


# ------------------------------------------------------------------ the reference


def test_a_reference_follows_from_its_payment_and_is_found_in_a_banks_words():
    found = reference_of(UUID(int=7))
    assert found == reference_of(UUID(int=7)) != reference_of(UUID(int=8))
    assert len(found) == 10 and found[0] == "S" and found.isalnum() and found.isupper()
    assert references_in(f"SEPA CREDIT anna/{found.lower()} ref {found}.") == [found]
    assert references_in("SALARY SUPERMARKET S2345ABCDEF XS2345ABCDE S1890ABCDE") == []
    assert len({reference_of(UUID(int=number)) for number in range(5000)}) == 5000


# ------------------------------------------------------------------ how far it is


def test_only_the_receiver_or_their_bank_confirms():
    for state in OPEN:
        assert after(state, Step.CONFIRM, by=Party.RECEIVER) is after(state, Step.CONFIRM, by=Party.BANK) is State.RECEIVER_CONFIRMED
        with pytest.raises(DomainError, match="payment_not_yours"):
            after(state, Step.CONFIRM, by=Party.PAYER)


def test_a_link_proves_nothing():
    assert after(State.PROPOSED, Step.SEND_LINK, by=Party.PAYER) is State.LINK_SENT
    for state in State:
        for step in (Step.SEND_LINK, Step.SAY_PAID, Step.DECLINE, Step.CANCEL):
            for party in Party:
                found = tried(lambda state=state, step=step, party=party: after(state, step, by=party))
                assert found in set(State) - {State.RECEIVER_CONFIRMED} | {"payment_not_yours", "payment_not_so"}


def test_what_is_over_stays_so():
    assert {State.RECEIVER_CONFIRMED, State.CANCELLED} == set(State) - OPEN
    for state in set(State) - OPEN:
        for step in Step:
            for party in Party:
                with pytest.raises(DomainError):
                    after(state, step, by=party)


def test_the_whole_way_and_its_branches():
    assert after(State.LINK_SENT, Step.SAY_PAID, by=Party.PAYER) is State.PAYER_SAYS_PAID
    assert after(State.PAYER_SAYS_PAID, Step.DECLINE, by=Party.RECEIVER) is State.DECLINED
    assert after(State.DECLINED, Step.SAY_PAID, by=Party.PAYER) is State.PAYER_SAYS_PAID
    assert after(State.LINK_SENT, Step.CANCEL, by=Party.RECEIVER) is State.CANCELLED
    for state, step, party in [
        (State.LINK_SENT, Step.SAY_PAID, Party.RECEIVER),
        (State.PAYER_SAYS_PAID, Step.CANCEL, Party.PAYER),  # the receiver was told: theirs to answer
        (State.PAYER_SAYS_PAID, Step.SEND_LINK, Party.PAYER),
        (State.PROPOSED, Step.DECLINE, Party.RECEIVER),
        (State.PAYER_SAYS_PAID, Step.DECLINE, Party.BANK),
    ]:
        with pytest.raises(DomainError):
            after(state, step, by=party)
