"""Which requests are Twilio's: vectors by its own library, and all the ways in which a proxy or a forger changes one."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator

from integrations.channels.twilio.signature import FORM, JSON, Forged, Posted, Verifier
from tests.support.fake_twilio import FakeTwilio, Form

TOKEN = "0123456789abcdef0123456789abcdef"
URL = "https://tuppence.example"
PATH = "/webhooks/twilio/sms"
PAIRS = FakeTwilio(auth_token=TOKEN).form("+15551230001", "paid 45 for dinner")


def posted(pairs=PAIRS, *, url: str = URL, path: str = PATH, query: str = "", token: str = TOKEN, body: bytes | None = None) -> Posted:
    """A request as Twilio signs and sends it; `url` is the address that it signed."""
    signature = RequestValidator(token).compute_signature(f"{url}{path}{'?' + query if query else ''}", Form(pairs))
    return Posted(path, query, FORM, urlencode(pairs).encode() if body is None else body, (signature,))


def is_taken(request: Posted, *, verifier: Verifier | None = None) -> bool:
    try:
        (verifier or Verifier(auth_token=TOKEN, public_url=URL)).verified(request)
    except Forged:
        return False
    return True


REPEATED = [*PAIRS, ("Body", "again")]
BLANK = [*PAIRS, ("FromCity", "")]
ODD = [*PAIRS, ("Name", "é ü 你好 & = + % 👋")]
MATRIX: dict[str, tuple[Posted, bool]] = {
    "as sent": (posted(), True),
    "a field repeats": (posted(REPEATED), True),
    "a blank field": (posted(BLANK), True),
    "every kind of character": (posted(ODD), True),
    "a query": (posted(query="letter=1&x=%20"), True),
    "the port said": (posted(url=URL + ":443"), True),
    "charset said": (replace(posted(), content_type=f"{FORM}; charset=UTF-8"), True),
    "http for https": (posted(url=URL.replace("https", "http")), False),
    "another port": (posted(url=URL + ":8443"), False),
    "another host": (posted(url="https://evil.example"), False),
    "a trailing slash signed": (posted(path=PATH + "/", query=""), True),
    "a trailing slash added": (replace(posted(), path=PATH + "/"), False),
    "another path": (replace(posted(), path="/webhooks/twilio/status"), False),
    "a query added": (replace(posted(), query="x=1"), False),
    "a query taken away": (replace(posted(query="x=1"), query=""), False),
    "another token": (posted(token="f" * 32), False),
    "no signature": (replace(posted(), signatures=()), False),
    "an empty signature": (replace(posted(), signatures=("",)), False),
    "two signatures": (replace(posted(), signatures=posted().signatures * 2), False),
    "a signature of other letters": (replace(posted(), signatures=("é" * 28,)), False),
    "a field added": (replace(posted(), body=urlencode([*PAIRS, ("X", "1")]).encode()), False),
    "a field taken away": (replace(posted(), body=urlencode(PAIRS[:-1]).encode()), False),
    "a repeated field taken away": (replace(posted(REPEATED), body=urlencode(PAIRS).encode()), False),
    "a blank field taken away": (posted(BLANK, body=urlencode(PAIRS).encode()), False),
    "another text": (replace(posted(), body=urlencode(PAIRS).replace("45", "46").encode()), False),
    "no form": (replace(posted(), content_type="text/plain"), False),
    "no type": (replace(posted(), content_type=""), False),
    "not ASCII": (replace(posted(), body=b"\xff\xfe"), False),
    "not UTF-8": (replace(posted(), body=b"Body=%ff"), False),
    "too many fields": (replace(posted(), body=b"&".join(b"a%d=1" % n for n in range(500))), False),
    "JSON that is not hashed": (replace(posted(), content_type=JSON, body=b"{}"), False),
    "an algorithm nobody knows": (replace(posted(), settings="key=k,algorithm=HMAC_MD5"), False),
}


@pytest.mark.parametrize("name", MATRIX)
def test_the_proxy_matrix(name: str) -> None:
    request, expected = MATRIX[name]
    assert is_taken(request) is expected


def test_json_is_signed_by_its_hash() -> None:
    body = '{"MessageSid": "SM1", "Body": "é"}'
    query = f"bodySHA256={hashlib.sha256(body.encode()).hexdigest()}"
    signature = RequestValidator(TOKEN).compute_signature(f"{URL}{PATH}?{query}", {})
    request = Posted(PATH, query, JSON, body.encode(), (signature,))
    assert Verifier(auth_token=TOKEN, public_url=URL).verified(request).get("Body") == "é"
    assert not is_taken(replace(request, body=body.replace("é", "e").encode()))
    assert not is_taken(replace(request, body=b"[" * 100_000))


def test_an_algorithm_that_twilio_names_is_followed() -> None:
    signature = RequestValidator(TOKEN).compute_signature(f"{URL}{PATH}", Form(PAIRS), "HMAC_SHA256")
    assert is_taken(replace(posted(), signatures=(signature,), settings="key=k,algorithm=HMAC_SHA256"))
    assert not is_taken(replace(posted(), signatures=(signature,)))


@pytest.mark.parametrize(("token", "url"), [("", URL), (TOKEN, None), ("", None)])
def test_without_a_token_or_an_address_nothing_is_twilios(token: str, url: str | None) -> None:
    assert not is_taken(posted(token=token or TOKEN), verifier=Verifier(auth_token=token, public_url=url))


def changes(random_: random.Random) -> Callable[[Posted], Posted]:
    """One change to a signed request, as a forger would try it."""
    place = random_.random()
    return random_.choice(
        [
            lambda p: replace(p, body=_flipped(p.body, place)),
            lambda p: replace(p, signatures=(_flipped(p.signatures[0].encode(), place).decode("latin-1"),)),
            lambda p: replace(p, signatures=(p.signatures[0].lower(),)),
            lambda p: replace(p, signatures=(p.signatures[0] + "=",)),
            lambda p: replace(p, signatures=random_.choice([(), ("",), p.signatures * 2])),
            lambda p: replace(p, body=p.body + b"&" + random_.choice([b"Body=x", b"a=", b"MessageSid=SM1", b"%00=1"])),
            lambda p: replace(p, body=p.body[: int(len(p.body) * place)]),
            lambda p: replace(p, query=random_.choice(["a", "bodySHA256=00", "x=1", "?"])),
            lambda p: replace(p, path=random_.choice([PATH + "/", PATH.upper(), "/" + PATH, PATH + "%20"])),
            lambda p: replace(p, content_type=random_.choice([JSON, "", "multipart/form-data", "text/xml"])),
        ]
    )


def _flipped(data: bytes, place: float) -> bytes:
    at = int(len(data) * place)
    return data[:at] + bytes([data[at] ^ 0x01]) + data[at + 1 :]


def means_the_same(one: Posted, other: Posted) -> bool:
    """A change that changes nothing: "%2B" for "%2b", a blank field without its sign."""
    verifier = Verifier(auth_token=TOKEN, public_url=URL)
    return is_taken(other) and [*verifier.verified(one)] == [*verifier.verified(other)]


def test_changed_requests_are_refused() -> None:
    random_ = random.Random(20250314)
    taken = [changed for _ in range(1500) if is_taken(changed := changes(random_)(posted()))]
    assert [changed for changed in taken if not means_the_same(posted(), changed)] == []
    assert len(taken) < 15
