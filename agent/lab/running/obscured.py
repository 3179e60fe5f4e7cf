"""Type 7: how IOS obscures passwords in a configuration under ``service password-encryption``; it hides nothing."""

from __future__ import annotations

#: The constant that type 7 is combined with, known since the 1990s.
_PAD = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"


def reveal(sealed: str) -> str:
    """The plain text of a type-7 string; the string itself where it is not one."""
    try:
        start, body = int(sealed[:2]), bytes.fromhex(sealed[2:])
    except ValueError:
        return sealed
    return "".join(chr(byte ^ ord(_PAD[(start + at) % len(_PAD)])) for at, byte in enumerate(body))


def plain(words: list[str]) -> str:
    """The secret in the words that follow a keyword: ``7 0822…``, ``0 secret`` or ``secret``; "" for none."""
    if len(words) >= 2 and words[0] == "7":
        return reveal(words[1])
    if len(words) >= 2 and words[0] in {"0", "6"}:
        return words[1]
    return words[0] if words else ""
