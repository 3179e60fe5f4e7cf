"""What of a configuration stays the same while nobody changes it, and what of it is saved."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ETX = "\x03"
#: A row of a certificate, or its last line; and where a saved one is found.
_OCTETS = re.compile(r"\s+(?:quit|[0-9A-Fa-f]{2,8}(?: [0-9A-Fa-f]{2,8})*)\s*")
_IN_NVRAM = re.compile(r" nvram:\S+$")
#: Comments hold times; the clock period is measured by the device.
_PASSING = re.compile(r"\s*(!.*|ntp clock-period \d+)?")


def lasting(text: str) -> str:
    """``text``, in the form that restores, without comments and what changes by itself; banners stay as they are."""
    return "".join(f"{line}\n" for line in _lasting(text))


def as_saved(text: str) -> str:
    """``lasting`` with certificates by their numbers alone, to compare what runs with what is saved.

    A device shows the octets of a certificate where it runs, and the file that holds them where it is saved.
    """
    return "".join(f"{line}\n" for line in _without_octets(lasting(text).splitlines()))


def _without_octets(lines: Iterable[str]) -> Iterator[str]:
    chain = False
    for line in lines:
        if line[:1].strip():
            chain = line.startswith("crypto pki certificate chain ")
        if not chain:
            yield line
        elif not _OCTETS.fullmatch(line):
            yield _IN_NVRAM.sub("", line)


def _lasting(text: str) -> Iterator[str]:
    within = False
    for line in text.split("\n"):
        turns = line.count(_ETX) % 2 == 1
        if within or turns or not _PASSING.fullmatch(line):
            yield line if within or turns else line.rstrip()  # IOS shows some lines with a blank at their end
        within ^= turns
