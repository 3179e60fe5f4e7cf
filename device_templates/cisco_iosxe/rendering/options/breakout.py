"""Internet breakout: restricted internet for the LAN of one VPN, unencrypted and never through a tunnel [WV-11].

The VPN is in a VRF, the internet in the global table. With a static access the VRF has a default route whose next hop
is looked up there (``global``). With DHCP the next hop is known only once there is a lease, and ``ip route vrf`` wants
it written; so the VRF replicates the default route of the global table, and no other [Cisco, "VRF Configuration
Examples on IOS XE", document 216541, IOS-XE 16.12 and 17: ``route-replicate from vrf global``]. Without a lease there
is no route, and nothing leaves. An EEM script would write the route into the configuration, which then never is the
intended one; a VASI pair needs the customer's networks in the global table.

The VPN's own destinations are kept from the internet three times: by routes to Null0 that stand while no tunnel leads
there, by the list that NAT and firewall share, and by the firewall's drop of all else. The routes' distance is worse
than that of iBGP (200) and of NHRP's shortcuts (250).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

from device_templates.cisco_iosxe.rendering.prefix import Prefix
from device_templates.rendering import facts
from inventory import SiteView


@dataclass(frozen=True, slots=True)
class BreakoutContext:
    """``allow`` are protocols as the inventory names them, ``sources`` who may use them.

    ``never`` are destinations that never leave by it, ``blackholes`` those of them that nothing else discards while no
    tunnel leads there.
    """

    allow: tuple[str, ...]
    sources: tuple[Prefix, ...]
    never: tuple[Prefix, ...]
    blackholes: tuple[Prefix, ...]


def breakout_of(view: SiteView, name: str) -> BreakoutContext | None:
    """The internet breakout of VPN ``name``, None where none is ordered."""
    ordered = view.site.options.internet_breakout
    if ordered is None or ordered.vpn != name:
        return None
    vpn = view.vpns[name]
    own = facts.own_networks(view, name)
    never = sorted({*facts.members(view.customer, name), vpn.tunnel_network})
    discarded = {*own, *([vpn.summary] if vpn.summary and view.is_hub(name) else [])}
    return BreakoutContext(
        allow=tuple(dict.fromkeys(ordered.allow)),
        sources=_prefixes(own),
        never=_prefixes(never),
        blackholes=_prefixes([one for one in never if one not in discarded]),
    )


def _prefixes(networks: list[IPv4Network]) -> tuple[Prefix, ...]:
    return tuple(map(Prefix.of, networks))
