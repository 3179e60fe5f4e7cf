"""BGP4-MIB (RFC 4273), CISCO-NTP-MIB and the processor's load in CISCO-PROCESS-MIB, of one router.

As on real routers, the peers of a VRF are not in BGP4-MIB unless the VRF has an SNMP context of its own, which the
agent does not serve: only neighbours of the global table are rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from agent.lab.routing.sessions import Session
from agent.lab.shows.bgp import router_id
from agent.lab.shows.common import View
from agent.lab.shows.ntp import servers
from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.values import address, counter32, gauge, number, octets

Row = tuple[Oid, Callable[[], Value]]

_BGP: Oid = (1, 3, 6, 1, 2, 1, 15)
_NTP: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 168, 1)
_CPU: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 109, 1, 1, 1, 1)
_ESTABLISHED, _ACTIVE, _IDLE = 6, 3, 1
_UNSYNCHRONISED, _REMOTE = 3, 6  # cntpSysSrvStatus
_STRATUM = 3
_SINCE_1900 = 2_208_988_800


def bgp(look: Callable[[], View]) -> Iterator[Row]:
    """The process, and the neighbours in the global table."""
    view = look()
    config = view.station.config.bgp
    if config is None:
        return
    yield (*_BGP, 1, 0), _always(octets(b"\x10"))
    yield (*_BGP, 2, 0), _always(number(config.asn))
    for session in view.network.sessions_of(view.router.name, ""):
        yield from _peer(look, session)
    yield (*_BGP, 4, 0), _always(address(router_id(view, config, [config.families[""]])))


def _peer(look: Callable[[], View], session: Session) -> Iterator[Row]:
    def up() -> bool:
        return look().network.session_state(session).up

    def age() -> int:
        view = look()
        state = view.network.session_state(session)
        return int(view.now - state.since) if state.up or state.flaps else 0

    def transitions() -> Value:
        state = look().network.session_state(session)
        return counter32(state.flaps + state.up)

    columns: dict[int, Callable[[], Value]] = {
        1: lambda: address(session.peer if up() else IPv4Address(0)),
        2: lambda: number(_ESTABLISHED if up() else _IDLE if session.settings.shutdown else _ACTIVE),
        3: lambda: number(1 if session.settings.shutdown else 2),
        4: lambda: number(4),
        5: lambda: address(session.local or IPv4Address(0)),
        6: lambda: number(179),
        7: lambda: address(session.peer),
        8: lambda: number(179),
        9: lambda: number(session.remote_as),
        10: lambda: counter32(1 if up() else 0),
        11: lambda: counter32(1 if up() else 0),
        12: lambda: counter32(age() // 20 + 4 if up() else 0),
        13: lambda: counter32(age() // 20 + 4 if up() else 0),
        14: lambda: octets(b"\x00\x00" if up() else b"\x04\x00"),
        15: transitions,
        16: lambda: gauge(age()),
        17: lambda: number(120),
        18: lambda: number(60 if up() else 0),
        19: lambda: number(20 if up() else 0),
        20: lambda: number(60),
        21: lambda: number(20),
        22: lambda: number(15),
        23: lambda: number(30),
        24: lambda: gauge(age()),
    }
    for column, value in columns.items():
        yield (*_BGP, 3, 1, column, *session.peer.packed), value


def ntp(look: Callable[[], View]) -> Iterator[Row]:
    """The clock, and the servers that are configured."""
    if not look().router.running.has("ntp server"):
        return

    def source() -> tuple[int, IPv4Address] | None:
        found = ((place, one) for place, (one, answers) in enumerate(servers(look()), 1) if answers)
        return next(found, None)

    def reference() -> Value:
        found = source()
        return octets(found[1].packed if found else b"INIT")

    yield (*_NTP, 1, 1, 0), lambda: number(0 if source() else 3)
    yield (*_NTP, 1, 2, 0), lambda: number(_STRATUM if source() else 16)
    yield (*_NTP, 1, 3, 0), lambda: number(-10)
    yield (*_NTP, 1, 4, 0), lambda: _seconds(0.0124 if source() else 0.0)
    yield (*_NTP, 1, 5, 0), lambda: _seconds(0.0073 if source() else 0.0)
    yield (*_NTP, 1, 6, 0), reference
    yield (*_NTP, 1, 8, 0), lambda: number(6)
    yield (*_NTP, 1, 9, 0), lambda: gauge((source() or (0, None))[0])
    yield (*_NTP, 1, 10, 0), lambda: _moment(look().now)
    yield (*_NTP, 1, 11, 0), lambda: number(_REMOTE if source() else _UNSYNCHRONISED)
    for place, (server, _) in enumerate(servers(look()), 1):
        yield from _association(look, place, server)


def _association(look: Callable[[], View], place: int, server: IPv4Address) -> Iterator[Row]:
    def answers() -> bool:
        return dict(servers(look())).get(server, False)

    columns: dict[int, Callable[[], Value]] = {
        2: lambda: number(1),
        3: lambda: address(server),
        4: lambda: number(123),
        7: lambda: number(0 if answers() else 3),
        8: lambda: number(3),
        9: lambda: number(_STRATUM - 1 if answers() else 16),
        10: lambda: number(6),
        11: lambda: number(6),
        21: lambda: number(255 if answers() else 0),
        23: lambda: _seconds(0.0005 if answers() else 0.0),
        24: lambda: _seconds(0.0124 if answers() else 0.0),
        25: lambda: _seconds(0.0011 if answers() else 16.0),
    }
    for column, value in columns.items():
        yield (*_NTP, 2, 1, 1, column, place), value


def processor(look: Callable[[], View]) -> Iterator[Row]:
    """cpmCPUTotal5sec, 1min and 5min, in their old and their revised columns."""

    def average(which: int) -> Callable[[], Value]:
        def value() -> Value:
            view = look()
            return gauge(round(view.world.trouble.load(view.router).averages(view.now)[which]))

        return value

    for which, columns in enumerate(((3, 6), (4, 7), (5, 8))):
        for column in columns:
            yield (*_CPU, column, 1), average(which)


def _seconds(value: float) -> Value:
    """NTPSignedTimeValue: 16 bits of seconds, 16 of their fraction."""
    return octets((round(value * 65536) & 0xFFFFFFFF).to_bytes(4, "big"))


def _moment(at: float) -> Value:
    """NTPTimeStamp."""
    return octets(int((at + _SINCE_1900) * (1 << 32)).to_bytes(8, "big"))


def _always(value: Value) -> Callable[[], Value]:
    return lambda: value
