"""How a category is suggested: what wins, how sure it says it is against descriptions it was not fitted to, and files that are wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.conversation.parsing import suggestions
from bot.conversation.parsing.lexicon import lexicon
from bot.conversation.parsing.suggestions import Suggestion, checked, suggest, suggest_for_merchant, topics
from core.reading.language import LanguageError
from core.reading.text import folded_words

FOLDER = Path(__file__).with_name("descriptions")
RULES = Path(suggestions.__file__).with_name("suggestions.toml").read_text("utf-8")


def suggested(text: str, language: str = "en") -> Suggestion:
    return suggest(folded_words(text), lexicon(language))


@pytest.mark.parametrize(
    ("text", "language", "category"),
    [
        ("uber", "en", "transport"),
        ("uber eats", "en", "food"),
        ("tesco", "en", "groceries"),
        ("tesco mobile", "en", "utilities"),
        ("petrol at tesco", "en", "transport"),
        ("shoes from lidl", "en", "shopping"),
        ("apple music", "en", "subscriptions"),
        ("pizza at the cinema", "en", "food"),
        ("shoes for the dog", "en", "shopping"),
        ("bananas, sainsburys", "en", "groceries"),
        ("miscellaneous books", "en", "other"),
        ("Mohnkuchen", "de", "food"),
        ("Kinderschuhe", "de", "shopping"),
        ("cena al museo", "it", "food"),
        ("cinéma avec le chien", "fr", "entertainment"),
        ("kutte ka khana", "hi", "pets"),
    ],
)
def test_what_was_bought_wins(text: str, language: str, category: str) -> None:
    assert suggested(text, language).category == category


def test_who_sells_many_things_is_less_sure() -> None:
    assert suggested("amazon").confidence < suggested("zara").confidence
    assert suggested("amazon").category == "shopping"
    assert suggested("books from amazon").category == "education"


def test_nothing_known_is_asked_about_with_three_to_choose_from() -> None:
    unknown, torn = suggested("glimmerwort"), suggested("cake concert shoes")
    assert unknown.category is None and len(unknown.choices) == 3
    assert torn.choices[0] == torn.category and {"food", "entertainment", "shopping"} == set(torn.choices)
    assert suggested("coffee").choices == ()


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("SHELL 0331 BERLIN", "transport"),
        ("TRATTORIA SOLE", "food"),
        ("ŻABKA Z1234 K.1", "groceries"),
        ("UBER   *EATS HELP.UBER.COM", "food"),
        ("AMZN Mktp US*2K4", "shopping"),
        ("APPLE.COM/BILL", "subscriptions"),
        ("BOOTS 1122", "health"),
        ("АПТЕКА 36,6", "health"),
        ("QWXZ HOLDINGS 11", None),
    ],
)
def test_merchants_as_banks_write_them(name: str, category: str | None) -> None:
    assert suggest_for_merchant(name, lexicon("en")).category == category


def test_an_ordinary_word_is_a_brand_only_in_a_merchants_name() -> None:
    assert suggested("orange").category != "utilities"
    assert suggest_for_merchant("ORANGE 4471", lexicon("en")).category == "utilities"


def test_a_merchant_category_code_tells_what_the_name_does_not() -> None:
    assert suggest_for_merchant("QWXZ HOLDINGS 11", lexicon("en"), code="5411").category == "groceries"
    assert suggest_for_merchant("QWXZ HOLDINGS 11", lexicon("en"), code="6011").category is None
    amazon = suggest_for_merchant("AMAZON", lexicon("en"), code="5942")
    assert amazon.category == "shopping" and amazon.confidence > suggested("amazon").confidence
    assert suggest_for_merchant("NETFLIX", lexicon("en"), code="5411").others[:1] != ("subscriptions",)


def test_what_a_lesson_is_filed_under() -> None:
    assert topics("Tesco Express, 4th st", "en")[0] == "tesco"
    assert topics("padel with the guys", "en") == ("padel with the guys", "padel")
    assert topics("clase de cerámica", "es")[-1] == "clase"
    assert topics("...", "en") == ()


def held_out() -> Iterator[tuple[str, str, Suggestion]]:
    for file in sorted(FOLDER.glob("*.txt")):
        for line in file.read_text("utf-8").splitlines()[1::2]:
            category, _, text = line.partition(": ")
            yield file.stem, category, suggested(text, file.stem)


def test_most_held_out_descriptions_come_out_right_in_every_language() -> None:
    right: dict[str, list[bool]] = defaultdict(list)
    for language, category, found in held_out():
        right[language].append((found.category or "other") == category)
    assert sum(map(len, right.values())) > 400
    assert {language for language, found in right.items() if sum(found) < 0.8 * len(found)} == set()
    assert sum(map(sum, right.values())) >= 0.9 * sum(map(len, right.values()))


def test_how_sure_it_says_it_is_is_how_often_it_is_right() -> None:
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    told = [(found.confidence, found.category == category) for _, category, found in held_out() if found.category is not None]
    for confidence, right in told:
        bins[int(confidence * 10)].append((confidence, right))
    error = sum(abs(sum(confidence - right for confidence, right in found)) for found in bins.values()) / len(told)
    assert error <= 0.05
    sure = [right for confidence, right in told if confidence >= 0.8]
    assert len(sure) > 0.8 * len(told)
    assert sum(sure) >= 0.95 * len(sure)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('usual = ["food"', 'usual = ["foood"', "usual"),
        ("torn = ", "tron = ", "weights"),
        ("ask = 0.65", 'ask = "much"', "thresholds"),
        ("[languages.default]", "[languages.any]", "languages.default"),
        ('head = "first"', 'head = "middle"', "languages.es"),
        ("[thresholds]", "[thresholds", "suggestions.toml"),
    ],
)
def test_a_wrong_file_is_said_with_its_key(old: str, new: str, says: str) -> None:
    assert old in RULES
    with pytest.raises(LanguageError, match=says):
        checked(RULES.replace(old, new))
