"""What words of lines mean: names, numbers, addresses. All raise ValueError or IndexError for other words."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

_LARGEST = 2**64
_KINDS = (
    "GigabitEthernet",
    "FastEthernet",
    "Ethernet",
    "TenGigabitEthernet",
    "TwoGigabitEthernet",
    "Loopback",
    "Tunnel",
    "Vlan",
    "Port-channel",
    "Dialer",
    "Cellular",
    "Serial",
)
_SHORT = re.compile(r"([A-Za-z]{2}[a-z-]*)(\d\S*)")


def interface_name(text: str) -> str:
    """An interface by its full name, as the device shows it, where it is shortened to two letters or more."""
    found = _SHORT.fullmatch(text)
    kinds = [one for one in _KINDS if found and one.lower().startswith(found[1].lower())]
    return f"{kinds[0]}{found[2]}" if found and len(kinds) == 1 else text


def word(rest: list[str]) -> str:
    """The only word."""
    (only,) = rest
    return only


def words(rest: list[str]) -> tuple[str, ...]:
    """One word or more."""
    if not rest:
        raise IndexError
    return tuple(rest)


def sentence(rest: list[str]) -> str:
    """One word or more as they are written."""
    return " ".join(words(rest))


def nothing(rest: list[str]) -> bool:
    """True, for a line that is complete."""
    if rest:
        raise ValueError
    return True


def refused(rest: list[str]) -> bool:
    """False, for a line that is complete."""
    return not nothing(rest)


def number(text: str) -> int:
    """A number in decimal digits."""
    if not (text.isascii() and text.isdecimal()) or int(text[:20]) >= _LARGEST:
        raise ValueError
    return int(text)


def whole(rest: list[str]) -> int:
    """The only word, a number."""
    return number(word(rest))


def address(rest: list[str]) -> IPv4Address:
    """The only word, an address."""
    return IPv4Address(word(rest))


def interface_address(rest: list[str]) -> IPv4Interface:
    """Address and mask."""
    host, mask = rest
    return IPv4Interface(f"{host}/{_length(mask)}")


def network(rest: list[str]) -> IPv4Network:
    """Network and mask, or network/length; of an address in it, its network."""
    if len(rest) == 1 and "/" in rest[0]:
        return IPv4Network(rest[0], strict=False)
    host, mask = rest
    return IPv4Network(f"{host}/{_length(mask)}", strict=False)


def _length(mask: str) -> int:
    """How many bits a mask has; it is no wildcard."""
    bits = int(IPv4Address(mask))
    length = bits.bit_count()
    if bits != (2**32 - 1) ^ (2 ** (32 - length) - 1):
        raise ValueError
    return length


def after(rest: list[str], key: str) -> str:
    """The word behind ``key``, "" where there is none."""
    return rest[rest.index(key) + 1] if key in rest[:-1] else ""
