"""Single mistakes in BGP, tables and ports: check, router, before, after, rule; and other words for the same."""

from __future__ import annotations

from tests.unit.verification.mistakes import LEEDS, LONDON, YORK, Mistake

_NEIGHBOR = "  neighbor 10.255.8.1 activate\n"
_PORT = "interface GigabitEthernet0/1/0\n"
_GROUP = "S-CORPORATE activate\n"
_TUNNEL = "interface Tunnel10\n"
_DEFAULT = " no bgp default ipv4-unicast\n"
_SPARE = "interface GigabitEthernet0/1/3\n"

#: Check, router, what is there, what is put in its place, the rule of the finding.
ROUTES: list[Mistake] = [
    (
        "networks_are_let_through",
        LEEDS,
        _NEIGHBOR,
        f"{_NEIGHBOR}  aggregate-address 10.10.2.0 255.255.254.0 summary-only\n",
        "WV-3",
    ),
    (
        "networks_are_let_through",
        LONDON,
        _GROUP,
        f"{_GROUP}  aggregate-address 10.0.0.0 255.0.0.0 summary-only\n",
        "WV-3",
    ),
    *(
        (
            "next_hops_are_left_alone",
            LEEDS,
            _NEIGHBOR,
            f"{_NEIGHBOR}  neighbor 10.255.8.1 route-map M {way}\n!\nroute-map M permit 10\n {said}\n",
            "WV-3",
        )
        for way, said in (("in", "set ip next-hop 10.10.2.2"), ("out", "set community no-advertise"))
    ),
    *(
        (
            "connected_networks_are_ordered",
            LEEDS,
            " ip address 10.10.2.1 255.255.255.0\n",
            f" ip address 10.10.2.1 255.255.255.0\n ip address {address} 255.255.255.0 secondary\n",
            "WV-3",
        )
        for address in ("10.10.1.254", "10.255.8.254", "172.31.77.1")
    ),
    ("tables_have_room", LEEDS, " rd 65010:10\n", " rd 65010:10\n maximum routes 1 80\n", "WV-3"),
    ("sessions_leave_by_tunnels", LEEDS, _NEIGHBOR, f"{_NEIGHBOR}  neighbor 10.255.8.1 update-source Vlan10\n", "WV-3"),
    (
        "strangers_are_not_heard",
        LEEDS,
        _DEFAULT,
        " neighbor 203.0.113.200 remote-as 65999\n",
        "WV-6",
    ),
    (
        "strangers_are_not_heard",
        LEEDS,
        " address-family ipv4 vrf CCTV\n",
        " address-family ipv4 vrf MGMT\n  neighbor 10.254.255.9 remote-as 65999\n  neighbor 10.254.255.9 activate\n"
        " exit-address-family\n !\n address-family ipv4 vrf CCTV\n",
        "WV-6",
    ),
    ("strangers_are_not_heard", LONDON, "listen range 10.255.8.0/21", "listen range 10.0.0.0/8", "WV-6"),
    ("all_spokes_are_taken", LONDON, " no bgp default", " bgp listen limit 1\n no bgp default", "WV-3"),
    (
        "sessions_are_known",
        LEEDS,
        _NEIGHBOR,
        f"{_NEIGHBOR}  neighbor 10.255.8.1 transport connection-mode passive\n",
        "WV-3",
    ),
    ("lists_are_bounds", LONDON, _GROUP, f"{_GROUP}  neighbor SPOKES-CORPORATE default-originate\n", "WV-6"),
    (
        "networks_are_let_through",
        LEEDS,
        _NEIGHBOR,
        f"{_NEIGHBOR}  neighbor 10.255.8.1 distribute-list SNMP-FLEET in\n",
        "WV-3",
    ),
    ("networks_are_let_through", LONDON, "maximum-prefix 501", "maximum-prefix 0", "WV-3"),
    ("tables_can_be_used", LEEDS, " rd 65020:20\n", " rd 65010:10\n", "WV-6"),
    ("no_port_of_nobody", LEEDS, " switchport mode access\n", "", "WV-6"),
    ("no_port_of_nobody", LEEDS, f"{_SPARE} shutdown\n", _SPARE, "WV-6"),
    ("no_port_of_nobody", LEEDS, _PORT, f"{_PORT} switchport voice vlan 20\n", "WV-6"),
]  # fmt: skip

#: Router, what is there, what is put in its place: two_vpns, where nothing is to be found.
SAME: list[tuple[str, str, str]] = [
    (LEEDS, _NEIGHBOR, f"{_NEIGHBOR}  neighbor 10.255.8.1 update-source Tunnel10\n"),
    (
        LEEDS,
        " no bgp default ipv4-unicast\n",
        " no bgp default ipv4-unicast\n neighbor 203.0.113.200 remote-as 65999\n",
    ),
    (LEEDS, "  network 10.10.2.0 mask 255.255.255.0\n", "  redistribute connected\n"),
    (LEEDS, _NEIGHBOR, f"{_NEIGHBOR}  neighbor 10.255.8.1 soft-reconfiguration inbound\n  distance bgp 20 200 200\n"),
    (LONDON, _GROUP, f"{_GROUP}  aggregate-address 10.10.0.0 255.255.0.0 summary-only\n"),
    (LEEDS, " rd 65010:10\n", " rd 65010:10\n maximum routes 500 80\n"),
    (LEEDS, _PORT, f"{_PORT} frobnicate\n"),
    (LEEDS, _PORT, f"{_PORT} switchport voice vlan dot1p\n"),
    (YORK, _PORT, f"{_PORT} switchport voice vlan 99\n"),
    (LONDON, " no bgp default", " bgp listen limit 3\n no bgp default"),
]

#: What stands beside the lines of a neighbour and of a tunnel, and which of it is more than not understood.
BEYOND: list[tuple[str, str, bool]] = [
    *(
        (_NEIGHBOR, f"  {line}\n", worse)
        for line, worse in (
            ("table-map NONE filter", True),
            ("distance 255 10.255.8.1 0.0.0.0", True),
            ("distribute-list prefix CCTV-OWN in", True),
            ("neighbor 10.255.8.1 filter-list 1 in", True),
            ("neighbor 10.255.8.1 local-as 65099", True),
            ("neighbor 10.255.8.1 advertise-map OWN non-exist-map OWN", True),
            ("neighbor 10.255.8.1 timers 0 0", True),
            ("neighbor 10.255.8.1 frobnicate", False),
        )
    ),
    (_TUNNEL, " no ip nhrp registration\n", True),
    (_TUNNEL, " ip nhrp max-send 1 every 9999\n", False),
    ("crypto ikev2 profile VPN\n", " frobnicate\n", False),
    (" rd 65010:10\n", " frobnicate\n", False),
]
