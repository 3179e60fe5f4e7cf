"""What is read of a Windows server by SNMP: HOST-RESOURCES-MIB (RFC 2790) and the services of LanMgr-Mib-II."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Final

from collectors.clocks.reading import Asked, ClockReading, from_snmp
from collectors.oids import SYS_UPTIME
from collectors.sample import WrongType
from collectors.snmp import Answer, Failure, Oid, SnmpClient, Target, Value
from collectors.tls.certificate import plain
from collectors.typed import Reader

_HOST: Final = (1, 3, 6, 1, 2, 1, 25)
SYSTEM_DATE: Final[Oid] = (*_HOST, 1, 2, 0)
STORAGE_TYPE: Final[Oid] = (*_HOST, 2, 3, 1, 2)
STORAGE_DESCR: Final[Oid] = (*_HOST, 2, 3, 1, 3)
STORAGE_UNITS: Final[Oid] = (*_HOST, 2, 3, 1, 4)
STORAGE_SIZE: Final[Oid] = (*_HOST, 2, 3, 1, 5)
STORAGE_USED: Final[Oid] = (*_HOST, 2, 3, 1, 6)
PROCESSOR_LOAD: Final[Oid] = (*_HOST, 3, 3, 1, 2)
SOFTWARE_NAME: Final[Oid] = (*_HOST, 4, 2, 1, 2)
#: hrStorageTypes: memory, virtual memory and fixed disks.
RAM, VIRTUAL, FIXED_DISK = ((*_HOST, 2, 1, kind) for kind in (2, 3, 4))
#: svSvcTable, indexed by the display name.
SERVICE_NAME: Final[Oid] = (1, 3, 6, 1, 4, 1, 77, 1, 2, 3, 1, 1)
SERVICE_STATE: Final[Oid] = (1, 3, 6, 1, 4, 1, 77, 1, 2, 3, 1, 3)
#: svSvcOperatingState: active and continue-pending serve; pausing and paused do not.
SERVING = frozenset({1, 2})

STORAGE = (STORAGE_TYPE, STORAGE_DESCR, STORAGE_UNITS, STORAGE_SIZE, STORAGE_USED)
#: Rows of a table at most; a busy server runs some 200 programs.
MAX_ROWS = 1024
#: Seconds that all tables may take together.
BOUND_S = 30.0
_MOST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Volume:
    """Something that fills; sizes in octets. ``fixed`` is a disk, the others are kinds of memory."""

    size: int
    used: int
    fixed: bool

    @property
    def percent(self) -> float:
        return 100 * self.used / self.size


@dataclass(frozen=True, slots=True)
class WindowsSample:
    """What the SNMP agent said. A table that is None was not read, or is empty: nothing is known of its rows.

    ``services`` maps display names to whether they serve (None: unreadable); one that is stopped has no row.
    ``loads`` are the processors' percentages over the last minute.
    """

    failure: Failure | None = None
    detail: str = ""
    uptime_s: float | None = None
    loads: tuple[int, ...] | None = None
    volumes: Mapping[str, Volume] | None = None
    services: Mapping[str, bool | None] | None = None
    software: frozenset[str] | None = None
    clock: ClockReading | None = None
    problems: tuple[WrongType, ...] = ()
    unread: Mapping[str, str] = field(default_factory=dict)


async def read(client: SnmpClient, target: Target, zone: tzinfo, clock: Callable[[], datetime]) -> WindowsSample:
    """Ask an agent; one that is silent is asked once. ``zone`` is where the server stands, ``clock`` is ours."""
    try:
        async with asyncio.timeout(BOUND_S):
            return await _read(client, target, zone, clock)
    except TimeoutError:
        return WindowsSample(Failure.UNUSABLE, f"its tables did not end within {BOUND_S:g} s")


async def _read(client: SnmpClient, target: Target, zone: tzinfo, clock: Callable[[], datetime]) -> WindowsSample:
    sent = clock()
    first = await client.get(target, (SYS_UPTIME, SYSTEM_DATE))
    if first.failure is not None:
        return WindowsSample(first.failure, first.detail)
    asked = Asked(sent, clock())
    tables = {
        name: await client.bulk(target, columns, max_rows=MAX_ROWS)
        for name, columns in (
            ("processors", (PROCESSOR_LOAD,)),
            ("storage", STORAGE),
            ("services", (SERVICE_NAME, SERVICE_STATE)),
            ("software", (SOFTWARE_NAME,)),
        )
    }
    return decode(first, tables, asked, zone)


def decode(first: Answer, tables: Mapping[str, Answer], asked: Asked, zone: tzinfo) -> WindowsSample:
    """The sample in the answers: a table that broke off is not read, a value of the wrong type becomes a problem."""
    whole = {name: answer.values for name, answer in tables.items() if answer.failure is None and answer.values}
    unread = {
        name: f"{answer.failure}: {answer.detail}" if answer.failure else "the table is empty"
        for name, answer in tables.items()
        if name not in whole
    }
    reader = Reader({**first.values, **{oid: value for values in whole.values() for oid, value in values.items()}})
    reader.require("sysUpTime", SYS_UPTIME)
    date = reader.take("hrSystemDate", SYSTEM_DATE, bytes)
    return WindowsSample(
        uptime_s=reader.seconds("sysUpTime", SYS_UPTIME),
        loads=_loads(reader, whole["processors"]) if "processors" in whole else None,
        volumes=_volumes(reader, whole["storage"]) if "storage" in whole else None,
        services=_services(reader, whole["services"]) if "services" in whole else None,
        software=_software(reader, whole["software"]) if "software" in whole else None,
        clock=None if date is None else from_snmp(date, asked, zone),
        problems=tuple(reader.problems),
        unread=unread,
    )


def _rows(values: Iterable[Oid], column: Oid) -> list[Oid]:
    """The indexes of a column."""
    size = len(column)
    return [oid[size:] for oid in values if oid[:size] == column]


def _loads(reader: Reader, values: Mapping[Oid, Value]) -> tuple[int, ...] | None:
    loads = [
        reader.number("hrProcessorLoad", (*PROCESSOR_LOAD, *row), int, 0, 100) for row in _rows(values, PROCESSOR_LOAD)
    ]
    return tuple(load for load in loads if load is not None) or None


def _volumes(reader: Reader, values: Mapping[Oid, Value]) -> dict[str, Volume]:
    """Disks and memory; drives without a medium have size 0 and are left out."""
    found: dict[str, Volume] = {}
    for row in _rows(values, STORAGE_DESCR):
        descr = _text(reader, "hrStorageDescr", (*STORAGE_DESCR, *row))
        kind = values.get((*STORAGE_TYPE, *row))
        units = reader.number("hrStorageAllocationUnits", (*STORAGE_UNITS, *row), int, 0, _MOST)
        size = reader.number("hrStorageSize", (*STORAGE_SIZE, *row), int, 0, _MOST)
        used = reader.number("hrStorageUsed", (*STORAGE_USED, *row), int, 0, _MOST)
        if descr and units and size and used is not None and kind in (RAM, VIRTUAL, FIXED_DISK):
            found[_short(descr)] = Volume(size * units, min(used, size) * units, kind == FIXED_DISK)
    return found


def _short(descr: str) -> str:
    """``C:\\ Label:Data  Serial Number 10f82425`` is C:."""
    name = descr.partition(" Label:")[0].strip()
    return name.rstrip("\\") or name


def _services(reader: Reader, values: Mapping[Oid, Value]) -> dict[str, bool | None]:
    found: dict[str, bool | None] = {}
    for row in _rows(values, SERVICE_NAME):
        name = _text(reader, "svSvcName", (*SERVICE_NAME, *row))
        state = reader.number("svSvcOperatingState", (*SERVICE_STATE, *row), int, 1, 4)
        if name:
            found[name] = None if state is None else state in SERVING
    return found


def _software(reader: Reader, values: Mapping[Oid, Value]) -> frozenset[str]:
    names = (_text(reader, "hrSWRunName", (*SOFTWARE_NAME, *row)) for row in _rows(values, SOFTWARE_NAME))
    return frozenset(name for name in names if name)


def _text(reader: Reader, what: str, oid: Oid) -> str | None:
    """A name; Windows gives them in a code page of its own, what is not UTF-8 is shown as question marks."""
    octets = reader.take(what, oid, bytes)
    return None if octets is None else plain(octets.decode("utf-8", "replace").rstrip("\0"))
