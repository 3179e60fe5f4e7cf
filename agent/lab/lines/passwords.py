"""How IOS keeps passwords: type 7 (obfuscation), 9 (scrypt), 8 (PBKDF2) and 5 (MD5 crypt is refused as weak)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets

_KEY7 = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
_STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CISCO = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TO_CISCO = str.maketrans(_STANDARD, _CISCO)
_PARTS = re.compile(r"\$([89])\$([./0-9A-Za-z]{14})\$([./0-9A-Za-z]{43})$")


def type7(plain: str, salt: int | None = None) -> str:
    """``plain`` as type 7 with a salt from 0 to 15 (random where not given)."""
    start = secrets.randbelow(16) if salt is None else salt
    pairs = (byte ^ ord(_KEY7[(start + at) % len(_KEY7)]) for at, byte in enumerate(plain.encode()))
    return f"{start:02d}" + "".join(f"{value:02X}" for value in pairs)


def reveal7(coded: str) -> str | None:
    """What a type 7 text stands for; None where it is not one."""
    if not re.fullmatch(r"\d\d([0-9A-Fa-f]{2})*", coded) or int(coded[:2]) >= len(_KEY7):
        return None
    start, raw = int(coded[:2]), bytes.fromhex(coded[2:])
    plain = bytes(byte ^ ord(_KEY7[(start + at) % len(_KEY7)]) for at, byte in enumerate(raw))
    return plain.decode(errors="replace")


def type9(plain: str, salt: str | None = None) -> str:
    """``$9$salt$hash``: scrypt with N=16384, r=1, p=1; the salt is 14 characters of Cisco's alphabet."""
    chosen = salt or "".join(secrets.choice(_CISCO) for _ in range(14))
    return f"$9${chosen}${_coded(hashlib.scrypt(plain.encode(), salt=chosen.encode(), n=16384, r=1, p=1, dklen=32))}"


def is_hash(kind: str, coded: str) -> bool:
    """Whether ``coded`` has the form of a type ``kind`` secret; IOS refuses a line where it has not."""
    if kind in {"8", "9"}:
        found = _PARTS.match(coded)
        return found is not None and found.group(1) == kind
    return re.fullmatch(r"\$1\$[./0-9A-Za-z]{1,8}\$[./0-9A-Za-z]{22}", coded) is not None


def verify(kind: str, coded: str, plain: str) -> bool:
    """Whether ``plain`` is the password behind a secret or password of this type ("" and "0" are plain text)."""
    if kind in {"", "0"}:
        return hmac.compare_digest(coded.encode(), plain.encode())
    if kind == "7":
        return reveal7(coded) == plain
    found = _PARTS.match(coded)
    if not found or found.group(1) != kind:
        return False
    salt = found.group(2).encode()
    if kind == "9":
        digest = hashlib.scrypt(plain.encode(), salt=salt, n=16384, r=1, p=1, dklen=32)
    else:
        digest = hashlib.pbkdf2_hmac("sha256", plain.encode(), salt, 20000)
    return hmac.compare_digest(_coded(digest), found.group(3))


def _coded(digest: bytes) -> str:
    return base64.b64encode(digest).decode().rstrip("=").translate(_TO_CISCO)
