"""Who may read a router by SNMP, and whom it tells what happens [WV-13, WV-7]."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, cite, one, tables_of_management
from agent.verification.services.access import permitted
from device_templates.model import AccessList, RouterModel, SnmpReceiver
from inventory import Severity, SiteView
from inventory.settings import SnmpV2cCredentials, SnmpV3Credentials

#: What is too much to be shown whole.
_MOST_SHOWN = 3
#: The customer's feed has at most this many hosts.
MOST_FEED_HOSTS = 2


def snmp_reads_only(ground: Ground) -> Iterator[Finding]:
    """Every SNMP group reads only, encrypted, from listed hosts [WV-13]."""
    for view, model in ground.routers:
        for group in model.snmp_groups:
            if group.write or group.level != "v3 priv" or not group.access:
                message = f"SNMP group {group.name} is not read-only, encrypted and bound to hosts"
                yield one(view, "WV-13", message, lines=cite(view.router.name, group.at))


def users_are_protected_as_ordered(ground: Ground) -> Iterator[Finding]:
    """Users that a configuration shows are authenticated and encrypted by what is ordered for them [WV-13]."""
    known = ground.inventory.settings.credentials
    for view, model in ground.routers:
        feed = view.site.options.snmp_feed
        named = (view.router.snmp.credentials, feed.credentials if feed else "")
        users = {user.username: user for user in map(known.get, named) if isinstance(user, SnmpV3Credentials)}
        for user in model.snmp_users:
            ordered = users.get(user.name)
            wanted = (ordered.auth_protocol, ordered.priv_protocol) if ordered else None
            if wanted and wanted != (user.auth, user.priv):
                message = (
                    f"SNMP user {user.name} is authenticated by {user.auth or 'nothing'} and encrypted by "
                    f"{user.priv or 'nothing'}, not by {' and '.join(wanted)}"
                )
                yield one(
                    view, "WV-13", message, lines=cite(view.router.name, user.at), option="router.snmp.credentials"
                )


def no_communities(ground: Ground) -> Iterator[Finding]:
    """No community of SNMP v1 or v2c; to a router that has nothing better, one for listed hosts that reads [WV-13]."""
    for view, model in ground.routers:
        credentials = ground.inventory.settings.credentials.get(view.router.snmp.credentials)
        for community in model.communities:
            allowed = isinstance(credentials, SnmpV2cCredentials) and community.access and not community.write
            if not allowed:
                does = "reads and configures" if community.write else "reads"
                message = f"a community of SNMP v1 or v2c {does} the router, in clear"
                lines = cite(view.router.name, community.at)
                yield one(view, "WV-13", message, lines=lines, option="router.snmp.credentials")


def feed_has_its_hosts(ground: Ground) -> Iterator[Finding]:
    """Beside the management centre's managers, SNMP is open to the hosts ordered, at most two [WV-13]."""
    managers = set(ground.inventory.settings.management_centre.snmp_managers)
    for view, model in ground.routers:
        feed = view.site.options.snmp_feed
        ordered = set(feed.hosts) if feed else set()
        sources = {
            source for name in _lists(model) for source in permitted(model.access_list(name) or AccessList(name, ()))
        }
        strangers = [one for one in sources if not is_host(one, managers | ordered)]
        others = [one for one in sources if not is_host(one, managers)]
        lines = _list_lines(view, model)
        if strangers or len(others) > MOST_FEED_HOSTS:
            what = ", ".join(sorted(_said(source) for source in strangers)[:_MOST_SHOWN]) or "more than two hosts"
            yield one(view, "WV-13", f"SNMP is open to {what}", lines=lines, option="options.snmp_feed.hosts")
        if missing := [host for host in sorted(ordered | managers) if not any(host in source for source in sources)]:
            message = f"SNMP is not open to {', '.join(map(str, missing))}"
            yield one(view, "WV-13", message, lines=lines, option="options.snmp_feed.hosts")


def is_host(source: IPv4Network, hosts: set[IPv4Address]) -> bool:
    return source.prefixlen == 32 and source.network_address in hosts


def _said(source: IPv4Network) -> str:
    if source.prefixlen == 32:
        return str(source.network_address)
    return str(source) if source.prefixlen else "any"


def _lists(model: RouterModel) -> list[str]:
    names = (*(group.access for group in model.snmp_groups), *(one.access for one in model.communities))
    return list(dict.fromkeys(name for name in names if name))


def _list_lines(view: SiteView, model: RouterModel) -> tuple[Line, ...]:
    found = (model.access_list(name) for name in _lists(model))
    lines = (line for one in found if one for line in cite(view.router.name, one.at))
    return tuple(dict.fromkeys(lines)) or tuple(
        line for group in model.snmp_groups[:3] for line in cite(view.router.name, group.at)
    )


def notifications_go_to_managers(ground: Ground) -> Iterator[Finding]:
    """What happens in a router is told to the management centre's managers alone [WV-7]."""
    managers = set(ground.inventory.settings.management_centre.snmp_managers)
    for view, model in ground.routers:
        for receiver in model.snmp_receivers:
            if receiver.address not in managers:
                message = f"notifications go to {receiver.address}, which is no manager"
                yield one(view, "WV-7", message, lines=cite(view.router.name, receiver.at))
            elif fault := _receiver_fault(ground, view, model, receiver):
                message = f"notifications to {receiver.address} {fault}"
                yield one(view, "WV-7", message, lines=cite(view.router.name, receiver.at))


def _receiver_fault(ground: Ground, view: SiteView, model: RouterModel, receiver: SnmpReceiver) -> str:
    tables = tables_of_management(model, ground.inventory.settings.management_centre.peer)
    if tables and receiver.vrf not in tables:
        return "do not take the management tunnel"
    credentials = ground.inventory.settings.credentials.get(view.router.snmp.credentials)
    open_ = isinstance(credentials, SnmpV2cCredentials) and receiver.level == "v2c"
    return "" if open_ or receiver.level in {"", "v3 priv"} else f"are not encrypted: {receiver.level}"


def managers_are_notified(ground: Ground) -> Iterator[Finding]:
    """Each manager is told what happens, and not at its next poll only: without, faults are seen later [WV-10]."""
    managers = ground.inventory.settings.management_centre.snmp_managers
    for view, model in ground.routers:
        told = {receiver.address for receiver in model.snmp_receivers} if model.notifies else set()
        if missing := [str(one) for one in managers if one not in told]:
            message = f"no notification goes to {', '.join(missing)}: faults are seen by polls alone"
            places = [receiver.at for receiver in model.snmp_receivers] or [group.at for group in model.snmp_groups]
            lines = tuple(line for at in places for line in cite(view.router.name, at))
            lines = lines or cite(view.router.name, model.at, "hostname")
            yield one(view, "WV-10", message, lines=lines, severity=Severity.WARNING)


CHECKS = (
    snmp_reads_only,
    users_are_protected_as_ordered,
    no_communities,
    feed_has_its_hosts,
    notifications_go_to_managers,
    managers_are_notified,
)
