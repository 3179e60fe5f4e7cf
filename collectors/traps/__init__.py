"""SNMP traps and informs, from the devices that may send them.

Why not by pysnmp: its receiver (7.1) takes an unauthenticated SNMPv3 trap under the name of a user that has keys, keeps
no time window for traps, so that an old one can be sent again, and needs each engine's identifier beforehand.
"""

from collectors.traps.judge import DISCOVERY, Refusal
from collectors.traps.notification import Notification, TrapKind
from collectors.traps.receiver import TrapReceiver

__all__ = ["DISCOVERY", "Notification", "Refusal", "TrapKind", "TrapReceiver"]
