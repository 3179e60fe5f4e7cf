"""Type 7, the platform's way to hide a password from somebody who looks over a shoulder, written once more."""

from __future__ import annotations

_PAD = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"


def revealed(hidden: str) -> str:
    """What is hidden: two digits say where in the pad it begins, then come bytes in hexadecimal."""
    salt, data = int(hidden[:2]), bytes.fromhex(hidden[2:])
    return bytes(byte ^ _PAD[(salt + place) % len(_PAD)] for place, byte in enumerate(data)).decode()


def obscured(plain: str, salt: int) -> str:
    """``plain`` hidden with a salt from 0 to 15."""
    data = bytes(byte ^ _PAD[(salt + place) % len(_PAD)] for place, byte in enumerate(plain.encode()))
    return f"{salt:02d}{data.hex().upper()}"
