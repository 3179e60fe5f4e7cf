"""The samples of samples.toml, as they come over the wire."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

IOS, LINUX = "cisco_iosxe", "linux_frr"


@dataclass(frozen=True)
class Sample:
    """A datagram of a platform's router, and what is to be understood of it."""

    platform: str
    datagram: bytes
    program: str = ""
    begins: str = ""
    tells: str = ""


_TABLE = tomllib.loads(Path(__file__).with_name("samples.toml").read_text(encoding="utf-8"))
SAMPLES, FIREWALL = (
    tuple(Sample(**{**row, "datagram": row["datagram"].encode()}) for row in _TABLE[name])
    for name in ("message", "firewall")
)


def datagrams(platform: str) -> list[bytes]:
    """All of a platform."""
    return [one.datagram for one in (*SAMPLES, *FIREWALL) if one.platform == platform]
