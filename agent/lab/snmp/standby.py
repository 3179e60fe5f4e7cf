"""CISCO-HSRP-MIB and CISCO-RTTMON-MIB of one router: its standby groups, and the IP SLA operations that they track."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address

from agent.lab.net.standing import heard
from agent.lab.running.config import Interface
from agent.lab.shows.common import View
from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.values import address, gauge, number, octets
from agent.lab.traffic.standby import Group, State
from agent.lab.traffic.tracks import Probe

Row = tuple[Oid, Callable[[], Value]]

_HSRP: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 106, 1, 2, 1, 1)
_RTTMON: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 42, 1, 2)
#: cHsrpGrpStandbyState.
_STATES = {State.INIT: 1, State.STANDBY: 5, State.ACTIVE: 6}
_NOBODY = IPv4Address(0)
_ACTIVE, _TRUE, _FALSE = 1, 1, 2
#: rttMonLatestRttOperSense, and how long an answer takes, in milliseconds.
_OK, _TIMEOUT, _ROUND_TRIP_MS = 1, 4, 12


def groups(look: Callable[[], View], indices: Mapping[str, int]) -> Iterator[Row]:
    """The groups of this moment; ``indices`` are those of the interfaces (ifIndex)."""
    view = look()
    for interface in view.station.config.interfaces.values():
        for group in interface.groups:
            yield from _group(look, interface, group, indices.get(interface.name, 0))


def _group(look: Callable[[], View], interface: Interface, group: Group, index: int) -> Iterator[Row]:
    def state() -> State:
        view = look()
        return {one.number: now for one, now in view.network.standby(view.station, interface)}[group.number]

    def places() -> tuple[IPv4Address, IPv4Address]:
        """The active router, and the one that stands by."""
        view = look()
        own, primary = view.station.address(interface), view.station.primary(interface)
        here = own.ip if own else _NOBODY
        there = primary.address if primary and heard(view.station, primary) is not None else _NOBODY
        return {State.ACTIVE: (here, there), State.STANDBY: (there, here)}.get(state(), (_NOBODY, _NOBODY))

    columns: dict[int, Callable[[], Value]] = {
        3: lambda: gauge(group.priority),
        4: lambda: number(_TRUE if group.preempt else _FALSE),
        11: lambda: address(group.virtual or _NOBODY),
        13: lambda: address(places()[0]),
        14: lambda: address(places()[1]),
        15: lambda: number(_STATES[state()]),
        17: lambda: number(_ACTIVE),
    }
    for column, value in columns.items():
        yield (*_HSRP, column, index, group.number), value


def probes(look: Callable[[], View]) -> Iterator[Row]:
    """The operations that are configured; one that is not scheduled has no latest result."""
    for number_of, probe in look().station.config.probes.items():
        yield (*_RTTMON, 2, 1, 2, number_of), _always(octets(probe.target.packed))
        if probe.runs:
            yield from _latest(look, number_of, probe)


def _latest(look: Callable[[], View], number_of: int, probe: Probe) -> Iterator[Row]:
    def answered() -> bool:
        view = look()
        return view.network.answered(view.station, probe)

    yield (*_RTTMON, 10, 1, 1, number_of), lambda: gauge(_ROUND_TRIP_MS if answered() else 0)
    yield (*_RTTMON, 10, 1, 2, number_of), lambda: number(_OK if answered() else _TIMEOUT)


def _always(value: Value) -> Callable[[], Value]:
    return lambda: value
