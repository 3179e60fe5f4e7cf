"""What is read of a router in a poll, and what an answer says: pure; ``collectors.poller`` does the asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address

from collectors import oids
from collectors.sample import AdminStatus, InterfaceSample, OperStatus, RouterSample
from collectors.snmp import Answer, Counter64, Gauge32, Oid, Value
from collectors.typed import Reader

#: Walked to find the rows, side by side.
DISCOVERY: tuple[Oid, ...] = (oids.IF_DESCR, oids.CPU_5_MIN)

SCALARS: tuple[Oid, ...] = (
    oids.SYS_UPTIME,
    oids.ENGINE_ID,
    oids.ENGINE_BOOTS,
    oids.ENGINE_TIME,
    oids.SYS_NAME,
    oids.IF_NUMBER,
    oids.CHASSIS_CLASS,
    oids.CHASSIS_SERIAL,
    oids.CONFIG_CHANGED,
    oids.CONFIG_SAVED,
    oids.STARTUP_CHANGED,
    oids.POOL_USED,
    oids.POOL_FREE,
)

INTERFACE_COLUMNS: tuple[Oid, ...] = (
    oids.IF_DESCR,
    oids.IF_ADMIN_STATUS,
    oids.IF_OPER_STATUS,
    oids.IF_LAST_CHANGE,
    oids.IF_HC_IN_OCTETS,
    oids.IF_HC_OUT_OCTETS,
    oids.IF_COUNTER_DISCONTINUITY,
)

CPU_COLUMNS: tuple[Oid, ...] = (oids.CPU_1_MIN, oids.CPU_5_MIN, oids.CPU_MEMORY_USED, oids.CPU_MEMORY_FREE)

#: entPhysicalClass of a chassis.
CHASSIS = 3


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a router keeps what is read: ifIndex by interface name, and the indexes of its CPUs."""

    interfaces: Mapping[str, int]
    cpus: tuple[int, ...] = ()


def find_rows(values: Mapping[Oid, Value]) -> Rows:
    """The rows in a walk of ``DISCOVERY``; interfaces whose name is no text are left out."""
    reader = Reader(values)
    interfaces: dict[str, int] = {}
    cpus: list[int] = []
    for oid in values:
        column, index = oid[:-1], oid[-1]
        if column == oids.IF_DESCR and (name := reader.text("ifDescr", oid)):
            interfaces.setdefault(name, index)
        elif column == oids.CPU_5_MIN:
            cpus.append(index)
    return Rows(interfaces, tuple(cpus))


def instances(rows: Rows, wanted: Iterable[str] | None) -> tuple[Oid, ...]:
    """What to GET; ``wanted`` names the interfaces, None means all."""
    names = rows.interfaces if wanted is None else [name for name in sorted(set(wanted)) if name in rows.interfaces]
    return (
        *SCALARS,
        *((*column, cpu) for cpu in rows.cpus for column in CPU_COLUMNS),
        *((*column, rows.interfaces[name]) for name in names for column in INTERFACE_COLUMNS),
    )


def outdated(rows: Rows, before: RouterSample | None, values: Mapping[Oid, Value]) -> bool:
    """Whether the rows may have moved: another name in a row, uptime lower or another number of interfaces."""
    reader = Reader(values)
    for name, index in rows.interfaces.items():
        oid = (*oids.IF_DESCR, index)
        if oid in values and reader.text("ifDescr", oid) != name:
            return True
    if before is None:
        return False
    uptime = reader.seconds("sysUpTime", oids.SYS_UPTIME)
    if uptime is not None and before.uptime_s is not None and uptime < before.uptime_s:
        return True
    return reader.take("ifNumber", oids.IF_NUMBER, int) != before.interface_count


def failed(router: str, at: datetime, answer: Answer) -> RouterSample:
    """The sample of a poll that brought nothing."""
    return RouterSample(router, at, answer.failure, answer.detail)


def with_peers(sample: RouterSample, walk: Answer) -> RouterSample:
    """The sample with the remote ends of its IPsec tunnels; a walk that failed tells nothing of them."""
    if walk.failure is not None:
        return sample
    octets = [value for oid, value in walk.values.items() if oid[:-1] == oids.IPSEC_REMOTE]
    peers = frozenset(str(IPv4Address(value)) for value in octets if isinstance(value, bytes) and len(value) == 4)
    return replace(sample, peers=peers, requests=sample.requests + walk.requests, lost=sample.lost + walk.lost)


