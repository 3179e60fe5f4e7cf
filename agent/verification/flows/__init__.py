"""What packets do, proved from configurations alone: who reaches whom, who must not, and what was ordered works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from agent.verification.finding import Finding
from agent.verification.flows import beyond, breakout, centre, delivery, guests, management, offload, separation
from agent.verification.forwarding.device import Device
from agent.verification.forwarding.peers import Peers
from agent.verification.ground import Ground
from agent.verification.packets.sets import TooManyPackets
from inventory import Severity

#: What is asked of each router, by the stable name under which findings show it.
QUESTIONS: tuple[tuple[str, Callable[[Device], Iterator[Finding]]], ...] = (
    ("proofs-cover-everything", beyond.proofs_cover_everything),
    ("routes-stay-apart", separation.routes_stay_apart),
    ("zones-hold-one-network", separation.zones_hold_one_network),
    ("zone-pairs-let-pass-what-was-ordered", separation.zone_pairs_let_pass_what_was_ordered),
    ("ports-work", delivery.ports_work),
    ("nobody-else-is-routed", separation.nobody_else_is_routed),
    ("vpn-interfaces-work", delivery.vpn_interfaces_work),
    ("lans-reach-their-vpn", delivery.lans_reach_their_vpn),
    ("tunnels-reach-their-lans", delivery.tunnels_reach_their_lans),
    ("vpn-prefixes-stay-inside", breakout.vpn_prefixes_stay_inside),
    ("internet-is-reached-as-ordered", breakout.internet_is_reached_as_ordered),
    ("translation-is-for-the-ordered", breakout.translation_is_for_the_ordered),
    ("guests-get-addresses", guests.guests_get_addresses),
    ("policies-take-what-is-offloaded", offload.policies_take_what_is_offloaded),
    ("offloaded-goes-by-tunnel-or-not-at-all", offload.offloaded_goes_by_tunnel_or_not_at_all),
    ("offload-follows-its-hubs", offload.offload_follows_its_hubs),
    ("nothing-goes-back-to-the-primary", offload.nothing_goes_back_to_the_primary),
    ("only-probes-are-routed-apart", offload.only_probes_are_routed_apart),
    ("probes-go-to-the-primary", offload.probes_go_to_the_primary),
    ("internet-reaches-what-tunnels-need", management.internet_reaches_what_tunnels_need),
    ("guests-reach-the-router-for-leases", guests.guests_reach_the_router_for_leases),
    ("internet-is-where-tunnels-look", management.internet_is_where_tunnels_look),
    ("centre-is-routed", centre.centre_is_routed),
    ("centre-reaches-the-router", centre.centre_reaches_the_router),
    ("router-reaches-the-centre", centre.router_reaches_the_centre),
    ("routers-of-a-vpn-hear-each-other", management.routers_of_a_vpn_hear_each_other),
)


#: What is not asked where each VPN has its own namespace, and the orders that it is about: what leases addresses is no
#: part of the configuration there.
OTHERWISE_DONE = {"guests-get-addresses": "iLAN"}


def what_packets_do(ground: Ground) -> Iterator[Finding]:
    """Asks each router every question, under whose names findings are [WV-3, WV-6, WV-7, WV-8, WV-11, WV-12]."""
    for device in Peers(ground.inventory, ground.models).each(view for view, _ in ground.routers):
        if device.model.namespaces:
            yield from _not_asked(device)
        for name, question in QUESTIONS:
            if not (device.model.namespaces and name in OTHERWISE_DONE):
                yield from _asked(device, name, question)


def _not_asked(device: Device) -> Iterator[Finding]:
    """Says which orders of a router are not judged by packets, so that silence is not taken for a proof."""
    orders = {"iLAN": device.view.site.options.ilan}
    for name, order in OTHERWISE_DONE.items():
        if not orders[order]:
            continue
        message = f"{order}: not proved where VPNs are namespaces: {name}"
        finding = device.finding("WV-11", message, "try it at the site, or in the lab of real routers")
        yield replace(finding, check="proved-by-packets", severity=Severity.WARNING)


def _asked(device: Device, name: str, question: Callable[[Device], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from (replace(finding, check=name) for finding in question(device))
    except TooManyPackets as error:
        message = f"not proved: {error}"
        yield replace(device.finding("WV-6", message, "make its access lists simpler"), check=name)


#: One pass over the routers: what is worked out of one is forgotten before the next.
CHECKS = (what_packets_do,)
