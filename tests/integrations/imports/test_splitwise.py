"""Splitwise's table in its languages, with all that stands above and below its rows."""

from __future__ import annotations

import pytest

from core.domain.imports import RowKind, balances, check
from core.errors import DomainError
from integrations.imports.detection import read_file
from integrations.imports.vocabulary import check_vocabulary, splitwise_headers

TABLE = """Date,Description,Category,Cost,Currency,Mira,Jonas,Ling
2025-01-02,Cabin,Rent,300.00,EUR,200.00,-100.00,-100.00

2025-01-03,"Soup, bread and ""cider"", warm",Dining out,45.50,EUR,-15.17,30.33,-15.16
2025-01-05,Jonas paid Mira,Payment,40.00,EUR,-40.00,40.00,0.00
2025-01-06,Ferry,Taxi,90.00,NOK,30.00,-60.00,30.00

2025-02-01,Total balance, , ,EUR,144.83,-29.67,-115.16
2025-02-01,Total balance, , ,NOK,30.00,-60.00,30.00
"""


def read(text: str | bytes, currency: str = "EUR"):
    return read_file(text if isinstance(text, bytes) else text.encode(), currency=currency)


def test_rows_payments_currencies_and_footers():
    file = read(TABLE)
    assert (file.source, file.people) == ("splitwise", ("Mira", "Jonas", "Ling"))
    assert [(row.line, row.kind, row.category) for row in file.rows] == [
        (2, RowKind.EXPENSE, "housing"),
        (4, RowKind.EXPENSE, "food"),
        (5, RowKind.TRANSFER, None),
        (6, RowKind.EXPENSE, "transport"),
    ]
    assert file.rows[1].description == 'Soup, bread and "cider", warm'
    assert file.rows[2].paid == (("Jonas", 4000),) and file.rows[2].shares == (("Mira", 4000),)
    assert dict(file.rows[3].paid) == {"Mira": 4500, "Ling": 4500}  # both paid; what was their own is not told
    assert file.checks[("Jonas", "NOK")] == -6000 and len(file.checks) == 6
    assert check(file) == {} and not file.aside


def test_a_payment_to_several_or_by_several_is_one_for_each_two():
    text = (
        "Date,Description,Category,Cost,Currency,Mira,Jonas,Ling,Omar\n"
        "2025-01-05,paid back,Payment,40.01,EUR,40.01,-13.34,-13.34,-13.33\n"
        "2025-01-06,to Omar,Payment,30.00,EUR,10.00,19.99,0.01,-30.00\n"
        "2025-02-01,Total balance, , ,EUR,50.01,6.65,-13.33,-43.33\n"
    )
    file = read(text)
    assert [(row.line, row.kind, row.category, row.paid, row.shares) for row in file.rows] == [
        (2, RowKind.TRANSFER, None, (("Mira", 1334),), (("Jonas", 1334),)),
        (2, RowKind.TRANSFER, None, (("Mira", 1334),), (("Ling", 1334),)),
        (2, RowKind.TRANSFER, None, (("Mira", 1333),), (("Omar", 1333),)),
        (3, RowKind.TRANSFER, None, (("Mira", 1000),), (("Omar", 1000),)),
        (3, RowKind.TRANSFER, None, (("Jonas", 1999),), (("Omar", 1999),)),
        (3, RowKind.TRANSFER, None, (("Ling", 1),), (("Omar", 1),)),
    ]
    assert check(file) == {} and not file.aside


@pytest.mark.parametrize(
    "row",
    [
        "2025-01-05,both sides,Payment,40.00,EUR,30.00,10.00,-25.00,-15.00",  # who paid whom is not told
        "2025-01-05,with an own part,Payment,60.00,EUR,40.00,-20.00,-20.00,0.00",
        "2025-01-05,Mira paid Jonas,Dining out,40.00,EUR,40.00,-20.00,-20.00,0.00",
    ],
)
def test_what_is_no_plain_payment_stays_one_bill(row: str):
    file = read("Date,Description,Category,Cost,Currency,Mira,Jonas,Ling,Omar\n" + row + "\n")
    assert [each.kind for each in file.rows] == [RowKind.EXPENSE]


def test_a_footer_that_says_something_else_is_seen():
    assert check(read(TABLE.replace("144.83", "145.83"))) == {("Mira", "EUR"): 100}


@pytest.mark.parametrize("header", sorted(splitwise_headers()))
def test_all_its_languages_by_their_words(header: tuple[str, ...]):
    file = read(",".join(header) + ",Mira,Jonas\n2025-01-02,X,Y,10.00,EUR,5.00,-5.00\n")
    assert balances(file.rows) == {("Mira", "EUR"): 500, ("Jonas", "EUR"): -500}


def test_a_language_that_nobody_wrote_down_is_known_by_its_shape():
    text = "Päivä,Kuvaus,Luokka,Hinta,Valuutta,Mira,Jonas\n2025-01-02,Mökki,Vuokra,10.00,EUR,5.00,-5.00\n2025-02-01,Yhteensä, , ,EUR,5.00,-5.00\n"
    file = read(text)
    assert len(file.rows) == 1 and file.checks == {("Mira", "EUR"): 500, ("Jonas", "EUR"): -500}


