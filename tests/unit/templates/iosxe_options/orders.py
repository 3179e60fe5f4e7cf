"""Orders of options and accesses for one site of the golden workspace, and what stands in its configuration."""

from __future__ import annotations

import re
from ipaddress import IPv4Interface

from device_templates.texts import Rendered
from inventory import Inventory, SiteView
from inventory.customer import Ike
from inventory.options import Options
from inventory.site import Access

WAN = "interface GigabitEthernet0/0/0"
ORDERS: dict[str, object] = {
    "internet_breakout": {"vpn": "corporate", "allow": ["http", "https", "dns", "icmp"]},
    "ilan": {"port": "GigabitEthernet0/1/6", "vlan": 50, "address": "192.168.50.1/24", "dns": ["9.9.9.9"]},
    "firewall_logging": {"vpn": "corporate", "host": "10.10.1.60"},
}
EVERYTHING = tuple(ORDERS)
ACCESSES: dict[str, dict[str, object]] = {
    "static": {"address": IPv4Interface("198.51.100.26/29"), "gateway": "198.51.100.25", "nat": False},
    "dhcp": {"address": "dhcp", "gateway": None, "nat": False},
    "nat": {"address": IPv4Interface("192.168.178.20/24"), "gateway": "192.168.178.1", "nat": True},
}


def ordered(
    inventory: Inventory, site: str, orders: tuple[str, ...], access: str = "static", **fields: object
) -> tuple[Inventory, SiteView]:
    """The workspace with these options and this access at one site."""
    customer = inventory.customers["acme"]
    before = customer.sites[site]
    its = Access.model_validate({**before.access.model_dump(), **ACCESSES[access]})
    options = Options.model_validate({name: ORDERS[name] for name in orders})
    changed = before.model_copy(update={"options": options, "access": its, **fields})
    others = customer.model_copy(update={"sites": {**customer.sites, site: changed}})
    new = Inventory(inventory.root, inventory.settings, {"acme": others}, "changed")
    return new, new.site(site)


def certified_too(inventory: Inventory, certified: Inventory) -> Inventory:
    """The same VPNs with certificates of an authority that is asked over the internet."""
    customer = inventory.customers["acme"]
    vpns = {name: vpn.model_copy(update={"ike": Ike(certificates="public-ca")}) for name, vpn in customer.vpns.items()}
    settings = inventory.settings.model_copy(update={"pki": certified.settings.pki})
    return Inventory(inventory.root, settings, {"acme": customer.model_copy(update={"vpns": vpns})}, "changed")


def paths(rendered: Rendered) -> list[str]:
    """Every line with the lines above it."""
    return [" > ".join((*line.path, line.text.strip())) for line in rendered.lines]


def under(rendered: Rendered, head: str) -> list[str]:
    return [path.removeprefix(f"{head} > ") for path in paths(rendered) if path.startswith(f"{head} > ")]


def shown(rendered: Rendered, pattern: str) -> list[str]:
    return [found.group(1) for path in paths(rendered) if (found := re.fullmatch(pattern, path))]
