"""Objects by number, as the MIBs have them: what the tests' agents hold, told apart from what the product asks."""

from __future__ import annotations

_CISCO = (1, 3, 6, 1, 4, 1, 9, 9)

SYS_UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
SYS_NAME = (1, 3, 6, 1, 2, 1, 1, 5, 0)
ENGINE_ID = (1, 3, 6, 1, 6, 3, 10, 2, 1, 1, 0)
ENGINE_BOOTS = (1, 3, 6, 1, 6, 3, 10, 2, 1, 2, 0)
IF_NUMBER = (1, 3, 6, 1, 2, 1, 2, 1, 0)
IF_DESCR = (1, 3, 6, 1, 2, 1, 2, 2, 1, 2)
IF_OPER_STATUS = (1, 3, 6, 1, 2, 1, 2, 2, 1, 8)
IF_HC_IN_OCTETS = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6)
CONFIG_CHANGED = (*_CISCO, 43, 1, 1, 1, 0)
CPU_5_MIN = (*_CISCO, 109, 1, 1, 1, 1, 8)
CPU_MEMORY_USED = (*_CISCO, 109, 1, 1, 1, 1, 12)
CPU_MEMORY_FREE = (*_CISCO, 109, 1, 1, 1, 1, 13)
IPSEC_REMOTE = (*_CISCO, 171, 1, 3, 2, 1, 5)
