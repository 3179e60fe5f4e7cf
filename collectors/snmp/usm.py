"""The user-based security model's cryptography: keys, codes and cipher (RFC 3414, RFC 7860, RFC 3826). Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Literal

from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from collectors.snmp.target import V3User

#: RFC 3414, A.2: a password is repeated to this many octets before it is hashed.
PASSWORD_OCTETS = 1 << 20

AES_KEY_OCTETS = 16
SALT_OCTETS = 8


@dataclass(frozen=True, slots=True)
class AuthProtocol:
    """An HMAC: the hash, and to how many octets its code is cut."""

    hash: Literal["sha1", "sha256"]
    mac_octets: int


AUTH_PROTOCOLS: dict[str, AuthProtocol] = {
    "sha": AuthProtocol("sha1", 12),  # usmHMACSHAAuthProtocol
    "sha256": AuthProtocol("sha256", 24),  # usmHMAC192SHA256AuthProtocol
}


@dataclass(frozen=True, slots=True)
class Keys:
    """A user's keys localised to one engine, and what they are used with."""

    protocol: AuthProtocol
    auth: bytes = field(repr=False)
    priv: bytes = field(repr=False)

    def mac(self, message: bytes) -> bytes:
        """The code of a message whose own code is zeros."""
        return hmac.digest(self.auth, message, self.protocol.hash)[: self.protocol.mac_octets]

    def encrypt(self, plain: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """AES-128 in CFB mode under the engine's boots and time, and a salt never used before."""
        encryptor = self._cipher(boots, time, salt).encryptor()
        return encryptor.update(plain) + encryptor.finalize()

    def decrypt(self, secret: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """What ``encrypt`` was given; with wrong keys, noise."""
        decryptor = self._cipher(boots, time, salt).decryptor()
        return decryptor.update(secret) + decryptor.finalize()

    def _cipher(self, boots: int, time: int, salt: bytes) -> Cipher[CFB]:
        return Cipher(AES(self.priv), CFB(boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt))


class KeyChain:
    """Makes keys; a password's megabyte is hashed once, and no salt is given out twice."""

    def __init__(self, first_salt: int) -> None:
        self._masters: dict[V3User, tuple[bytes, bytes]] = {}
        self._salt = first_salt

    def localise(self, user: V3User, engine_id: bytes) -> Keys:
        """``user``'s keys for one engine (RFC 3414, section 2.6)."""
        protocol = AUTH_PROTOCOLS[user.auth_protocol]
        if user not in self._masters:
            self._masters[user] = (
                master_key(user.auth.reveal().encode(), protocol),
                master_key(user.priv.reveal().encode(), protocol),
            )
        auth, priv = (hashlib.new(protocol.hash, key + engine_id + key).digest() for key in self._masters[user])
        return Keys(protocol, auth, priv[:AES_KEY_OCTETS])

    def salt(self) -> bytes:
        """The next of 2**64 salts (RFC 3826, section 3.1.2.1)."""
        self._salt = (self._salt + 1) % 2**64
        return self._salt.to_bytes(SALT_OCTETS, "big")


def master_key(password: bytes, protocol: AuthProtocol) -> bytes:
    """The key of a password before it is localised; ``password`` is not empty."""
    return hashlib.new(protocol.hash, (password * (PASSWORD_OCTETS // len(password) + 1))[:PASSWORD_OCTETS]).digest()
