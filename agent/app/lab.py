"""The lab that an inventory describes: its accesses, LANs, hosts and the management centre's end."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from agent.app.lync_lab import lync_servers
from agent.config import Secrets, reached
from agent.errors import Refused
from agent.lab.spec import Authority, Centre, Device, IspAccess, LabSpec, LanPort, Primary
from inventory import Inventory, SiteView
from inventory.settings import ManagementCentre
from inventory.site import Lan

#: Where the lab's internet leases addresses to accesses with DHCP: the range for tests between networks (RFC 2544).
LEASES = IPv4Network("198.18.0.0/15")
#: Where the lab's internet has hosts that answer: well-known name servers.
INTERNET = (IPv4Network("9.9.9.9/32"), IPv4Network("8.8.8.0/24"), IPv4Network("1.1.1.0/24"))
#: Each customer LAN gets a host of its own at this place in it, beside those that the inventory names.
HOST_IN_LAN = 100


def lab_spec(inventory: Inventory, secrets: Secrets, speed: float) -> LabSpec:
    """One blank virtual router for each router of the inventory; ``speed`` lab seconds pass in one real second.

    Raises Refused where there is nothing to build, or where this machine would not reach the lab's routers.
    """
    views = list(inventory.sites())
    if not views:
        raise Refused("the inventory has no routers", where="customers/", remedy="spokesman init --example makes some")
    leases = (network for network in LEASES.subnets(new_prefix=30))
    return LabSpec(
        devices=tuple(_device(inventory, secrets, view, leases) for view in views),
        centre=_centre(inventory.settings.management_centre, secrets),
        authorities=tuple(
            Authority(url=one.enrollment_url, fingerprint=one.fingerprint, name=name)
            for name, one in inventory.settings.pki.items()
        ),
        servers=tuple(lync_servers(inventory, secrets)),
        internet=INTERNET,
        speed=speed,
    )


def _centre(centre: ManagementCentre, secrets: Secrets) -> Centre:
    return Centre(
        peer=centre.peer,
        identity=centre.identity,
        domain=centre.domain,
        tunnel_peer=centre.tunnel_peer,
        networks=centre.networks,
        ike_psk=secrets(centre.ike_psk).reveal(),
        manager=centre.snmp_managers[0],
    )


def _device(inventory: Inventory, secrets: Secrets, view: SiteView, leases: Iterator[IPv4Network]) -> Device:
    router = view.router
    host, ssh_port = reached(inventory.settings, router.management.address, router.management.port)
    snmp_host, snmp_port = reached(inventory.settings, router.management.address, router.snmp.port)
    if not IPv4Address(host).is_loopback or host != snmp_host or min(ssh_port, snmp_port) < 1024:
        raise Refused(
            f"{router.name} would be reached at {host}, ports {ssh_port} and {snmp_port}: that is no place for a lab",
            where="spokesman.toml [reach.nat]",
            remedy='translate to loopback: reached = "127.254.0.0/16", ports = {22 = 2022, 161 = 1161}',
        )
    return Device(
        name=router.name,
        model=router.model,
        serial=router.serial or _serial(view),
        release=router.release,
        access=_access(view, leases),
        lan=tuple(_lan_ports(inventory, secrets, view)),
        management=router.management.address,
        listen=IPv4Address(host),
        ssh_port=ssh_port,
        snmp_port=snmp_port,
    )


def _serial(view: SiteView) -> str:
    """A router that the inventory knows no serial number of still has one."""
    return f"FLB{int(view.router.management.address):08X}"


def _access(view: SiteView, leases: Iterator[IPv4Network]) -> IspAccess:
    access = view.site.access
    if isinstance(access.address, IPv4Interface) and access.gateway is not None:
        address, gateway, dhcp = access.address, access.gateway, False
    else:
        leased = next(leases)
        gateway, dhcp = leased[1], True
        address = IPv4Interface((leased[2], leased.prefixlen))
    return IspAccess(
        interface=access.interface,
        address=address,
        gateway=gateway,
        dhcp=dhcp,
        public=next(leases)[2] if access.nat else None,
        kbps=access.up_kbps,
    )


def _lan_ports(inventory: Inventory, secrets: Secrets, view: SiteView) -> Iterator[LanPort]:
    for vpn, lans in view.site.lans.items():
        for lan in lans:
            hosts = sorted({*_named_hosts(view, vpn, lan), *_own_host(lan.address)})
            primary = _primary(inventory, secrets, view, vpn) if lan is lans[0] else None
            yield LanPort(interface=lan.ports[0], hosts=tuple(hosts), primary=primary)
    guests = view.site.options.ilan
    if guests:
        yield LanPort(interface=guests.port, hosts=tuple(_own_host(guests.address)))


def _primary(inventory: Inventory, secrets: Secrets, view: SiteView, vpn: str) -> Primary | None:
    """The router of the primary access beside ours, which leads to the VPN's other LANs and to what we probe."""
    resilience = view.site.resilience
    group = resilience.hsrp.get(vpn) if resilience else None
    if resilience is None or group is None or resilience.protocol != "hsrp":
        return None
    others = (one for one in inventory.members(view.customer, vpn) if one.name != view.name)
    elsewhere = (lan.address.network for one in others for lan in one.site.lans.get(vpn, ()))
    return Primary(
        address=group.primary_address,
        group=group.group,
        networks=(IPv4Network(resilience.primary.track), *elsewhere),
        key=secrets(group.authentication).reveal() if group.authentication else "",
    )


def _named_hosts(view: SiteView, vpn: str, lan: Lan) -> Iterator[IPv4Address]:
    options = view.site.options
    named = [route.via for route in lan.routes]
    if options.snmp_feed and options.snmp_feed.vpn == vpn:
        named += options.snmp_feed.hosts
    if options.firewall_logging and options.firewall_logging.vpn == vpn:
        named.append(options.firewall_logging.host)
    servers = view.customer.lync.servers.values()
    named += [one.address for one in servers if view.customer.lync.pools[one.pool].site == view.name]
    return (address for address in named if address in lan.address.network)


def _own_host(address: IPv4Interface) -> Iterator[IPv4Address]:
    network = address.network
    if network.num_addresses > HOST_IN_LAN + 1 and network[HOST_IN_LAN] != address.ip:
        yield network[HOST_IN_LAN]
