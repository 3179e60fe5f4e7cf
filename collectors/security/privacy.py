"""The ciphers of the user-based security model: AES (RFC 3826 and drafts for longer keys), and DES (RFC 3414). Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.modes import CBC

from collectors.codec import ber
from collectors.errors import MalformedMessage
from collectors.security.primitives import cfb


def _aes(key: bytes, clock: bytes, salt: bytes, data: bytes, encrypt: bool) -> bytes:
    """In CFB mode; the key's length says which AES."""
    return cfb(key, clock + salt, data, encrypt)


def _des(key: bytes, _clock: bytes, salt: bytes, data: bytes, encrypt: bool) -> bytes:
    """In CBC mode (RFC 3414, section 8.1.1): eight octets of key, eight that the salt is mixed with."""
    cipher = Cipher(TripleDES(key[:8] * 3), CBC(bytes(a ^ b for a, b in zip(key[8:], salt, strict=True))))
    return (cipher.encryptor() if encrypt else cipher.decryptor()).update(data)


@dataclass(frozen=True, slots=True)
class PrivProtocol:
    """A cipher, the octets of its key and of its blocks (1: it pads nothing), and how a hash is made long enough."""

    run: Callable[[bytes, bytes, bytes, bytes, bool], bytes]
    key_octets: int
    block: int = 1
    extension: Literal["", "reeder", "blumenthal"] = ""

    def encrypt(self, key: bytes, plain: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """``plain`` under an engine's boots and time, and a salt of eight octets never used before with this key."""
        padded = plain + bytes(-len(plain) % self.block) if self.block > 1 else plain
        return self.run(key, (boots << 32 | time).to_bytes(8, "big"), salt, padded, True)

    def decrypt(self, key: bytes, secret: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """What was encrypted; with a wrong key, noise."""
        if len(secret) % self.block:
            raise MalformedMessage("an encrypted message is cut short")
        plain = self.run(key, (boots << 32 | time).to_bytes(8, "big"), salt, secret, False)
        if self.block > 1:
            _, _, stop = ber.header(plain, 0, len(plain))
            return plain[:stop] if len(plain) - stop < self.block else plain
        return plain


PRIV_PROTOCOLS: dict[str, PrivProtocol] = {
    "aes": PrivProtocol(_aes, 16),  # usmAesCfb128Protocol
    "aes192": PrivProtocol(_aes, 24, extension="reeder"),
    "aes256": PrivProtocol(_aes, 32, extension="reeder"),
    "aes192-blumenthal": PrivProtocol(_aes, 24, extension="blumenthal"),
    "aes256-blumenthal": PrivProtocol(_aes, 32, extension="blumenthal"),
    "des": PrivProtocol(_des, 16, 8),  # usmDESPrivProtocol
}
