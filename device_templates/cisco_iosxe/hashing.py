"""How IOS-XE stores passwords: type 9 (scrypt) with a salt that is the same each time, and its check."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from device_templates.rendering.words import stable_digest

_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_CISCO = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_TO_CISCO = bytes.maketrans(_STANDARD, _CISCO)
_SALT_LENGTH = 14
_TYPE9 = re.compile(r"\$9\$([./0-9A-Za-z]{14})\$[./0-9A-Za-z]{43}")


def _encode(data: bytes) -> str:
    return base64.b64encode(data).rstrip(b"=").translate(_TO_CISCO).decode()


def stable_salt(router: str, purpose: str, password: str) -> str:
    """The salt of a router's password."""
    return _encode(stable_digest(router, purpose, password))[:_SALT_LENGTH]


def type9(password: str, salt: str) -> str:
    """``$9$salt$hash``: scrypt with N 16384, r 1, p 1."""
    digest = hashlib.scrypt(password.encode(), salt=salt.encode(), n=16384, r=1, p=1, dklen=32)
    return f"$9${salt}${_encode(digest)}"


def is_type9_of(stored: str, password: str) -> bool:
    """Whether a stored type 9 hash is that of ``password``."""
    found = _TYPE9.fullmatch(stored)
    return found is not None and hmac.compare_digest(type9(password, found.group(1)), stored)
