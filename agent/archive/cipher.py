"""Encryption of archived configurations: AES-256-GCM under keys derived from one master key.

The master key (32 random bytes, base64) is named by ``store.master_key`` and lives outside ``var/``. Three values are
derived from it by HKDF-SHA256: the cipher key, the digest key and a key id that says under which key something was
written. The digest of a configuration is an HMAC under the digest key and not a plain hash: whoever reads the database
cannot test a guessed pre-shared key against it. Router and digest are authenticated with the text, so that no stored
configuration can be passed off as another router's or another version's.
"""

from __future__ import annotations

import binascii
import hashlib
import hmac
import secrets as randomness
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from agent.errors import ArchiveDamaged, ConfigurationProblem
from inventory import Secret

_KEY_BYTES = 32
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Sealed:
    """An encrypted configuration as it is stored: the key it was written under, nonce, ciphertext with its tag."""

    key_id: str
    nonce: bytes
    ciphertext: bytes


def new_master_key(randomness_of: Callable[[int], bytes] = randomness.token_bytes) -> str:
    """A new master key, for what ``store.master_key`` names to hold; losing it loses the archive."""
    return urlsafe_b64encode(randomness_of(_KEY_BYTES)).decode()


class Cipher:
    """Seals, opens and digests configurations; ConfigurationProblem if the master key is not one."""

    def __init__(self, master_key: Secret, randomness_of: Callable[[int], bytes] = randomness.token_bytes) -> None:
        master = _decoded(master_key)
        self._random = randomness_of
        self._cipher = AESGCM(_derived(master, b"spokesman archive cipher"))
        self._digest_key = _derived(master, b"spokesman archive digest")
        self.key_id = _derived(master, b"spokesman archive key id").hex()[:12]

    def digest(self, router: str, text: str) -> str:
        """64 hexadecimal digits that stand for ``text`` of ``router``; equal for equal texts under one master key."""
        return hmac.new(self._digest_key, f"{router}\0{text}".encode(), hashlib.sha256).hexdigest()

    def fingerprint(self, value: str) -> str:
        """Six hexadecimal digits that show whether a hidden value changed, without helping to guess it."""
        return hmac.new(self._digest_key, f"value\0{value}".encode(), hashlib.sha256).hexdigest()[:6]

    def seal(self, router: str, digest: str, text: str) -> Sealed:
        """``text`` encrypted under a fresh nonce."""
        nonce = self._random(_NONCE_BYTES)
        return Sealed(self.key_id, nonce, self._cipher.encrypt(nonce, text.encode(), self._bound(router, digest)))

    def open(self, router: str, digest: str, sealed: Sealed) -> str:
        """The text again; ArchiveDamaged after any change to what is stored, ConfigurationProblem under another key."""
        if sealed.key_id != self.key_id:
            raise ConfigurationProblem(
                f"the configuration was archived under the master key {sealed.key_id}, the one in use is {self.key_id}",
                where=router,
                remedy="let store.master_key in spokesman.toml name the former key",
            )
        try:
            return self._cipher.decrypt(sealed.nonce, sealed.ciphertext, self._bound(router, digest)).decode()
        except (InvalidTag, ValueError):
            raise ArchiveDamaged(
                f"the archived configuration {digest[:12]} is not what was stored",
                where=router,
                remedy="restore the database from its own backup; do not restore this version to a router",
            ) from None

    def _bound(self, router: str, digest: str) -> bytes:
        return f"{self.key_id}\0{router}\0{digest}".encode()


def _decoded(master_key: Secret) -> bytes:
    try:
        key = urlsafe_b64decode(master_key.reveal().strip().encode())
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise ConfigurationProblem(
            "the archive's master key is not 32 bytes in base64",
            where="spokesman.toml: store.master_key",
            remedy="let it name a key that `spokesman init` made, and keep a copy of it elsewhere",
        )
    return key


def _derived(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=purpose).derive(master)
