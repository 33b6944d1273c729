"""`tuppence import` and `tuppence export` as an operator runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.__main__ import main

TABLE = """Date,Description,Category,Cost,Currency,Anna,Ben
2025-01-02,Cabin,Rent,300.00,EUR,150.00,-150.00
2025-01-03,nothing,,0.00,EUR,0.00,0.00
2025-01-05,Ben paid Anna,Payment,40.00,EUR,-40.00,40.00
2025-02-01,Total balance, , ,EUR,110.00,-110.00
"""
BALANCES = {"EUR": {"Anna": "110.00", "Ben": "-110.00"}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "whatever.name"
    path.write_text(TABLE, "utf-8")
    return path


@pytest.fixture
def settings(place: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    home, dsn = place
    monkeypatch.setenv("TUPPENCE_HOME", str(home))
    monkeypatch.setenv("TUPPENCE_MASTER_KEY", bytes(range(32)).hex())
    monkeypatch.setenv("DATABASE_URL", dsn)


def said(capsys: pytest.CaptureFixture[str]) -> dict:
    return json.loads(capsys.readouterr().out)


def test_a_file_is_described_without_a_database(file: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["import", str(file), "--dry-run"]) == 1
    shown = capsys.readouterr()
    assert shown.err == "line 3: zero\n"
    found = json.loads(shown.out)
    assert (found["source"], found["rows"], found["agrees"], found["balances"]) == ("splitwise", 2, True, BALANCES)
    assert found["aside"] == [{"line": 3, "reason": "zero"}]


@pytest.mark.usefixtures("settings")
def test_into_a_new_group_there_and_back(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    main(["import", str(file), "--new", "Cabin trip"])
    made = said(capsys)
    assert made["booked"] == 2 and len(made["code"]) == 11
    main(["import", str(file), "--book", "cabin trip"])
    assert said(capsys)["booked"] == 0  # the same again

    copy = tmp_path / "copy.json"
    assert main(["export", "--book", made["book"], "--to", str(copy)]) == 0
    assert main(["import", str(copy), "--new", "Copy", "--currency", "USD"]) == 0
    again = said(capsys)
    assert again["booked"] == 2 and again["agrees"] and again["balances"] == BALANCES

    assert main(["export", "--book", "Copy", "--form", "csv"]) == 0
    assert "Total balance,,,EUR,110.00,-110.00" in capsys.readouterr().out
    assert main(["export"]) == 0
    assert {"Cabin trip", "Copy"} <= {json.loads(line)["name"] for line in capsys.readouterr().out.splitlines()}


@pytest.mark.usefixtures("settings")
def test_people_are_matched_by_name_or_by_what_is_said(file: Path, capsys: pytest.CaptureFixture[str]):
    main(["import", str(file), "--new", "Matched"])
    said(capsys)
    file.write_text(TABLE.replace("Anna,Ben", "Anna L.,Ben").replace("Cabin", "Sauna"), "utf-8")
    main(["import", str(file), "--book", "Matched", "--is", "Anna L.=Anna", "--dry-run"])
    found = said(capsys)
    assert found["people"] == {"Anna L.": "Anna", "Ben": "Ben"} and found["new"] == 2 and "booked" not in found
    assert main(["import", str(file), "--book", "Matched", "--is", "Anna L.=Zed"]) == 1
    assert "no member of that name" in capsys.readouterr().err


@pytest.mark.usefixtures("settings")
def test_what_is_not_there_is_refused(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["import", str(file), "--book", "Nowhere"]) == 1
    assert main(["export", "--book", "Nowhere"]) == 1
    assert main(["import", str(tmp_path / "gone.csv"), "--dry-run"]) == 1
    assert main(["import", str(file)]) == 2
    (tmp_path / "odd.csv").write_text("just words", "utf-8")
    assert main(["import", str(tmp_path / "odd.csv"), "--dry-run"]) == 1
    assert "unknown_format" in capsys.readouterr().err


@pytest.mark.usefixtures("settings")
def test_a_whole_import_is_taken_back_and_may_come_again(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    main(["import", str(file), "--new", "Cabin trip"])
    made = said(capsys)
    other = tmp_path / "other.csv"
    other.write_text(TABLE.replace("Cabin", "Boat").replace("300.00", "20.00").replace("150.00", "10.00"), "utf-8")
    main(["import", str(other), "--book", "Cabin trip"])
    later = said(capsys)
    assert later["booked"] == 1, "the payment is there already"
    assert main(["import", "--undo", "last", "--book", "Cabin trip"]) == 0
    assert said(capsys) == {"book": made["book"], "import": later["import"], "undone": 1}
    assert main(["import", "--undo", made["import"], "--book", "Cabin trip"]) == 0
    assert said(capsys)["undone"] == 2
    for gone in ("last", made["import"], "17"):
        assert main(["import", "--undo", gone, "--book", "Cabin trip"]) == 1
    capsys.readouterr()
    main(["import", str(file), "--book", "Cabin trip"])
    assert said(capsys)["booked"] == 2


@pytest.mark.parametrize("words", [["--undo", "last"], ["FILE", "--undo", "last", "--book", "x"], ["--book", "x"]])
def test_what_is_to_be_undone_is_said_plainly(words: list[str], file: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["import", *[str(file) if word == "FILE" else word for word in words]]) == 2
    assert "--undo IMPORT --book NAME" in capsys.readouterr().err
