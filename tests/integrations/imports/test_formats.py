"""The files of the other programs, by small ones of each kind."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from core.domain.imports import RowKind, balances
from core.errors import DomainError
from integrations.imports.detection import read_file


def read(content: Any, currency: str = "EUR"):
    return read_file(
        content.encode() if isinstance(content, str) else content if isinstance(content, bytes) else json.dumps(content).encode(), currency=currency
    )


# ------------------------------------------------------------------ spliit


def spliit(*expenses: dict[str, Any], **group: Any) -> dict[str, Any]:
    people = [{"id": "p1", "name": "Mira"}, {"id": "p2", "name": "Jonas"}, {"id": "p3", "name": "Ling"}]
    common = {
        "expenseDate": "2025-01-02T00:00:00.000Z",
        "title": "Soup",
        "paidById": "p1",
        "isReimbursement": False,
        "category": {"name": "Groceries"},
    }
    return {
        "id": "x",
        "name": "Trip",
        "currency": "€",
        "currencyCode": "EUR",
        "participants": people,
        "expenses": [{**common, **each} for each in expenses],
    } | group


def part(person: str, shares: int) -> dict[str, Any]:
    return {"participantId": person, "shares": shares}


@pytest.mark.parametrize(
    ("amount", "mode", "parts", "shares"),
    [
        (1000, "EVENLY", [part("p1", 100), part("p2", 900), part("p3", 5)], {"Mira": 334, "Jonas": 333, "Ling": 333}),
        (1000, "BY_SHARES", [part("p1", 100), part("p2", 300)], {"Mira": 250, "Jonas": 750}),
        (1000, "BY_PERCENTAGE", [part("p2", 7000), part("p3", 3000)], {"Jonas": 700, "Ling": 300}),
        (1000, "BY_AMOUNT", [part("p1", 1), part("p3", 999)], {"Mira": 1, "Ling": 999}),
        (-1000, "EVENLY", [part("p1", 1), part("p2", 1)], {"Mira": -500, "Jonas": -500}),
    ],
)
def test_spliit_by_the_mode_of_each_expense(amount, mode, parts, shares):
    file = read(spliit({"amount": amount, "splitMode": mode, "paidFor": parts}))
    (row,) = file.rows
    assert (file.source, dict(row.paid), dict(row.shares), row.category) == ("spliit", {"Mira": amount}, shares, "groceries")


def test_spliit_reimbursements_and_what_is_wrong():
    file = read(
        spliit(
            {"amount": 500, "paidFor": [part("p2", 1)], "isReimbursement": True},
            {"amount": 500, "splitMode": "BY_AMOUNT", "paidFor": [part("p2", 400)]},
            {"amount": 500, "paidFor": [part("gone", 1)]},
            {"amount": 0, "paidFor": [part("p1", 1)]},
            {"amount": 12.5, "paidFor": [part("p1", 1)]},
            {"amount": 500, "paidFor": [part("p2", 1)], "paidById": ["p1"]},
        )
    )
    assert [row.kind for row in file.rows] == [RowKind.TRANSFER]
    assert [each.reason for each in file.aside] == ["does_not_add_up", "person", "zero", "amount", "person"]


def test_spliit_without_a_code_is_in_the_currency_of_its_sign_else_in_the_groups():
    bill = {"amount": 500, "paidFor": [part("p2", 1)]}
    assert read(spliit(bill, currencyCode=None, currency="£")).rows[0].currency == "GBP"
    assert read(spliit(bill, currencyCode=None, currency="$"), "CAD").rows[0].currency == "CAD"


def test_even_cents_of_many_bills_stay_within_one_of_the_exact_sum():
    bill = {"amount": 1000, "splitMode": "EVENLY", "paidFor": [part("p1", 1), part("p2", 1), part("p3", 1)]}
    file = read(spliit(*[bill] * 300))
    assert {person: sum(dict(row.shares)[person] for row in file.rows) for person in file.people} == dict.fromkeys(file.people, 100_000)


SPLIIT_TITLES = "Date,Description,Category,Currency,Cost,Original cost,Original currency,Conversion rate,Is Reimbursement,Split mode"
SPLIIT_TABLE = f"""\ufeff{SPLIIT_TITLES},Mira,Jonas,Ling
"2025-01-02","Soup","Groceries","EUR","30","","","","No","Evenly","10","-10","-10"
"2025-01-03","For the others","Groceries","€","20","","","","No","Evenly","0","-10","-10"
"2025-01-04","Back","Payment","EUR","10","","","","Yes","Evenly","0","-10","0"
"2025-01-05","Odd","","EUR","10","","","","No","Evenly","3.33","-3.33","-3.33"
"""


def test_the_table_of_spliit_holds_shares():
    file = read(SPLIIT_TABLE)
    assert [(row.description, row.paid, dict(row.shares)) for row in file.rows] == [
        ("Soup", (("Mira", 3000),), {"Mira": 1000, "Jonas": 1000, "Ling": 1000}),
        ("For the others", (("Mira", 2000),), {"Jonas": 1000, "Ling": 1000}),
        ("Odd", (("Mira", 1000),), {"Mira": 334, "Jonas": 333, "Ling": 333}),
    ]
    assert [(each.line, each.reason) for each in file.aside] == [(4, "payer_unknown")]  # Mira or Ling: the table does not say


# ------------------------------------------------------------------ split-pro


def test_split_pro_between_two():
    file = read(
        "Paid By,Name,Category,Amount,Split Type,Expense Date,Currency,You Lent,You Owe,Settlement\n"
        "You,Tea,food,10.00,EQUAL,2025-01-02,EUR,5.00,0.00,No\n"
        "Jonas,Bus,transport,9.00,EXACT,2025-01-03,EUR,0.00,3.00,No\n"
        "Jonas,Settle up,general,2.00,SETTLEMENT,2025-01-04,EUR,0.00,2.00,Yes\n"
        "Zed,Else,general,2.00,EQUAL,2025-01-04,EUR,0.00,2.00,No\n"
    )
    assert file.people == ("You", "Jonas") and [each.reason for each in file.aside] == ["person"]
    assert [(row.kind, dict(row.paid), dict(row.shares)) for row in file.rows] == [
        (RowKind.EXPENSE, {"You": 1000}, {"You": 500, "Jonas": 500}),
        (RowKind.EXPENSE, {"Jonas": 900}, {"Jonas": 600, "You": 300}),
        (RowKind.TRANSFER, {"Jonas": 200}, {"You": 200}),
    ]


# ------------------------------------------------------------------ Cospend

COSPEND = """name,weight,active,color
Mira,2,1,#ff0000
Jonas,1,1,#00ff00

