"""One more language is data alone: files in a folder, read by the same command as any message. Esperanto, as far as the test speaks it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

VALUES = """
name = "Esperanto"
[numbers]
decimal = ","
group = "."
[numbers.words]
"du" = 2
"dek" = 10
"dudek" = 20
[money.words]
"eŭroj" = "EUR"
[dates.relative]
"hieraŭ" = -1
"""
MONEY = """
[macros]
and = '(?: ,| kaj| and)'
with = '(?:kun|with)'
for = '(?:por|for)'
except = '(?:krom|except)'
[words]
joins = ["kaj"]
list_leads = ["kun", "por", "krom"]
list_leads_split = ["kun"]
speaker = ["mi", "min"]
everyone = ["ĉiuj", "ni ĉiuj"]
spent = ["pagis", "elspezis"]
payers = ["pagis"]
chatter = ["estas", "ĉu", "kie", "kiam"]
[fillers]
edges = ["mi", "pagis", "por", "la", "kun", "elspezis"]
[gates]
planned = ['\\b[a-z]+os\\b']
[payers]
said = ['^(?P<payer>{people}) pagis']
[settlements]
patterns = ['(?:(?P<sender>{person}) )?redonis al (?P<receiver>{person}) (?P<amount>A)']
[take_back]
undo = ['malfaru']
"""
ASKS = """
[queries]
balances = ['kiu ŝuldas al kiu', 'kiu suldas al kiu']
"""
CATEGORIES = """
[categories.food]
names = ["manĝo"]
words = ["vespermanĝo", "kafo"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    own = tmp_path / "eo"
    own.mkdir()
    for name, text in (("values", VALUES), ("money", MONEY), ("asks", ASKS), ("categories", CATEGORIES)):
        (own / f"{name}.toml").write_text(text, encoding="utf-8")
    return tmp_path


def read(folder: Path, *texts: str) -> list[Any]:
    fixed = {"now": "2025-03-14T12:00", "members": ["me", "Anna", "Bob"], "chat": "group"}
    lines = "".join(json.dumps({"id": str(number), "text": text, **fixed}) + "\n" for number, text in enumerate(texts))
    command = [sys.executable, "-m", "bot", "parse", "--languages", str(folder)]
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_it_is_read_like_any_other(folder: Path) -> None:
    shared, paid, counted, settled, undone, asked, planned, english = read(
        folder,
        "mi pagis 45 eŭroj por vespermanĝo kun Anna",
        "hieraŭ Anna pagis 20 por ĉiuj",
        "kafo dudek por ĉiuj krom Bob",
        "Bob redonis al mi 12,50",
        "malfaru",
        "kiu ŝuldas al kiu?",
        "mi pagos 20 por la kafo kun Anna",
        "paid 45 for dinner with Anna",
    )
    (expense,) = shared["expenses"]
    assert (expense["amount"], expense["description"], expense["category"]) == ("45.00", "vespermanĝo", "food")
    assert expense["shares"] == {"me": "22.50", "Anna": "22.50"}
    (expense,) = paid["expenses"]
    assert (expense["payers"], expense["date"], len(expense["shares"])) == ({"Anna": "20.00"}, "2025-03-13", 3)
    assert counted["expenses"][0]["shares"] == {"me": "10.00", "Anna": "10.00"}
    assert settled["settlement"] == {"from": "Bob", "to": "me", "amount": "12.50", "currency": "EUR", "date": "2025-03-14"}
    assert (undone["intent"], asked["query"]["kind"], planned["intent"]) == ("undo", "balances", "none")
    assert english["expenses"][0]["shares"] == {"me": "22.50", "Anna": "22.50"}


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("money", "[macros]\nand = 3\n", "eo: macros"),
        ("money", "[payers]\nsaid = ['(?P<payer>{nobody})']\n", "eo: payers.said: no macro 'nobody'"),
        ("money", "[without]\n'words.nothing' = ['im']\n", "eo: without.words.nothing"),
        ("money", "[counted]\nthree = ['tri']\n", "eo: counted"),
        ("money", "[portions]\n'2-3' = ['du trionoj']\n", "eo: portions"),
        ("money", "[requests]\npatterns = ['(?P<note>.+']\n", "eo: requests.patterns"),
        ("money", "[words\n", "eo/money.toml"),
        ("values", "name = 3\n", "eo.toml: name"),
    ],
)
def test_a_wrong_file_is_refused_by_file_and_key(folder: Path, file: str, text: str, said: str) -> None:
    (folder / "eo" / f"{file}.toml").write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-m", "bot", "parse", "--languages", str(folder)], input="", capture_output=True, text=True, check=False)
    assert (done.returncode, said in done.stderr, done.stdout) == (2, True, "")
