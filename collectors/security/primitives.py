"""AES in CFB mode and HMAC: of OpenSSL itself where that is compiled (evp.pyx), else of cryptography and hmac. Pure."""

from __future__ import annotations

try:
    from collectors.security.evp import cfb, digest
except ImportError:
    import hmac

    from cryptography.hazmat.decrepit.ciphers.modes import CFB
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES

    def cfb(key: bytes, iv: bytes, data: bytes, encrypt: bool) -> bytes:
        """``data`` encrypted or decrypted; the key's length says which AES, ``iv`` has 16 octets."""
        cipher = Cipher(AES(key), CFB(iv))
        return (cipher.encryptor() if encrypt else cipher.decryptor()).update(data)

    def digest(key: bytes, message: bytes, hash: str) -> bytes:
        """The HMAC of ``message``; ``hash`` is the name of a hash."""
        return hmac.digest(key, message, hash)


__all__ = ["cfb", "digest"]
