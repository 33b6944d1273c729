"""Keys: keyed hashes to look things up by, and AES-256-GCM envelopes, all derived from one master key."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
CACHED_KEYS = 20_000


class Keys:
    """Purpose keys by HKDF (RFC 5869) from a 32-byte master key. A data key is stored wrapped: dropping the row shreds what it sealed."""

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"the master key has {KEY_BYTES} bytes")
        self._digest_key = _derive(master, b"digest")
        self._wrapping = AESGCM(_derive(master, b"wrap"))
        self._system = AESGCM(_derive(master, b"system"))
        self._unwrap = lru_cache(maxsize=CACHED_KEYS)(self._unwrapped)

    def digest(self, purpose: str, *parts: str) -> bytes:
        """HMAC-SHA256 over the purpose and the parts, joined so that no two lists of parts look alike. 32 bytes."""
        mac = hmac.new(self._digest_key, digestmod=hashlib.sha256)
        for part in (purpose, *parts):
            data = part.encode("utf-8", "surrogatepass")
            mac.update(len(data).to_bytes(8, "big") + data)
        return mac.digest()

    def new_data_key(self) -> bytes:
        """A fresh data key, wrapped for storage."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._wrapping.encrypt(nonce, secrets.token_bytes(KEY_BYTES), b"data key")

    def encrypt(self, data_key: bytes | None, plain: bytes) -> bytes:
        """Nonce and sealed bytes, under a wrapped data key or (None) the system's own key."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher(data_key).encrypt(nonce, plain, None)

    def decrypt(self, data_key: bytes | None, sealed: bytes) -> bytes:
        """The reverse. Raises cryptography's InvalidTag where key or bytes are wrong."""
        return self._cipher(data_key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)

    def _cipher(self, data_key: bytes | None) -> AESGCM:
        return self._system if data_key is None else self._unwrap(data_key)

    def _unwrapped(self, data_key: bytes) -> AESGCM:
        return AESGCM(self._wrapping.decrypt(data_key[:NONCE_BYTES], data_key[NONCE_BYTES:], b"data key"))


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=b"tuppence " + purpose).derive(master)
