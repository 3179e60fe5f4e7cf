"""What of a router its readers see by SNMP: its system and interfaces, and nobody's users or rights [WV-13]."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, cite, one
from agent.verification.services.access import permitted
from agent.verification.services.snmp import is_host
from device_templates.model import RouterModel, SnmpGroup
from inventory import Severity, SiteView

_OPTION = "options.snmp_feed"
#: Subtrees that tell users, their rights and communities, by name; none of the customer's business.
_SENSITIVE = {"snmpUsmMIB": "1.3.6.1.6.3.15", "snmpVacmMIB": "1.3.6.1.6.3.16", "snmpCommunityMIB": "1.3.6.1.6.3.18"}
#: What views name: roots [RFC 2578], and the tables of what is judged here [RFC 3418, 2863, 3414, 3415, 3584].
_NAMES = {
    "iso": "1",
    "org": "1.3",
    "dod": "1.3.6",
    "internet": "1.3.6.1",
    "mgmt": "1.3.6.1.2",
    "mib-2": "1.3.6.1.2.1",
    "system": "1.3.6.1.2.1.1",
    "sysDescr": "1.3.6.1.2.1.1.1",
    "sysObjectID": "1.3.6.1.2.1.1.2",
    "sysUpTime": "1.3.6.1.2.1.1.3",
    "sysContact": "1.3.6.1.2.1.1.4",
    "sysName": "1.3.6.1.2.1.1.5",
    "sysLocation": "1.3.6.1.2.1.1.6",
    "interfaces": "1.3.6.1.2.1.2",
    "ifNumber": "1.3.6.1.2.1.2.1",
    "ifTable": "1.3.6.1.2.1.2.2",
    "ifEntry": "1.3.6.1.2.1.2.2.1",
    "ifDescr": "1.3.6.1.2.1.2.2.1.2",
    "ifOperStatus": "1.3.6.1.2.1.2.2.1.8",
    "ifInOctets": "1.3.6.1.2.1.2.2.1.10",
    "ifOutOctets": "1.3.6.1.2.1.2.2.1.16",
    "at": "1.3.6.1.2.1.3",
    "ip": "1.3.6.1.2.1.4",
    "icmp": "1.3.6.1.2.1.5",
    "tcp": "1.3.6.1.2.1.6",
    "udp": "1.3.6.1.2.1.7",
    "egp": "1.3.6.1.2.1.8",
    "transmission": "1.3.6.1.2.1.10",
    "snmp": "1.3.6.1.2.1.11",
    "ospf": "1.3.6.1.2.1.14",
    "bgp": "1.3.6.1.2.1.15",
    "host": "1.3.6.1.2.1.25",
    "ifMIB": "1.3.6.1.2.1.31",
    "ifXTable": "1.3.6.1.2.1.31.1.1",
    "ifXEntry": "1.3.6.1.2.1.31.1.1.1",
    "entityMIB": "1.3.6.1.2.1.47",
    "private": "1.3.6.1.4",
    "enterprises": "1.3.6.1.4.1",
    "snmpV2": "1.3.6.1.6",
    "snmpModules": "1.3.6.1.6.3",
    "snmpFrameworkMIB": "1.3.6.1.6.3.10",
    "usmMIBObjects": "1.3.6.1.6.3.15.1",
    "usmStats": "1.3.6.1.6.3.15.1.1",
    "usmUser": "1.3.6.1.6.3.15.1.2",
    "usmUserTable": "1.3.6.1.6.3.15.1.2.2",
    "usmUserEntry": "1.3.6.1.6.3.15.1.2.2.1",
    "vacmMIBObjects": "1.3.6.1.6.3.16.1",
    "vacmContextTable": "1.3.6.1.6.3.16.1.1",
    "vacmSecurityToGroupTable": "1.3.6.1.6.3.16.1.2",
    "vacmAccessTable": "1.3.6.1.6.3.16.1.4",
    "vacmMIBViews": "1.3.6.1.6.3.16.1.5",
    "snmpCommunityMIBObjects": "1.3.6.1.6.3.18.1",
    "snmpCommunityTable": "1.3.6.1.6.3.18.1.1",
    "snmpCommunityEntry": "1.3.6.1.6.3.18.1.1.1",
    **_SENSITIVE,
}
#: What a reader needs of the two: its name and age, which interfaces there are, which are up, what went through them.
_NEEDED = {
    "system": ("sysDescr", "sysUpTime", "sysName"),
    "interfaces": ("ifDescr", "ifOperStatus", "ifInOctets", "ifOutOctets"),
}


def views_show_the_router(ground: Ground) -> Iterator[Finding]:
    """Whoever may read the router sees its system and its interfaces [WV-13]."""
    for view, model in ground.routers:
        for group in model.snmp_groups if model.snmp_views else ():
            subtrees = _subtrees(model, group)
            hidden = [
                name for name, parts in _NEEDED.items() if not all(_sees(subtrees, _NAMES[part]) for part in parts)
            ]
            if hidden:
                message = f"SNMP group {group.name} does not show {', '.join(hidden)}"
                lines = (*cite(view.router.name, group.at), *_view_lines(view, model, group))
                yield one(view, "WV-13", message, lines=lines, option=_OPTION)


def customers_see_no_secrets(ground: Ground) -> Iterator[Finding]:
    """The view of whoever is no manager of ours leaves out users, rights and communities, whole [WV-13]."""
    managers = set(ground.inventory.settings.management_centre.snmp_managers)
    for view, model in ground.routers:
        for group in model.snmp_groups if model.snmp_views else ():
            sources = permitted(model.access_list(group.access)) if group.access else ()
            if all(is_host(source, managers) for source in sources):
                continue
            subtrees = _subtrees(model, group)
            lines = (*cite(view.router.name, group.at), *_view_lines(view, model, group))
            if shown := sorted(name for name, oid in _SENSITIVE.items() if _shows(subtrees, oid)):
                message = f"SNMP group {group.name} shows {', '.join(shown)}"
                yield one(view, "WV-13", message, lines=lines, option=_OPTION)
            if unknown := [name for name, included in subtrees or () if included and not _oid(name)]:
                message = f"SNMP group {group.name} shows {', '.join(unknown)}, which is not known here"
                remedy = "name it by its number"
                yield one(view, "WV-13", message, remedy, lines=lines, option=_OPTION, severity=Severity.WARNING)


def _subtrees(model: RouterModel, group: SnmpGroup) -> tuple[tuple[str, bool], ...] | None:
    """The subtrees of the group's view; None without a view, which is everything."""
    found = tuple(pair for one in model.snmp_views if one.name == group.read for pair in one.subtrees)
    return found or None


