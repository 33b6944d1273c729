"""From boxes to fields, on receipts made up for these tests in several countries' forms."""

from __future__ import annotations

import random
import string
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.receipts import Reading, reconcile
from integrations.receipts.boxes import Box, NotBoxes, read_boxes
from integrations.receipts.extraction.extract import extract
from tests.support.receipts import boxes_of

TODAY = date(2025, 6, 30)

TILL = """
          HARBOUR HARDWARE SDN BHD
          (123456-K)
          12, JALAN KEMAJUAN 3/4
          47300 PETALING JAYA, SELANGOR
          TEL: 03-5550 1234
          TAX INVOICE
Receipt: A-20913              Cashier: Mei
Date: 07/02/2025              Time: 14:05
ITEM                          AMOUNT(RM)
PAINT BRUSH 2IN
9550001112223     2 X 4.50           9.00
MASKING TAPE 24MM
9550001112230     1 X 3.20           3.20
SUBTOTAL                            12.20
SST 6%                               0.73
ROUNDING ADJ                         0.02
TOTAL                               12.95
CASH                                20.00
CHANGE                               7.05
          THANK YOU, PLEASE COME AGAIN
"""

GERMAN = """
             Kornblume Biomarkt GmbH
             Lindenstr. 14
             10969 Berlin
                               EUR
Vollkornbrot                   3,49 A
Apfelschorle 1L                1,29 B
Pfand                          0,25 B
  2 x 0,89
Joghurt                        1,78 A
Rabatt                        -0,50 A
SUMME                    EUR   6,31
Gegeben Bar              EUR  10,00
Rückgeld                 EUR   3,69
MwSt        Netto     Steuer   Brutto
A 7,0%       4,46      0,31     4,77
B 19,0%      1,29      0,25     1,54
Datum 05.06.2025          Uhrzeit 18:22
Bon-Nr. 4711       Kasse 2      Bediener 7
        Vielen Dank für Ihren Einkauf
"""

FRENCH = """
             LA TABLE DE LOUISE
             8 rue des Tanneurs
             69005 LYON
Le 14/03/2025 à 21:40         Table 6
2 Plat du jour                29,80
1 Carafe vin                  12,00
Sous-total                    41,80
dont TVA 10%                   3,80
NET A PAYER                   41,80 €
Carte bancaire                41,80
Merci de votre visite, à bientôt
"""

SPANISH = """
             BAR EL PUERTO
             Calle Mayor 5, Sevilla
             CIF B12345678
Factura simplificada 0091
Fecha 02/05/2025              Hora 13:31
3 Caña                         6,00
1 Tortilla                     8,50
TOTAL                         14,50
Efectivo                      20,00
Cambio                         5,50
Gracias por su visita
"""


def read(text: str) -> Reading:
    return extract(boxes_of(text), today=TODAY, engine="test")


@pytest.mark.parametrize(
    ("text", "total", "day", "currency", "language"),
    [
        (TILL, 1295, date(2025, 2, 7), "MYR", {"en", "ms"}),
        (GERMAN, 631, date(2025, 6, 5), "EUR", {"de"}),
        (FRENCH, 4180, date(2025, 3, 14), "EUR", {"fr"}),
        (SPANISH, 1450, date(2025, 5, 2), "EUR", {"es"}),
    ],
)
def test_total_day_and_currency(text: str, total: int, day: date, currency: str, language: set[str]) -> None:
    reading = read(text)
    assert (reading.receipt.total, reading.receipt.date, reading.receipt.currency) == (total, day, currency)
    assert reading.language in language


def test_a_whole_receipt() -> None:
    receipt = read(TILL).receipt
    assert receipt.merchant == "HARBOUR HARDWARE SDN BHD"
    assert receipt.time == "14:05"
    assert "JALAN KEMAJUAN" in (receipt.address or "")
    assert [(line.description, line.amount, line.quantity, line.unit_price) for line in receipt.lines] == [
        ("PAINT BRUSH 2IN", 900, 2000, 450),
        ("MASKING TAPE 24MM", 320, 1000, 320),
    ]
    assert (receipt.subtotal, receipt.tax, receipt.rounding, receipt.paid, receipt.change) == (1220, 73, 2, 2000, 705)
    way = reconcile(receipt)
    assert way is not None
    assert way.added == ("tax", "rounding")


def test_german_lines_with_deposit_and_discount_come_to_the_total() -> None:
    receipt = read(GERMAN).receipt
    assert sum(line.amount for line in receipt.lines) == 631
    assert -50 in [line.amount for line in receipt.lines]
    assert (receipt.paid, receipt.change) == (1000, 369)
    assert (receipt.merchant or "").startswith("Kornblume Biomarkt")


def test_two_taxes_come_to_the_total_together() -> None:
    reading = read("MAPLE DINER\nToronto, Canada\n03/09/2025\nBurger   20.00\nSubtotal   20.00\nGST 5%   1.00\nPST 8%   1.60\nTotal   22.60")
    way = reconcile(reading.receipt)
    assert way is not None
    assert (reading.receipt.total, reading.receipt.tax, way.added) == (2260, 260, ("tax",))


