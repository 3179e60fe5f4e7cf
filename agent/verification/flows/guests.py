"""Whether guests get an address, a gateway and name servers from the router, and reach nothing else of it [WV-11]."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.forwarding.device import FIX, ILAN, Device
from agent.verification.forwarding.ordered import guests_may, guests_need
from agent.verification.forwarding.steps import follow
from agent.verification.packets.sets import LAST_ADDRESS, TCP, beyond, merged, packets, span_of
from agent.verification.packets.tables import UP
from device_templates.model import Interface, LeasePool
from inventory.options import Ilan

#: From where and whereto an address is asked for.
_ASKING = (0, LAST_ADDRESS)
_OPTION = "options.ilan"
_SSH = (22, 22)


def guests_get_addresses(device: Device) -> Iterator[Finding]:
    """Guests get an address, a gateway and the ordered name servers from the router, and may ask for them [WV-11]."""
    ilan = device.view.site.options.ilan
    for entrance in device.of_role(ILAN) if ilan else ():
        if ilan:
            yield from _pools(device, ilan, entrance)
        passed = device.listed(entrance, "in") & device.gate(entrance, None)[0]
        if missing := guests_need() - passed:
            packet = missing.witness(*_ASKING)
            gate = device.gate_hop(entrance, None, packet)
            lines, path = (gate.lines, (gate,)) if gate else ((), ())
            message = "guests' requests for an address do not reach the router"
            yield device.finding("WV-11", message, FIX, option=_OPTION, lines=lines, packet=packet, path=path)


def _pools(device: Device, ilan: Ilan, entrance: Interface) -> Iterator[Finding]:
    """What is wrong with the pools of the guests' network; name servers are those ordered, or the access's own."""
    pools = [one for one in device.model.leases if one.network == ilan.address.network]
    fitting = [one for one in pools if one.vrf == entrance.vrf and one.gateway == ilan.address.ip]
    if not fitting:
        message = f"no pool leases addresses of {ilan.address.network} with the gateway {ilan.address.ip}"
        lines = device.lines(*(one.at for one in pools))
        yield device.finding("WV-11", message, FIX, option=_OPTION, lines=lines)
        return
    told = ilan.dns or device.view.site.access.address == "dhcp"
    if told and not any(one.names for one in fitting):
        lines = device.lines(*(one.at for one in fitting))
        yield device.finding("WV-11", "guests are told no name server", FIX, option=_OPTION, lines=lines)
    for pool in (one for one in fitting if ilan.dns and one.servers and set(one.servers) != set(ilan.dns)):
        message = f"guests are told name servers that were not ordered: {', '.join(map(str, pool.servers))}"
        lines = device.lines(pool.at.of("servers") or pool.at.line)
        yield device.finding("WV-11", message, FIX, option=f"{_OPTION}.dns", lines=lines)
    for pool in (one for one in pools if one.vrf == entrance.vrf and one not in fitting):
        message = f"pool {pool.name} leases addresses of {ilan.address.network} with the gateway {pool.gateway}"
        yield device.finding("WV-11", message, FIX, option=_OPTION, lines=device.lines(pool.at))
    if not any(_has_room(one, ilan) for one in fitting):
        lines = device.lines(*(number for one in fitting for number in (one.at.line, one.at.of("excluded"))))
        message = f"every address of {ilan.address.network} is excluded: none is left to lease"
        yield device.finding("WV-11", message, FIX, option=_OPTION, lines=lines)


def _has_room(pool: LeasePool, ilan: Ilan) -> bool:
    """Whether there is an address that the pool may lease: none of the network's own, the router's, or excluded."""
    first, last = span_of(ilan.address.network)
    own = (int(ilan.address.ip), int(ilan.address.ip))
    taken = merged([own, *((int(one), int(two)) for one, two in pool.excluded)])
    return any(True for _ in beyond((first + 1, last - 1), taken))


def guests_reach_the_router_for_leases(device: Device) -> Iterator[Finding]:
    """Guests reach the router for an address and for names only [WV-11]."""
    for entrance in device.of_role(ILAN):
        passed = device.listed(entrance, "in") & device.gate(entrance, None)[0]
        if more := passed - guests_may():
            shown = more & packets(protocols=[TCP], destination_ports=[_SSH], kinds=(0, 0))
            guests = int(entrance.address.network[0]) + 50 if entrance.address else 0
            own = int(entrance.address.ip) if entrance.address else None
            packet = (shown or more).towards(own).witness(guests)
            path = follow(device, entrance, packet, UP)
            lines = device.lines(entrance.at)
            message = "guests reach the router itself for more than an address"
            yield device.finding("WV-11", message, FIX, option=_OPTION, lines=lines, packet=packet, path=path)
