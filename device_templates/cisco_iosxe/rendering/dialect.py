"""What releases of IOS-XE say differently, or have not: the one table that templates and refusals ask."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Dialect:
    """``boot_level`` is the licence that crypto needs, "" where it is what the workspace says.

    ``ntp_digest`` authenticates the time; ``snmp_digests`` are the words for what SNMP users are hashed with.
    ``inspect_global`` are the parameters that all policies of the firewall share. Messages of the firewall are those
    with ``log_text`` in their ``log_part``: IOS-XE's data plane speaks through %IOSXE-6-PLATFORM, so the firewall's
    own name stands in the body.
    """

    boot_level: str
    ntp_digest: str
    snmp_digests: Mapping[str, str]
    inspect_global: str
    log_part: str
    log_text: str


_SHA_1 = {"sha": "sha"}
_SHA_2 = {**_SHA_1, "sha256": "sha-2 256"}

_16 = Dialect(
    boot_level="securityk9",
    ntp_digest="md5",
    snmp_digests=MappingProxyType(_SHA_1),
    inspect_global="inspect-global",
    log_part="msg-body",
    log_text="%FW-",
)
#: Routers learnt SHA-2 for NTP and SNMP users, and licences by tiers (network-…, dna-…), with 17.
_17 = replace(_16, boot_level="", ntp_digest="hmac-sha2-256", snmp_digests=MappingProxyType(_SHA_2))

#: The first major release that speaks so, newest first.
_DIALECTS: tuple[tuple[int, Dialect], ...] = ((17, _17), (16, _16))


def dialect_of(release: str) -> Dialect:
    """What a release, as "17.9.4a", speaks; the inventory knows none before the oldest of the table."""
    major = int(release.split(".")[0])
    return next(dialect for first, dialect in _DIALECTS if first <= major)
