"""What is read of a Windows server by SNMP: HOST-RESOURCES-MIB (RFC 2790) and the services of LanMgr-Mib-II."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Final

from collectors.answers import columns, walked
from collectors.clocks.reading import Asked, ClockReading, from_snmp
from collectors.modules import Object, Table, modules_of
from collectors.reading import Reader, Row, WrongType
from collectors.snmp import Answer, Failure, SnmpClient, Target

#: What is asked first, and the tables that are walked, by name.
SCALARS: Final[tuple[Object, ...]] = tuple(one for module in modules_of("windows") for one in module.scalars)
TABLES: Final[Mapping[str, Table]] = {table.name: table for module in modules_of("windows") for table in module.tables}
#: Operating states of services that serve; pausing and paused ones do not.
SERVING = frozenset({"active", "continue pending"})
#: Kinds of storage that fill; a fixed disk, and memory.
FIXED_DISK = "fixed disk"
FILLING = frozenset({FIXED_DISK, "ram", "virtual memory"})
#: Seconds that all tables may take together.
BOUND_S = 30.0


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
    first = await client.get(target, [one.oid for one in SCALARS])
    if first.failure is not None:
        return WindowsSample(first.failure, first.detail)
    asked = Asked(sent, clock())
    tables = {name: await client.bulk(target, columns(table), max_rows=table.most) for name, table in TABLES.items()}
    return decode(first, tables, asked, zone)


def decode(first: Answer, tables: Mapping[str, Answer], asked: Asked, zone: tzinfo) -> WindowsSample:
    """The sample in the answers: a table that broke off is not read, a value of the wrong type becomes a problem."""
    reader = Reader()
    told = {one.name: reader.take(one, first.values.get(one.oid), one.oid) for one in SCALARS}
    uptime_s, date = told["uptime_s"], told["date"]
    whole: dict[str, Mapping[str, Row]] = {}
    unread: dict[str, str] = {}
    for name, answer in tables.items():
        rows = walked(reader, TABLES[name], answer)
        if rows is None:
            unread[name] = f"{answer.failure}: {answer.detail}"
        elif not answer.values:
            unread[name] = "the table is empty"
        else:
            whole[name] = rows
    return WindowsSample(
        uptime_s=None if uptime_s is None else float(uptime_s),
        loads=_loads(whole["processors"]) if "processors" in whole else None,
        volumes=_volumes(whole["storage"]) if "storage" in whole else None,
        services=_services(whole["services"]) if "services" in whole else None,
        software=_software(whole["software"]) if "software" in whole else None,
        clock=from_snmp(bytes.fromhex(date), asked, zone) if isinstance(date, str) else None,
        problems=tuple(reader.problems),
        unread=unread,
    )


def _loads(rows: Mapping[str, Row]) -> tuple[int, ...] | None:
    return tuple(load for row in rows.values() if isinstance(load := row.get("load_percent"), int)) or None


def _volumes(rows: Mapping[str, Row]) -> dict[str, Volume]:
    """Disks and memory; drives without a medium have size 0 and are left out."""
    found: dict[str, Volume] = {}
    for name, row in rows.items():
        kind, (units, size, used) = row.get("kind"), (_whole(row, one) for one in ("unit_octets", "size", "used"))
        if kind in FILLING and units and size and used is not None:
            found[name.rstrip("\\") or name] = Volume(size * units, min(used, size) * units, kind == FIXED_DISK)
    return found


def _whole(row: Row, name: str) -> int | None:
    found = row.get(name)
    return found if isinstance(found, int) else None


def _services(rows: Mapping[str, Row]) -> dict[str, bool | None]:
    return {name: row["state"] in SERVING if "state" in row else None for name, row in rows.items()}


def _software(rows: Mapping[str, Row]) -> frozenset[str]:
    return frozenset(str(row["name"]) for row in rows.values() if row.get("name"))
