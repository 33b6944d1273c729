"""Texts as WhatsApp and SMS carry them: alphabets, lengths, segments and parts, by example and by property."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.messages import Choice
from integrations.channels.limits import SMS_PART, SMS_SINGLE
from integrations.channels.twilio.alphabet import BASIC, EXTENSION, WIDE_PART, WIDE_SINGLE, cost, is_plain, plain
from integrations.channels.twilio.rendering import MORE, numbered, sms_text, units, whatsapp_texts

CHOICES = (Choice("a", "Only me"), Choice("b", "Change split"), Choice("c", "Undo"))
WORDS = st.lists(
    st.sampled_from(["taxi", "EUR 12.50", "€3", "Zoë", "naïve", "→", "👍🏽", "dinner", "你好", "…", "·", "\n", "“x”", "{", "e\u0301"]), max_size=400
)
TEXTS = st.one_of(st.text(max_size=2000), WORDS.map(" ".join))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("“Hi” – it’s €5…", '"Hi" - it\'s €5...'),
        ("Bob → Anna €18 · Dan", "Bob to Anna €18, Dan"),
        ("adds up ✅ ok", "adds up OK ok"),
        ("Da Màrio, Łódź, İzmir, São", "Da Màrio, Lodz, Izmir, Sao"),
        ("👋 hello 🎉", "hello"),
        ("5\u00a0000\u202fEUR", "5 000 EUR"),
        ("½ of 3²", "1/2 of 32"),
        ("Кофе → 3", "Кофе to 3"),
    ],
)
def test_the_plain_alphabet(text: str, written: str) -> None:
    assert plain(text) == written


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" * 160, (True, 160, 1)),
        ("a" * 161, (True, 161, 2)),
        ("a" * 306, (True, 306, 2)),
        ("a" * 307, (True, 307, 3)),
        ("€" * 80, (True, 160, 1)),
        ("a" * 159 + "€", (True, 161, 2)),
        ("a" * 152 + "€" + "a" * 151, (True, 305, 2)),  # the escape does not fit into the first segment's last place
        ("a" * 152 + "€" + "a" * 152, (True, 306, 3)),
        ("你" * 70, (False, 70, 1)),
        ("你" * 71, (False, 71, 2)),
        ("你" * 134, (False, 134, 2)),
        ("👍" * 35, (False, 70, 1)),
        ("👍" * 67, (False, 134, 3)),  # 33 pairs a segment: no pair is torn
    ],
)
def test_what_a_text_costs(text: str, expected: tuple[bool, int, int]) -> None:
    found = cost(text)
    assert (found.plain, found.units, found.segments) == expected


def test_the_alphabet_is_gsm_03_38() -> None:
    assert len(BASIC) == 127  # 128 places, one of them the escape
    assert len(EXTENSION) == 10


@given(TEXTS, st.booleans())
@settings(max_examples=400, deadline=None)
def test_an_sms_is_never_over_two_segments(text: str, with_choices: bool) -> None:
    shown = sms_text(text, CHOICES if with_choices else ())
    found = cost(shown)
    assert found.segments <= 2
    assert (
        found.units <= (2 * SMS_PART if found.plain else 2 * WIDE_PART)
        if found.segments == 2
        else found.units <= (SMS_SINGLE if found.plain else WIDE_SINGLE)
    )
    if with_choices:
        assert shown.endswith("1 Only me, 2 Change split, 3 Undo")


@given(TEXTS)
@settings(max_examples=400, deadline=None)
def test_an_sms_is_plain_unless_a_letter_cannot_be_written_otherwise(text: str) -> None:
    shown = sms_text(text)
    if not is_plain(shown):
        odd = [character for character in shown if character not in BASIC | EXTENSION]
        assert all(unicodedata.category(character)[0] in "LMN" for character in odd)
    assert sms_text(shown) == shown or not is_plain(shown)


AMOUNTS = st.lists(st.integers(0, 10**7).map(lambda n: f"EUR {n / 100:,.2f}"), min_size=45, max_size=80)


@given(AMOUNTS, st.sampled_from([" ", ", ", "\n", " and "]), st.integers(0, 12))
@settings(max_examples=300, deadline=None)
def test_an_amount_is_never_cut(amounts: list[str], between: str, shift: int) -> None:
    shown = sms_text("x" * shift + between + between.join(amounts), CHOICES).split("\n1 Only me")[0]
    assert shown.endswith(MORE)
    for found in re.findall(r"EUR(?: [\d,.]*\d)?", shown):
        assert found in amounts, shown


def test_a_long_word_is_cut_where_nothing_else_helps() -> None:
    assert cost(sms_text("x" * 1000)).units == 306
    assert sms_text("x" * 1000).endswith("x...")


def test_too_many_choices_are_the_first_ones() -> None:
    many = [Choice(str(n), f"Somebody {n} paid somebody else EUR {n}.00") for n in range(30)]
    shown = sms_text("Settle?", many)
    assert cost(shown).segments <= 2
    assert shown.startswith(MORE) or shown.startswith("Settle")
    assert "\n1 Somebody 0 paid somebody else EUR 0.00, 2 Somebody 1" in shown


@given(TEXTS, st.booleans(), st.sampled_from([60, 200, 1024]))
@settings(max_examples=400, deadline=None)
def test_whatsapp_parts_are_short_enough_and_lose_nothing(text: str, with_choices: bool, most: int) -> None:
    choices = CHOICES if with_choices else ()
    parts = whatsapp_texts(text, choices, most=most)
    assert all(units(part) <= most for part in parts)
    if with_choices:
        assert parts[-1].endswith(numbered(choices))
        assert not any(numbered(choices) in part for part in parts[:-1]) or numbered(choices) in text
    if len(parts) < 10 and not with_choices:
        assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.lists(st.sampled_from(["👨‍👩‍👧‍👦", "👍🏽", "🇩🇪", "e\u0301", "ก็", "❤️", "a"]), min_size=30, max_size=80))
@settings(max_examples=200, deadline=None)
def test_what_looks_like_one_character_stays_whole(clusters: list[str]) -> None:
    for part in whatsapp_texts("".join(clusters), most=64):
        rest = part
        while rest:
            cluster = next((each for each in sorted(set(clusters), key=len, reverse=True) if rest.startswith(each)), None)
            assert cluster is not None, part
            rest = rest[len(cluster) :]


def test_lines_are_kept_together_where_they_can_be() -> None:
    lines = [f"line {number} " + "word " * 20 for number in range(30)]
    parts = whatsapp_texts("\n".join(line.strip() for line in lines))
    assert len(parts) > 2
    assert all(part.startswith("line ") for part in parts)
