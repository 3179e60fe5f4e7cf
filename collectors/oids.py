"""The objects that are asked for beside the poll, each with the MIB that defines it; what is polled is in modules."""

from __future__ import annotations

from typing import Final

from collectors.snmp import Oid

#: SNMPv2-MIB (RFC 3418).
SYS_UPTIME: Final[Oid] = (1, 3, 6, 1, 2, 1, 1, 3, 0)

# CISCO-IPSEC-FLOW-MONITOR-MIB: why IKE negotiations failed, newest last, with when (sysUpTime) and the remote address.
_IKE_FAILURES: Final[Oid] = (1, 3, 6, 1, 4, 1, 9, 9, 171, 1, 5, 2, 1, 1)
IKE_FAIL_REASON: Final[Oid] = (*_IKE_FAILURES, 2)
IKE_FAIL_TIME: Final[Oid] = (*_IKE_FAILURES, 3)
IKE_FAIL_REMOTE: Final[Oid] = (*_IKE_FAILURES, 9)


def text(oid: Oid) -> str:
    """Dotted numbers."""
    return ".".join(map(str, oid))
