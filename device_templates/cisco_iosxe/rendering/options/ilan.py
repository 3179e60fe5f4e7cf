"""iLAN: a further port for guests, with the internet and nothing else [WV-11]."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from device_templates.cisco_iosxe.rendering.prefix import Prefix
from device_templates.errors import NotRenderable
from device_templates.rendering.facts import at
from inventory import Inventory, SiteView


@dataclass(frozen=True, slots=True)
class IlanContext:
    """The guests' port, VLAN and network.

    ``dns`` are the name servers that they are told; ``never`` are destinations that they do not reach: the centre's.
    """

    port: str
    vlan: int
    address: str
    network: Prefix
    dns: tuple[str, ...]
    never: tuple[Prefix, ...]


def ilan_of(inventory: Inventory, view: SiteView) -> IlanContext | None:
    """The iLAN of a site, None where none is ordered."""
    ordered = view.site.options.ilan
    if ordered is None:
        return None
    return IlanContext(
        port=ordered.port,
        vlan=ordered.vlan,
        address=str(ordered.address.ip),
        network=Prefix.of(ordered.address.network),
        dns=tuple(map(str, ordered.dns)),
        never=tuple(map(Prefix.of, inventory.settings.management_centre.networks)),
    )


def refusals(inventory: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    """A port that the guests cannot have."""
    ordered, model = view.site.options.ilan, inventory.model(view.router)
    if ordered is None:
        return
    if ordered.port == view.site.access.interface:
        yield NotRenderable(
            f"{ordered.port} is used twice", where=at(view, "options.ilan.port"), rule="WV-6", remedy="use another port"
        )
    if model is not None and ordered.port not in model.switch_ports:
        yield NotRenderable(
            f"{ordered.port} is no switch port of a {view.router.model}",
            where=at(view, "options.ilan.port"),
            rule="WV-11",
            remedy=f"one of {', '.join(model.switch_ports) or 'none'}",
        )


def warnings(view: SiteView) -> tuple[str, ...]:
    """Guests who are told no name servers: a lease of the access brings some, a static access does not."""
    ordered = view.site.options.ilan
    if ordered is None or ordered.dns or view.site.access.address == "dhcp":
        return ()
    return ("iLAN: guests are told no name servers; write options.ilan.dns [WV-11]",)
