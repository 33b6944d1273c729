"""Files of messages: only from Twilio's own hosts, never with our credentials elsewhere, patient, bounded, and what they say they are."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from core.domain.messages import Attachment
from core.errors import DomainError, ServiceUnavailable
from integrations.channels.twilio import media
from integrations.channels.twilio.client import TwilioClient
from integrations.channels.twilio.media import TwilioMedia, is_storage, real_type
from tests.support.fake_twilio import FakeTwilio, serving, sid, twilio

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 100


@pytest.fixture
async def stage() -> AsyncIterator[tuple[FakeTwilio, TwilioMedia, Attachment]]:
    async with twilio() as fake:
        client = TwilioClient(account_sid=fake.account_sid, auth_token=fake.auth_token, base=fake.base_url)
        name = sid("ME")
        fake.media[name] = ("image/png", PNG)
        url = f"{fake.base_url}/2010-04-01/Accounts/{fake.account_sid}/Messages/{sid('MM')}/Media/{name}"
        yield fake, TwilioMedia(client, waits_seconds=(0.01, 0.01, 0.01)), Attachment(url, "image/png")
        await client.close()


async def test_a_file_is_fetched_and_deleted(stage) -> None:
    fake, fetcher, attachment = stage
    fake.media_not_yet = 2
    assert await fetcher.fetch(attachment) == PNG
    await fetcher.forget(attachment)
    await fetcher.forget(attachment)
    assert fake.media == {}
    with pytest.raises(ServiceUnavailable):
        await fetcher.fetch(attachment)


async def test_a_file_of_another_kind_is_refused(stage) -> None:
    fake, fetcher, attachment = stage
    name = attachment.handle.rsplit("/", 1)[-1]
    for data in (b"<svg onload=alert(1)>", b"MZ" * 50, b"", b"<!doctype html>"):
        fake.media[name] = ("image/png", data)
        with pytest.raises(DomainError, match="type"):
            await fetcher.fetch(attachment)


async def test_a_file_that_is_too_large_is_refused(stage, monkeypatch: pytest.MonkeyPatch) -> None:
    _, fetcher, attachment = stage
    monkeypatch.setattr(media, "LIMIT_BYTES", 50)
    with pytest.raises(DomainError, match="size"):
        await fetcher.fetch(attachment)


FOREIGN = [
    "http://169.254.169.254/latest/meta-data",
    "https://evil.example/2010-04-01/Accounts/x",
    "https://api.twilio.com.evil.example/x",
    "https://twiliocdn.com.evil.example/x",
    "https://eviltwiliocdn.com/x",
    "https://api.twilio.com@evil.example/x",
    "https://media.twiliocdn.com@evil.example/x",
    "https://media.twiliocdn.com:8080/x",
    "http://media.twiliocdn.com/x",
    "https://s3-external-1.amazonaws.com/other.bucket/x",
    "file:///etc/passwd",
    "https://[::ffff:127.0.0.1]/x",
    "https://2130706433/x",
    "https://evil.example\\.twiliocdn.com/x",
    "https://media.twiliocdn.com:x/",
    "",
]


@pytest.mark.parametrize("url", FOREIGN)
async def test_nothing_is_asked_of_foreign_hosts(stage, url: str) -> None:
    fake, fetcher, _ = stage
    with pytest.raises(DomainError, match="host"):
        await fetcher.fetch(Attachment(url, "image/png"))
    await fetcher.forget(Attachment(url, "image/png"))
    assert not is_storage(url)
    assert fake.requests == []


@pytest.mark.parametrize("url", FOREIGN[:8])
async def test_a_redirect_elsewhere_is_not_followed(stage, url: str) -> None:
    fake, fetcher, attachment = stage
    fake.redirect_media_to = url
    with pytest.raises(DomainError, match="host"):
        await fetcher.fetch(attachment)


async def test_a_redirect_to_a_local_sink_reaches_nobody(stage) -> None:
    fake, fetcher, attachment = stage
    sink = FakeTwilio()
    async with serving(sink.app()) as address:
        fake.redirect_media_to = f"{address}/2010-04-01/Accounts/{sink.account_sid}/Messages.json"
        with pytest.raises(DomainError, match="host"):
            await fetcher.fetch(attachment)
    assert sink.requests == []


async def test_our_credentials_stay_with_the_api() -> None:
    seen: list[tuple[str, bool]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append((request.url.host, "authorization" in request.headers))
        if request.url.host == "api.twilio.com":
            return httpx.Response(307, headers={"Location": "https://mms.twiliocdn.com/file?sig=1"})
        return httpx.Response(200, content=PNG)

    client = TwilioClient(account_sid="AC1", auth_token="t", base="https://api.twilio.com")
    client.http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    url = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1"
    assert await TwilioMedia(client).fetch(Attachment(url, "image/png")) == PNG
    assert seen == [("api.twilio.com", True), ("mms.twiliocdn.com", False)]


async def test_redirects_end() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": str(request.url)})

    client = TwilioClient(account_sid="AC1", auth_token="t", base="https://api.twilio.com")
    client.http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    with pytest.raises(DomainError, match="redirects"):
        await TwilioMedia(client).fetch(Attachment("https://api.twilio.com/2010-04-01/Accounts/AC1/x", "image/png"))


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (PNG, "image/png"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (b"%PDF-1.7", "application/pdf"),
        (b"PK", None),
    ],
)
def test_the_real_type(data: bytes, kind: str | None) -> None:
    assert real_type(data) == kind