def test_what_is_not_there_is_null_and_asked_about() -> None:
    reading = read("   HELLO\n   nothing to see   here")
    assert reading.receipt.total is None
    assert reading.receipt.date is None
    assert {"total", "date"} <= set(reading.ask)
    assert read("").ask == ("total", "date", "merchant")


@pytest.mark.parametrize("written", ["31/12/2031", "05/04/1987", "45/13/2024", "12:30:45", "1.234.567"])
def test_days_that_cannot_be_are_none(written: str) -> None:
    assert read(f"SHOP\nDate {written}\nTOTAL   9.90").receipt.date is None


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2025-03-09", date(2025, 3, 9)),
        ("09.03.25 17:12", date(2025, 3, 9)),
        ("9 MAR 2025", date(2025, 3, 9)),
        ("Mar 9, 2025", date(2025, 3, 9)),
        ("09-MAR-25", date(2025, 3, 9)),
        ("O9/O3/2O25", date(2025, 3, 9)),  # an engine takes 0 for O
        ("9 de março de 2025", date(2025, 3, 9)),
        ("09/03/202517:12", date(2025, 3, 9)),
    ],
)
def test_ways_to_write_a_day(written: str, day: date) -> None:
    assert read(f"SHOP\nDate {written}\nTOTAL   9.90").receipt.date == day


def test_american_receipts_begin_with_the_month() -> None:
    assert read("DINER\nNew York, United States\n03/09/2025 7:12 PM\nBurger   $9.50\nTotal   $9.50").receipt.date == date(2025, 3, 9)


def test_amounts_without_decimals_keep_the_contract_of_the_currency() -> None:
    receipt = read("WARUNG SARI\nJakarta Indonesia\nNasi goreng   25.000\nEs teh   8.000\nTOTAL   33.000\nTUNAI   50.000\nKEMBALI   17.000").receipt
    assert (receipt.currency, receipt.total, receipt.change) == ("IDR", 3_300_000, 1_700_000)


PIECES = [
    "TOTAL",
    "CASH",
    "9.90",
    "-1,00",
    "2 x 3.30",
    "7%",
    "12/05/2025",
    "10:42",
    "RM",
    "€",
    "Pfand",
    "1.234,56",
    "(",
    ")",
    "☃",
    "x" * 60,
    "0" * 50,
    " ",
    "No:",
    "@",
]
boxes_of_noise = st.builds(
    lambda text, left, top, width, height: Box(text or ".", 0.5, left, top, left + width, top + height),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map(" ".join) | st.text(max_size=20).map(str.strip),
    st.integers(-50, 1000), st.integers(-50, 2000), st.integers(1, 400), st.integers(1, 60),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(boxes_of_noise, max_size=40))
def test_noise_is_read_without_a_crash(boxes: list[Box]) -> None:
    reading = extract(boxes, today=TODAY, engine="rapidocr")
    assert all(0 <= share <= 1000 for share in reading.confidence.values())
    assert reading.receipt.total is None or reading.receipt.total > 0
    assert reading.receipt.total is not None or "total" in reading.ask


@pytest.mark.parametrize("alphabet", [string.digits + "., -", string.ascii_letters + " ", "0O1l.,:/- x@", "(", "9", " -.9"])
def test_a_page_full_of_noise_takes_seconds_at_most(alphabet: str) -> None:
    rng = random.Random(7)
    boxes = [
        Box("".join(rng.choice(alphabet) for _ in range(200)).strip() or ".", 0.9, rng.random() * 900, rng.random() * 2000, 1000, 2020)
        for _ in range(3000)
    ]
    started = time.process_time()
    extract(boxes, today=TODAY, engine="rapidocr")
    assert time.process_time() - started < 8


def test_slanted_lines_are_levelled() -> None:
    rows = [("SHOP", 0), ("Bread   2.40", 40), ("TOTAL   2.40", 80), ("CASH   5.00", 120), ("CHANGE   2.60", 160), ("THANK YOU", 200)]
    sent = []
    for text, top in rows:
        for index, part in enumerate(text.split("   ")):
            left, right = 600 * index, 600 * index + 14 * len(part)
            corners = [left, top + left * 0.1, right, top + right * 0.1, right, top + 25 + right * 0.1, left, top + 25 + left * 0.1]
            sent.append([corners, part, 0.9])
    receipt = extract(read_boxes(sent), today=TODAY, engine="rapidocr").receipt
    assert (receipt.total, receipt.paid, receipt.change) == (240, 500, 260)


@pytest.mark.parametrize("sent", [None, "x", [1], [[]], [[[0] * 8, "x"]], [[[0] * 7, "x", 1]], [[[0] * 8, 1, 1]], [[[1e9] * 8, "x", 1]], [0] * 3001])
def test_what_is_no_list_of_boxes_is_refused(sent: object) -> None:
    with pytest.raises(NotBoxes):
        read_boxes(sent)
