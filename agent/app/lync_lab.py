"""The Lync servers of the lab that an inventory describes."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from agent.config import Secrets, reached
from agent.errors import Refused
from agent.lab.lync.spec import LyncServer, SnmpReader, WinrmDoor
from agent.monitoring.servers.expected import by_default, https_ports, sip_ports
from inventory import Inventory, ServerView
from inventory.settings import SnmpV2cCredentials, SnmpV3Credentials, WinrmCredentials

NTP, SNMP, WINRM = 123, 161, 5986


def lync_servers(inventory: Inventory, secrets: Secrets) -> Iterator[LyncServer]:
    """One virtual server for each Lync server; Refused where this machine would not reach it."""
    for view in inventory.servers():
        yield _server(inventory, secrets, view)


def _server(inventory: Inventory, secrets: Secrets, view: ServerView) -> LyncServer:
    settings, address = inventory.settings, view.server.address
    snmp_port = view.server.snmp.port if view.server.snmp else SNMP
    own = (NTP, snmp_port, WINRM, *sip_ports(view), *https_ports(view))
    places = {port: reached(settings, address, port) for port in own}
    host = places[NTP][0]
    low = [str(port) for port, (_, found) in places.items() if found < 1024]
    if not IPv4Address(host).is_loopback or low:
        where = f"at {host}" + (f", ports {', '.join(low)}" if low else "")
        raise Refused(
            f"{view.name} would be reached {where}: that is no place for a lab",
            where="spokesman.toml [reach.nat]",
            remedy='translate to loopback: reached = "127.254.1.0/24", ports = {161 = 1161, 123 = 1123, 443 = 2443}',
        )
    return LyncServer(
        name=view.name,
        fqdn=view.server.fqdn or f"{view.name}.lab.invalid",
        behind=view.site.router.name,
        address=address,
        listen=IPv4Address(host),
        services=_services(view),
        ports={port: found for port, (_, found) in places.items()} | {SNMP: places[snmp_port][1]},
        sip=sip_ports(view),
        https=https_ports(view),
        snmp=_reader(inventory, secrets, view),
        winrm=_door(inventory, secrets, view),
        zone=view.customer.calendar.timezone,
    )


def _services(view: ServerView) -> tuple[str, ...]:
    """What runs on it, the service that answers SIP first; a database server has SQL Server alone."""
    names = by_default(view) or ("SQL Server (RTC)",)
    first = ("Lync Server Front-End", "Lync Server Access Edge", "Lync Server Mediation")
    return tuple(sorted(names, key=lambda name: (name not in first, name)))


def _reader(inventory: Inventory, secrets: Secrets, view: ServerView) -> SnmpReader | None:
    if view.server.snmp is None:
        return None
    credentials = inventory.settings.credentials[view.server.snmp.credentials]
    if isinstance(credentials, SnmpV2cCredentials):
        return SnmpReader(community=secrets(credentials.community).reveal())
    if isinstance(credentials, SnmpV3Credentials):
        return SnmpReader(
            user=credentials.username,
            auth=secrets(credentials.auth).reveal() if credentials.auth else "",
            auth_protocol=credentials.auth_protocol,
            priv=secrets(credentials.priv).reveal() if credentials.priv else "",
            priv_protocol=credentials.priv_protocol,
        )
    return None


def _door(inventory: Inventory, secrets: Secrets, view: ServerView) -> WinrmDoor | None:
    credentials = inventory.settings.credentials[view.server.credentials]
    if not isinstance(credentials, WinrmCredentials):
        return None
    return WinrmDoor(
        user=credentials.username,
        password=secrets(credentials.password).reveal(),
        pool=view.pool.fqdn or f"{view.server.pool}.lab.invalid",
        release=view.pool.version,
    )
