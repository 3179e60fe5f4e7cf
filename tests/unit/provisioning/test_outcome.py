"""What a router shows of its links, and what that means for a change."""

from __future__ import annotations

from typing import Any

import pytest

from agent.errors import CommandRejected
from agent.provisioning.outcome import LinkCheck, peers_of
from agent.provisioning.ports import PingResult
from inventory import Inventory

DMVPN = """\
Legend: Attrb --> S - Static, D - Dynamic, I - Incomplete
        N - NATed, L - Local, X - No Socket
==========================================================================

Interface: Tunnel10, IPv4 NHRP Details
Type:Spoke, NHRP Peers:2,

 # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb
 ----- --------------- --------------- ----- -------- -----
     1 198.51.100.10        10.255.8.1    UP 00:12:43     S
     2 198.51.100.18        10.255.8.3    UP 00:00:43     D
                            10.255.8.3    UP 00:00:43   DT2

Interface: Tunnel20, IPv4 NHRP Details
Type:Spoke, NHRP Peers:1,

 # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb
 ----- --------------- --------------- ----- -------- -----
     1 198.51.100.10       10.255.16.1   IKE    never     S
"""
BGP = """\
BGP router identifier 10.255.8.2, local AS number 65010
Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd
10.255.8.1      4        65010      17      19        5    0    0 00:11:27        3
*10.255.8.9     4        65010       0       0        1    0    0 never    Idle (Admin)
10.255.16.1     4        65010       0       0        1    0    0 00:00:11 Active
"""


class Shows:
    """A device that shows and pings."""

    def __init__(self, dmvpn: str = DMVPN, bgp: str = BGP, received: int = 5) -> None:
        self.answers = {"show dmvpn": dmvpn, "show bgp vpnv4 unicast all summary": bgp}
        self.received = received
        self.pinged: list[tuple[str, str]] = []

    def show(self, command: str) -> str:
        if not self.answers[command]:
            raise CommandRejected("% Invalid input")
        return self.answers[command]

    def ping(self, address: str, *, vrf: str = "", source: str = "", count: int = 5) -> PingResult:
        self.pinged.append((address, vrf))
        return PingResult(count, self.received)


@pytest.fixture
def check() -> LinkCheck:
    return LinkCheck()


@pytest.mark.parametrize("text", ["", "% BGP not active", DMVPN[:400], "\x00" * 50, BGP[:300]])
def test_half_an_answer_is_no_error(inventory: Inventory, check: LinkCheck, text: str) -> None:
    device: Any = Shows(dmvpn=text, bgp=text)
    assert check.links(device, inventory.site("leeds")) == frozenset()


def test_a_spoke_keeps_links_with_its_hubs_and_a_hub_with_all(inventory: Inventory) -> None:
    assert peers_of(inventory.site("leeds"), "corporate") == ("10.255.8.1",)
    assert peers_of(inventory.site("london"), "corporate") == ("10.255.8.2", "10.255.8.3")


def test_links_are_up_when_tunnel_and_routing_are(inventory: Inventory, check: LinkCheck) -> None:
    device: Any = Shows()
    leeds = inventory.site("leeds")
    assert check.links(device, leeds) == {"corporate 10.255.8.1"}
    required = frozenset({"corporate 10.255.8.1", "cctv 10.255.16.1"})
    assert check.faults(device, leeds, required) == ("cctv 10.255.16.1: no tunnel (IKE)",)
    assert device.pinged == []


def test_links_must_carry_pings_in_their_vrf(inventory: Inventory, check: LinkCheck) -> None:
    device: Any = Shows(received=0)
    faults = check.faults(device, inventory.site("leeds"), frozenset({"corporate 10.255.8.1"}))
    assert faults == ("corporate 10.255.8.1: no answer to pings through the tunnel",)
    assert device.pinged == [("10.255.8.1", "CORPORATE")]


def test_a_blank_router_has_no_links(inventory: Inventory, check: LinkCheck) -> None:
    device: Any = Shows(dmvpn="", bgp="")
    assert check.links(device, inventory.site("leeds")) == frozenset()
    faults = check.faults(device, inventory.site("leeds"), frozenset({"corporate 10.255.8.1"}))
    assert faults == ("corporate 10.255.8.1: no tunnel (no registration)",)


def test_links_of_a_vpn_that_goes_are_not_missed(inventory: Inventory, check: LinkCheck) -> None:
    links = frozenset({"corporate 10.255.8.1", "cctv 10.255.16.1", "gone 10.255.24.1"})
    assert check.kept(inventory.site("leeds"), links, "interface Tunnel10\n ip address\n") == {"corporate 10.255.8.1"}
