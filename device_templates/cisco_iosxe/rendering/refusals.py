"""What may be ordered and cannot be rendered: refused with the clause and the place, never left out; and warnings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from device_templates.cisco_iosxe.rendering.dialect import numbers_of
from device_templates.cisco_iosxe.rendering.ike import unusable_authorities
from device_templates.cisco_iosxe.rendering.options import ilan
from device_templates.cisco_iosxe.rendering.options.every import REFUSALS
from device_templates.errors import NotRenderable
from device_templates.rendering.facts import at, psk_warning, static_access
from inventory import Inventory, SiteView

#: The first release whose routers can agree with all others on their encryption.
_FIRST = (15, 5)


def refuse_what_cannot_be_rendered(inventory: Inventory, view: SiteView) -> None:
    """Raises NotRenderable for the first thing found; the order of checks is fixed."""
    for check in _CHECKS:
        for error in check(inventory, view):
            raise error


def _release(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    """Classic IOS has AES-GCM for IKEv2 from 15.4(2)T on; 15.5 is the first of its maintained releases with it."""
    if numbers_of(view.router.release) < _FIRST:
        yield NotRenderable(
            f"IOS {view.router.release} has not the encryption that is rendered",
            where=at(view, "router.release"),
            rule="WV-26",
            remedy="upgrade the router to 15.5 or later",
        )


def _reserved_names(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    for name in view.vpns:
        if name == "mgmt":
            yield NotRenderable(
                "mgmt is the VRF of the management tunnel",
                where=f"{view.customer.customer}: vpns.{name}",
                rule="WV-7",
                remedy="give the VPN another name",
            )


def _ports(inventory: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    model = inventory.model(view.router)
    used: dict[str, int] = {}
    for vpn, lans in view.site.lans.items():
        for lan in lans:
            for port in lan.ports:
                where = at(view, f"lans.{vpn}")
                if port == view.site.access.interface or used.setdefault(port, lan.vlan) != lan.vlan:
                    yield NotRenderable(f"{port} is used twice", where=where, rule="WV-6", remedy="one port, one VLAN")
                if model is not None and port not in model.switch_ports:
                    yield NotRenderable(
                        f"{port} is no switch port of a {view.router.model}",
                        where=where,
                        remedy=f"one of {', '.join(model.switch_ports) or 'none'}",
                    )


_CHECKS: tuple[Callable[[Inventory, SiteView], Iterator[NotRenderable]], ...] = (
    _release,
    unusable_authorities,
    _reserved_names,
    static_access,
    _ports,
    *REFUSALS,
)


def warnings(view: SiteView) -> tuple[str, ...]:
    """For people: what is rendered as ordered, but would better be ordered otherwise."""
    return (*psk_warning(view), *ilan.warnings(view))
