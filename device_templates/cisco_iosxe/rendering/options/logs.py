"""Firewall logging: the router tells the customer's server what its firewall did, and nobody else [WV-14, WV-17].

A host without a discriminator is sent everything: the customer's takes the firewall's messages only, the centre's and
the router's own buffer all others. A discriminator's name has at most eight characters.
"""

from __future__ import annotations

from dataclasses import dataclass

from device_templates.cisco_iosxe import names
from device_templates.shows import VpnRef
from inventory import SiteView


@dataclass(frozen=True, slots=True)
class LogsContext:
    """The customer's server, the VRF it is in, and the interface that the router speaks from."""

    host: str
    vrf: str
    source: str


def logs_of(view: SiteView) -> LogsContext | None:
    """Where the logs go, None where they are not ordered."""
    ordered = view.site.options.firewall_logging
    if ordered is None:
        return None
    lans = view.site.lans.get(ordered.vpn, ())
    tunnel = names.tunnel_of(VpnRef(ordered.vpn, view.vpns[ordered.vpn].id))
    source = names.lan_of(lans[0].vlan) if lans else tunnel
    return LogsContext(str(ordered.host), names.vrf_of(ordered.vpn), source)