what,amount,date,timestamp,payer_name,payer_weight,payer_active,owers,repeat,repeatfreq,repeatallactive,repeatuntil,categoryid,paymentmode,paymentmodeid,comment,deleted
deleteMeIfYouWant,1,2000-01-01,946684800,Mira,2,1,Mira,n,1,0,,,n,0,,0
Bread,9,2025-01-02,1735776000,Jonas,1,1,"Mira, Jonas",n,1,0,,-1,n,0,,0
,12.50,2025-01-03,1735862400,Mira,2,1,Jonas,n,1,0,,7,n,0,two+tickets%21,0
Back,5,2025-01-04,1735948800,Jonas,1,1,Mira,n,1,0,,-11,n,0,,0
Gone,5,2025-01-04,1735948800,Jonas,1,1,Mira,n,1,0,,0,n,0,,1

categoryname,categoryid,icon,color
Grocery,-1,x,#ffaa00
Trains,7,x,#ffaa00

currencyname,exchange_rate
PLN,1
EUR,4.3
"""


def test_cospend_by_its_sections():
    file = read(COSPEND)
    assert file.source == "cospend" and {row.currency for row in file.rows} == {"PLN"}
    assert [(row.line, row.kind, row.description, row.category, dict(row.shares)) for row in file.rows] == [
        (7, RowKind.EXPENSE, "Bread", "groceries", {"Mira": 600, "Jonas": 300}),
        (8, RowKind.EXPENSE, "two tickets!", None, {"Jonas": 1250}),
        (9, RowKind.TRANSFER, "Back", None, {"Mira": 500}),
    ]
    assert [(each.line, each.reason) for each in file.aside] == [(10, "deleted")]


# ------------------------------------------------------------------ ihatemoney

BILLS = [
    {"date": "2025-01-02", "what": "Wine", "amount": 30.0, "currency": "XXX", "payer_name": "Mira", "payer_weight": 2.0, "owers": ["Mira", "Jonas"]},
    {
        "date": "2025-01-03",
        "what": "Back",
        "bill_type": "Reimbursement",
        "amount": 4,
        "currency": "USD",
        "payer_name": "Jonas",
        "payer_weight": 1,
        "owers": ["Mira"],
    },
]


def test_ihatemoney_as_json():
    file = read(BILLS)
    assert [(row.kind, row.currency, dict(row.paid), dict(row.shares)) for row in file.rows] == [
        (RowKind.EXPENSE, "EUR", {"Mira": 3000}, {"Mira": 2000, "Jonas": 1000}),
        (RowKind.TRANSFER, "USD", {"Jonas": 400}, {"Mira": 400}),
    ]


def test_ihatemoney_as_a_table_with_escaped_cells():
    file = read(
        'date,what,bill_type,amount,currency,payer_name,payer_weight,owers\n2025-01-02,\'=2+2 tickets,Expense,30.0,EUR,Mira,1.0,"Mira, Jonas"\n'
    )
    assert (file.source, file.rows[0].description, dict(file.rows[0].shares)) == ("ihatemoney", "=2+2 tickets", {"Mira": 1500, "Jonas": 1500})


def test_an_amount_with_more_decimals_than_there_are_is_kept_aside():
    file = read([{**BILLS[0], "amount": 10.333}, BILLS[0]])
    assert [(each.line, each.reason) for each in file.aside] == [(1, "amount")]


# ------------------------------------------------------------------ Tricount


def test_tricount_as_a_table():
    file = read(
        "Who Paid;Total;Currency;Description;When;Involved;File Names;Attachment URLs;Category\n"
        "Mira;30,00;EUR;Fuel;2025-01-02 10:11:12.000000;Mira, Jonas;;;TRANSPORT\n"
        "Jonas;15,00;EUR;Back;2025-01-03 10:11:12.000000;Mira;;;Money transfer\n"
    )
    assert file.source == "tricount" and [row.kind for row in file.rows] == [RowKind.EXPENSE, RowKind.TRANSFER]
    assert balances(file.rows) == {}


def test_tricount_as_json():
    def member(name: str) -> dict[str, Any]:
        return {"RegistryMembershipNonUser": {"uuid": name, "alias": {"display_name": name}}}

    def entry(value: str, kind: str, payer: str, **parts: str) -> dict[str, Any]:
        allocations = [{"membership": member(name), "amount": {"value": part, "currency": "EUR"}} for name, part in parts.items()]
        said = {
            "amount": {"value": value, "currency": "EUR"},
            "type_transaction": kind,
            "membership_owned": member(payer),
            "allocations": allocations,
        }
        return {"RegistryEntry": {**said, "description": "x", "date": "2025-01-02 10:00:00.000000", "category": "FOOD_AND_DRINK"}}

    entries = [
        entry("-30.00", "NORMAL", "Mira", Mira="-10.00", Jonas="-20.00"),
        entry("12.00", "INCOME", "Jonas", Mira="6.00", Jonas="6.00"),
        entry("-5.00", "BALANCE", "Jonas", Mira="-5.00"),
        entry("-5.00", "NORMAL", "Jonas", Mira="-4.00"),
    ]
    file = read({"Response": [{"Registry": {"memberships": [member("Mira"), member("Jonas")], "all_registry_entry": entries}}]})
    assert [row.kind for row in file.rows] == [RowKind.EXPENSE, RowKind.INCOME, RowKind.TRANSFER]
    assert balances(file.rows) == {("Mira", "EUR"): 2000 + 600 - 500, ("Jonas", "EUR"): -2000 - 600 + 500}
    assert [each.reason for each in file.aside] == ["does_not_add_up"]


# ------------------------------------------------------------------ spreadsheets


def workbook(rows: list[list[str]], *, prologue: str = "", name: str = "xl/worksheets/sheet1.xml") -> bytes:
    cells = "".join(f"<row>{''.join(rows_cell(cell) for cell in row)}</row>" for row in rows)
    styles = '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, f"<?xml version='1.0'?>{prologue}<worksheet><sheetData>{cells}</sheetData></worksheet>")
        archive.writestr("xl/styles.xml", styles)
    return packed.getvalue()


def rows_cell(cell: str) -> str:
    if cell.startswith("day:"):
        return f'<c s="1"><v>{cell[4:]}</v></c>'
    if cell.startswith("="):
        return f"<c><f>{cell[1:]}</f></c>"
    return f"<c><v>{cell}</v></c>" if cell.replace(".", "").replace("-", "").isdigit() else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'


HEAD = ["Date", "Description", "Category", "Cost", "Currency", "Mira", "Jonas"]


def test_a_table_saved_as_a_workbook():
    file = read(workbook([HEAD, ["day:45659", "Soup", "Groceries", "12.300000000000001", "EUR", "6.15", "-6.15"]]))
    assert (file.rows[0].on.isoformat(), balances(file.rows)) == ("2025-01-02", {("Mira", "EUR"): 615, ("Jonas", "EUR"): -615})


def test_a_formula_is_not_worked_out():
    row = ["day:45659", "Soup", "Groceries", "10", "EUR", "5", "-5"]
    file = read(workbook([HEAD, row, [*row[:5], "=2+3", "-5"]]))
    assert len(file.rows) == 1 and file.aside[0].reason == "does_not_add_up"


@pytest.mark.parametrize(
    "data",
    [
        workbook([HEAD], prologue='<!DOCTYPE x [<!ENTITY a "aaaa">]>'),
        workbook([HEAD], name="xl/other.xml"),
        b"PK\x03\x04 and nothing more",
        b"",
        b"just words",
        b"{" * 100_000,
        b'[{"a":' * 2_000,
        b'{"participants": 5, "expenses": 7}',
        b'{"amount": 1e99999999999999999999}',
        b"Date,Description,Amount\n2025-01-02,bank,5\n",
        bytes(range(256)) * 40,
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes):
    with pytest.raises(DomainError) as problem:
        read_file(data, currency="EUR")
    assert problem.value.code == "unreadable_import"


def test_size_and_number_of_rows_are_bounded():
    with pytest.raises(DomainError) as problem:
        read_file(b" " * 10_485_761, currency="EUR")
    assert problem.value.params["reason"] == "too_large"
    row = "2025-01-02,x,,1.00,EUR,0.50,-0.50\n"
    with pytest.raises(DomainError) as problem:
        read(f"{','.join(HEAD)}\n{row * 50_001}")
    assert problem.value.params["reason"] == "too_many_rows"
