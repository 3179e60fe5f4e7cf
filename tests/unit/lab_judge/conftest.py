"""Customers whose golden configurations the judge looks at."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

from agent.lab.judge import Judge, Judged, Primary, surroundings

GOLDEN = Path(__file__).parents[2] / "golden"
#: The router of the primary access beside gx-tro, and where it leads.
PRIMARY = Primary(
    address=IPv4Address("172.20.21.2"),
    group=30,
    networks=(IPv4Network("172.20.0.0/16"), IPv4Network("10.99.9.0/24")),
    decrement=0,  # it does not notice what it cannot reach: our router must
    key="Planted-Hsrp-Key-1",
)
#: HSRP, its probe of the primary, and offload of backups to the hubs' LAN, as at a site beside a primary access.
BESIDE = """
track 31 ip sla 31 reachability
track 32 list boolean and
 object 31 not
track 33 ip sla 33 reachability
track 34 ip sla 34 reachability
track 39 list boolean or
 object 33
 object 34
ip access-list extended OFFLOAD
 10 permit tcp any any eq 873
ip access-list extended PRIMARY
 10 permit icmp host 172.20.21.1 host 10.99.9.1 echo
interface Vlan30
 standby version 2
 standby 30 ip 172.20.21.9
 standby 30 priority 150
 standby 30 preempt delay minimum 30 reload 180
 standby 30 authentication md5 key-string Planted-Hsrp-Key-1
 standby 30 track 32 decrement 55
 standby 30 track 39 decrement 60
 ip policy route-map OFFLOAD
ip sla 31
 icmp-echo 10.99.9.1 source-interface Vlan30
  vrf DATA
ip sla schedule 31 life forever start-time now
ip sla 33
 icmp-echo 10.200.0.1 source-interface Tunnel7
  vrf DATA
ip sla schedule 33 life forever start-time now
ip sla 34
 icmp-echo 10.200.0.2 source-interface Tunnel7
  vrf DATA
ip sla schedule 34 life forever start-time now
ip local policy route-map PRIMARY
route-map PRIMARY permit 10
 match ip address PRIMARY
 set ip next-hop 172.20.21.2
 set interface Null0
route-map OFFLOAD permit 10
 match ip address OFFLOAD
 set ip next-hop verify-availability 10.200.0.1 10 track 33
 set ip next-hop verify-availability 10.200.0.2 20 track 34
 set interface Null0
"""


def golden(case: str) -> dict[str, str]:
    """The intended configurations of a golden case by router."""
    return {path.stem: path.read_text() for path in sorted((GOLDEN / case / "expected").glob("*.cfg"))}


class Case:
    """A customer: reference texts, and what the judge makes of changes to them."""

    def __init__(self, texts: dict[str, str], **beside: object) -> None:
        self.texts = texts
        self._judge = Judge(surroundings(texts, **beside), texts)  # type: ignore[arg-type]

    def look(self, change: Callable[[dict[str, str]], None] | None = None, **down: set[str]) -> Judged:
        """The network with a change to the texts."""
        texts = dict(self.texts)
        if change:
            change(texts)
        return self._judge.look(texts, **down)

    def without(self, router: str, old: str, new: str = "", **down: set[str]) -> Judged:
        """The network with a line of one router, which must be there, gone or replaced."""
        assert old in self.texts[router], f"{router} has no line {old!r}"
        return self.look(lambda texts: texts.update({router: texts[router].replace(old, new)}), **down)


@lru_cache(maxsize=1)
def _options() -> Case:
    return Case(golden("options_iosxe"), translated={"acme-lee-r1"})


@pytest.fixture
def options() -> Case:
    """A hub and a spoke with breakout, iLAN and firewall logging."""
    return _options()


@lru_cache(maxsize=1)
def _beside() -> Case:
    texts = golden("two_hubs")
    texts["gx-tro"] = texts["gx-tro"].replace("\nend\n", "\n") + BESIDE + "end\n"
    return Case(texts, primaries={("gx-tro", "Vlan30"): PRIMARY})


@pytest.fixture
def beside() -> Case:
    """Two hubs and a spoke beside a primary access, with HSRP and offload."""
    return _beside()
