"""All options of a router, put together: one field, one builder and one row of refusals for each.

A further option is a module here with a context dataclass, a builder ``…_of`` and ``refusals``; a field below, of the
router's options or of one VPN's; and rows in partials.toml, ``when = "options.<field>"`` or ``"vpn.options.<field>"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from device_templates.cisco_iosxe.rendering.options import breakout, firewall, ilan, logs, offload, qos, standby
from device_templates.cisco_iosxe.rendering.secrets import IosWords
from device_templates.errors import NotRenderable
from inventory import Inventory, SiteView


@dataclass(frozen=True, slots=True)
class RouterOptions:
    """What is ordered for the router as a whole, ``options`` in partials; None where it is not ordered."""

    firewall: firewall.FirewallContext | None
    ilan: ilan.IlanContext | None
    logs: logs.LogsContext | None
    qos: qos.QosContext | None
    standby: bool


@dataclass(frozen=True, slots=True)
class VpnOptions:
    """What is ordered for one VPN, ``vpn.options`` in partials; None or empty where it is not ordered."""

    breakout: breakout.BreakoutContext | None
    classification: qos.ClassificationContext | None
    standby: standby.StandbyContext | None
    offload: tuple[offload.OffloadContext, ...]


def router_options(inventory: Inventory, view: SiteView) -> RouterOptions:
    """The options of a router; what ``refusals`` names must have been refused before."""
    return RouterOptions(
        firewall=firewall.firewall_of(view),
        ilan=ilan.ilan_of(inventory, view),
        logs=logs.logs_of(view),
        qos=qos.qos_of(view),
        standby=view.site.resilience is not None,
    )


def vpn_options(inventory: Inventory, view: SiteView, name: str, words: IosWords) -> VpnOptions:
    """The options of VPN ``name`` of a router; raises SecretUnusable."""
    return VpnOptions(
        breakout=breakout.breakout_of(view, name),
        classification=qos.classification_of(view, name),
        standby=standby.standby_of(inventory, view, name, words),
        offload=offload.offload_of(view, name),
    )


#: What each option refuses, in this order.
REFUSALS: tuple[Callable[[Inventory, SiteView], Iterator[NotRenderable]], ...] = (
    firewall.refusals,
    ilan.refusals,
    qos.refusals,
    standby.refusals,
    offload.refusals,
)
