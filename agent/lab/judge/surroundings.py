"""What surrounds routers whose configurations are known to be right: accesses, LANs, the centre, primary routers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from agent.lab.errors import LabError
from agent.lab.judge.desk import chassis_of, typed
from agent.lab.running.config import Interface, RouterConfig
from agent.lab.spec import Centre, Device, IspAccess, LabSpec, LanPort, Primary

_DEFAULT = IPv4Network("0.0.0.0/0")
#: Where leases come from: the range for tests between networks (RFC 2544).
_LEASES = IPv4Network("198.18.0.0/15")
_NOT_PUBLIC = tuple(
    IPv4Network(text)
    for text in ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
                 "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/3")
)  # fmt: skip
_NOBODY = Centre(
    peer=IPv4Address("203.0.113.1"),
    identity="centre.invalid",
    domain="invalid",
    tunnel_peer=IPv4Address("192.0.2.1"),
    networks=(IPv4Network("192.0.2.0/24"),),
    ike_psk="none",
)


def surroundings(
    texts: Mapping[str, str],
    *,
    translated: Collection[str] = (),
    primaries: Mapping[tuple[str, str], Primary] | None = None,
    releases: Mapping[str, str] | None = None,
) -> LabSpec:
    """The lab in which these configurations work, by router name: call it with the reference, never with a mutant.

    ``translated`` names routers behind the customer's modem; ``primaries`` are the routers beside ours, by router and
    LAN interface. Every LAN is full of hosts, every public address of the internet answers. A router's name is the one
    in its management identity. Raises LabError where a configuration has no access or no tunnel.
    """
    configs = {
        name: typed(text, chassis_of(text, (releases or {}).get(name, ""))).config for name, text in texts.items()
    }
    leases = _LEASES.subnets(new_prefix=30)
    devices = tuple(
        _device(number, name, config, leases, name in translated, primaries or {})
        for number, (name, config) in enumerate(sorted(configs.items()), 1)
    )
    return LabSpec(devices=devices, centre=_centre(configs), internet=tuple(_public()))


def _public() -> Iterator[IPv4Network]:
    """The internet: every address that is not private or special."""
    rest = [_DEFAULT]
    for hole in _NOT_PUBLIC:
        rest = [part for whole in rest for part in (whole.address_exclude(hole) if hole.subnet_of(whole) else (whole,))]
    yield from sorted(rest)


def _device(
    number: int,
    name: str,
    config: RouterConfig,
    leases: Iterator[IPv4Network],
    behind: bool,
    primaries: Mapping[tuple[str, str], Primary],
) -> Device:
    access = _access(name, config, leases, behind)
    management = next((config.address_of(one) for one, two in config.tunnels() if two.mode == "ipsec ipv4"), None)
    return Device(
        name=name,
        model="C1111-8P",
        serial=f"JDG{number:07}",
        release="17.9",
        access=access,
        lan=tuple(_lan(name, config, access.interface, primaries)),
        management=management.ip if management else IPv4Address(int(IPv4Address("192.0.2.0")) + 2 + number),
        listen=IPv4Address(int(IPv4Address("127.254.0.0")) + number),
    )


def _access(name: str, config: RouterConfig, leases: Iterator[IPv4Network], behind: bool) -> IspAccess:
    front = next((config.interfaces.get(tunnel.source) for _, tunnel in config.tunnels()), None)
    if front is None or not (front.dhcp or front.address):
        raise LabError(f"{name}: no tunnel starts at an interface with an address; its surroundings cannot be known")
    if front.dhcp or front.address is None:
        leased = next(leases)
        address, gateway = IPv4Interface((leased[2], leased.prefixlen)), leased[1]
    else:
        address, gateway = front.address, _gateway(config, front, front.address)
    return IspAccess(
        interface=front.name,
        address=address,
        gateway=gateway,
        dhcp=front.dhcp,
        public=next(leases)[2] if behind else None,
    )


def _gateway(config: RouterConfig, front: Interface, own: IPv4Interface) -> IPv4Address:
    stated = (route.via for route in config.routes if route.vrf == front.vrf and route.prefix == _DEFAULT)
    on_link = (via for via in stated if via is not None and via in own.network)
    return next(on_link, next(host for host in own.network.hosts() if host != own.ip))


def _lan(
    name: str, config: RouterConfig, access: str, primaries: Mapping[tuple[str, str], Primary]
) -> Iterator[LanPort]:
    """Ports with cables: switch ports of a VLAN that has an interface, and routed ports."""
    placed: set[str] = set()
    for port in config.interfaces.values():
        if port.shutdown or "Ethernet" not in port.name or port.name == access:
            continue
        lan = port.name if port.address else f"Vlan{port.access_vlan or 1}"
        found = config.interfaces.get(lan)
        if found is not None and not found.shutdown and found.address is not None:
            primary = primaries.get((name, lan)) if lan not in placed else None
            placed.add(lan)
            yield LanPort(interface=port.name, crowded=True, primary=primary)


def _centre(configs: Mapping[str, RouterConfig]) -> Centre:
    """The management centre's end, from the first router that has a tunnel to it."""
    for config in configs.values():
        for interface, tunnel in config.tunnels():
            ipsec = config.crypto.ipsec_profiles.get(tunnel.profile)
            ike = config.crypto.ike_profiles.get(ipsec.ike_profile) if ipsec else None
            if tunnel.mode != "ipsec ipv4" or tunnel.destination is None or ike is None:
                continue
            peers = config.crypto.keyrings.get(ike.keyring, ())
            key = next((one.remote for one in peers if one.network and tunnel.destination in one.network), "")
            networks = tuple(route.prefix for route in config.routes if route.interface == interface.name)
            named = next((match.split()[-1] for match in ike.match if match.startswith("fqdn")), "centre.invalid")
            if networks:
                return Centre(
                    peer=tunnel.destination,
                    identity=named,
                    domain=ike.identity.removeprefix("fqdn ").partition(".")[2] or "invalid",
                    tunnel_peer=networks[0][1],
                    networks=networks,
                    ike_psk=key or "none",
                )
    return _NOBODY