def _shows(subtrees: tuple[tuple[str, bool], ...] | None, oid: str) -> bool:
    """Whether anything of a subtree is in a view: by its root, or by what a line says of a part of it."""
    parts = [root for name, _ in subtrees or () if (root := _oid(name)) and _holds(oid, root)]
    return any(_sees(subtrees, part) for part in (oid, *parts))


def _sees(subtrees: tuple[tuple[str, bool], ...] | None, oid: str) -> bool:
    """Whether the longest subtree of a view that holds ``oid`` is in it [RFC 3415]; without a view, everything is."""
    if subtrees is None:
        return True
    roots = ((_oid(name), included) for name, included in subtrees)
    fits = [(root.count("."), root, included) for root, included in roots if root and _holds(root, oid)]
    return bool(fits) and max(fits)[2]


def _oid(name: str) -> str:
    """The number of a subtree; "" where its name is not known."""
    head, dot, rest = name.lstrip(".").partition(".")
    root = head if head.isdigit() else _NAMES.get(head, "")
    return f"{root}{dot}{rest}" if root else ""


def _holds(root: str, oid: str) -> bool:
    """Whether ``oid`` is in a subtree; a part of its root that is ``*`` may be any number."""
    above, below = root.split("."), oid.split(".")
    return len(above) <= len(below) and all(one in {"*", two} for one, two in zip(above, below, strict=False))


def _view_lines(view: SiteView, model: RouterModel, group: SnmpGroup) -> tuple[Line, ...]:
    found = (one for one in model.snmp_views if one.name == group.read)
    return tuple(line for one in found for line in cite(view.router.name, one.at))


CHECKS = (views_show_the_router, customers_see_no_secrets)
