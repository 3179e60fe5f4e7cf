"""Type 7: how ``service password-encryption`` obscures passwords; anybody can undo it."""

from __future__ import annotations

#: The text that characters are combined with; the first two digits of a value say where in it to begin.
_PAD = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"


def reveal(obscured: str) -> str | None:
    """The plain text, or None where ``obscured`` is no type-7 value."""
    if len(obscured) < 4 or len(obscured) % 2 or not obscured[:2].isdigit():
        return None
    try:
        start, body = int(obscured[:2]), bytes.fromhex(obscured[2:])
    except ValueError:
        return None
    plain = bytes(byte ^ _PAD[(start + at) % len(_PAD)] for at, byte in enumerate(body))
    return plain.decode("ascii") if plain.isascii() and all(32 <= byte < 127 for byte in plain) else None


def obscure(plain: str, start: int) -> str:
    """The type-7 value of ``plain``, begun at ``start`` (0 to 15) of the text."""
    body = bytes(byte ^ _PAD[(start + at) % len(_PAD)] for at, byte in enumerate(plain.encode("ascii")))
    return f"{start:02d}{body.hex().upper()}"
