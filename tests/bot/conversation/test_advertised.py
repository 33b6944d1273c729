"""No reply tells people to write what is not understood: every quoted example of every language means what the English one means."""

from __future__ import annotations

from collections import defaultdict

import pytest

from bot.conversation.replies.catalogue import languages
from tests.support.advertised import Example, examples, promise

OTHERS = sorted({*languages()} - {"en"})


def by_sentence(language: str) -> dict[tuple[str, bool], list[Example]]:
    found = defaultdict(list)
    for each in examples(language):
        found[each.code, each.short].append(each)
    return found


ENGLISH = by_sentence("en")


def test_every_english_example_does_something() -> None:
    assert sum(map(len, ENGLISH.values())) > 80
    assert [each for found in ENGLISH.values() for each in found if promise(each, "en") is None] == []


@pytest.mark.parametrize("language", OTHERS)
def test_every_example_means_what_the_english_one_means(language: str) -> None:
    """In the same order; a short form may leave some of them away."""
    broken = []
    for (code, short), found in by_sentence(language).items():
        meant = [promise(each, "en") for each in ENGLISH.get((code, False), []) + (ENGLISH.get((code, True), []) if short else [])]
        for place, each in enumerate(found):
            kept = promise(each, language)
            if kept not in meant if short else kept != meant[place]:
                broken.append(f"{code}: {each.text}\n   means {kept}\n   not {meant if short else meant[place]}")
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_offers_as_many_examples_as_the_english_one(language: str) -> None:
    found = by_sentence(language)
    assert [key for key in ENGLISH if not key[1] and len(found[key]) != len(ENGLISH[key])] == []
