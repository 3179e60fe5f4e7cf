"""The objects that are read of devices, by name, each with the MIB that defines it.

Scalars are whole instances (they end in 0); columns need an index.
"""

from __future__ import annotations

from typing import Final

from collectors.snmp import Oid

_MIB2: Final = (1, 3, 6, 1, 2, 1)
_CISCO: Final = (1, 3, 6, 1, 4, 1, 9, 9)
_UCD: Final = (1, 3, 6, 1, 4, 1, 2021)

# SNMPv2-MIB (RFC 3418)
SYS_UPTIME: Final[Oid] = (*_MIB2, 1, 3, 0)
SYS_NAME: Final[Oid] = (*_MIB2, 1, 5, 0)

# SNMP-FRAMEWORK-MIB (RFC 3411)
ENGINE_ID: Final[Oid] = (1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0)
ENGINE_BOOTS: Final[Oid] = (1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0)
ENGINE_TIME: Final[Oid] = (1, 3, 6, 1, 6, 3, 10, 2, 1, 3, 0)

# IF-MIB (RFC 2863). On IOS ifDescr is the whole name (GigabitEthernet0/0/0), as in configurations; ifName is short.
# On Linux ifName is the kernel's name (eth0).
IF_NAME: Final[Oid] = (*_MIB2, 31, 1, 1, 1, 1)
IF_NUMBER: Final[Oid] = (*_MIB2, 2, 1, 0)
IF_DESCR: Final[Oid] = (*_MIB2, 2, 2, 1, 2)
IF_ADMIN_STATUS: Final[Oid] = (*_MIB2, 2, 2, 1, 7)
IF_OPER_STATUS: Final[Oid] = (*_MIB2, 2, 2, 1, 8)
IF_LAST_CHANGE: Final[Oid] = (*_MIB2, 2, 2, 1, 9)
IF_HC_IN_OCTETS: Final[Oid] = (*_MIB2, 31, 1, 1, 1, 6)
IF_HC_OUT_OCTETS: Final[Oid] = (*_MIB2, 31, 1, 1, 1, 10)
IF_COUNTER_DISCONTINUITY: Final[Oid] = (*_MIB2, 31, 1, 1, 1, 19)

# HOST-RESOURCES-MIB (RFC 2790): how long the machine is up; a row for each processor, its load over a minute, percent.
HR_SYSTEM_UPTIME: Final[Oid] = (*_MIB2, 25, 1, 1, 0)
HR_PROCESSOR: Final[Oid] = (*_MIB2, 25, 3, 3, 1, 1)
HR_PROCESSOR_LOAD: Final[Oid] = (*_MIB2, 25, 3, 3, 1, 2)

# ENTITY-MIB (RFC 6933). IOS-XE routers have their chassis at 1.
CHASSIS_CLASS: Final[Oid] = (*_MIB2, 47, 1, 1, 1, 1, 5, 1)
CHASSIS_SERIAL: Final[Oid] = (*_MIB2, 47, 1, 1, 1, 1, 11, 1)

# CISCO-CONFIG-MAN-MIB: sysUpTime when running was last changed, when it was last written anywhere, and when the
# startup configuration was last changed. Any copy of running counts as saved: compare changed with startup.
CONFIG_CHANGED: Final[Oid] = (*_CISCO, 43, 1, 1, 1, 0)
CONFIG_SAVED: Final[Oid] = (*_CISCO, 43, 1, 1, 2, 0)
STARTUP_CHANGED: Final[Oid] = (*_CISCO, 43, 1, 1, 3, 0)

# CISCO-PROCESS-MIB, a row for each CPU: percent over 1 and 5 minutes, memory in kB.
CPU_1_MIN: Final[Oid] = (*_CISCO, 109, 1, 1, 1, 1, 7)
CPU_5_MIN: Final[Oid] = (*_CISCO, 109, 1, 1, 1, 1, 8)
CPU_MEMORY_USED: Final[Oid] = (*_CISCO, 109, 1, 1, 1, 1, 12)
CPU_MEMORY_FREE: Final[Oid] = (*_CISCO, 109, 1, 1, 1, 1, 13)

# CISCO-MEMORY-POOL-MIB, pool 1 (processor), in octets: for releases without memory in CISCO-PROCESS-MIB.
POOL_USED: Final[Oid] = (*_CISCO, 48, 1, 1, 1, 5, 1)
POOL_FREE: Final[Oid] = (*_CISCO, 48, 1, 1, 1, 6, 1)

# CISCO-IPSEC-FLOW-MONITOR-MIB: the remote ends of IPsec tunnels, rows that vanish with the tunnel; why IKE and IPsec
# negotiations failed, newest last, with when (sysUpTime) and the remote address.
IPSEC_REMOTE: Final[Oid] = (*_CISCO, 171, 1, 3, 2, 1, 5)
IKE_FAIL_REASON: Final[Oid] = (*_CISCO, 171, 1, 5, 2, 1, 1, 2)
IKE_FAIL_TIME: Final[Oid] = (*_CISCO, 171, 1, 5, 2, 1, 1, 3)
IKE_FAIL_REMOTE: Final[Oid] = (*_CISCO, 171, 1, 5, 2, 1, 1, 9)

# UCD-SNMP-MIB, net-snmp's own: memory in kB, and ticks (hundredths of a second) in which processors were idle.
MEMORY_TOTAL: Final[Oid] = (*_UCD, 4, 5, 0)
MEMORY_AVAILABLE: Final[Oid] = (*_UCD, 4, 27, 0)
CPU_IDLE: Final[Oid] = (*_UCD, 11, 53, 0)

# NET-SNMP-EXTEND-MIB, nsExtendOutLine of the entry "spokesman": lines of the router's own program, a row for each.
TOLD_LINES: Final[Oid] = (1, 3, 6, 1, 4, 1, 8072, 1, 3, 2, 4, 1, 2, 9, *b"spokesman")


def text(oid: Oid) -> str:
    """Dotted numbers."""
    return ".".join(map(str, oid))
