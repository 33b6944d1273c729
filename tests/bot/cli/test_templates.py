"""`tuppence templates`: what is said, as a channel shows it; and an operator's own words in its place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.__main__ import main
from bot.conversation.replies import catalogue as catalogues
from bot.conversation.replies.catalogue import add_sentences, catalogue
from bot.conversation.replies.formats import Voice
from core.reading.source import LanguageError


@pytest.fixture(autouse=True)
def as_before(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    yield
    add_sentences(tmp_path_factory.mktemp("none"))


def test_a_sentence_is_shown_with_samples_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "budget_left", "--language", "en"]) == 0
    shown = capsys.readouterr().out
    assert "€120.50 of €400, €279.50 left" in shown
    assert "0 that do not fit; en " in shown


def test_by_sms_it_is_plain_and_its_segments_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "budget_*", "--language", "de", "--channel", "sms", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {each["code"] for each in told} >= {"budget_left", "budget_set"}
    assert all(each["segments"] in (1, 2) and each["fault"] is None and "€" not in each["text"] for each in told)


def test_everything_fits_everywhere(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "--check"]) == 0
    assert " 0 that do not fit" in capsys.readouterr().out


def test_a_name_that_there_is_not_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["templates", "no_such_thing"]) == 1
    assert "no_such_thing" in capsys.readouterr().err


def test_an_operator_says_it_in_other_words_and_takes_them_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, ours = catalogue("de").version, Voice("de").say("thanks")
    (tmp_path / "de.toml").write_text('thanks = "Gern geschehen!"\n[short]\nthanks = "Gern!"\n', "utf-8")
    assert main(["templates", "thanks", "--language", "de", "--folder", str(tmp_path)]) == 0
    assert "Gern geschehen!" in capsys.readouterr().out
    assert (Voice("de").say("thanks"), Voice("de", plain=True).say("thanks")) == ("Gern geschehen!", "Gern!")
    assert catalogue("de").version != before
    (tmp_path / "de.toml").unlink()
    add_sentences(tmp_path)
    assert (Voice("de").say("thanks"), catalogue("de").version) == (ours, before)


def test_own_words_that_do_not_fit_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "en.toml").write_text(f'undone = "{"so gone " * 60}"\n', "utf-8")
    assert main(["templates", "undone", "--check", "--folder", str(tmp_path)]) == 1
    shown = capsys.readouterr().out
    assert "sms: 4 segments" in shown and "whatsapp" not in shown


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("xx.toml", "", "xx.toml: no language"),
        ("de.toml", 'undone = "Weg: {amount}."', "undone has {amount}"),
        ("en.toml", 'undone = "Gone: {amount}."', "undone has {amount}"),
        ("en.toml", 'no_such = "x"', "no_such is no sentence of ours"),
        ("en.toml", "undone = 5", "undone is not a sentence"),
        ("en.toml", 'short = "x"', "short is a table"),
        ("en.toml", '[short]\nno_such = "x"', "the short no_such"),
        ("en.toml", '[formats]\nday = "d"', "formats is not a sentence"),
    ],
)
def test_a_wrong_file_is_refused_with_its_key(tmp_path: Path, name: str, text: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(LanguageError) as refusal:
        add_sentences(tmp_path)
    assert told in str(refusal.value)
    catalogues.catalogue.cache_clear()
    assert main(["templates", "--folder", str(tmp_path)]) == 1
    assert told in capsys.readouterr().err
