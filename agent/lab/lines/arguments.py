"""The kinds of arguments that lines take: each reads one word and gives it as the router writes it, or None."""

from __future__ import annotations

import re
from collections.abc import Callable

#: Interface types, and the shortest forms that people type.
INTERFACE_TYPES = {
    "GigabitEthernet": "gi", "TenGigabitEthernet": "te", "TwoGigabitEthernet": "tw", "FastEthernet": "fa",
    "Ethernet": "et", "Tunnel": "tu", "Loopback": "lo", "Vlan": "vl", "Dialer": "di", "Port-channel": "po",
    "Serial": "se", "BDI": "bd", "Cellular": "ce", "Virtual-Template": "virtual-t", "nve": "nve",
    "VirtualPortGroup": "virtualp", "Null": "nu", "Virtual-PPP": "virtual-p", "vasileft": "vasil", "vasiright": "vasir",
    "Embedded-Service-Engine": "em",
}  # fmt: skip
_INTERFACE = re.compile(r"([A-Za-z-]+)(\d+(?:/\d+)*(?:\.\d+)?)$")
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}$")
_ASN_DOT = re.compile(r"\d{1,5}\.\d{1,5}$")
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d$")


def interface(word: str, _: str = "") -> str | None:
    """An interface by its full name."""
    found = _INTERFACE.match(word)
    if not found:
        return None
    given = found.group(1).lower()
    for name, short in INTERFACE_TYPES.items():
        if name.lower().startswith(given) and given.startswith(short):
            return name + found.group(2)
    return None


def joined_interface(word: str, following: str) -> str | None:
    """``interface GigabitEthernet 0/0/0``, typed as two words, as one; None where it is not that."""
    return interface(word + following) if word.isalpha() and following[:1].isdigit() and len(word) > 1 else None


def ipv4(word: str, _: str = "") -> str | None:
    """A dotted address."""
    return word if _IPV4.match(word) else None


def mask(word: str, _: str = "") -> str | None:
    """A contiguous network mask."""
    return word if ipv4(word) and "01" not in _bits(word) else None


def wildcard(word: str, _: str = "") -> str | None:
    """An inverse mask; any bits may be set."""
    return ipv4(word)


def prefix(word: str, _: str = "") -> str | None:
    """A.B.C.D/len."""
    address, slash, length = word.partition("/")
    good = slash and ipv4(address) and length.isdigit() and int(length) <= 32
    return word if good else None


def whole(word: str, limits: str) -> str | None:
    """A number, within ``low-high`` where given."""
    if not word.isdigit():
        return None
    low, _, high = limits.partition("-")
    return str(int(word)) if not limits or int(low) <= int(word) <= int(high or low) else None


def asn(word: str, _: str = "") -> str | None:
    """An autonomous system number, plain or dotted."""
    return word if (word.isdigit() and 0 < int(word) < 1 << 32) or _ASN_DOT.match(word) else None


def _pattern(expression: str) -> Callable[[str, str], str | None]:
    compiled = re.compile(expression)
    return lambda word, _: word if compiled.fullmatch(word) else None


def _host(word: str, _: str = "") -> str | None:
    if re.fullmatch(r"[\d.]+", word):
        return ipv4(word)
    return word if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", word) else None


def _bits(word: str) -> str:
    return "".join(f"{int(part):08b}" for part in word.split("."))


#: Kind -> reader of one word (and the limits after the colon).
MATCHERS: dict[str, Callable[[str, str], str | None]] = {
    "word": lambda word, limits: word if not limits or len(word) <= int(limits) else None,
    "int": whole,
    "ip": ipv4,
    "mask": mask,
    "wild": wildcard,
    "prefix": prefix,
    "if": interface,
    "asn": asn,
    "host": _host,
    "hex": _pattern(r"[0-9A-Fa-f]+"),
    "time": lambda word, _: word if _TIME.match(word) else None,
    "rd": _pattern(r"(\d+|\d{1,3}(\.\d{1,3}){3}):\d+"),
    "mac": _pattern(r"[0-9a-fA-F]{4}(\.[0-9a-fA-F]{4}){2}"),
    "range": _pattern(r"\d+([-,]\d+)*"),
    "path": _pattern(r"[a-z0-9-]+:[^\s]*"),
    "one": lambda word, choices: word.lower() if word.lower() in choices.split(",") else None,
    "clock": _pattern(r"\d+|[A-Za-z]{3,7}"),
}


_WRITTEN_FIRST = ("loopback", "port-channel", "tunnel")
_WRITTEN_LAST = ("vlan", "bdi", "dialer", "virtual-template")


def interface_order(name: str) -> tuple[object, ...]:
    """Where IOS writes an interface: virtual ones first, then ports, then VLANs and dialers."""
    lower = name.lower()
    early = next((at for at, kind in enumerate(_WRITTEN_FIRST) if lower.startswith(kind)), None)
    late = next((at for at, kind in enumerate(_WRITTEN_LAST) if lower.startswith(kind)), None)
    group = early if early is not None else len(_WRITTEN_FIRST) if late is None else len(_WRITTEN_FIRST) + 1 + late
    return (group, natural(name))


def natural(text: str) -> tuple[tuple[int, object], ...]:
    """A key that sorts ``Vlan10`` behind ``Vlan9`` and words before numbers."""
    return tuple(
        (1, int(part)) if part.isdigit() else (0, part.lower()) for part in re.split(r"(\d+)", text) if part.strip()
    )
