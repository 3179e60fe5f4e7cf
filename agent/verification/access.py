"""Whether names stand for something, and who may read by SNMP."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.ground import Ground, one

#: The customer's feed has at most this many hosts [WV-13].
MOST_FEED_HOSTS = 2


def references_are_defined(ground: Ground) -> Iterator[Finding]:
    """Nothing is used by a name that is not defined: an undefined access list lets everything pass [WV-6]."""
    for view, model in ground.routers:
        for use in model.used:
            if (use.kind, use.name) not in model.defined:
                yield one(view, "WV-6", f"{use.kind} {use.name} is used and not defined: {use.place}")


def the_router_is_itself(ground: Ground) -> Iterator[Finding]:
    """The host name is the inventory's [WV-4]."""
    for view, model in ground.routers:
        if model.hostname != view.router.name:
            yield one(view, "WV-4", f"the configuration is that of {model.hostname or 'no router'}")


def snmp_reads_only(ground: Ground) -> Iterator[Finding]:
    """Every SNMP group reads only, encrypted, from listed hosts [WV-13]."""
    for view, model in ground.routers:
        for group in model.snmp_groups:
            if group.write or group.level != "v3 priv" or not group.access:
                yield one(view, "WV-13", f"SNMP group {group.name} is not read-only, encrypted and bound to hosts")


def feed_has_its_hosts(ground: Ground) -> Iterator[Finding]:
    """Beside the management centre's managers, SNMP is open to the hosts ordered, at most two [WV-13]."""
    managers = {str(host) for host in ground.inventory.settings.management_centre.snmp_managers}
    for view, model in ground.routers:
        feed = view.site.options.snmp_feed
        ordered = {str(host) for host in feed.hosts} if feed else set()
        lists = {group.access for group in model.snmp_groups}
        permitted = {entry.split()[1] for name in lists for entry in _permits(ground, view.router.name, name)}
        strangers = permitted - managers - ordered
        if strangers or len(permitted - managers) > MOST_FEED_HOSTS:
            what = ", ".join(sorted(strangers)) or "more than two hosts"
            yield one(view, "WV-13", f"SNMP is open to {what}")
        if missing := ordered - permitted:
            yield one(view, "WV-13", f"SNMP is not open to {', '.join(sorted(missing))}")


def _permits(ground: Ground, router: str, name: str) -> tuple[str, ...]:
    found = ground.models[router].access_list(name)
    return found.permits if found else ()
