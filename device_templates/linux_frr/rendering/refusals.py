"""What may be ordered and cannot be on this platform: refused with the clause and the place, never left out; and what
is rendered as ordered, but would better be ordered otherwise: warnings for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from device_templates.errors import NotRenderable
from device_templates.rendering.facts import at, psk_warning, static_access
from inventory import Inventory, SiteView

#: What Debian 12 has; FRR 8.4 or later.
_FIRST_RELEASE = (8, 4)
#: Names of namespaces that the router's program and Linux use themselves.
_RESERVED = frozenset({"front-door", "lo", "all", "default"})
#: Debian's own accounts, and those of the packages that a router has; nobody is to log in as these.
_SYSTEM = frozenset(
    {
        *("root", "daemon", "bin", "sys", "sync", "games", "man", "lp", "mail", "news", "uucp", "proxy", "www-data"),
        *("backup", "list", "irc", "nobody", "messagebus", "polkitd", "sshd", "frr", "frrvty", "strongswan"),
        *("Debian-snmp", "tcpdump", "ntp"),
    }
)
#: As the SNMP partial names it.
_INTERNAL = "internal"


def refuse_what_cannot_be_rendered(inventory: Inventory, view: SiteView) -> None:
    """Raises NotRenderable for the first thing found; the order of checks is fixed."""
    for check in _CHECKS:
        for error in check(inventory, view):
            raise error


def _release(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    numbers = tuple(int(part) for part in view.router.release.split(".")[:2])
    if numbers < _FIRST_RELEASE:
        yield NotRenderable(
            f"FRR {view.router.release} has not the commands that are rendered",
            where=at(view, "router.release"),
            rule="WV-26",
            remedy="upgrade the router to Debian 12, with FRR 8.4 or later",
        )


def _certificates(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    for name, vpn in view.vpns.items():
        if vpn.ike.certificates is not None:
            yield NotRenderable(
                f"VPN {name} proves its routers by certificates, and this platform's routers cannot enrol for one yet",
                where=f"{view.customer.customer}: vpns.{name}.ike.certificates",
                rule="WV-3",
                remedy="order a psk for the VPN, or a router of another platform",
            )


def _nhrp_authentication(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    for name, vpn in view.vpns.items():
        if vpn.nhrp_authentication is not None:
            yield NotRenderable(
                f"VPN {name} has NHRP authentication, which FRR 8.4 does not know: its routers would not be heard",
                where=f"{view.customer.customer}: vpns.{name}.nhrp_authentication",
                rule="INV-4",
                remedy="take it out of the VPN; IPsec and the BGP password keep strangers out",
            )


def _tacacs(inventory: Inventory, _: SiteView) -> Iterator[NotRenderable]:
    if inventory.settings.management_centre.tacacs:
        yield NotRenderable(
            "logins are checked by TACACS+, for which Debian 12 has no module",
            where="spokesman.toml: management_centre.tacacs",
            rule="WV-7",
            remedy="take tacacs out of the workspace, or keep these routers in a workspace of their own",
        )


def _resilience(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    resilience = view.site.resilience
    if resilience is not None and resilience.protocol == "hsrp":
        yield NotRenderable(
            "HSRP is Cisco's own protocol, and this router speaks VRRP only",
            where=at(view, "resilience.protocol"),
            rule="WV-12",
            remedy="write protocol: vrrp, and have the primary router changed with it; or order a Cisco router",
        )


def _leases(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    if view.site.options.ilan and view.site.options.ilan.dns:
        yield NotRenderable(
            "guests are to be told name servers, and this platform's routers lease them no addresses",
            where=at(view, "options.ilan.dns"),
            rule="WV-11",
            remedy="take dns out, and have the customer's own server lease addresses in the iLAN",
        )


def _reserved_names(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    for name in _RESERVED & set(view.vpns):
        yield NotRenderable(
            f"{name} cannot be the name of a network namespace here",
            where=f"{view.customer.customer}: vpns.{name}",
            rule="WV-6",
            remedy="give the VPN another name",
        )


def _ports(inventory: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    """A port is in one LAN only, for it is moved into that VPN's namespace whole."""
    model = inventory.model(view.router)
    uses = [(f"lans.{vpn}", port) for vpn, lans in view.site.lans.items() for lan in lans for port in lan.ports]
    uses += [("options.ilan.port", view.site.options.ilan.port)] if view.site.options.ilan else []
    taken = {view.site.access.interface}
    for field, port in uses:
        if port in taken:
            yield NotRenderable(f"{port} is used twice", where=at(view, field), rule="WV-6", remedy="one port, one LAN")
        taken.add(port)
        if model is not None and port not in model.switch_ports:
            yield NotRenderable(
                f"{port} is no port for LANs of a {view.router.model}",
                where=at(view, field),
                remedy=f"one of {', '.join(model.switch_ports) or 'none'}",
            )


def _logins(inventory: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    credentials = inventory.settings.credentials
    found = credentials.get(view.router.management.credentials)
    name = getattr(found, "username", "")
    if name in _SYSTEM or name.startswith(("_", "systemd-")):
        yield NotRenderable(
            f"{name} is a login of the system itself on this platform, and nobody can log in as it",
            where=at(view, "router.management.credentials"),
            rule="WV-7",
            remedy="name another user in [credentials] of spokesman.toml",
        )
    if getattr(credentials.get(view.router.snmp.credentials), "username", "") == _INTERNAL:
        yield NotRenderable(
            f"{_INTERNAL} is the SNMP user by which the router's agent asks itself",
            where=at(view, "router.snmp.credentials"),
            rule="WV-10",
            remedy="name another user in [credentials] of spokesman.toml",
        )


_CHECKS: tuple[Callable[[Inventory, SiteView], Iterator[NotRenderable]], ...] = (
    _release,
    _certificates,
    _nhrp_authentication,
    _tacacs,
    _resilience,
    _leases,
    _reserved_names,
    static_access,
    _ports,
    _logins,
)


def warnings(inventory: Inventory, view: SiteView) -> tuple[str, ...]:
    """What people should know of an order that is rendered."""
    return (*psk_warning(view), *_mixed(inventory, view))


def _mixed(inventory: Inventory, view: SiteView) -> tuple[str, ...]:
    """VPNs whose hubs are of another platform: both speak NHRP, and nobody has seen them speak together yet."""
    found = []
    for name in view.vpns:
        others = {hub.router.platform for hub in inventory.hubs(view, name)} - {view.router.platform}
        if others:
            found.append(
                f"VPN {name}: its hubs are of platform {', '.join(sorted(others))}; test this pair first [WV-3]"
            )
    return tuple(found)
