"""Runs every check on the configurations that a plan would bring about."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from agent.verification import access, certificates, encryption, routing, separation, tunnels
from agent.verification.finding import Finding
from agent.verification.ground import Ground
from device_templates.model import RouterModel
from inventory import Inventory

Check = Callable[[Ground], Iterator[Finding]]

#: Every check, in the order in which findings are shown.
CHECKS: tuple[Check, ...] = (
    access.the_router_is_itself,
    tunnels.tunnel_for_every_vpn,
    tunnels.tunnel_addresses_in_the_network,
    tunnels.tunnel_addresses_unique,
    tunnels.tunnel_keys_agree,
    tunnels.tunnel_keys_unique,
    tunnels.network_ids_agree,
    tunnels.network_ids_unique,
    tunnels.nhrp_authentication_agrees,
    tunnels.sizes_agree,
    tunnels.hubs_are_named,
    tunnels.servers_are_hubs,
    tunnels.dynamic_full_mesh,
    tunnels.hub_is_where_spokes_look,
    encryption.every_tunnel_is_protected,
    encryption.shared_source_shares_profile,
    encryption.something_is_proposed,
    encryption.algorithms_are_strong,
    encryption.proposals_agree,
    encryption.profiles_agree,
    certificates.certificates_are_usable,
    certificates.members_know_each_other,
    certificates.strangers_are_refused,
    separation.one_vrf_for_each_vpn,
    separation.lans_in_the_vrf,
    separation.no_route_targets_across,
    separation.no_static_route_across,
    separation.management_has_its_own_tunnel,
    separation.management_is_apart,
    separation.management_key_is_its_own,
    routing.router_ids_unique,
    routing.routing_in_every_vpn,
    routing.autonomous_systems_agree,
    routing.hubs_hear_every_router,
    routing.passwords_agree,
    routing.neighbors_are_bounded,
    routing.own_networks_are_announced,
    access.references_are_defined,
    access.snmp_reads_only,
    access.feed_has_its_hosts,
)


def verify(models: Mapping[str, RouterModel], inventory: Inventory) -> tuple[Finding, ...]:
    """Everything that does not fit, by check.

    ``models`` are the neutral models of the routers' intended configurations, by router name; give all routers of
    every VPN that a plan touches, also those that it does not change. Raises UnknownName for a router that the
    inventory does not hold.
    """
    ground = Ground(inventory, models)
    return tuple(dict.fromkeys(finding for check in CHECKS for finding in check(ground)))
