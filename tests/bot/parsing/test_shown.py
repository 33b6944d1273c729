"""What Tuppence shows it also reads: the same amount in every currency, language and script of digits."""

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.conversation.intents import ParseContext
from bot.conversation.parsing import recognise
from bot.conversation.replies.formats import Voice
from core.domain.currencies import DECIMALS
from core.domain.money import Money
from core.reading.language import available

ZEROS = "0٠۰०০੦૦୦௦౦೦൦๐໐༠၀០０"
MONEY = st.builds(Money, st.integers(min_value=1, max_value=10**11), st.sampled_from(sorted(DECIMALS)))


@pytest.mark.parametrize("language", available())
@settings(max_examples=60, deadline=None)
@given(money=MONEY, zero=st.sampled_from(ZEROS), full=st.booleans())
def test_a_shown_amount_is_read_as_itself(language: str, money: Money, zero: str, full: bool) -> None:
    shown = Voice(language).amount(money, full=full)
    written = shown.translate({ord(str(digit)): chr(ord(zero) + digit) for digit in range(10)})
    context = ParseContext(now=datetime(2025, 3, 14, 12), speaker="Mia", language=language, currency=money.currency)
    (read,) = recognise(written, context).amounts
    assert (read.value, read.currency or money.currency) == (money.decimal, money.currency), written
