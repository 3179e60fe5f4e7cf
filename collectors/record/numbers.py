"""Numbers in groups of seven bits, the lowest first, the eighth bit of an octet saying that more follow. Pure."""

from __future__ import annotations

from collectors.errors import BadRecord


def number(value: int) -> bytes:
    """The octets of a number of 0 or more."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_number(data: bytes, at: int) -> tuple[int, int]:
    """The number at ``at``, and where it ends.

    Raises:
        BadRecord: it does not end.
    """
    value = 0
    for shift in range(0, 35, 7):
        if at >= len(data):
            break
        octet = data[at]
        at += 1
        value |= (octet & 0x7F) << shift
        if octet < 0x80:
            return value, at
    raise BadRecord("a number does not end")
