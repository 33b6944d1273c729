"""Whatever is written is read again as it was, and no code with a wrong character passes for another."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.payments import emv, paynow, pix, promptpay, vietqr
from core.domain.payments.lettering import clean, latin, plain, shortened
from core.domain.payments.methods import method_of, uri_of
from core.errors import DomainError
from tests.support.payments import READERS, any_offer, tried, values

COUNT = 300


@pytest.mark.parametrize("rail", sorted(READERS))
@settings(max_examples=COUNT, deadline=None)
@given(st.randoms(use_true_random=False))
def test_what_is_written_is_read(rail, chance):
    module = READERS[rail]
    value = values(rail, chance)
    assert module.read(module.write(value)) == value


@settings(max_examples=COUNT, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from([pix, promptpay, paynow, vietqr]))
def test_one_wrong_character_is_found(chance, rail):
    name = next(each for each, module in READERS.items() if module is rail)
    code = rail.write(values(name, chance))
    place = chance.randrange(len(code))
    wrong = chance.choice([chr(each) for each in range(0x20, 0x7F) if chr(each) != code[place]])
    with pytest.raises(DomainError, match="not_a_payment_code"):
        emv.opened(code[:place] + wrong + code[place + 1 :])


@settings(max_examples=COUNT, deadline=None)
@given(st.randoms(use_true_random=False), st.sampled_from(sorted(READERS)))
def test_a_mangled_code_is_refused_or_another_sound_one(chance, name):
    module = READERS[name]
    code = module.write(values(name, chance))
    cut = sorted(chance.randrange(len(code)) for _ in range(2))
    mangled = code[: cut[0]] + chance.choice(["", "0", "\n", "%", "é", ";"]) + code[cut[1] :]
    found = tried(lambda: module.read(mangled))
    assert found == "not_a_payment_code" or found.amount is None or found.amount.minor >= 0


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_at_all_is_no_code(text):
    for module in READERS.values():
        with pytest.raises(DomainError, match="not_a_payment_code"):
            module.read(text)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["", "payto://", "payto://iban/", "payto://[", "payto://void/a/b?receiver-name="]), st.text(max_size=60))
def test_any_uri_is_a_method_or_refused(head, text):
    found = tried(lambda: method_of(head + text))
    assert found in ("not_a_payment_code", "account_wrong", "holder_missing") or method_of(uri_of(found)) == found


@settings(max_examples=500, deadline=None)
@given(st.randoms(use_true_random=False))
def test_whatever_a_holder_is_called_the_amount_is_the_one_asked_for(chance):
    asked = any_offer(chance)
    assert READERS[asked.made.rail.value].read(asked.made.code).amount == asked.amount


@given(st.text(max_size=120), st.integers(1, 40))
def test_text_made_to_fit_fits(text, most):
    assert len(shortened(clean(text), most)) <= most
    assert len(shortened(clean(text), 40, most_bytes=most).encode()) <= most
    assert re.fullmatch(r"[ -~]*", plain(text))
    assert all(each <= "\xff" for each in latin(text))


def test_letters_are_made_plain_and_cut_at_words():
    assert plain("Łukasz Żółć") == "Lukasz Zolc"
    assert plain("Jürgen Groß–Meyer") == "Jurgen Gross-Meyer"
    assert plain("Юлия Щукина, Αθήνα") == "Iuliia Shchukina, Athina"
    assert plain("山田") == ""
    assert latin("Łukasz Żółć aus Zürich") == "Lukasz Zólc aus Zürich"
    assert shortened("Maria da Conceição Oliveira", 25) == "Maria da Conceição"
    assert shortened("Wolfeschlegelsteinhausenbergerdorff", 10) == "Wolfeschle"
    assert clean("a\u202eb\n c\x00") == "ab c"
