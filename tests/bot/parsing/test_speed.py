"""Time: a bound a message, and no text that takes more than in proportion to its length. Bounds are generous: machines are shared."""

import time
from datetime import datetime

import pytest

from bot.conversation.intents import ParseContext
from bot.conversation.parsing import parse

CONTEXT = ParseContext(now=datetime(2025, 3, 14, 12), speaker="Mia", members=("Mia", "Anna", "Bob", "Dan"), chat="group")
MESSAGES = [
    "tea 2.80",
    "paid 48 for sushi with Anna and Bob",
    "no, it was 61",
    "who owes whom",
    "how much on food last month?",
    "see you at 5 then",
    "undo",
    "cab 24 yesterday",
]
HOSTILE = [
    "a ",
    "1 ",
    "1.",
    "1,",
    "$",
    "P ",
    "anna ",
    "and ",
    "with anna ",
    "paid ",
    "for ",
    "no, ",
    "monday ",
    "1/1/",
    "twenty ",
    "(",
    "the the ",
    "how much ",
    "every ",
    "a1",
]


def seconds(text: str, times: int) -> float:
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(times):
            parse(text, CONTEXT)
        best = min(best, (time.perf_counter() - start) / times)
    return best


def test_a_message_takes_less_than_a_millisecond_on_average() -> None:
    parse("warm up 1", CONTEXT)
    assert sum(seconds(text, 20) for text in MESSAGES) / len(MESSAGES) < 0.0012


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_length_not_with_its_square(piece: str) -> None:
    short, long = (piece * (4096 // len(piece)))[:500], (piece * (4096 // len(piece)))[:4000]
    parse(short, CONTEXT)
    assert seconds(long, 1) < max(0.05, 24 * seconds(short, 2))
