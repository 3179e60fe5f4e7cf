"""Single mistakes that break tunnels later: when a hub restarts, with large packets, when another spoke asks."""

from __future__ import annotations

from tests.unit.verification.mistakes import LONDON, YORK, Mistake

#: Check, router, what is there, what is put in its place, the rule of the finding.
STAYING: list[Mistake] = [
    *(("packets_fit_the_access", YORK, " ip mtu 1400\n", mtu, "WV-3") for mtu in (" ip mtu 1439\n", "")),
    ("packets_fit_the_access", YORK, "adjust-mss 1360", "adjust-mss 1361", "WV-3"),
    (
        "packets_fit_the_access",
        YORK,
        "interface GigabitEthernet0/0/0\n",
        "interface GigabitEthernet0/0/0\n ip mtu 1463\n",
        "WV-3",
    ),
    ("no_keepalives", YORK, "interface Tunnel10\n", "interface Tunnel10\n keepalive 10 3\n", "WV-3"),
    ("dynamic_full_mesh", YORK, "interface Tunnel10\n", "interface Tunnel10\n ip nhrp server-only\n", "WV-3"),
    ("profiles_are_complete", YORK, "profile VPN\n match", "profile VPN\n shutdown\n match", "WV-3"),
    ("something_is_proposed", YORK, "policy STRONG\n", "policy STRONG\n match fvrf CORPORATE\n", "WV-3"),
    ("something_is_proposed", YORK, "policy STRONG\n", "policy STRONG\n match address local 203.0.113.77\n", "WV-3"),
    ("peers_meet_one_profile", YORK, "remote fqdn centre.managed.invalid", "remote address 0.0.0.0", "WV-7"),
    ("dead_peers_are_noticed", YORK, " dpd 30 5 on-demand\n", "", "WV-3"),
    ("dead_peers_are_noticed", YORK, " dpd 30 5 on-demand\n", " dpd 3600 5 on-demand\n", "WV-3"),
    ("dead_peers_are_noticed", YORK, " dpd 10 3 periodic\n", "", "WV-7"),
    ("routers_begin_tunnels", YORK, "ipsec profile VPN\n", "ipsec profile VPN\n responder-only\n", "WV-3"),
    ("routers_begin_tunnels", LONDON, "profile MANAGEMENT\n set", "profile MANAGEMENT\n responder-only\n set", "WV-7"),
    ("hubs_stay_up_alone", LONDON, "interface Tunnel10\n", "interface Tunnel10\n if-state nhrp\n", "WV-3"),
    ("registrations_are_renewed", YORK, "holdtime 600", "holdtime 65000", "WV-3"),
    ("registrations_are_renewed", YORK, "holdtime 600", "registration timeout 2500", "WV-3"),
    ("registrations_are_renewed", YORK, "holdtime 600\n", "holdtime 600\n ip nhrp registration timeout 600\n", "WV-3"),
    (
        "associations_last",
        YORK,
        "ipsec profile VPN\n",
        "ipsec profile VPN\n set security-association lifetime kilobytes 2560\n",
        "WV-3",
    ),
    (
        "tunnels_have_a_source",
        YORK,
        "interface Tunnel10\n",
        "interface Tunnel10\n tunnel route-via GigabitEthernet0/1/3 mandatory\n",
        "WV-3",
    ),
    ("tunnels_pass_translation", LONDON, " mode transport\n", " mode tunnel\n", "WV-3"),
    (
        "tunnels_pass_translation",
        LONDON,
        "crypto ikev2 pol",
        "no crypto ipsec nat-transparency udp-encapsulation\ncrypto ikev2 pol",
        "WV-3",
    ),
    (
        "shared_source_shares_profile",
        LONDON,
        "tunnel key 20\n",
        "tunnel key 20\n tunnel source 198.51.100.10\n",
        "WV-3",
    ),
    ("associations_have_room", YORK, "crypto ikev2 pol", "crypto ikev2 limit max-sa 2\ncrypto ikev2 pol", "WV-3"),
    (
        "associations_have_room",
        LONDON,
        "crypto ikev2 pol",
        "crypto call admission limit ike sa 2\ncrypto ikev2 pol",
        "WV-3",
    ),
    ("associations_last", YORK, " dpd 30", " lifetime 120\n dpd 30", "WV-3"),
    (
        "associations_last",
        YORK,
        "set pfs group20\n set ikev2-profile VPN",
        "set security-association lifetime seconds 120\n set pfs group20\n set ikev2-profile VPN",
        "WV-3",
    ),
    (
        "associations_last",
        YORK,
        "crypto ikev2 pol",
        "crypto ipsec security-association lifetime seconds 120\ncrypto ikev2 pol",
        "WV-3",
    ),
]
