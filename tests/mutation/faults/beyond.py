"""Faults beyond the service: other ways to forward packets, to bring routes, or to change the router."""

from __future__ import annotations

from tests.mutation.drawing import after, either, inside, number, with_random
from tests.mutation.mutant import Catalogue, Router

BEYOND = Catalogue()
fault = BEYOND.fault

#: A line at the top of every router, behind which others may come.
_TOP = r"no ip http server"
_NETWORK = r"interface (Vlan(?!1$)\d+|Tunnel\d+)"


def _has_that_access(router: Router) -> bool:
    return router.view.site.access.interface == "GigabitEthernet0/0/0"


fault(
    "another routing protocol",
    "what it learns or tells, no prefix list bounds: it may join what must stay apart",
    "WV-6",
    either(after(_TOP, "router rip\n version 2\n network 10.0.0.0", "ip default-network 10.0.0.0",
                 "router ospf 1\n network 0.0.0.0 255.255.255.255 area 0",
                 with_random("router eigrp {}\n network 10.0.0.0", number(1, 65000))),
           after(r"interface Loopback0", r"router isis\n net 49.0001.0000.0000.0001.00")),
)  # fmt: skip
fault(
    "IPv6 on an interface",
    "lists and zones of the service are of IPv4: the other family passes beside them",
    "WV-6 WV-7 WV-11",
    inside(_NETWORK, with_random("ipv6 address 2001:DB8:{}::1/64", number(1, 9999)), "ipv6 enable"),
)
fault(
    "packets that take another way",
    "labels, bridges, pseudowires and encryption by interface forward without the VPN's table",
    "WV-6 WV-7 WV-11",
    either(inside(_NETWORK, "mpls ip", "bridge-group 1", "crypto map OTHER",
                  "xconnect 198.51.100.77 1 encapsulation mpls"),
           after(_TOP, "monitor session 1 source interface Gi0/1/0", "ip multicast-routing", "bridge 1 protocol ieee")),
)  # fmt: skip
fault(
    "a router that changes itself",
    "what is proved of its configuration does not last, and no order asked for the change",
    "WV-22",
    after(_TOP, "event manager applet X\n event timer watchdog time 60\n action 1 cli command \"conf t\"\n"
          " action 2 cli command \"interface Vlan1\"", "event manager policy X.tcl type user", "vstack",
          "boot network tftp://192.0.2.9/x", "cwmp agent", "app-hosting appid guestshell"),
)  # fmt: skip
fault(
    "a limit on the access that nobody ordered",
    "what tunnels need is dropped beyond a rate, or for its source",
    "WV-3",
    inside(r"interface GigabitEthernet0/0/0", "ip verify unicast source reachable-via any",
           "rate-limit input 64000 8000 8000 conform-action transmit exceed-action drop", when=_has_that_access),
)  # fmt: skip
fault("routing switched off", "nothing passes from one interface to another", "WV-3", after(_TOP, "no ip routing"))
fault("routes of a VRF in the global table", "the VPN's networks are where the internet is", "WV-6 WV-7 WV-11",
      inside(r"address-family ipv4", "export ipv4 unicast map X", under=r"vrf definition .*"))  # fmt: skip
