"""The short form of the QR campaign, and proof that it finds what it is there to find."""

from __future__ import annotations

import io

from PIL import Image

from integrations.documents.qr import picture
from tests.campaigns import qr
from tests.support.payments import READERS


def test_codes_survive_a_chat() -> None:
    shown = qr.campaign(count=60, seed=5)
    assert [each for each in shown if not each.right] == []
    assert len(shown) == 60
    assert {each.rail for each in shown} == set(READERS)


def test_a_code_of_something_else_and_one_that_cannot_be_read_are_found() -> None:
    other = qr.campaign(count=2, seed=5, draw=lambda text, **_: picture(text + "1"))
    blank = qr.campaign(count=2, seed=5, draw=lambda _text, **_: qr_of_nothing())
    assert [each.right for each in other] == [False, False] and all(each.read for each in other)
    assert [each.read for each in blank] == [None, None]
    assert qr.report(other) == qr.report(blank) == 1


def qr_of_nothing() -> bytes:
    """A picture without any black."""
    data = io.BytesIO()
    Image.new("L", (600, 600), 255).save(data, "PNG")
    return data.getvalue()
