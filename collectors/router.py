"""What is read of a router in a poll, and what an answer says: pure; ``collectors.poller`` does the asking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import IPv4Address

from collectors import oids
from collectors.profiles import Profile
from collectors.sample import AdminStatus, InterfaceSample, OperStatus, RouterSample
from collectors.snmp import Answer, Counter64, Oid, Value
from collectors.typed import Reader

#: Read of every agent, whatever its kind.
SCALARS: tuple[Oid, ...] = (
    oids.ENGINE_ID,
    oids.ENGINE_BOOTS,
    oids.ENGINE_TIME,
    oids.SYS_NAME,
    oids.IF_NUMBER,
)

#: Read of every interface, beside its name.
INTERFACE_COLUMNS: tuple[Oid, ...] = (
    oids.IF_ADMIN_STATUS,
    oids.IF_OPER_STATUS,
    oids.IF_LAST_CHANGE,
    oids.IF_HC_IN_OCTETS,
    oids.IF_HC_OUT_OCTETS,
    oids.IF_COUNTER_DISCONTINUITY,
)


@dataclass(frozen=True, slots=True)
class Rows:
    """Where a router keeps what is read: ifIndex by interface name, and the indexes of its processors."""

    interfaces: Mapping[str, int]
    processors: tuple[int, ...] = ()


def discovery(profile: Profile) -> tuple[Oid, ...]:
    """What is walked to find the rows, side by side."""
    return profile.interface_name, profile.processor


def find_rows(profile: Profile, values: Mapping[Oid, Value]) -> Rows:
    """The rows in a walk of ``discovery``; interfaces whose name is no text are left out."""
    reader = Reader(values)
    interfaces: dict[str, int] = {}
    processors: list[int] = []
    for oid in values:
        column, index = oid[:-1], oid[-1]
        if column == profile.interface_name and (name := reader.text("an interface's name", oid)):
            interfaces.setdefault(name, index)
        elif column == profile.processor:
            processors.append(index)
    return Rows(interfaces, tuple(processors))


def instances(profile: Profile, rows: Rows, wanted: Iterable[str] | None) -> tuple[Oid, ...]:
    """What to GET; ``wanted`` names the interfaces, None means all."""
    names = rows.interfaces if wanted is None else [name for name in sorted(set(wanted)) if name in rows.interfaces]
    columns = (profile.interface_name, *INTERFACE_COLUMNS)
    return (
        profile.uptime,
        *SCALARS,
        *profile.scalars,
        *((*column, row) for row in rows.processors for column in profile.processor_columns),
        *((*column, rows.interfaces[name]) for name in names for column in columns),
    )


def outdated(profile: Profile, rows: Rows, before: RouterSample | None, values: Mapping[Oid, Value]) -> bool:
    """Whether the rows may have moved: another name in a row, uptime lower or another number of interfaces."""
    reader = Reader(values)
    for name, index in rows.interfaces.items():
        oid = (*profile.interface_name, index)
        if oid in values and reader.text("an interface's name", oid) != name:
            return True
    if before is None:
        return False
    uptime = reader.seconds(profile.uptime_name, profile.uptime)
    if uptime is not None and before.uptime_s is not None and uptime < before.uptime_s:
        return True
    return reader.take("ifNumber", oids.IF_NUMBER, int) != before.interface_count


def failed(router: str, at: datetime, answer: Answer) -> RouterSample:
    """The sample of a poll that brought nothing."""
    return RouterSample(router, at, answer.failure, answer.detail)


def with_peers(sample: RouterSample, column: Oid, walk: Answer) -> RouterSample:
    """The sample with the remote ends of its IPsec tunnels; a walk that failed tells nothing of them."""
    if walk.failure is not None:
        return sample
    octets = [value for oid, value in walk.values.items() if oid[:-1] == column]
    peers = frozenset(str(IPv4Address(value)) for value in octets if isinstance(value, bytes) and len(value) == 4)
    return replace(sample, peers=peers, requests=sample.requests + walk.requests, lost=sample.lost + walk.lost)


def decode(profile: Profile, router: str, at: datetime, answer: Answer, rows: Rows) -> RouterSample:
    """The sample in an answer to ``instances``; values of the wrong type become problems."""
    reader = Reader(answer.values)
    reader.require(profile.uptime_name, profile.uptime)
    engine_id = reader.take("snmpEngineID", oids.ENGINE_ID, bytes)
    own = profile.own(reader, rows.processors)
    return RouterSample(
        router,
        at,
        round_trip_s=answer.round_trip_s,
        uptime_s=reader.seconds(profile.uptime_name, profile.uptime),
        engine_id=None if engine_id is None else engine_id.hex(),
        engine_boots=reader.number("snmpEngineBoots", oids.ENGINE_BOOTS, int, 0, 2**31 - 1),
        engine_time_s=reader.number("snmpEngineTime", oids.ENGINE_TIME, int, 0, 2**31 - 1),
        name=reader.text("sysName", oids.SYS_NAME),
        serial=own.serial,
        config_changed_s=own.config_changed_s,
        config_saved_s=own.config_saved_s,
        startup_changed_s=own.startup_changed_s,
        cpu_1_min_percent=own.cpu_1_min_percent,
        cpu_5_min_percent=own.cpu_5_min_percent,
        idle_ticks=own.idle_ticks,
        processors=len(rows.processors),
        memory_used_kb=own.memory_used_kb,
        memory_free_kb=own.memory_free_kb,
        interface_count=reader.number("ifNumber", oids.IF_NUMBER, int, 0, 2**31 - 1),
        interfaces=_interfaces(profile, reader, rows, answer.values),
        requests=answer.requests,
        lost=answer.lost,
        problems=tuple(reader.problems),
    )


def _interfaces(
    profile: Profile, reader: Reader, rows: Rows, values: Mapping[Oid, Value]
) -> dict[str, InterfaceSample]:
    """The rows that were asked for and still carry the name they are asked by."""
    found: dict[str, InterfaceSample] = {}
    for name, index in rows.interfaces.items():
        oid = (*profile.interface_name, index)
        if oid in values and reader.text(f"the name of {name}", oid) == name:
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
