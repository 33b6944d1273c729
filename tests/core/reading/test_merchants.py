"""The tables of merchants: whole, without contradictions, and wrong files are said with their key."""

from __future__ import annotations

import pytest

from core.domain.categories import CATEGORIES
from core.reading.language import LanguageError
from core.reading.merchants import Trust, brand_at, category_of_code, checked, checked_codes, in_name
from core.reading.text import folded_words


@pytest.mark.parametrize("written", ["McDonald's", "MCDONALDS", "7-ELEVEN", "7 Eleven", "booking.com", "BOOKING COM", "Marks and Spencer food"])
def test_a_brand_is_known_however_it_is_written(written: str) -> None:
    words = folded_words(written)
    found = brand_at(words, 0)
    assert found is not None and found[1] == len(words)


OWN = (
    *("kroger", "loblaws", "greggs", "supermac's", "coles", "99 speedmart", "ntuc fairprice", "swiggy", "rewe", "billa", "migros", "monoprix"),
    *("mercadona", "esselunga", "pingo doce", "pão de açúcar", "soriana", "la anónima", "albert heijn", "biedronka", "пятёрочка", "yemeksepeti"),
    *("pick n pay", "naivas", "chicken republic"),
)


@pytest.mark.parametrize("brand", OWN)
def test_every_country_has_its_own(brand: str) -> None:
    found = brand_at(folded_words(brand), 0)
    assert found is not None and found[0].category in ("food", "groceries")


def test_longest_wins_and_signs_count_in_names_alone() -> None:
    assert [brand_at(("amazon", *more), 0)[0].category for more in ((), ("prime",), ("fresh",))] == ["shopping", "subscriptions", "groceries"]  # type: ignore[index]
    assert brand_at(("trattoria", "sole"), 0) is None
    assert in_name(("la", "trattoria"), 1)[0].trust is Trust.SIGNS  # type: ignore[index]
    assert in_name(("agent", "orange"), 1) is None


@pytest.mark.parametrize(("code", "category"), [("5411", "groceries"), ("5812", "food"), ("3058", "travel"), ("4900", "utilities"), ("6011", None)])
def test_codes(code: str, category: str | None) -> None:
    assert category_of_code(code) == category


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[foood]\nsure = ["x"]', "foood"),
        ('[food]\nfirm = ["x"]', r"food\.firm"),
        ('[food]\nsure = [" "]', r"food\.sure"),
        ("[food", "merchants/"),
    ],
)
def test_a_wrong_file_of_brands_is_said_with_its_key(text: str, says: str) -> None:
    with pytest.raises(LanguageError, match=says):
        list(checked("x.toml", text))


@pytest.mark.parametrize("ranges", ['food = ["58"]', 'food = ["5812-5811"]', 'foood = ["5812"]', 'food = ["5812"]\ngroceries = ["5812"]'])
def test_wrong_codes_are_said(ranges: str) -> None:
    with pytest.raises(LanguageError, match=r"codes\."):
        checked_codes("codes.toml", f"[codes]\n{ranges}")
    assert set(CATEGORIES) >= set(checked_codes("codes.toml", '[codes]\nfood = ["5812"]').values())
