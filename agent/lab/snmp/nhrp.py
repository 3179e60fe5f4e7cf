"""NHRP-MIB (RFC 2677) of one router, where ``snmp mib nhrp`` has its agent on: cache, servers and clients in use.

A client (spoke) and a server (hub) are numbered by their tunnel; what is down stays as far as it is configured: a
spoke's registration with its server does, a hub's entries of its spokes vanish.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import IPv4Address

from agent.lab.net.tunnels import Link, Role
from agent.lab.running.config import Interface
from agent.lab.shows.common import View
from agent.lab.shows.dmvpn import peers, tunnels
from agent.lab.snmp.ber import Oid, Value
from agent.lab.snmp.values import counter32, gauge, number, octets, ticks

Row = tuple[Oid, Callable[[], Value]]

_ROOT: Oid = (1, 3, 6, 1, 2, 1, 71, 1)
_IPV4, _TRUE, _FALSE, _ACTIVE = 1, 1, 2, 1
_REGISTERED, _RESOLVED, _CONFIGURED = 2, 3, 6  # nhrpCacheType
_ACKNOWLEDGED, _INCOMPLETE = 2, 1  # nhrpCacheState
_ACK, _REGISTERING = 3, 2  # nhrpClientRegState
_TYPES = {Role.SERVER: _CONFIGURED, Role.CLIENT: _REGISTERED, Role.SHORTCUT: _RESOLVED}
#: Columns of the statistics that stay 0 here.
_QUIET_CLIENT = (1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24)
_QUIET_SERVER = (1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23)


def rows(look: Callable[[], View], indices: Mapping[str, int]) -> Iterator[Row]:
    """Every instance of this moment; ``indices`` are those of the interfaces (ifIndex)."""
    view = look()
    if not view.router.running.has("snmp mib nhrp"):
        return
    yield (*_ROOT, 1, 1, 0), lambda: gauge(len(indices) + 1)
    for interface, _ in tunnels(view):
        links = peers(view, interface)
        index = indices.get(interface.name, 0)
        for place, link in enumerate(links, 1):
            yield from _cached(view, look, link, (index, place))
        servers = [link for link in links if link.role is Role.SERVER]
        if servers:
            yield from _client(view, look, interface, servers, index)
        if any(link.role is Role.CLIENT for link in links) or not servers:
            yield from _server(view, look, interface, [one for one in links if one.role is Role.CLIENT], index)


def _cached(view: View, look: Callable[[], View], link: Link, where: tuple[int, int]) -> Iterator[Row]:
    suffix = (_IPV4, 4, *link.peer_tunnel.packed, *where)
    up, since = view.up(link), view.since(link)
    hold = _hold(view, link)
    columns: dict[int, Callable[[], Value]] = {
        4: lambda: number(32),
        5: lambda: octets(link.peer_tunnel.packed),
        6: lambda: number(_IPV4),
        7: lambda: _address(link.peer_nbma),
        8: lambda: octets(b""),
        9: lambda: number(_TYPES.get(link.role, 1)),
        10: lambda: number(_ACKNOWLEDGED if up or link.role is Role.SERVER else _INCOMPLETE),
        11: lambda: number(_FALSE if link.role is Role.SERVER else _TRUE),
        12: lambda: gauge(0 if link.role is Role.SERVER else int(hold - (look().now - since) % (hold / 3))),
        13: lambda: number(0),
        14: lambda: number(255),
        15: lambda: number(2),
        16: lambda: number(_ACTIVE),
    }
    for column, value in columns.items():
        yield (*_ROOT, 1, 2, 1, column, *suffix), value
    yield (*_ROOT, 3, 2, 1, 1, *suffix), _always(number(_TRUE if link.role is Role.CLIENT else _FALSE))
    yield (*_ROOT, 3, 2, 1, 2, *suffix), _always(number(_FALSE))


def _client(
    view: View, look: Callable[[], View], interface: Interface, servers: list[Link], index: int
) -> Iterator[Row]:
    own = view.station.address(interface)
    fixed = {
        2: number(_IPV4), 3: _address(own.ip if own else None), 4: number(_IPV4), 5: _address(_local(view)),
        6: octets(b""), 7: number(1), 8: number(3), 9: number(3), 10: number(3), 11: gauge(17912),
        12: gauge(int(_hold(view, servers[0]))), 14: number(2), 15: number(_ACTIVE),
    }  # fmt: skip
    for column, value in fixed.items():
        yield (*_ROOT, 2, 1, 1, column, index), _always(value)
    for place, link in enumerate(servers, 1):
        up = view.up(link)
        registration = {2: number(2), 3: number(_ACK if up else _REGISTERING), 4: number(_ACTIVE)}
        for column, value in registration.items():
            yield (*_ROOT, 2, 2, 1, column, index, place), _always(value)
        server = {
            2: number(_IPV4), 3: octets(link.peer_tunnel.packed), 4: number(_IPV4), 5: _address(link.peer_nbma),
            6: octets(b""), 7: number(_TRUE if up else _FALSE), 8: number(_ACTIVE),
        }  # fmt: skip
        for column, value in server.items():
            yield (*_ROOT, 2, 3, 1, column, index, place), _always(value)

    def counted(which: int) -> Callable[[], Value]:
        def count() -> Value:
            now = look()
            known = (now.world.journal.registrations.of(link) for link in servers)
            return counter32(sum(one.at(now.now)[which] or 0 for one in known if one is not None))

        return count

    yield (*_ROOT, 2, 4, 1, 7, index), counted(0)
    yield (*_ROOT, 2, 4, 1, 8, index), counted(1)
    yield (*_ROOT, 2, 4, 1, 25, index), _always(ticks(0))
    for column in _QUIET_CLIENT:
        yield (*_ROOT, 2, 4, 1, column, index), _always(counter32(0))


def _server(
    view: View, look: Callable[[], View], interface: Interface, clients: list[Link], index: int
) -> Iterator[Row]:
    own = view.station.address(interface)
    fixed = {
        2: number(_IPV4), 3: _address(own.ip if own else None), 4: number(_IPV4), 5: _address(_local(view)),
        6: octets(b""), 7: number(2), 8: number(_ACTIVE),
    }  # fmt: skip
    for column, value in fixed.items():
        yield (*_ROOT, 3, 1, 1, column, index), _always(value)
    for place, link in enumerate(clients, 1):
        client = {
            2: number(32), 3: number(_IPV4), 4: octets(link.peer_tunnel.packed), 5: number(_IPV4),
            6: _address(link.peer_nbma), 7: octets(b""), 8: number(_TRUE), 9: number(_ACTIVE),
        }  # fmt: skip
        for column, value in client.items():
            yield (*_ROOT, 3, 3, 1, column, index, place), _always(value)

    def received() -> Value:
        now = look()
        known = now.world.journal.registrations
        return counter32(known.received(now.router.name, interface.name, now.network, now.now))

    yield (*_ROOT, 3, 4, 1, 7, index), received
    yield (*_ROOT, 3, 4, 1, 8, index), received
    for column in _QUIET_SERVER:
        yield (*_ROOT, 3, 4, 1, column, index), _always(counter32(0))


def _hold(view: View, link: Link) -> float:
    interface = view.station.interface(link.interface)
    return float(interface.tunnel.holdtime if interface and interface.tunnel else 600)


def _local(view: View) -> IPv4Address | None:
    wan = view.station.interface(view.station.device.access.interface)
    own = view.station.address(wan) if wan else None
    return own.ip if own else None


def _address(address: IPv4Address | None) -> Value:
    return octets(address.packed if address else b"")


def _always(value: Value) -> Callable[[], Value]:
    return lambda: value
