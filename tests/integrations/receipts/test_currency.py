"""Currencies, decimals and languages, on receipts made up for these tests: a factor of a hundred is the worst that can be read wrongly."""

from __future__ import annotations

from datetime import date

import pytest

from core.domain.receipts import Reading
from core.reading.source import LanguageError
from integrations.receipts.extraction.currency import parse
from integrations.receipts.extraction.extract import extract
from tests.support.receipts import boxes_of

TODAY = date(2025, 6, 30)


def read(text: str) -> Reading:
    return extract(boxes_of(text), today=TODAY, engine="rapidocr")


INDONESIAN = """
            KEDAI KOPI SENJA
            Jl. Melati No. 8 Bandung
            17-08-2024 19:22
Kasir: Rina
NASI BAKAR AYAM      44,000
ES KOPI SUSU         30,000
2x PISANG GORENG     36,000
SUBTOTAL            110,000
PB1 10%              11,000
TOTAL               121,000
TUNAI               150,000
KEMBALI              29,000
"""
POLISH = """
            PIEKARNIA KŁOS
            ul. Polna 7, 61-001 Poznań
2024-04-11           nr wydr. 112
            PARAGON FISKALNY
CHLEB RAZOWY 1 x12,99     12,99A
TORT MAŁY 1 x39,49        39,49A
SPRZEDAŻ OPODATKOWANA A   52,48
PTU A 5%                  2,50
SUMA PLN                  52,48
KARTA                     52,48
"""
SWEDISH = """
            Fika & Bröd AB
            Storgatan 4, Umeå
2024-07-02 14:31   Kvitto 9912
Räksmörgås         129,00
Lunchbuffé         120,00
Totalt             249,00
Moms 12%           26,68
Kort               249,00
Tack för besöket
"""
DANISH = """
            Cafe Havnen ApS
            Strandvej 2, Aarhus
Bord 3             05-05-2024 12:02
Smørrebrød         95,00
Burger             90,00
I alt              185,00
Heraf moms 25%     37,00
Dankort            185,00
Tak for besøget
"""
TURKISH = """
            LEZZET LOKANTASI
            İstiklal Cad. 50 İstanbul
TARİH 29.10.2024   SAAT 13:15
ADANA KEBAP %10    *125,00
KÜNEFE %10         *62,50
TOPKDV             *17,05
TOPLAM             *187,50
NAKİT              *200,00
PARA ÜSTÜ          *12,50
"""
CZECH = """
            Pekárna U Mlýna s.r.o.
            Dlouhá 12, Brno
12.09.2024 08:15   Účtenka č. 88
Chléb              54,00
Koláč              36,50
Celkem Kč          90,50
Hotovost           100,00
Vráceno            9,50
DPH 12%            9,70
Děkujeme za nákup
"""


@pytest.mark.parametrize(
    ("text", "total", "currency", "language", "lines"),
    [
        (INDONESIAN, 12_100_000, "IDR", "id", [4_400_000, 3_000_000, 3_600_000]),
        (POLISH, 5248, "PLN", "pl", [1299, 3949]),
        (SWEDISH, 24900, "SEK", "sv", [12900, 12000]),
        (DANISH, 18500, "DKK", "da", [9500, 9000]),
        (TURKISH, 18750, "TRY", "tr", [12500, 6250]),
        (CZECH, 9050, "CZK", "cs", [5400, 3650]),
    ],
)
def test_languages_that_no_model_was_trained_on(text: str, total: int, currency: str, language: str, lines: list[int]) -> None:
    reading = read(text)
    assert (reading.receipt.total, reading.receipt.currency, reading.language) == (total, currency, language)
    assert "total" not in reading.ask
    assert [line.amount for line in reading.receipt.lines] == lines


def test_yen_too_few_to_be_grouped_are_whole() -> None:
    receipt = read("SUSHI BAR\nTokyo Japan\n2024/12/01 12:33\nTea   ¥180\nRoll   ¥620\nTotal   ¥800\nCash   ¥1000\nChange   ¥200").receipt
    assert (receipt.total, receipt.currency, receipt.change) == (800, "JPY", 200)


def test_dinars_have_thousandths() -> None:
    reading = read("GULF CAFE\n01/12/2024 12:33\nTea   1.250\nRoll   2.500\nTotal KWD   3.750\nCash   5.000\nChange   1.250")
    assert (reading.receipt.total, reading.receipt.currency) == (3750, "KWD")
    assert "total" not in reading.ask


def test_thousands_and_thousandths_are_asked_about_where_no_currency_tells_them_apart() -> None:
    reading = read("GULF CAFE\n01/12/2024 12:33\nTea   1.250\nRoll   2.500\nTotal   3.750\nCash   5.000\nChange   1.250")
    assert "total" in reading.ask


def test_a_currency_without_decimals_is_not_believed_of_amounts_with_cents() -> None:
    receipt = read("CORNER BAR\n¥ 01/12/2024 12:33\nTea   1.25\nRoll   2.50\nTotal   3.75").receipt
    assert (receipt.total, receipt.currency) == (375, None)


def test_a_sign_seen_in_dirt_does_not_outweigh_the_country() -> None:
    text = "KEDAI RUNCIT MAJU SDN BHD\n12 JALAN MERU, SELANGOR\n£ 01/12/2024\nTEA   1.25\nTOTAL   1.25\nCASH   5.00\nCHANGE   3.75"
    assert read(text).receipt.currency == "MYR"


def test_of_a_sum_in_two_currencies_the_total_has_its_own() -> None:
    head = "Gasthaus Rössli\n6003 Luzern\n20.01.2024 19:55\nRösti   28.50\nRotwein   12.50\n"
    text = head + "Total CHF   41.00\ninkl. 8.1% MWST   3.07\nTotal EUR   43.10\nKarte CHF   41.00"
    receipt = read(text).receipt
    assert (receipt.total, receipt.currency) == (4100, "CHF")


@pytest.mark.parametrize(
    ("address", "currency"),
    [("Austin, TX 78701", "USD"), ("Toronto ON M5V 2T6", "CAD"), ("14 Church Road, Bath BA1 1AA", "GBP"), ("CHE-123.456.789 MWST", "CHF")],
)
def test_forms_of_addresses_and_numbers_tell_the_country(address: str, currency: str) -> None:
    assert read(f"COPPER KETTLE\n{address}\nSoup   9.50\nTotal   9.50").receipt.currency == currency


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"signs": {"€": "EUX"}, "codes": {}, "patterns": {}, "whole": [], "thousandths": [], "dollars": []}, "signs: EUX"),
        ({"signs": {}, "codes": {}, "patterns": {}, "whole": ["X"], "thousandths": [], "dollars": []}, "whole: X"),
        ({"signs": {}, "codes": {}, "patterns": {}, "thousandths": [], "dollars": []}, "whole is missing"),
    ],
)
def test_a_bad_data_file_is_refused_with_its_key(table: dict[str, object], said: str) -> None:
    with pytest.raises(LanguageError, match=said):
        parse(table)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("HARBOUR MART\n12/05/2025\nSoap   2.50\nTowel   9.00\nTOTAL   11.80", True),
        ("HARBOUR MART\n12/05/2025\nSoap   2.50\nTowel   9.00\nTOTAL   11.50", False),
        ("HARBOUR MART\n12/05/2025\nSoap   2.50\nTowel   9.00\nTOTAL   11.80\nCASH   20.00\nCHANGE   8.20", False),
    ],
)
def test_a_total_that_stands_once_and_that_no_sum_leads_to_is_asked_about(text: str, asked: bool) -> None:
    assert ("total" in read(text).ask) is asked