def test_a_note_above_and_people_of_one_name():
    text = "Note: not all is in here\n\n" + TABLE.replace("Jonas,Ling", "Mira, ling ")
    assert read(text).people == ("Mira", "Mira (2)", "ling")


def test_as_saved_anew_by_a_spreadsheet():
    head = "\ufeffDate;Description;Category;Cost;Currency;Mira;Jonas\n"
    text = "02/01/2025;Cabin;Rent;1.300,50;EUR;650,25;-650,25\n28/01/2025;Tea;;3,00;EUR;1,50;-1,50\n"
    file = read(head + text)
    assert balances(file.rows) == {("Mira", "EUR"): 65175, ("Jonas", "EUR"): -65175}
    assert [row.on.isoformat() for row in file.rows] == ["2025-01-02", "2025-01-28"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_whatever_it_was_written_in(encoding: str):
    text = TABLE.replace("Jonas", "Jürgen").replace("Cabin", "Hütte für alle")
    file = read(text.encode(encoding))
    assert file.people == ("Mira", "Jürgen", "Ling") and check(file) == {} and not file.damaged


def test_a_line_in_another_encoding_is_taken_over_and_named():
    lines = TABLE.encode().split(b"\n")
    lines[1] = lines[1].replace(b"Cabin", "Hütte".encode())
    lines[3] = lines[3].replace(b"cider", "Äpfel".encode("cp1252"))
    file = read(b"\n".join(lines))
    assert file.damaged == (4,) and check(file) == {}


def test_bad_rows_are_kept_aside_by_line_and_reason():
    text = (
        "Date,Description,Category,Cost,Currency,Mira,Jonas\n"
        "2025-01-02,fine,,10.00,EUR,5.00,-5.00\n"
        "yesterday,no day,,10.00,EUR,5.00,-5.00\n"
        "2025-01-02,no money,,ten,EUR,5.00,-5.00\n"
        "2025-01-02,no currency,,10.00,XYZ,5.00,-5.00\n"
        "2025-01-02,uneven,,10.00,EUR,5.00,-4.00\n"
        "2025-01-02,nothing,,0.00,EUR,0.00,0.00\n"
        "2025-01-02,alone,,10.00,EUR,0.00,0.00\n"
        "2025-01-02,too wide,,10.00,EUR,5.00,-5.00,3.00\n"
        "2025-01-02,too narrow\n"
        "2025-13-45,no such day,,10.00,EUR,5.00,-5.00\n"
        '2025-01-02,"never closed,,10.00,EUR,5.00,-5.00\n'
        "2025-01-02,formula,,=5+5,EUR,5.00,-5.00\n"
        "2025-01-03,back,,-10.00,EUR,-5.00,5.00\n"
    )
    file = read(text)
    assert [row.description for row in file.rows] == ["fine", "back"]
    assert [(each.line, each.reason) for each in file.aside] == [
        (3, "date"),
        (4, "amount"),
        (5, "currency"),
        (6, "does_not_add_up"),
        (7, "zero"),
        (8, "nobody_owes"),
        (9, "columns"),
        (10, "columns"),
        (11, "date"),
        (12, "broken"),
        (13, "amount"),
    ]


def test_an_amount_that_can_be_read_in_two_ways_is_not_read():
    text = 'Date,Description,Category,Cost,Currency,Mira,Jonas\n2025-01-02,a,,"1,234",EUR,"1,234","-1,234"\n'
    with pytest.raises(DomainError) as problem:
        read(text)
    assert problem.value.params["reason"] == "nothing_in_it"
    clear = read(text + '2025-01-03,b,,"1,234.50",EUR,"1,234.50","-1,234.50"\n')
    assert balances(clear.rows)[("Mira", "EUR")] == 123400 + 123450


def test_a_payment_is_known_by_its_two_names_in_any_language():
    text = "Date,Description,Category,Cost,Currency,Mira Lund,Jonas Berg\n2025-01-02,Mira L. maksoi Jonas B.,Yleinen,10.00,EUR,10.00,-10.00\n"
    assert read(text).rows[0].kind is RowKind.TRANSFER
    assert read(text.replace("Mira L. maksoi Jonas B.", "Mira's cake for Ben")).rows[0].kind is RowKind.EXPENSE


def test_more_people_than_may_be_are_refused_and_a_thousand_are_read():
    names = [f"p{number}" for number in range(1001)]
    row = "2025-01-02,x,,10.00,EUR,5.00,-5.00" + ",0.00" * 998
    head = "Date,Description,Category,Cost,Currency,"
    assert len(read(f"{head}{','.join(names[:1000])}\n{row}\n").people) == 1000
    with pytest.raises(DomainError) as problem:
        read(f"{head}{','.join(names)}\n{row},0.00\n")
    assert problem.value.params["reason"] == "too_many_people"


def test_data_files_hold():
    check_vocabulary()
