"""Files of a book: nothing in them is run by a spreadsheet, and the programs that they are for accept them."""

from __future__ import annotations

import csv
import importlib.util
import io
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import pytest

from core.domain.imports import FileRow, GroupFile, RowKind, balances, check
from integrations.exports.journals import as_beancount, as_hledger
from integrations.exports.safety import safe
from integrations.exports.table import as_csv
from integrations.exports.workbook import as_xlsx
from integrations.exports.writer import FORMS, BookWriter
from integrations.imports.detection import read_file
from integrations.imports.table import unescaped

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    '"=1+1"',
    "a;=1+1",
    "a, =HYPERLINK(1)",
    "x\n=1",
    "* note ; tail | payee",
    "(virtual) [x]: 5.00 EUR",
    "2025-01-01 open Assets:Hole",
    "\\",
    "漢字",
    "   ",
    "",
)
NAMES = ("Anna", "=Ben", "@Cem", "+1", "-x", "漢字", "漢", "Zoë Ü", "zoe u", "a b", "A:B;C")


def book(texts: tuple[str, ...] = HOSTILE, names: tuple[str, ...] = NAMES) -> GroupFile:
    rows = []
    for number, text in enumerate(texts):
        one, other = names[number % len(names)], names[(number + 1) % len(names)]
        currency = ("EUR", "JPY", "KWD")[number % 3]
        kind = (RowKind.EXPENSE, RowKind.TRANSFER, RowKind.INCOME, RowKind.EXPENSE)[number % 4]
        shares = ((other, 900),) if kind is RowKind.TRANSFER else ((one, 300), (other, 600))
        rows.append(FileRow(number + 1, kind, date(2025, 1, 1 + number), text, text or None, currency, ((one, 900),), shares))
    return GroupFile("tuppence", names, tuple(rows), checks=balances(rows))


def runs(text: str) -> bool:
    """Whether a spreadsheet may take a cell for a formula."""
    return text[:1] in tuple("=+-@\t\r\n＝＋－＠") and not re.fullmatch(r"-?\d+(\.\d+)?", text)


def test_no_cell_of_the_table_is_a_formula_and_texts_come_back():
    text = as_csv(book())
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [cell for row in rows for cell in row if runs(cell)] == []
    for delimiter in ";\t|":  # as a spreadsheet of another country parts it
        assert [cell for line in text.splitlines() for cell in line.split(delimiter) if runs(cell.strip(" "))] == []
    assert [unescaped(cell) for cell in rows[0][5:]] == list(NAMES)


@pytest.mark.parametrize("text", HOSTILE)
def test_only_what_may_begin_a_formula_is_marked(text: str):
    assert not runs(safe(text))
    assert safe(text).replace("'", "") == text.replace("'", "")


@pytest.mark.parametrize("text", ["dinner", "it's 5", "a-b", "1+1", "me @home", ""])
def test_plain_words_stay(text: str):
    assert safe(text) == text


def test_the_table_comes_back_with_the_same_balances():
    file = read_file(as_csv(book()).encode(), currency="EUR")
    assert check(file) == {} and balances(file.rows) == balances(book().rows) and not file.aside


def test_the_workbook_holds_no_formula_and_comes_back():
    data = as_xlsx(book())
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        sheets = [packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/worksheets/")]
    assert len(sheets) == 2 and not any("<f>" in sheet or "<f " in sheet for sheet in sheets)
    file = read_file(data, currency="EUR")
    assert balances(file.rows) == balances(book().rows)
    assert [row.on for row in file.rows] == [row.on for row in book().rows]


def test_every_form_is_a_document():
    for form in FORMS:
        document = BookWriter().write(book(), form, title="Lisbon", currency="EUR")
        assert document.contents and document.name.startswith("tuppence.")
    assert BookWriter().write(book(), "xlsx", title="", currency="EUR").contents.startswith(b"PK")


@pytest.mark.parametrize("empty", [False, True])
def test_beancount_accepts_its_journal(tmp_path: Path, empty: bool):
    if importlib.util.find_spec("beancount") is None:
        pytest.skip("beancount is not installed")
    path = tmp_path / "book.beancount"
    text = as_beancount(GroupFile("tuppence", (), ()) if empty else book(), title='Lisbon "25"')
    path.write_text(text, "utf-8")
    assert bean_check(path) == ""
    if not empty:
        path.write_text(re.sub(r"(balance Assets:Group:Anna  )\S+", r"\g<1>999.99", text, count=1), "utf-8")
        assert "Balance failed" in bean_check(path)  # the balances are really looked at


def bean_check(path: Path) -> str:
    """What the program has to say against a file."""
    done = subprocess.run([sys.executable, "-m", "beancount.scripts.check", str(path)], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


@pytest.mark.parametrize("empty", [False, True])
def test_hledger_accepts_its_journal(tmp_path: Path, empty: bool):
    if shutil.which("hledger") is None:
        pytest.skip("hledger is not installed")
    path = tmp_path / "book.journal"
    text = as_hledger(GroupFile("tuppence", (), ()) if empty else book(), title="Lisbon; 25")
    path.write_text(text, "utf-8")
    assert hledger(path) == ""
    if not empty:
        path.write_text(re.sub(r"(group:Anna  0 EUR = )\S+", r"\g<1>999.99", text, count=1), "utf-8")
        assert "balance assertion" in hledger(path)


def hledger(path: Path) -> str:
    command = ["hledger", "-f", str(path), "check", "ordereddates"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"})
    return done.stdout + done.stderr
