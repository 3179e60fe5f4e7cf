"""A guest has what routers need and this machine's kernel may lack: GRE that moves, ESP, filters that tell NHRP."""

from __future__ import annotations

import pytest

from agent.lab.real.lab import RealLab
from tests.lab.conftest import eventually
from tests.lab.real.conftest import HUB, SPOKE, connect

pytestmark = [pytest.mark.lab, pytest.mark.soak]

#: By hand what a VPN is on a router: a namespace, and an mGRE whose encapsulated side stays in front of it.
VPN = """set -e
ip netns add customer
ip tunnel add gre10 mode gre key 10 ttl 64 local {local}
ip link set gre10 netns customer
ip -n customer addr add 10.255.0.{number}/24 dev gre10
ip -n customer link set gre10 up
ip -n customer neigh add 10.255.0.{other} lladdr {remote} dev gre10
ip xfrm state add src {local} dst {remote} proto esp spi {out} mode transport aead 'rfc4106(gcm(aes))' {key} 128
ip xfrm state add src {remote} dst {local} proto esp spi {in_} mode transport aead 'rfc4106(gcm(aes))' {key} 128
ip xfrm policy add src {local} dst {remote} proto gre dir out tmpl proto esp mode transport
ip xfrm policy add src {remote} dst {local} proto gre dir in tmpl proto esp mode transport
ip netns exec customer nft 'table inet filter {{ chain forward {{ type filter hook forward priority filter; \
iifname "gre10" oifname "gre10" log group 1 snaplen 128; }}; }}'
"""
KEY = "0x" + "17" * 20


def test_a_vpn_in_a_namespace_is_seen_on_the_internet_as_esp_only(guest: RealLab) -> None:
    connect(guest)
    words = {"key": KEY}
    guest.check_console(
        "hub", VPN.format(local=HUB, remote=SPOKE, number=1, other=2, out="0x101", in_="0x102", **words)
    )
    guest.check_console(
        "spoke", VPN.format(local=SPOKE, remote=HUB, number=2, other=1, out="0x102", in_="0x101", **words)
    )
    with guest.capture() as seen:
        pinged = guest.check_console("spoke", "ip netns exec customer ping -c 3 -i 0.2 10.255.0.1")
    assert "3 received" in pinged
    assert seen.between(HUB, SPOKE) == {"ESP": 6}
    assert guest.console("spoke", "ping -c 1 -W 1 10.255.0.1").code != 0, "the front door knows nothing of the VPN"


def test_power_and_cables_work_there_too(guest: RealLab) -> None:
    connect(guest)
    guest.cut("hub")
    assert guest.ping("spoke", HUB, count=1) == [None]
    guest.repair("hub")
    assert eventually(lambda: any(guest.ping("spoke", HUB, count=1)), 20)
    guest.power_off("hub")
    assert guest.ping("spoke", HUB, count=1) == [None]
    guest.power_on("hub")
    assert "gre10" not in guest.check_console("hub", "ip link show")
