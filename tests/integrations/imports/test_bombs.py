"""Small files that would be large once taken apart: each is refused or read within a bounded time and memory."""

from __future__ import annotations

import io
import json
import tracemalloc
import zipfile
from time import process_time

import pytest

from core.domain.imports import distinct
from core.errors import DomainError
from integrations.imports.detection import read_file

MEGABYTES_MOST = 80
SECONDS_MOST = 20  # of the processor, with the memory watched, which makes all of it several times slower
TITLES = ",".join(f"t{number}" for number in range(9_000))
HEADERS = {
    "cospend": "what,amount,date,payer_name,payer_weight,owers,repeat",
    "ihatemoney": "date,what,amount,payer_name,payer_weight,owers",
    "spliit": "date,cost,is reimbursement,split mode",
    "tricount": "who paid,total,currency,description,when,involved",
}


def workbook(sheet: str, strings: str = "<sst/>") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{sheet}</sheetData></worksheet>")
        archive.writestr("xl/sharedStrings.xml", strings)
    return packed.getvalue()


BOMBS = {
    "rows that begin in the last column": workbook('<row><c r="XFD1"/></row>' * 20_000),
    "one row of millions of cells": workbook("<row>" + "<c/>" * 1_000_000 + "</row>"),
    "millions of rows of nothing": workbook("<x/>" * 1_000_000),
    "one text in every cell": workbook('<row><c t="s"><v>0</v></c></row>' * 2_000, f"<sst><si><t>{'a' * 100_000}</t></si></sst>"),
    "one text of millions of parts": workbook("<row/>", "<sst><si>" + "<t/>" * 1_000_000 + "</si></sst>"),
    **{f"{program} with thousands of columns": f"{header},{TITLES}\n{'a' * 10}\n".encode() + b"a\n" * 4_000 for program, header in HEADERS.items()},
    "a bill of thousands": f"{HEADERS['ihatemoney']}\n".encode()
    + f'2025-01-02,Tea,9.00,Anna,1,"{",".join(f"p{number}" for number in range(9_000))}"\n'.encode() * 8,
    "thousands of one name": json.dumps({"format": "tuppence", "version": 1, "people": ["a"] * 100_000, "rows": []}).encode(),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_does_not_go_off(name: str) -> None:
    tracemalloc.start()
    start = process_time()
    try:
        with pytest.raises(DomainError, match="unreadable_import"):
            read_file(BOMBS[name], currency="EUR")
        assert process_time() - start < SECONDS_MOST
        assert tracemalloc.get_traced_memory()[1] < MEGABYTES_MOST * 2**20
    finally:
        tracemalloc.stop()


def test_entities_are_not_expanded_in_any_encoding() -> None:
    sheet = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "300">]><w><row><c><v>&a;</v></c></row></w>'
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet.encode("utf-16"))
    with pytest.raises(DomainError) as refused:
        read_file(packed.getvalue(), currency="EUR")
    assert refused.value.params["reason"] == "unknown_format"


def test_names_that_come_again_are_numbered_in_order() -> None:
    assert distinct(["Anna", "Anna", "Anna (2)", "Anna", "Ben"]) == ["Anna", "Anna (2)", "Anna (2) (2)", "Anna (3)", "Ben"]
