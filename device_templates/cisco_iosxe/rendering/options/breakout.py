"""Internet breakout: restricted internet for the LAN of one VPN, unencrypted and never through a tunnel [WV-11]."""

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
    never = sorted({*facts.members(view.customer, name, vpn), vpn.tunnel_network})
    discarded = {*own, *([vpn.summary] if vpn.summary and view.is_hub(name) else [])}
    return BreakoutContext(
        allow=tuple(dict.fromkeys(ordered.allow)),
        sources=_prefixes(own),
        never=_prefixes(never),
        blackholes=_prefixes([one for one in never if one not in discarded]),
    )


def _prefixes(networks: list[IPv4Network]) -> tuple[Prefix, ...]:
    return tuple(map(Prefix.of, networks))
