"""Runs every check on the configurations of all routers of a customer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agent.verification import access, certificates, encryption, routing, separation, tunnels
from agent.verification.finding import Finding
from agent.verification.ground import Check, Ground
from device_templates.model import RouterModel
from inventory import Inventory, Severity

#: Every check, in the order in which findings are shown.
CHECKS: tuple[Check, ...] = (
    Check("the-router-is-itself", access.the_router_is_itself),
    Check("tunnel-for-every-vpn", tunnels.tunnel_for_every_vpn),
    Check("tunnel-addresses-in-the-network", tunnels.tunnel_addresses_in_the_network),
    Check("tunnel-addresses-unique", tunnels.tunnel_addresses_unique),
    Check("tunnel-keys-agree", tunnels.tunnel_keys_agree),
    Check("tunnel-keys-unique", tunnels.tunnel_keys_unique),
    Check("network-ids-agree", tunnels.network_ids_agree),
    Check("network-ids-unique", tunnels.network_ids_unique),
    Check("nhrp-authentication-agrees", tunnels.nhrp_authentication_agrees),
    Check("sizes-agree", tunnels.sizes_agree),
    Check("hubs-are-named", tunnels.hubs_are_named),
    Check("servers-are-hubs", tunnels.servers_are_hubs),
    Check("dynamic-full-mesh", tunnels.dynamic_full_mesh),
    Check("hub-is-where-spokes-look", tunnels.hub_is_where_spokes_look),
    Check("every-tunnel-is-protected", encryption.every_tunnel_is_protected),
    Check("shared-source-shares-profile", encryption.shared_source_shares_profile),
    Check("something-is-proposed", encryption.something_is_proposed),
    Check("algorithms-are-strong", encryption.algorithms_are_strong),
    Check("proposals-agree", encryption.proposals_agree),
    Check("profiles-agree", encryption.profiles_agree),
    Check("certificates-are-usable", certificates.certificates_are_usable),
    Check("members-know-each-other", certificates.members_know_each_other),
    Check("strangers-are-refused", certificates.strangers_are_refused),
    Check("one-vrf-for-each-vpn", separation.one_vrf_for_each_vpn),
    Check("lans-in-the-vrf", separation.lans_in_the_vrf),
    Check("no-route-targets-across", separation.no_route_targets_across),
    Check("no-static-route-across", separation.no_static_route_across),
    Check("management-has-its-own-tunnel", separation.management_has_its_own_tunnel),
    Check("management-is-apart", separation.management_is_apart),
    Check("management-key-is-its-own", separation.management_key_is_its_own),
    Check("router-ids-unique", routing.router_ids_unique),
    Check("routing-in-every-vpn", routing.routing_in_every_vpn),
    Check("autonomous-systems-agree", routing.autonomous_systems_agree),
    Check("hubs-hear-every-router", routing.hubs_hear_every_router),
    Check("passwords-agree", routing.passwords_agree),
    Check("neighbors-are-bounded", routing.neighbors_are_bounded),
    Check("own-networks-are-announced", routing.own_networks_are_announced),
    Check("references-are-defined", access.references_are_defined),
    Check("snmp-reads-only", access.snmp_reads_only),
    Check("feed-has-its-hosts", access.feed_has_its_hosts),
)


#: No router whose configuration is not known.
_NONE: Mapping[str, str] = MappingProxyType({})


def verify(
    models: Mapping[str, RouterModel], inventory: Inventory, unknown: Mapping[str, str] = _NONE
) -> tuple[Finding, ...]:
    """Everything that does not fit, by check.

    ``models`` are the neutral models of the routers' configurations, by router name; give all routers of every VPN
    that is judged. ``unknown`` are those without one, and why: nothing is proved of them, which is said. Raises
    UnknownName for a router that the inventory does not hold.
    """
    ground = Ground(inventory, models)
    missing = (_unknown(inventory.router(name).router.name, why) for name, why in sorted(unknown.items()))
    return tuple(dict.fromkeys((*missing, *(finding for check in CHECKS for finding in check(ground)))))


def _unknown(router: str, why: str) -> Finding:
    message = f"its configuration is not known, and nothing is proved of it: {why}"
    return Finding(
        "WV-3", (router,), message, f"spokesman archive take {router}", Severity.WARNING, check="configuration-unknown"
    )
