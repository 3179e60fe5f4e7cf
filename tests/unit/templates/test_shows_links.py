"""Reading show output as IOS-XE prints it; garbage gives nothing and raises nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_templates.cisco_iosxe.shows import SHOWS
from device_templates.cisco_iosxe.shows import tunnels as readings
from device_templates.shows import IkeState, TunnelState, VpnRef

DMVPN = """Legend: Attrb --> S - Static, D - Dynamic, I - Incomplete
        N - NATed, L - Local, X - No Socket
==========================================================================

Interface: Tunnel10, IPv4 NHRP Details
Type:Hub, NHRP Peers:3,

 # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb
 ----- --------------- --------------- ----- -------- -----
     1 203.0.113.7          10.255.8.2    UP 00:12:31     D
     1 198.51.100.20        10.255.8.3  NHRP    never     S
     1 UNKNOWN              10.255.8.4   IKE 1d02h        D
     0 0.0.0.0              10.255.8.5    UP    2w3d    DN
"""
IKE = """ IPv4 Crypto IKEv2  SA

Tunnel-id Local                 Remote                fvrf/ivrf            Status
1         198.51.100.10/500     203.0.113.7/4500      none/none            READY
      Encr: AES-GCM, keysize: 256, PRF: SHA512, Hash: None, DH Grp:20, Auth sign: PSK, Auth verify: PSK
      Life/Active Time: 86400/1234 sec
2         198.51.100.10/500     198.51.100.20/500     none/none            IN-NEG
"""
BGP = """BGP router identifier 10.254.0.11, local AS number 65010
Neighbor        V           AS MsgRcvd MsgSent   TblVer  InQ OutQ Up/Down  State/PfxRcd
*10.255.8.2     4        65010      12      11        5    0    0 00:08:42        3
10.255.8.3      4        65010       0       0        1    0    0 never    Idle (Admin)
10.255.8.4      4      1.10000       0       0        1    0    0 00:01:10 Active
"""
NHRP = """10.255.8.2/32 (CORPORATE)
   via 10.255.8.2
   Tunnel10 created 00:12:31, expire 00:07:28
   Type: dynamic, Flags: registered nhop
   NBMA address: 203.0.113.7
10.255.8.3/32 via 10.255.8.3
   Tunnel10 created 00:10:00, never expire
   Type: static, Flags:
   NBMA address: 198.51.100.20
"""


def test_show_dmvpn() -> None:
    rows = {row.tunnel: (row.nbma, row.state, row.up) for _, row in readings.tunnels(DMVPN)}
    assert rows == {
        "10.255.8.2": ("203.0.113.7", "UP", True),
        "10.255.8.3": ("198.51.100.20", "NHRP", False),
        "10.255.8.4": (None, "IKE", False),
        "10.255.8.5": (None, "UP", True),
    }


#: Two tunnels, and a second tunnel address behind one NBMA address.
TWO = """Interface: Tunnel10, IPv4 NHRP Details
Type:Spoke, NHRP Peers:2,

 # Ent  Peer NBMA Addr Peer Tunnel Add State  UpDn Tm Attrb
 ----- --------------- --------------- ----- -------- -----
     1 198.51.100.10        10.255.8.1    UP 00:12:43     S
     2 198.51.100.18        10.255.8.3    UP 00:00:43     D
                            10.255.8.4  INTF 00:00:43   DT2
                            10.255.8.5    UP 00:00:43   DT2

Interface: Tunnel20, IPv4 NHRP Details
Type:Spoke, NHRP Peers:1,

     1 198.51.100.10       10.255.16.1   IKE    never     S
"""


def test_tunnels_of_one_vpn_are_those_of_its_interface() -> None:
    of_ten, of_twenty = (SHOWS.tunnels(lambda _: TWO, VpnRef("any", number)).value for number in (10, 20))
    assert [(row.tunnel, row.nbma) for row in of_ten] == [
        ("10.255.8.1", "198.51.100.10"),
        ("10.255.8.3", "198.51.100.18"),
        ("10.255.8.5", "198.51.100.18"),
    ]
    assert [(row.tunnel, row.state) for row in of_twenty] == [("10.255.16.1", TunnelState.IKE)]


def test_a_state_that_is_not_known_is_down() -> None:
    ((_, row),) = readings.tunnels("     1 198.51.100.10        10.255.8.1  INTF 00:12:43     S")
    assert row.state is TunnelState.DOWN


def test_show_crypto_ikev2_sa() -> None:
    assert readings.ike(IKE) == {"203.0.113.7": IkeState.ESTABLISHED, "198.51.100.20": IkeState.NEGOTIATING}


def test_show_bgp_summary() -> None:
    rows = readings.neighbors(BGP)
    assert {name: (row.state, row.prefixes) for name, row in rows.items()} == {
        "10.255.8.2": ("Established", 3),
        "10.255.8.3": ("Idle (Admin)", None),
        "10.255.8.4": ("Active", None),
    }


def test_show_ip_nhrp() -> None:
    assert readings.nhrp(NHRP) == {"10.255.8.2": "203.0.113.7", "10.255.8.3": "198.51.100.20"}


@given(st.text(max_size=300), st.integers(0, 700))
def test_garbage_and_truncation_are_survived(garbage: str, cut: int) -> None:
    for text in (garbage, DMVPN[:cut] + garbage, IKE[:cut] + garbage, BGP[:cut] + garbage, NHRP[:cut] + garbage):
        readings.tunnels(text)
        readings.ike(text)
        readings.neighbors(text)
        readings.nhrp(text)


def test_a_peer_never_takes_the_address_of_the_next_one() -> None:
    text = NHRP.replace("   NBMA address: 203.0.113.7\n", "")
    assert readings.nhrp(text) == {"10.255.8.3": "198.51.100.20"}


SPACES = " " * 1900


@pytest.mark.parametrize(
    "line",
    ["", " ", "10.0.0.1 RE " * 160, "1 10.0.0.1/1", f"10.0.0.1 RE{SPACES}x", f"10.0.0.1 4 1 1 1 1 1 1 0 b{SPACES}x"],
)
def test_what_a_device_repeats_to_stop_us_is_read_in_no_time(line: str) -> None:
    text = f"{line}\n" * (400_000 // (len(line) + 1))
    began = time.process_time()
    readings.tunnels(text)
    readings.ike(text)
    readings.neighbors(text)
    readings.nhrp(text)
    readings.servers(text)
    assert time.process_time() - began < 3


def test_a_server_without_counts_does_not_take_those_of_the_next() -> None:
    shown = "10.255.8.1  E NBMA Address: 198.51.100.10\n10.255.8.9  RE  req-sent 4  req-failed 1  repl-recv 3\n"
    assert {name: one.sent for name, one in readings.servers(shown).items()} == {"10.255.8.9": 4}
