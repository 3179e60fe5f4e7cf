"""Standby beside a primary MPLS access: this router takes a LAN over only while the primary leads nowhere [WV-12].

The primary router is not ours and may live on while its access is dead. So the address that only the primary access
leads to is asked through the primary router, and never any other way. HSRP's tracks can only lower a priority: the
group has a high one and loses it while that address answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from device_templates.cisco_iosxe import names
from device_templates.cisco_iosxe.rendering.secrets import IosWords
from device_templates.errors import NotRenderable
from device_templates.rendering.facts import at
from device_templates.shows import VpnRef
from inventory import Inventory, SiteView

#: The primary router has 110, and less where it knows itself that its access failed.
TAKES_OVER = 150
#: What is lost while the primary access leads on: 95 remain, below the primary's.
WHILE_PRIMARY_LEADS = 55
#: What is lost while no hub answers us: below the primary's whatever else is the case.
WHILE_CUT_OFF = 60
#: Numbers of probes and tracks are in blocks of this many a VPN: what is asked through the primary, its negation, hubs.
_BLOCK = 10
_HUBS_FROM = 3


@dataclass(frozen=True, slots=True)
class HubProbe:
    """A hub of the VPN that is asked through the tunnel: the number of probe and track, and its tunnel address."""

    number: int
    address: str


@dataclass(frozen=True, slots=True)
class StandbyContext:
    """One VPN's group: ``interface`` with our address ``own`` in the LAN that ``primary`` is in too.

    ``leads`` is the track that is up while ``target`` answers through the primary, ``fails`` its negation, ``works``
    the track that is up while any hub answers through ``tunnel``: that of the only hub, or of ``access`` at a VPN's
    only hub. ``order`` numbers the clause that keeps the probe on its way. ``authentication`` is of type 7.
    """

    interface: str
    own: str
    group: int
    virtual: str
    primary: str
    target: str
    order: int
    leads: int
    fails: int
    hubs: tuple[HubProbe, ...]
    tunnel: str
    works: int
    access: str
    takes_over: int
    while_primary_leads: int
    while_cut_off: int
    authentication: str = field(repr=False)


def standby_of(inventory: Inventory, view: SiteView, name: str, words: IosWords) -> StandbyContext | None:
    """The group of VPN ``name``, None where both routers share no LAN of it."""
    resilience = view.site.resilience
    ordered = resilience.hsrp.get(name) if resilience else None
    if resilience is None or ordered is None:
        return None
    lan = next(lan for lan in view.site.lans[name] if ordered.virtual in lan.address.network)
    block = _block(inventory, view)
    first = block * (list(view.vpns).index(name) + 1)
    hubs = tuple(
        HubProbe(first + _HUBS_FROM + number, str(hub.site.tunnels[name]))
        for number, hub in enumerate(inventory.hubs(view, name))
    )
    return StandbyContext(
        interface=names.lan_of(lan.vlan),
        own=str(lan.address.ip),
        group=ordered.group,
        virtual=str(ordered.virtual),
        primary=str(ordered.primary_address),
        target=str(resilience.primary.track),
        order=first,
        leads=first + 1,
        fails=first + 2,
        hubs=hubs,
        tunnel=names.tunnel_of(VpnRef(name, view.vpns[name].id)),
        works=first + block - 1 if len(hubs) > 1 else first + _HUBS_FROM,
        access=view.site.access.interface,
        takes_over=TAKES_OVER,
        while_primary_leads=WHILE_PRIMARY_LEADS,
        while_cut_off=WHILE_CUT_OFF,
        authentication=words.type7(ordered.authentication, f"HSRP key of VPN {name}", longest=64),
    )


def refusals(_: Inventory, view: SiteView) -> Iterator[NotRenderable]:
    """A scheme that is not the primary's own."""
    resilience = view.site.resilience
    if resilience is not None and resilience.protocol == "vrrp":
        yield NotRenderable(
            "VRRP is not rendered for this platform: IPCG's routers share the gateway by HSRP, and both ends must",
            where=at(view, "resilience.protocol"),
            rule="WV-12",
            remedy="write protocol: hsrp",
        )


def _block(inventory: Inventory, view: SiteView) -> int:
    """How many numbers each VPN has: ten, or more where a VPN has many hubs."""
    most = max(len(inventory.hubs(view, name)) for name in view.vpns)
    return -(-(_HUBS_FROM + most + 1) // _BLOCK) * _BLOCK
