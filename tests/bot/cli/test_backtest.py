"""`tuppence backtest`: the contract's object, the table, and what is said of files that are no history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.__main__ import main
from tests.support.histories import household

HEADER = "date,amount,category,account\n"


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "history.csv"
    rows = [f"{each.on},{each.minor / 100:.2f},{each.category},{seed}" for seed in range(3) for each in household(seed)]
    path.write_text(HEADER + "\n".join(rows) + "\n")
    return path


def test_the_object_of_the_contract(history, capsys):
    assert main(["backtest", str(history), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert list(figures) == ["wape", "coverage80", "alerts", "months"]
    assert list(figures["wape"]) == list(figures["alerts"]) == ["5", "10", "15", "20", "25"]
    assert figures["months"] == 3 * 36
    assert 0 < figures["wape"]["25"] < figures["wape"]["5"] < 40
    assert 0.5 < figures["coverage80"] <= 1
    assert set(figures["alerts"]["10"]) == {"precision", "recall"}


def test_the_table_says_the_same(history, capsys):
    assert main(["backtest", str(history), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert main(["backtest", str(history)]) == 0
    table = capsys.readouterr().out
    assert f"{figures['wape']['15']:.1f} %" in table
    assert "months: 108" in table


def test_category_and_account_may_be_missing_and_the_order_does_not_matter(tmp_path, capsys):
    path = tmp_path / "short.csv"
    days = [f"2024-{month:02}-{day:02}" for month in range(12, 0, -1) for day in (20, 3)]
    path.write_text("\ufeffamount,date\r\n" + "".join(f"12.5,{day}\r\n" for day in days))
    assert main(["backtest", str(path), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["months"], figures["wape"]["15"]) == (6, 0.0)
    assert figures["alerts"]["10"] == {"precision": None, "recall": None}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"when,what\n", "line 1: no column date and amount"),
        (b"", "line 1: no column date and amount"),
        (HEADER.encode() + b"2024-01-05,1.00,a,b\n2024-13-01,1.00,a,b\n", 'line 3: the date must be a day like "2025-03-14", not "2024-13-01"'),
        (HEADER.encode() + b"2024-01-05,twelve,a,b\n", 'line 2: the amount must be a number like "45.00", not "twelve"'),
        (HEADER.encode() + b"2024-01-05,NaN,a,b\n", 'line 2: the amount must be a number like "45.00", not "NaN"'),
        (HEADER.encode() + b"2024-01-05,1e99,a,b\n", "line 2: the amount must be a number"),
        (HEADER.encode() + b"2024-01-05\n", "line 2: the amount must be a number"),
        (HEADER.encode() + b"2024-01-05,1.00,a,b\n", "no month can be forecast"),
        (b"\xff\xfe\x00", "not UTF-8"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_line(tmp_path, capsys, content, said):
    path = tmp_path / "broken.csv"
    path.write_bytes(content)
    assert main(["backtest", str(path)]) == 1
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_a_file_that_is_not_there(tmp_path, capsys):
    assert main(["backtest", str(tmp_path / "nowhere.csv")]) == 1
    assert "nowhere.csv" in capsys.readouterr().err
