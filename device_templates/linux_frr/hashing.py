"""How a Linux router stores passwords: bcrypt with a salt that is the same each time."""

from __future__ import annotations

import base64

import bcrypt

from device_templates.rendering.words import stable_digest

#: 2 to the power of this many rounds: a tenth of a second, and no login is tried more often than sshd lets it.
_COST = 10
_STANDARD = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BCRYPT = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_TO_BCRYPT = bytes.maketrans(_STANDARD, _BCRYPT)
#: bcrypt reads no more of a password.
LONGEST_PASSWORD = 72


def stable_salt(router: str, purpose: str, password: str) -> str:
    """The salt of a router's password: 16 bytes in bcrypt's alphabet."""
    salt = stable_digest(router, purpose, password)[:16]
    return base64.b64encode(salt).rstrip(b"=").translate(_TO_BCRYPT).decode()


def hashed(password: str, salt: str) -> str:
    """``$2b$cost$salthash``, as Debian's crypt checks it."""
    return bcrypt.hashpw(password.encode(), f"$2b${_COST}${salt}".encode()).decode()


def not_hashed(_: str, salt: str) -> str:
    """The same form at no cost, where nobody logs in with it."""
    return f"$2b${_COST}${salt}{'.' * 31}"
