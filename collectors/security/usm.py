"""The user-based security model's keys and codes (RFC 3414, RFC 7860). Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

from collectors.security.credentials import V3User
from collectors.security.primitives import digest
from collectors.security.privacy import PRIV_PROTOCOLS, PrivProtocol

#: RFC 3414, A.2: a password is repeated to this many octets before it is hashed.
PASSWORD_OCTETS = 1 << 20

SALT_OCTETS = 8


@dataclass(frozen=True, slots=True)
class AuthProtocol:
    """An HMAC: the hash, and to how many octets its code is cut."""

    hash: Literal["sha1", "sha224", "sha256", "sha384", "sha512", "md5"]
    mac_octets: int


AUTH_PROTOCOLS: dict[str, AuthProtocol] = {
    "sha": AuthProtocol("sha1", 12),  # usmHMACSHAAuthProtocol
    "sha224": AuthProtocol("sha224", 16),  # usmHMAC128SHA224AuthProtocol
    "sha256": AuthProtocol("sha256", 24),  # usmHMAC192SHA256AuthProtocol
    "sha384": AuthProtocol("sha384", 32),  # usmHMAC256SHA384AuthProtocol
    "sha512": AuthProtocol("sha512", 48),  # usmHMAC384SHA512AuthProtocol
    "md5": AuthProtocol("md5", 12),  # usmHMACMD5AuthProtocol
}


class Keys:
    """A user's keys localised to one engine, and what they are used with; nothing shows them."""

    __slots__ = ("auth", "mac_octets", "priv", "privacy", "protocol")

    def __init__(
        self, protocol: AuthProtocol, auth: bytes, priv: bytes, privacy: PrivProtocol = PRIV_PROTOCOLS["aes"]
    ) -> None:
        self.protocol = protocol
        self.auth = auth
        self.priv = priv
        self.privacy = privacy
        self.mac_octets = protocol.mac_octets

    def mac(self, message: bytes) -> bytes:
        """The code of a message whose own code is zeros."""
        return digest(self.auth, message, self.protocol.hash)[: self.mac_octets]

    def encrypt(self, plain: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """What only these keys decrypt, under the engine's boots and time and a salt never used before."""
        return self.privacy.encrypt(self.priv, plain, boots, time, salt)

    def decrypt(self, secret: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """What ``encrypt`` was given; with wrong keys, noise."""
        return self.privacy.decrypt(self.priv, secret, boots, time, salt)


class KeyChain:
    """Makes keys; a password's megabyte is hashed once, and no salt is given out twice."""

    def __init__(self, first_salt: int) -> None:
        self._masters: dict[V3User, tuple[bytes, bytes]] = {}
        self._salt = first_salt

    def localise(self, user: V3User, engine_id: bytes) -> Keys:
        """``user``'s keys for one engine (RFC 3414, section 2.6)."""
        protocol, privacy = AUTH_PROTOCOLS[user.auth_protocol], PRIV_PROTOCOLS[user.priv_protocol]
        if user not in self._masters:
            auth, priv = user.auth.reveal().encode(), user.priv.reveal().encode()
            self._masters[user] = auth and master_key(auth, protocol), priv and master_key(priv, protocol)
        auth, priv = (key and localised(key, engine_id, protocol) for key in self._masters[user])
        return Keys(protocol, auth, priv and extended(priv, engine_id, protocol, privacy), privacy)

    def salt(self) -> bytes:
        """The next of 2**64 salts (RFC 3826, section 3.1.2.1)."""
        self._salt = (self._salt + 1) % 2**64
        return self._salt.to_bytes(SALT_OCTETS, "big")


def master_key(password: bytes, protocol: AuthProtocol) -> bytes:
    """The key of a password before it is localised; ``password`` is not empty."""
    return hashlib.new(protocol.hash, (password * (PASSWORD_OCTETS // len(password) + 1))[:PASSWORD_OCTETS]).digest()


def localised(master: bytes, engine_id: bytes, protocol: AuthProtocol) -> bytes:
    """A master key's form for one engine."""
    return hashlib.new(protocol.hash, master + engine_id + master).digest()


def extended(key: bytes, engine_id: bytes, protocol: AuthProtocol, privacy: PrivProtocol) -> bytes:
    """A localised key, cut or made as long as the cipher needs it.

    No RFC says how a hash too short for AES-192 or AES-256 is extended. Two drafts do: draft-reeder-snmpv3-usm-3desede
    takes the key for a password and goes on with what comes of it, which routers do; draft-blumenthal-aes-usm hashes
    the key, which net-snmp does. A megabyte is hashed for each engine by the first.
    """
    while len(key) < privacy.key_octets:
        if privacy.extension == "reeder":
            key += localised(master_key(key, protocol), engine_id, protocol)
        else:
            key += hashlib.new(protocol.hash, key).digest()
    return key[: privacy.key_octets]
