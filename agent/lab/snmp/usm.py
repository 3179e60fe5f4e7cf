"""Keys, authentication and privacy of SNMPv3 (RFC 3414, 3826, 7860)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

#: IOS word for the algorithm -> (hash, octets of the MAC).
AUTHENTICATION = {
    "md5": ("md5", 12),
    "sha": ("sha1", 12),
    "sha-2 224": ("sha224", 16),
    "sha-2 256": ("sha256", 24),
    "sha-2 384": ("sha384", 32),
    "sha-2 512": ("sha512", 48),
}
#: IOS word for the cipher -> octets of its key; -blumenthal is no router's way of making a key longer, but net-snmp's.
PRIVACY = {"aes 128": 16, "aes 192": 24, "aes 256": 32, "aes 192-blumenthal": 24, "aes 256-blumenthal": 32}
_STRETCHED = 1_048_576


@dataclass(frozen=True, slots=True)
class Keys:
    """A user's keys, localised to one engine; ``private`` is empty for a user without privacy."""

    algorithm: str
    authentic: bytes = field(repr=False)
    private: bytes = field(repr=False)

    @property
    def mac_size(self) -> int:
        """Octets of a MAC."""
        return AUTHENTICATION[self.algorithm][1]

    def mac(self, message: bytes) -> bytes:
        """The MAC of a message whose MAC field is zero."""
        name, size = AUTHENTICATION[self.algorithm]
        return hmac.new(self.authentic, message, name).digest()[:size]

    def _cipher(self, boots: int, time: int, salt: bytes) -> Cipher[CFB]:
        vector = boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt
        return Cipher(algorithms.AES(self.private), CFB(vector))

    def encrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """AES-128-CFB with the message's salt."""
        work = self._cipher(boots, time, salt).encryptor()
        return work.update(data) + work.finalize()

    def decrypt(self, data: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """The opposite."""
        work = self._cipher(boots, time, salt).decryptor()
        return work.update(data) + work.finalize()


@lru_cache(maxsize=1024)
def _stretched(algorithm: str, octets: bytes) -> bytes:
    """A password stretched to a megabyte and hashed (RFC 3414, A.2)."""
    whole = octets * (_STRETCHED // len(octets) + 1)
    return hashlib.new(AUTHENTICATION[algorithm][0], whole[:_STRETCHED]).digest()


def _localised(algorithm: str, master: bytes, engine_id: bytes) -> bytes:
    return hashlib.new(AUTHENTICATION[algorithm][0], master + engine_id + master).digest()


@lru_cache(maxsize=4096)
def localised(algorithm: str, secret: str, engine_id: bytes) -> bytes:
    """The key that ``secret`` gives on one engine; ``algorithm`` in IOS words."""
    return _localised(algorithm, _stretched(algorithm, secret.encode()), engine_id)


@lru_cache(maxsize=4096)
def private_key(algorithm: str, cipher: str, secret: str, engine_id: bytes) -> bytes:
    """The key of a cipher, in IOS words; a hash that is too short is taken for a password again [Reeder's draft]."""
    key, size = localised(algorithm, secret, engine_id), PRIVACY[cipher]
    while len(key) < size:
        if cipher.endswith("-blumenthal"):
            key += hashlib.new(AUTHENTICATION[algorithm][0], key).digest()
        else:
            key += _localised(algorithm, _stretched(algorithm, key), engine_id)
    return key[:size]


def word(protocol: str) -> str:
    """The IOS word for what the inventory calls sha256 or aes128."""
    name, size = protocol[:3], protocol[3:]
    return {"sha": "sha-2 ", "aes": "aes "}.get(name, name) + size if size else name
