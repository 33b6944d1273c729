"""The BlobStore in a bucket: the signature as Amazon publishes it, and the wire of a small store that speaks S3."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from core.errors import ServiceUnavailable
from integrations.storage import s3
from integrations.storage.s3 import Bucket, S3Blobs, signed
from tests.support.fake_s3 import SECRET, Store, s3_store

NOW = datetime(2013, 5, 24, tzinfo=UTC)


def test_the_signature_is_the_published_one() -> None:
    """Source: "Signature Calculations for the Authorization Header", Amazon S3 API Reference, example GET Object."""
    bucket = Bucket("https://examplebucket.s3.amazonaws.com", "", "", "us-east-1", "AKIAIOSFODNN7EXAMPLE", SECRET)
    headers = signed(bucket, "GET", "/test.txt", b"", now=NOW, more={"range": "bytes=0-9"})
    assert headers["authorization"].endswith("Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(s3, "WAITS_SECONDS", (0.01, 0.01))
    with s3_store() as made:
        yield made


def blobs(store: Store, **fields: str) -> S3Blobs:
    values = {name: getattr(store.bucket, name) for name in Bucket.__slots__} | fields
    return S3Blobs(Bucket(**values), clock=lambda: datetime.now(UTC))


async def test_what_was_put_is_got_until_it_is_deleted(store: Store) -> None:
    kept = blobs(store)
    await kept.put("receipts/one-0", b"\x00sealed")
    assert store.kept == {"/photos/tuppence/receipts/one-0": b"\x00sealed"}
    assert await kept.get("receipts/one-0") == b"\x00sealed"
    for _ in range(2):
        await kept.delete("receipts/one-0")
    with pytest.raises(KeyError):
        await kept.get("receipts/one-0")
    await kept.close()


async def test_a_busy_store_is_asked_again_and_not_for_ever(store: Store) -> None:
    kept = blobs(store)
    store.busy = 2
    await kept.put("a", b"x")
    store.busy = 3
    with pytest.raises(ServiceUnavailable):
        await kept.get("a")
    await kept.close()


async def test_a_wrong_key_of_ours_or_of_the_account_is_an_error(store: Store) -> None:
    stranger = blobs(store, secret_key="another")
    with pytest.raises(ServiceUnavailable) as refused:
        await stranger.put("a", b"x")
    assert not refused.value.retryable
    for key in ("../a", "", "a//b", "a?x=1"):
        with pytest.raises(ValueError):
            await stranger.get(key)
    await stranger.close()
