"""What is left out before a pattern is tried: nothing that would match, and most of what would not."""

import json
import re
from datetime import datetime
from pathlib import Path

import pytest

from bot.conversation.intents import ParseContext
from bot.conversation.parsing import look
from bot.conversation.parsing.lexicon import lexicon
from bot.conversation.parsing.sieve import Sieve, heads, needs

CORPORA = sorted(Path(__file__).parent.joinpath("corpora").glob("*.jsonl"))
ELSEWHERE = (
    "gates.as_written",
    "commands.join",
    "commands.link_code",
    "commands.come_back",
    "paying.method",
    "paying.forget",
)  # not matched on shapes
SEARCHED = ("sharing.", "pairs.", "payers.", "gates.", "recurring.", "repeats.", "settlements.everything")


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("undo", [{"und"}]),
        ("undo(?: the)?(?: last)?", [{"und"}]),
        ("(?:the )?taxi was A", [{"tax"}, {"was"}, {"A"}]),
        ("(?:paid|spent) A", [{"pai", "spe"}, {"A"}]),
        ("(?:paid|spent)? ?A", []),
        ("splits? it", [{"spl"}, {"it"}]),
        ("colou?r", [{"col"}]),
        (r"\?", [{"?"}]),
        ("[PN] owes I", [{"owe"}, {"P", "N"}, {"I"}]),
        ("[a-z]{2,40} is A", [{"is"}, {"A"}]),
        ("(?:a|b|[a-z]+) x", [{"x"}]),
        ("(?=.* C)split", [{"spl"}, {"C"}]),
        ("(?!not )split", [{"spl"}]),
        ("(?<!not )split", [{"spl"}]),
        (r"(?:un)?split", []),
        (r"x(?:(?: and|,) P){1,29}", [{"x"}, {"and", ","}, {"P"}]),
        (r"(?:\S+ )*paid", [{"pai"}]),
        (r"\S*paid", []),
        (r"(?P<who>P) (?P=who)", []),
        (r"(?i)paid", []),
    ],
)
def test_what_a_pattern_needs(source: str, found: list[set[str]]) -> None:
    assert sorted(map(sorted, needs(source, at_word=True))) == sorted(map(sorted, found))


@pytest.mark.parametrize(("source", "found"), [("paid", []), (r"\bpaid", [{"pai"}]), ("it paid", [{"pai"}]), (r"(?:^|\s)paid", [{"pai"}])])
def test_within_a_word_a_pattern_needs_only_what_begins_one(source: str, found: list[set[str]]) -> None:
    assert [set(need) for need in needs(source, at_word=False)] == found


def test_words_begin_behind_marks_too() -> None:
    assert heads("l'anna") == {"l", "l'", "l'a", "'", "a", "an", "ann", "n"}
    assert heads("to") == {"t", "to"}


def test_lists_keep_their_order_and_empty_ones_are_gone() -> None:
    patterns = {name: tuple(map(re.compile, found)) for name, found in {"a.x": ["one", "two"], "a.y": ["three"], "b.x": [r"\w+", "one"]}.items()}
    left = Sieve(patterns, lambda _, source: needs(source, at_word=True)).likely(["one"])
    assert {section: {name: [found.pattern for found in each] for name, each in lists.items()} for section, lists in left.items()} == {
        "a": {"x": ["one"]},
        "b": {"x": [r"\w+", "one"]},
    }


@pytest.mark.parametrize("corpus", CORPORA, ids=lambda path: path.stem)
def test_no_pattern_that_matches_is_left_out(corpus: Path) -> None:
    code = corpus.stem[:2]
    context = ParseContext(now=datetime(2025, 3, 14, 12), speaker="me", members=("me", "Anna", "Bob"), chat="group", language=code)
    tried = likely = 0
    for line in corpus.read_text("utf-8").splitlines():
        scan = look(json.loads(line)["text"], context)
        for name, patterns in lexicon(scan.lexicon.code).patterns.items():
            left = scan.patterns(name)
            tried, likely = tried + len(patterns), likely + len(left)
            out = [pattern for pattern in patterns if pattern not in left and name not in ELSEWHERE]
            for text in {scan.shape.text, scan.shape.plain.text}:
                assert not [pattern.pattern for pattern in out if (pattern.search if name.startswith(SEARCHED) else pattern.fullmatch)(text)]
    assert likely < tried / 5
