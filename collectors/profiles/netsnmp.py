"""net-snmp's agent on Linux.

Its sysUpTime is its own, and falls when it is restarted: the router's is hrSystemUptime. Its ifDescr is what a PCI card
is called, where the card says so: ifName is the kernel's name.
"""

from __future__ import annotations

from collectors import oids
from collectors.profiles.profile import Own, Profile
from collectors.snmp import Counter32, Counter64
from collectors.typed import Reader


def own(reader: Reader, processors: tuple[int, ...]) -> Own:
    """Load of all processors together over a minute, their idle time, and memory.

    The agent tells no load over five minutes: that is the idle time of two polls. It has no load of a minute before it
    has run for one.
    """
    loads = [reader.number("hrProcessorLoad", (*oids.HR_PROCESSOR_LOAD, row), int, 0, 100) for row in processors]
    known = [load for load in loads if load is not None]
    ticks = reader.take("ssCpuRawIdle", oids.CPU_IDLE, Counter32)
    used, free = _memory(reader)
    return Own(
        cpu_1_min_percent=round(sum(known) / len(known)) if known else None,
        idle_ticks=int(ticks) if ticks else None,  # 0: not measured yet
        memory_used_kb=used,
        memory_free_kb=free,
    )


def _memory(reader: Reader) -> tuple[int | None, int | None]:
    """Used and free in kB; free is what programs can have, caches that the kernel gives back included."""
    total = reader.number("memTotalReal", oids.MEMORY_TOTAL, int, 0, 2**31 - 1)
    free = reader.take("memSysAvail", oids.MEMORY_AVAILABLE, Counter64)
    if total is None or free is None or free > total:
        return None, None
    return total - int(free), int(free)


NET_SNMP = Profile(
    interface_name=oids.IF_NAME,
    uptime=oids.HR_SYSTEM_UPTIME,
    uptime_name="hrSystemUptime",
    scalars=(oids.CPU_IDLE, oids.MEMORY_TOTAL, oids.MEMORY_AVAILABLE),
    processor=oids.HR_PROCESSOR,
    processor_columns=(oids.HR_PROCESSOR_LOAD,),
    own=own,
    lines=oids.TOLD_LINES,
)
