"""What a language's data may say of others: its family, English words that are not its own, words that hang together."""

import pytest

from bot.conversation.parsing.elision import cut_elisions
from bot.conversation.parsing.lexicon import lexicon, over, tables_of
from core.reading.language import LanguageError, load
from core.reading.text import tokenise
from tests.bot.parsing.conftest import ReadJson


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        ("fr", "d'essence", "d' essence"),
        ("fr", "j'ai", "j' ai"),
        ("it", "dell'acqua", "dell' acqua"),
        ("fr", "aujourd'hui", "aujourd'hui"),
        ("fr", "L'Oréal", "L'Oréal"),
        ("en", "d'essence", "d'essence"),
    ],
)
def test_little_words_are_cut_off_where_the_language_hangs_them_together(code: str, text: str, words: str) -> None:
    tokens = cut_elisions(tokenise(text), load(code), lexicon(code))
    assert " ".join(token.text for token in tokens) == words
    assert "".join(token.text for token in tokens) == text


def test_english_words_that_mean_something_else_are_left_out_of_all_lists() -> None:
    base = {"words": {"chatter": ["do", "hello"], "spent": ["do", "paid"]}}
    assert over(base, "xx", {"without": {"*": ["do"]}, "words": {"spent": ["gasto"]}}) == {
        "words": {"chatter": ["hello"], "spent": ["gasto", "paid"]}
    }
    assert "do" in lexicon("en").words["words.chatter"]
    assert "do" not in lexicon("pt").words["words.chatter"]


@pytest.mark.parametrize("without", [{"*": "do"}, {"words.nothing": ["do"]}])
def test_a_wrong_leaving_out_is_refused_by_key(without: dict[str, object]) -> None:
    with pytest.raises(LanguageError, match=next(iter(without)).replace("*", r"\*")):
        over({"words": {"chatter": ["do"]}}, "xx", {"without": without})


def test_a_family_stands_between_a_language_and_english() -> None:
    own, family = tables_of("es"), tables_of(tables_of("es")["extends"])
    assert "patterns" not in own.get("settlements", {})
    assert len(lexicon("es").patterns["settlements.patterns"]) > len(family["settlements"]["patterns"]) > 0


@pytest.mark.parametrize(
    ("code", "text", "debtor"),
    [("pt", "a Anna me deve 15", "Anna"), ("es", "la Anna me debe 15", "Anna"), ("it", "il Bob mi deve 15", "Bob")],
)
def test_the_article_of_a_name_says_nothing(read_json: ReadJson, code: str, text: str, debtor: str) -> None:
    assert read_json(text, language=code)["expenses"][0]["shares"] == {debtor: "15.00"}


@pytest.mark.parametrize(("code", "text"), [("es", "regalo de Anna 20"), ("fr", "cadeau d'Anna 20"), ("it", "regalo di Anna 20")])
def test_whose_a_thing_is_says_nothing_of_who_shares(read_json: ReadJson, code: str, text: str) -> None:
    answer = read_json(text, language=code)
    assert (answer["expenses"][0]["shares"], answer["needs_confirmation"]) == ({"Mia": "20.00"}, False)


def test_all_of_some_things_is_not_everyone(read_json: ReadJson) -> None:
    assert read_json("limpieza 40 todos los martes", language="es")["expenses"][0]["shares"] == {"Mia": "40.00"}
    assert len(read_json("limpieza 40 entre todos", language="es")["expenses"][0]["shares"]) == 4
