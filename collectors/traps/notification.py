"""What a trap or inform says, the same for all versions of SNMP (RFC 3416, RFC 1157, RFC 3584). Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from collectors.codec import ber, pdu
from collectors.codec.pdu import Pdu, VarBind
from collectors.errors import MalformedMessage
from collectors.oids import SYS_UPTIME
from collectors.snmp import Oid, TimeTicks

#: SNMPv2-MIB (RFC 3418): which trap it is; where the standard ones are.
TRAP_OID: Final[Oid] = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
STANDARD: Final[Oid] = (1, 3, 6, 1, 6, 3, 1, 1, 5)
#: IF-MIB: the index of the interface that a link trap is about.
IF_INDEX: Final[Oid] = (1, 3, 6, 1, 2, 1, 2, 2, 1, 1)

#: Tags of SNMPv1's Trap-PDU and of its address; the generic trap that means a specific one.
V1_TRAP, V1_ADDRESS, V1_TICKS, ENTERPRISE_SPECIFIC = 0xA4, 0x40, 0x43, 6


class TrapKind(StrEnum):
    """What a device tells, as far as this product acts on it."""

    COLD_START = "coldStart"
    WARM_START = "warmStart"
    LINK_DOWN = "linkDown"
    LINK_UP = "linkUp"
    OTHER = "other"


_KINDS: Final[Mapping[Oid, TrapKind]] = {
    (*STANDARD, number): kind
    for number, kind in enumerate(
        (TrapKind.COLD_START, TrapKind.WARM_START, TrapKind.LINK_DOWN, TrapKind.LINK_UP), start=1
    )
}


@dataclass(frozen=True, slots=True)
class Notification:
    """One trap or inform: its object identifier, and the variables that came with it."""

    trap: Oid
    varbinds: tuple[VarBind, ...]

    @property
    def kind(self) -> TrapKind:
        return _KINDS.get(self.trap, TrapKind.OTHER)

    @property
    def interface(self) -> int | None:
        """The ifIndex that a link trap is about: a column of IF-MIB's ifTable is indexed by it; None: it names none."""
        table = IF_INDEX[:-1]
        return next((oid[-1] for oid, _ in self.varbinds if oid[:-2] == table and len(oid) == len(table) + 2), None)


def notification(found: Pdu) -> Notification:
    """What a trap or inform of SNMPv2 says.

    Raises:
        MalformedMessage: it does not begin with the uptime and the trap's name.
    """
    if len(found.varbinds) < 2:
        raise MalformedMessage("a trap without uptime and name")
    (uptime, ticks), (name, trap) = found.varbinds[:2]
    if uptime != SYS_UPTIME or not isinstance(ticks, TimeTicks) or name != TRAP_OID or not isinstance(trap, tuple):
        raise MalformedMessage("a trap does not begin with uptime and name")
    return Notification(trap, found.varbinds[2:])


def notification_v1(data: bytes, at: int, end: int) -> Notification:
    """What the Trap-PDU of SNMPv1 that fills ``data[at:end]`` says (RFC 3584, section 3.1).

    Raises:
        MalformedMessage: the bytes are something else.
    """
    at, stop = ber.expect(data, at, end, V1_TRAP)
    start, at = ber.expect(data, at, stop, ber.OBJECT_ID)
    enterprise = ber.object_id(data[start:at])
    _, at = ber.expect(data, at, stop, V1_ADDRESS)  # what an agent calls itself is no evidence of anything
    generic, at = ber.read_integer(data, at, stop)
    specific, at = ber.read_integer(data, at, stop)
    _, at = ber.expect(data, at, stop, V1_TICKS)
    at, last = ber.expect(data, at, stop, ber.SEQUENCE)
    if stop != end or last != stop or not 0 <= generic <= ENTERPRISE_SPECIFIC or specific < 0:
        raise MalformedMessage("a trap of SNMPv1 with fields out of range")
    trap = (*enterprise, 0, specific) if generic == ENTERPRISE_SPECIFIC else (*STANDARD, generic + 1)
    return Notification(trap, pdu.varbinds(data, at, stop))
