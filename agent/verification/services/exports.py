"""Whether what a router sends by itself, its configuration or what it sees, goes to the management centre alone."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address

from agent.verification.finding import Finding
from agent.verification.ground import Ground, cite, one


def data_goes_to_the_centre(ground: Ground) -> Iterator[Finding]:
    """The router sends its configuration, and what it sees of traffic, to nobody but the management centre [WV-7]."""
    networks = ground.inventory.settings.management_centre.networks
    for view, model in ground.routers:
        for export in model.exports:
            address = _address(export.host)
            if address is None or not any(address in network for network in networks):
                message = f"the router sends {export.name} to {export.host}, which is not the management centre"
                yield one(view, "WV-7", message, lines=cite(view.router.name, export.at))


def _address(host: str) -> IPv4Address | None:
    try:
        return IPv4Address(host)
    except AddressValueError:
        return None


CHECKS = (data_goes_to_the_centre,)
