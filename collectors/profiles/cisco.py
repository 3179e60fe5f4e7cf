"""Cisco's agent: IOS and IOS-XE."""

from __future__ import annotations

from collectors import oids
from collectors.profiles.profile import Own, Profile
from collectors.snmp import Gauge32, Oid
from collectors.typed import Reader

#: entPhysicalClass of a chassis.
CHASSIS = 3


def own(reader: Reader, processors: tuple[int, ...]) -> Own:
    """Serial number, times of the configuration, the busiest processor, and memory."""
    used, free = _memory(reader, processors)
    return Own(
        serial=_serial(reader),
        config_changed_s=reader.seconds("ccmHistoryRunningLastChanged", oids.CONFIG_CHANGED),
        config_saved_s=reader.seconds("ccmHistoryRunningLastSaved", oids.CONFIG_SAVED),
        startup_changed_s=reader.seconds("ccmHistoryStartupLastChanged", oids.STARTUP_CHANGED),
        cpu_1_min_percent=_busiest(reader, "cpmCPUTotal1minRev", oids.CPU_1_MIN, processors),
        cpu_5_min_percent=_busiest(reader, "cpmCPUTotal5minRev", oids.CPU_5_MIN, processors),
        memory_used_kb=used,
        memory_free_kb=free,
    )


def _serial(reader: Reader) -> str | None:
    if reader.take("entPhysicalClass", oids.CHASSIS_CLASS, int) != CHASSIS:
        return None
    return reader.text("entPhysicalSerialNum", oids.CHASSIS_SERIAL)


def _busiest(reader: Reader, what: str, column: Oid, processors: tuple[int, ...]) -> int | None:
    loads = [reader.number(what, (*column, row), Gauge32, 0, 100) for row in processors]
    return max((load for load in loads if load is not None), default=None)


def _memory(reader: Reader, processors: tuple[int, ...]) -> tuple[int | None, int | None]:
    """Used and free in kB, of the first processor that tells, else of the processor's pool."""
    for row in processors:
        used = reader.take("cpmCPUMemoryUsed", (*oids.CPU_MEMORY_USED, row), Gauge32)
        free = reader.take("cpmCPUMemoryFree", (*oids.CPU_MEMORY_FREE, row), Gauge32)
        if used is not None and free is not None:
            return int(used), int(free)
    pool_used = reader.take("ciscoMemoryPoolUsed", oids.POOL_USED, Gauge32)
    pool_free = reader.take("ciscoMemoryPoolFree", oids.POOL_FREE, Gauge32)
    if pool_used is None or pool_free is None:
        return None, None
    return pool_used // 1024, pool_free // 1024


CISCO = Profile(
    interface_name=oids.IF_DESCR,
    uptime=oids.SYS_UPTIME,
    uptime_name="sysUpTime",
    scalars=(
        oids.CHASSIS_CLASS,
        oids.CHASSIS_SERIAL,
        oids.CONFIG_CHANGED,
        oids.CONFIG_SAVED,
        oids.STARTUP_CHANGED,
        oids.POOL_USED,
        oids.POOL_FREE,
    ),
    processor=oids.CPU_5_MIN,
    processor_columns=(oids.CPU_1_MIN, oids.CPU_5_MIN, oids.CPU_MEMORY_USED, oids.CPU_MEMORY_FREE),
    own=own,
    far_ends=oids.IPSEC_REMOTE,
)
