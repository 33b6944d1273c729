"""The data files are read while the service starts: all of them, and a broken one stops it with its name and key."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.conversation.parsing import divisions, hearsay, suggestions
from bot.conversation.parsing.banking import cues, values
from bot.conversation.replies.catalogue import read_catalogue
from bot.second_reading import read_bounds
from bot.web.limits import read_rates
from core.reading import merchants
from core.reading.source import LanguageError, table_of
from integrations.channels.twilio import alphabet, forms, refusals, regions
from integrations.receipts.extraction import lexicon

ROOT = Path(__file__).parents[3]
PACKAGES = ("bot", "core", "integrations")
OPENED = """
import json, sys
from bot.conversation.data import load_data
opened = []
sys.addaudithook(lambda event, what: opened.append(str(what[0])) if event == "open" and str(what[0]).endswith(".toml") else None)
load_data()
print(json.dumps(opened))
"""


def test_no_data_file_waits_for_the_first_message() -> None:
    done = subprocess.run([sys.executable, "-c", OPENED], cwd=ROOT, capture_output=True, text=True, check=True)
    opened = {Path(name).resolve() for name in json.loads(done.stdout)}
    files = {path for folder in ("bot/conversation", "core/reading") for path in (ROOT / folder).rglob("*.toml")}
    assert files - opened == set()


@pytest.mark.parametrize(
    ("read", "text", "told"),
    [
        (lambda text: table_of("xx.toml", text), "a = =", r"xx\.toml: .*line 1"),
        (lambda text: cues.checked("xx.toml", text), "months = 3", r"banking/words/xx\.toml: months"),
        (lambda text: cues.checked("xx.toml", text), "nonsense = []", r"banking/words/xx\.toml: nonsense"),
        (values.checked, "[signs]", r"banking/currencies\.toml: dots\.group"),
        (values.checked, "[tens]\nx = 1", r"banking/currencies\.toml: tens\.x"),
        (divisions.checked, "[en]\nme = 1", r"divisions\.toml: en\.and"),
        (hearsay.compile_patterns, "[patterns]\ncard = '['", r"kept_back\.toml: card"),
        (suggestions.checked, "usual = ['nonsense']", r"suggestions\.toml: usual"),
        (lambda text: list(merchants.checked("xx.toml", text)), "[nonsense]\nsure = []", r"merchants/brands/xx\.toml: nonsense"),
        (lambda text: merchants.checked_codes("codes.toml", text), "[codes]\ntransport = ['1']", r"merchants/codes\.toml: codes\.transport"),
        (lambda text: read_catalogue(text, "xx", fallback=None), "a = 1", r"xx\.toml: "),
        (read_rates, "", r"limits\.toml: "),
        (read_rates, "\n".join(f"[{kind}]\nburst = 0\nper_minute = 1" for kind in read_rates()), r"limits\.toml: \w+: a rate is at least 1"),
        (read_bounds, "seconds = 1", r"second_reading\.toml: "),
        (alphabet.checked, "[replace]\nx = 1", r"plain_text\.toml: replace\.x"),
        (forms.checked, "[sms]\nstop = [1]", r"keywords\.toml: sms\.stop"),
        (refusals.checked, "[opted_out]\ncodes = ['1']", r"errors\.toml: opted_out\.codes"),
        (regions.checked, "DE = ['de']", r"calling_codes\.toml: DE"),
        (lambda text: lexicon.checked("xx", text), "total = [1]", r"receipts/xx\.toml: total"),
    ],
)
def test_a_broken_file_is_named_with_its_key(read: Callable[[str], object], text: str, told: str) -> None:
    with pytest.raises(LanguageError, match=told):
        read(text)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages once more, to be broken."""
    folder = tmp_path_factory.mktemp("checkout")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("bot/conversation/parsing/banking/words/de.toml", "banking/words/de.toml: nonsense: "),
        ("bot/conversation/parsing/languages/romance/money.toml", "romance/money.toml: "),
        ("core/reading/languages/mn.toml", "mn.toml: "),
    ],
)
def test_the_service_does_not_start_with_it(checkout: Path, tmp_path: Path, name: str, told: str) -> None:
    file = checkout / name
    right = file.read_text(encoding="utf-8")
    file.write_text("nonsense = [1]\n" + right if "words" in name else right + "\nnonsense =\n", encoding="utf-8")
    variables = {"TUPPENCE_HOME": str(tmp_path / "home"), "TUPPENCE_PORT": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "serve"], cwd=checkout, env=os.environ | variables, capture_output=True, text=True, timeout=60, check=False
    )
    file.write_text(right, encoding="utf-8")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
    assert f"tuppence: {told}" in done.stderr
    assert not (tmp_path / "home" / "data").exists(), "no database was started for it"