def decode(router: str, at: datetime, answer: Answer, rows: Rows) -> RouterSample:
    """The sample in an answer to ``instances``; values of the wrong type become problems."""
    reader = Reader(answer.values)
    reader.require("sysUpTime", oids.SYS_UPTIME)
    engine_id = reader.take("snmpEngineID", oids.ENGINE_ID, bytes)
    used, free = _memory(reader, rows)
    return RouterSample(
        router,
        at,
        round_trip_s=answer.round_trip_s,
        uptime_s=reader.seconds("sysUpTime", oids.SYS_UPTIME),
        engine_id=None if engine_id is None else engine_id.hex(),
        engine_boots=reader.number("snmpEngineBoots", oids.ENGINE_BOOTS, int, 0, 2**31 - 1),
        engine_time_s=reader.number("snmpEngineTime", oids.ENGINE_TIME, int, 0, 2**31 - 1),
        name=reader.text("sysName", oids.SYS_NAME),
        serial=_serial(reader),
        config_changed_s=reader.seconds("ccmHistoryRunningLastChanged", oids.CONFIG_CHANGED),
        config_saved_s=reader.seconds("ccmHistoryRunningLastSaved", oids.CONFIG_SAVED),
        startup_changed_s=reader.seconds("ccmHistoryStartupLastChanged", oids.STARTUP_CHANGED),
        cpu_1_min_percent=_busiest(reader, "cpmCPUTotal1minRev", oids.CPU_1_MIN, rows),
        cpu_5_min_percent=_busiest(reader, "cpmCPUTotal5minRev", oids.CPU_5_MIN, rows),
        memory_used_kb=used,
        memory_free_kb=free,
        interface_count=reader.number("ifNumber", oids.IF_NUMBER, int, 0, 2**31 - 1),
        interfaces=_interfaces(reader, rows, answer.values),
        requests=answer.requests,
        lost=answer.lost,
        problems=tuple(reader.problems),
    )


def _serial(reader: Reader) -> str | None:
    if reader.take("entPhysicalClass", oids.CHASSIS_CLASS, int) != CHASSIS:
        return None
    return reader.text("entPhysicalSerialNum", oids.CHASSIS_SERIAL)


def _busiest(reader: Reader, what: str, column: Oid, rows: Rows) -> int | None:
    loads = [reader.number(what, (*column, cpu), Gauge32, 0, 100) for cpu in rows.cpus]
    return max((load for load in loads if load is not None), default=None)


def _memory(reader: Reader, rows: Rows) -> tuple[int | None, int | None]:
    """Used and free in kB, of the first CPU that tells, else of the processor's pool."""
    for cpu in rows.cpus:
        used = reader.take("cpmCPUMemoryUsed", (*oids.CPU_MEMORY_USED, cpu), Gauge32)
        free = reader.take("cpmCPUMemoryFree", (*oids.CPU_MEMORY_FREE, cpu), Gauge32)
        if used is not None and free is not None:
            return int(used), int(free)
    pool_used = reader.take("ciscoMemoryPoolUsed", oids.POOL_USED, Gauge32)
    pool_free = reader.take("ciscoMemoryPoolFree", oids.POOL_FREE, Gauge32)
    if pool_used is None or pool_free is None:
        return None, None
    return pool_used // 1024, pool_free // 1024


def _interfaces(reader: Reader, rows: Rows, values: Mapping[Oid, Value]) -> dict[str, InterfaceSample]:
    """The rows that were asked for and still carry the name they are asked by."""
    found: dict[str, InterfaceSample] = {}
    for name, index in rows.interfaces.items():
        oid = (*oids.IF_DESCR, index)
        if oid in values and reader.text(f"ifDescr of {name}", oid) == name:
            found[name] = _interface(reader, name, index)
    return found


def _interface(reader: Reader, name: str, index: int) -> InterfaceSample:
    incoming = reader.take(f"ifHCInOctets of {name}", (*oids.IF_HC_IN_OCTETS, index), Counter64)
    outgoing = reader.take(f"ifHCOutOctets of {name}", (*oids.IF_HC_OUT_OCTETS, index), Counter64)
    return InterfaceSample(
        admin=reader.enum(f"ifAdminStatus of {name}", (*oids.IF_ADMIN_STATUS, index), AdminStatus),
        oper=reader.enum(f"ifOperStatus of {name}", (*oids.IF_OPER_STATUS, index), OperStatus),
        last_change_s=reader.seconds(f"ifLastChange of {name}", (*oids.IF_LAST_CHANGE, index)),
        in_octets=None if incoming is None else int(incoming),
        out_octets=None if outgoing is None else int(outgoing),
        discontinuity_s=reader.seconds(
            f"ifCounterDiscontinuityTime of {name}", (*oids.IF_COUNTER_DISCONTINUITY, index)
        ),
    )
