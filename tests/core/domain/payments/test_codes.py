"""Payment codes against vectors of their specifications, and what each must refuse."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.money import Money
from core.domain.payments import emv, epc, paynow, payto, pix, promptpay, qr_bill, spd, swish, upi, vietqr
from core.domain.payments.wallets import checked_name, wallet_link
from core.errors import DomainError
from tests.support.payments import tried

D_ALSACE = epc.Transfer(
    "François D'Alsace S.A.",
    "FR1420041010050500013M02606",
    Money.of("12.3", "EUR"),
    text="Client:Marie Louise La Lune",
    charset="iso8859-1",
)
MUSTERMANN = epc.Transfer("Franz Mustermänn", "DE71110220330123456789", Money.of("12.30", "EUR"), "BHBLDEHHXXX", "GDDS", reference="RF18539007547034")
RED_CROSS = epc.Transfer(
    "Red Cross of Belgium",
    "BE72000000001616",
    Money.of("1", "EUR"),
    "BPOTBEB1",
    "CHAR",
    text="Urgency fund",
    note="Sample EPC QR code",
    version="001",
)
SWISS = qr_bill.Bill("CH9300762011623852957", "Anna Muster", "8005", "Zürich", Money.of("49.90", "CHF"), message="S2345ABCDE")

# rail, the value, the code: source of each in the specification of its rail
VECTORS = [
    (
        epc,
        D_ALSACE,
        "BCD\n002\n2\nSCT\n\nFrançois D'Alsace S.A.\nFR1420041010050500013M02606\nEUR12.3\n\n\nClient:Marie Louise La Lune",
    ),
    (epc, MUSTERMANN, "BCD\n002\n1\nSCT\nBHBLDEHHXXX\nFranz Mustermänn\nDE71110220330123456789\nEUR12.3\nGDDS\nRF18539007547034"),
    (
        epc,
        RED_CROSS,
        "BCD\n001\n1\nSCT\nBPOTBEB1\nRed Cross of Belgium\nBE72000000001616\nEUR1\nCHAR\n\nUrgency fund\nSample EPC QR code",
    ),
    (
        pix,
        pix.Charge("123e4567-e12b-12d1-a456-426655440000", "Fulano de Tal", "BRASILIA"),
        "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D",
    ),
    (
        pix,
        pix.Charge("ana@example.com", "ANA SILVA", "SAO PAULO", Money.of("12.34", "BRL"), "SPLIT0042"),
        "00020126370014br.gov.bcb.pix0115ana@example.com520400005303986540512.345802BR5909ANA SILVA6009SAO PAULO62130509SPLIT00426304FB05",
    ),
    (promptpay, promptpay.Charge("0899999999"), "00020101021129370016A000000677010111011300668999999995802TH53037646304FE29"),
    (
        promptpay,
        promptpay.Charge("0899999999", Money.of("4.22", "THB")),
        "00020101021229370016A000000677010111011300668999999995802TH530376454044.2263049DF5",
    ),
    (
        promptpay,
        promptpay.Charge("0000000000", Money.of("4.22", "THB")),
        "00020101021229370016A000000677010111011300660000000005802TH530376454044.226304E469",
    ),
    (
        paynow,
        paynow.Charge("+6591234567", Money.of("12.34", "SGD"), "SPLIT0042", "20991231"),
        "00020101021226500009SG.PAYNOW010100211+659123456703010040820991231520400005303702540512.345802SG5902NA6009Singapore"
        "62130109SPLIT004263044CB1",
    ),
    (
        vietqr,
        vietqr.Charge("970416/257678859", Money.of("1000", "VND"), "Chuyen tien"),
        "00020101021238530010A0000007270123000697041601092576788590208QRIBFTTA5303704540410005802VN62150811Chuyen tien6304BBB8",
    ),
    (
        upi,
        upi.Charge("chaipoint@okaxis", "Chai Point", Money.of("149.50", "INR"), "Order 42", "ORD-42"),
        "upi://pay?pa=chaipoint@okaxis&pn=Chai%20Point&am=149.50&cu=INR&tn=Order%2042&tr=ORD-42",
    ),
    (swish, swish.Charge("1237856901", Money.of("100", "SEK"), "12229445"), "C1237856901;100,00;12229445"),
    (swish, swish.Charge("1237856901", Money.of("100", "SEK"), "12229445", swish.AMOUNT | swish.MESSAGE), "C1237856901;100,00;12229445;6"),
    (
        spd,
        spd.Descriptor("CZ5855000000001265098001", Money.of("480.50", "CZK"), message="Payment for the goods"),
        "SPD*1.0*ACC:CZ5855000000001265098001*AM:480.50*CC:CZK*MSG:Payment for the goods",
    ),
    (
        qr_bill,
        SWISS,
        "SPC\n0200\n1\nCH9300762011623852957\nS\nAnna Muster\n\n\n8005\nZürich\nCH\n\n\n\n\n\n\n\n49.90\nCHF\n\n\n\n\n\n\n\nNON\n\nS2345ABCDE\nEPD",
    ),
]


@pytest.mark.parametrize(("rail", "value", "code"), VECTORS)
def test_a_vector_is_written_and_read(rail, value, code):
    assert rail.write(value) == code
    assert rail.read(code) == value


def test_epc_counts_bytes_in_the_character_set_it_names():
    assert len(epc.encoded(epc.write(D_ALSACE))) == 103
    assert len(epc.encoded(epc.write(MUSTERMANN))) == 96
    with pytest.raises(DomainError, match="not_payable"):  # no ä in Greek letters
        epc.encoded(epc.write(replace(MUSTERMANN, charset="iso8859-7")))


EURO = epc.Transfer("Anna", "DE71110220330123456789", Money.of("1", "EUR"), text="S2345ABCDE")


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Money(0, "EUR")},
        {"amount": Money(-1, "EUR")},
        {"amount": Money(100_000_000_000, "EUR")},
        {"amount": Money.of("1", "CHF")},
        {"bic": "BHBLDE"},
        {"bic": "BHBLDEHHXX"},
        {"bic": "BHBLDEHHXXXX"},
        {"name": ""},
        {"name": "n" * 71},
        {"name": "Anna\nEUR9"},
        {"text": "t" * 141},
        {"text": ""},
        {"text": "", "reference": "R" * 36},
        {"reference": "RF18539007547034"},
        {"note": "n" * 71},
        {"purpose": "FIVES"},
        {"iban": "DE71110220330123456788"},
        {"iban": "DE7111022033012345678"},
        {"version": "001"},
        {"version": "003"},
        {"text": "語" * 100},
    ],
)
def test_epc_refuses(change):
    assert epc.write(EURO)
    with pytest.raises(DomainError):
        epc.write(replace(EURO, **change))


def test_epc_carries_the_least_and_the_most():
    assert "EUR0.01" in epc.write(replace(EURO, amount=Money(1, "EUR")))
    assert "EUR999999999.99" in epc.write(replace(EURO, amount=Money(99_999_999_999, "EUR")))
    assert "EUR100\n" in epc.write(replace(EURO, amount=Money.of("100", "EUR")))


@pytest.mark.parametrize("amount", ["0", "0.004", "999999999.999", "1,00", "-1", "", "1e3", ".5"])
def test_epc_reads_no_amount_that_it_would_not_write(amount):
    with pytest.raises(DomainError, match="not_a_payment_code"):
        epc.read(epc.write(EURO).replace("EUR1", f"EUR{amount}"))


def test_epc_reads_both_line_ends_and_trailing_zeros():
    code = epc.write(replace(EURO, amount=Money.of("12.30", "EUR")))
    assert epc.read(code.replace("\n", "\r\n") + "\r\n") == epc.read(code.replace("EUR12.3", "EUR12.30")) == epc.read(code)


@pytest.mark.parametrize(
    ("rail", "value"),
    [
        (pix, pix.Charge("ana@example.com", "ANA", "RIO", Money.of("1", "EUR"))),
        (promptpay, promptpay.Charge("0899999999", Money.of("1", "SGD"))),
        (paynow, paynow.Charge("+6591234567", Money.of("1", "THB"))),
        (vietqr, vietqr.Charge("970416/257678859", Money.of("1", "USD"))),
        (upi, upi.Charge("anna@okaxis", "Anna", Money.of("1", "PKR"))),
        (swish, swish.Charge("0701234567", Money.of("1", "NOK"))),
        (spd, spd.Descriptor("CZ5855000000001265098001", Money.of("1", "PLN"))),
        (qr_bill, replace(SWISS, amount=Money.of("1", "USD"))),
    ],
)
def test_a_rail_refuses_a_currency_that_it_does_not_carry_and_no_amount(rail, value):
    with pytest.raises(DomainError, match="not_payable"):
        rail.write(value)
    own = {pix: "BRL", promptpay: "THB", paynow: "SGD", vietqr: "VND", upi: "INR", swish: "SEK", spd: "CZK", qr_bill: "CHF"}[rail]
    with pytest.raises(DomainError, match="not_payable"):
        rail.write(replace(value, amount=Money(0, own)))


# ------------------------------------------------------------------ EMV


def test_the_checksum_is_that_of_its_standard():
    assert emv.checksum("123456789") == "29B1"


OFFICIAL = (
    "00020126180014br.gov.bcb.pix5204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***"
    "80800014br.gov.bcb.pix2558pix.example.com/qr/v2/rec/2353c790eefb11eaadc10242ac120002630462C9"
)
SAMPLE = (
    "00020101021229300012D156000000000510A93FO3230Q31280012D15600000001030812345678520441115802CN5914BEST TRANSPORT6007BEIJING"
    "64200002ZH0104最佳运输0202北京540523.7253031565502016233030412340603***0708A60086670902ME91320016A0112233449988770708123456786304A13A"
)


def test_a_dynamic_code_is_genuine_but_says_no_key():
    assert emv.opened(OFFICIAL)["59"] == "Fulano de Tal"
    with pytest.raises(DomainError, match="not_a_payment_code"):
        pix.read(OFFICIAL)


def test_lengths_that_count_characters_are_understood():
    fields = emv.opened(SAMPLE)
    assert (fields["59"], fields["54"], emv.unpack(fields["64"])["02"]) == ("BEST TRANSPORT", "23.72", "北京")


def test_a_code_of_one_country_is_none_of_another():
    codes = [code for rail, _, code in VECTORS if rail in (pix, promptpay, paynow, vietqr)]
    for rail in (pix, promptpay, paynow, vietqr):
        found = [tried(lambda code=code, rail=rail: rail.read(code)) for code in codes]
        own = [value if each is rail else "not_a_payment_code" for each, value, _ in VECTORS if each in (pix, promptpay, paynow, vietqr)]
        assert found == own


def test_a_field_that_is_too_long_is_refused():
    with pytest.raises(DomainError, match="not_payable"):
        pix.write(pix.Charge("ana@example.com", "ANA", "RIO", info="i" * 80))


# ------------------------------------------------------------------ links


def test_a_link_says_a_space_as_percent_20_and_leaves_the_at():
    assert upi.write(upi.Charge("anna@okaxis", "Änna B")) == "upi://pay?pa=anna@okaxis&pn=%C3%84nna%20B&cu=INR"


def test_a_merchants_link_is_read_for_what_it_says_of_the_payment():
    found = upi.read("upi://pay?pa=shop@npci&pn=corner%20shop&mc=0000&tid=cxn&tr=4894398&am=10&mam=null&cu=INR&url=https://shop.example/orderid=9")
    assert found == upi.Charge("shop@npci", "corner shop", Money.of("10", "INR"), "", "4894398")


def test_swish_reads_a_lock_of_nothing_as_none():
    assert swish.read("C1237856901;100,00;12229445;0") == swish.read("C1237856901;100,00;12229445")


def test_swish_opens_its_app():
    link = swish.link(swish.Charge("0701234567", Money.of("12.50", "SEK"), "S2345ABCDE"))
    assert link == (
        "swish://payment?data=%7B%22version%22%3A1%2C%22payee%22%3A%7B%22value%22%3A%220701234567%22%7D%2C%22amount%22%3A%7B%22value%22%3A12.50%7D"
        "%2C%22message%22%3A%7B%22value%22%3A%22S2345ABCDE%22%2C%22editable%22%3Afalse%7D%7D"
    )


def test_spd_hides_what_would_end_a_field_and_checks_a_checksum():
    descriptor = spd.Descriptor("CZ5855000000001265098001", Money.of("1", "CZK"), message="50% * dům")
    code = spd.write(descriptor)
    assert code.endswith("MSG:50%25 %2A d%C5%AFm")
    sealed = f"{code}*CRC32:{spd.checksum(code)}"
    assert spd.read(code) == spd.read(sealed) == descriptor
    with pytest.raises(DomainError, match="not_a_payment_code"):
        spd.read(sealed.replace("AM:1.00", "AM:9.00"))


QR_IBAN = "CH4431999123000889012"


def test_a_qr_iban_has_the_reference_of_its_bank_and_no_other_account_has_one():
    numbered = replace(SWISS, iban=QR_IBAN, reference="210000000003139471430009017", message="")
    assert qr_bill.write(numbered).split("\n")[27:29] == ["QRR", "210000000003139471430009017"]
    assert qr_bill.write(replace(SWISS, reference="RF18539007547034")).split("\n")[27] == "SCOR"
    for wrong in (
        replace(numbered, reference="210000000003139471430009016"),
        replace(numbered, reference=""),
        replace(SWISS, reference="210000000003139471430009017"),
        replace(SWISS, reference="RF19539007547034"),
        replace(SWISS, iban="DE71110220330123456789"),
        replace(SWISS, town=""),
    ):
        with pytest.raises(DomainError, match="not_payable"):
            qr_bill.write(wrong)


def test_payto_is_written_and_read():
    amount = Money.of("12.30", "EUR")
    text = payto.transfer("DE71110220330123456789", amount, receiver="Franz", message="SPLIT0042")
    assert text == "payto://iban/DE71110220330123456789?amount=EUR:12.30&receiver-name=Franz&message=SPLIT0042"
    assert payto.read(text).options["amount"] == "EUR:12.30"
    assert payto.write(payto.Payto("upi", ("ana@bank",), {"amount": "INR:149.50"})) == "payto://upi/ana@bank?amount=INR:149.50"
    for wrong in ("https://iban/DE1", "payto:iban", "payto://iban", "payto://iban/", "payto:///x", "payto://iban/ä", "payto://iban/" + "1" * 3000):
        with pytest.raises(DomainError, match="not_a_payment_code"):
            payto.read(wrong)


@pytest.mark.parametrize(
    ("wallet", "typed", "link"),
    [
        ("paypal", "https://www.paypal.me/ana/5?x=1", "https://paypal.me/ana/12.34EUR"),
        ("venmo", "@Ana-B", "https://venmo.com/Ana-B?txn=pay&amount=12.34&note=S2345ABCDE"),
        ("cashapp", "$ana", "https://cash.app/$ana/12.34"),
        ("revolut", "revolut.me/ana", "https://revolut.me/ana"),
        ("monzo", "monzo.me/ana", "https://monzo.me/ana/12.34?d=S2345ABCDE"),
        ("wise", "https://wise.com/pay/me/anab", "https://wise.com/pay/me/anab"),
    ],
)
def test_a_wallets_link(wallet, typed, link):
    assert wallet_link(wallet, checked_name(wallet, typed), Money.of("12.34", "EUR"), "S2345ABCDE") == link


@pytest.mark.parametrize(
    ("wallet", "typed"),
    [("paypal", "a" * 21), ("paypal", "ana.b"), ("paypal", ""), ("paypal", "evil.example/ana"), ("cashapp", "$123"), ("monzo", "ana/../b")],
)
def test_no_name_at_a_wallet(wallet, typed):
    with pytest.raises(DomainError, match="account_wrong"):
        checked_name(wallet, typed)
