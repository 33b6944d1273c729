"""Keys: nothing is read without the right one, and hashes of different things differ."""

from __future__ import annotations

import pytest
from cryptography.exceptions import InvalidTag

from core.db.crypto import Keys

KEYS, OTHERS = Keys(bytes(range(32))), Keys(bytes(32))


def test_what_is_sealed_is_read_with_the_same_key_alone() -> None:
    mine, yours = KEYS.new_data_key(), KEYS.new_data_key()
    sealed = KEYS.encrypt(mine, b"+49 170 1234567")
    assert KEYS.decrypt(mine, sealed) == b"+49 170 1234567"
    for keys, key in ((KEYS, yours), (KEYS, None), (OTHERS, mine), (OTHERS, None)):
        with pytest.raises(InvalidTag):
            keys.decrypt(key, sealed)


def test_the_system_key_is_no_data_key() -> None:
    sealed = KEYS.encrypt(None, b"body")
    assert KEYS.decrypt(None, sealed) == b"body"
    with pytest.raises(InvalidTag):
        KEYS.decrypt(KEYS.new_data_key(), sealed)


def test_the_same_text_is_sealed_differently_each_time() -> None:
    key = KEYS.new_data_key()
    assert len({KEYS.encrypt(key, b"Anna") for _ in range(100)}) == 100


@pytest.mark.parametrize("place", [0, 11, 12, 20, -1])
def test_a_flipped_bit_is_noticed(place: int) -> None:
    sealed = bytearray(KEYS.encrypt(None, b"a longer text, to have room"))
    sealed[place] ^= 1
    with pytest.raises(InvalidTag):
        KEYS.decrypt(None, bytes(sealed))


def test_digests_differ_by_purpose_parts_and_master_key() -> None:
    digests = [
        KEYS.digest("address", "a", "bc"),
        KEYS.digest("address", "ab", "c"),
        KEYS.digest("address", "abc"),
        KEYS.digest("address", "abc", ""),
        KEYS.digest("addressa", "bc"),
        KEYS.digest("message", "a", "bc"),
        OTHERS.digest("address", "a", "bc"),
    ]
    assert len(set(digests)) == len(digests)
    assert {len(digest) for digest in digests} == {32}
    assert KEYS.digest("address", "a", "bc") == Keys(bytes(range(32))).digest("address", "a", "bc")


def test_what_a_platform_may_send_as_an_id_has_a_digest() -> None:
    assert KEYS.digest("message", "\ud800", "\x00") != KEYS.digest("message", "\ud801", "\x00")


@pytest.mark.parametrize("length", [0, 16, 31, 33])
def test_a_master_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keys(bytes(length))
