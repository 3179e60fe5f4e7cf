"""What releases of IOS-XE say differently, or have not: the one table that templates and refusals ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Dialect:
    """``ntp_digest`` authenticates the time; ``snmp_digests`` are the words for what SNMP users are hashed with.

    ``inspect_global`` are the parameters that all of a firewall's policies share. Log messages of the firewall are
    those with ``log_text`` in their ``log_part``: IOS-XE's data plane speaks through %IOSXE-6-PLATFORM, so the
    firewall's own name stands in the body.
    """

    ntp_digest: str
    snmp_digests: Mapping[str, str]
    inspect_global: str
    log_part: str
    log_text: str


_SHA_1 = {"sha": "sha"}
_SHA_2 = {**_SHA_1, "sha256": "sha-2 256"}

#: The first major release that speaks so, newest first. Routers learnt SHA-2 for NTP and for SNMP users with 17.
_DIALECTS: tuple[tuple[int, Dialect], ...] = (
    (17, Dialect("hmac-sha2-256", MappingProxyType(_SHA_2), "inspect-global", "msg-body", "%FW-")),
    (16, Dialect("md5", MappingProxyType(_SHA_1), "inspect-global", "msg-body", "%FW-")),
)


def dialect_of(release: str) -> Dialect:
    """What a release, as "17.9.4a", speaks; the inventory knows none before the oldest of the table."""
    major = int(release.split(".")[0])
    return next(dialect for first, dialect in _DIALECTS if first <= major)
