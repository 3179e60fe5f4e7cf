"""Faults beside a primary access: HSRP, tracks and probes, policy routing of offloaded traffic."""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random

from tests.mutation.drawing import either, gone, inside, into, stranger, with_random
from tests.mutation.faults.ground import LAN
from tests.mutation.faults.tunnels import moved
from tests.mutation.mutant import Catalogue, Router

RESILIENCE = Catalogue()
fault, drawing = RESILIENCE.fault, RESILIENCE.drawing

_MAP = r"route-map OFFLOAD-\S+ permit \d+"
_HOP = r"set ip next-hop verify-availability (\S+) (\d+) track (\d+)"

fault(
    "HSRP priority",
    "with more it is active while the primary works, with less it never is",
    "WV-12",
    either(into(r"standby (\d+) priority 150", r"standby \1 priority 200", r"standby \1 priority 250",
                r"standby \1 priority 100", r"standby \1 priority 90", under=LAN),
           gone(r"standby \d+ priority \d+", LAN)),
)  # fmt: skip
fault("HSRP without preemption", "it does not take over from a primary that lives and has lost its way", "WV-12",
      gone(r"standby \d+ preempt.*", LAN))  # fmt: skip
fault(
    "HSRP track missing or wrong",
    "the group does not follow whether the destination is reached",
    "WV-12",
    either(gone(r"standby \d+ track \d*2 decrement \d+", LAN),
           into(r"standby (\d+) track (\d*)2 decrement (\d+)", r"standby \1 track \g<2>1 decrement \3",
                r"standby \1 track 99 decrement \3", r"standby \1 track \g<2>2 decrement 10", under=LAN)),
)  # fmt: skip
fault(
    "HSRP group or version",
    "the two routers are not in one group",
    "WV-12",
    either(gone(r"standby version 2", LAN),
           lambda router, random: _regrouped(router, random)),
)  # fmt: skip
fault(
    "HSRP virtual address changed or missing",
    "the hosts' gateway is not shared",
    "WV-12",
    either(into(r"(standby \d+ ip) (\S+)", lambda _, match, random: (f"{match[1]} {moved(match[2], random)}",),
                under=LAN),
           gone(r"standby \d+ ip \S+", LAN)),
)  # fmt: skip
fault("HSRP without its key", "each router takes the other for a stranger", "WV-12",
      gone(r"standby \d+ authentication .*", LAN))  # fmt: skip


fault(
    "HSRP key in clear",
    "the primary expects a digest, and the key goes over the wire",
    "WV-12",
    into(r"standby (\d+) authentication md5 key-string 7 \S+", r"standby \1 authentication word", under=LAN),
)
fault(
    "takeover takes minutes",
    "the hosts have no way out while the destination is lost, or the way back is not taken",
    "WV-12",
    either(into(r"frequency \d+", "frequency 300", "frequency 3600", under=r"ip sla \d*1$"),
           into(r"delay down \d+ up \d+", "delay down 180 up 180", under=r"track \d*1 ip sla .*"),
           into(r"standby (\d+) preempt .*", r"standby \1 preempt delay minimum 600", under=LAN),
           into(r"standby (\d+) priority 150", "standby \\1 priority 150\n standby \\1 timers 60 180", under=LAN)),
)  # fmt: skip
fault(
    "router keeps the hosts while it is cut off",
    "it drops what they send, and the primary may still lead somewhere",
    "WV-12",
    either(gone(r"standby \d+ track \d+ decrement 60", LAN),
           into(r"(standby \d+ track \d+ decrement) 60", r"\1 20", under=LAN)),
)  # fmt: skip
fault(
    "destination asked from another address",
    "only what the LAN's own address asks goes through the primary",
    "WV-12",
    into(r"(icmp-echo \S+ source-interface) Vlan\d+", r"\1 Tunnel10", r"\1 Loopback0", under=r"ip sla \d+"),
)


@drawing("destination's probe missing or wrong", "the track says nothing of the destination", "WV-12")
def _probe(router: Router, random: Random) -> Iterator[str]:
    for number_ in _primary_probes(router):
        sla = rf"ip sla {number_}"
        yield from gone(sla)(router, random)
        yield from into(r"icmp-echo \S+ (.*)", with_random(r"icmp-echo {} \1", stranger), under=sla)(router, random)
        yield from gone(r"vrf \S+", sla)(router, random)
        yield from into(r"vrf \S+", "vrf MGMT", under=sla)(router, random)
        yield from gone(rf"ip sla schedule {number_} .*")(router, random)
        yield from into(rf"track {number_} ip sla \d+ (.*)", rf"track {number_} ip sla 99 \1")(router, random)
        yield from gone(rf"track {number_} ip sla .*")(router, random)


fault(
    "negation of the track",
    "the group follows the opposite",
    "WV-12",
    either(into(r"object (\d+) not", r"object \1", under=r"track \d+ list boolean .*"),
           gone(r"object \d+ not", r"track \d+ list boolean .*")),
)  # fmt: skip
fault(
    "probe does not go through the primary",
    "it goes through this service's own tunnel, and says nothing of the primary",
    "WV-12",
    either(gone(r"ip local policy route-map \S+"), gone(r"set ip next-hop \S+", r"route-map PRIMARY permit \d+"),
           gone(r"\d+ permit icmp .*", r"ip access-list extended PRIMARY-\S+"),
           into(r"set ip next-hop (\S+)", lambda _, match, random: (f"set ip next-hop {moved(match[1], random)}",),
                under=r"route-map PRIMARY permit \d+"),
           into(r"match ip address \S+", "match ip address OTHER", under=r"route-map PRIMARY permit \d+")),
)  # fmt: skip


@drawing(
    "route back to the primary", "offloaded traffic, and all other, goes back when this service fails", "WV-8 WV-12"
)
def _back(router: Router, _: Random) -> Iterator[str]:
    resilience = router.view.site.resilience
    for line in [line for line, _ in router.config.find(r"ip route .*")][-1:]:
        for vpn, group in resilience.hsrp.items() if resilience else ():
            for lan in router.view.site.lans[vpn]:
                for vrf in _vrf_of(router, f"interface Vlan{lan.vlan}"):
                    if group.primary_address in lan.address.network:
                        for prefix in ("0.0.0.0 0.0.0.0", "10.10.0.0 255.255.0.0"):
                            for distance in ("", " 250"):
                                text = f"ip route vrf {vrf} {prefix} {group.primary_address}{distance}"
                                yield router.config.after(line, text)


fault("offload not applied", "what was to be offloaded goes where all goes", "WV-8",
      either(gone(r"ip policy route-map \S+", LAN), gone(_MAP),
             into(r"ip policy route-map \S+", "ip policy route-map OTHER", under=LAN)))  # fmt: skip
fault(
    "offload's next hop missing or wrong",
    "there is no such hub",
    "WV-8",
    either(gone(_HOP, _MAP),
           into(_HOP, with_random(r"set ip next-hop verify-availability {} \2 track \3", stranger), under=_MAP)),
)  # fmt: skip
fault(
    "offload's next hop without its own track",
    "traffic goes into a tunnel that is down, or not into one that is up",
    "WV-8",
    into(_HOP, r"set ip next-hop \1", r"set ip next-hop verify-availability \1 \2 track 99", under=_MAP),
)
fault(
    "offload falls back",
    "without a last resort of Null0 it is routed as all is when no hub answers",
    "WV-8",
    gone(r"set interface Null0", _MAP),
)
fault(
    "offload back to the primary",
    "its next hop is the primary router",
    "WV-8",
    into(_HOP, lambda router, _, __: (f"set ip next-hop {one}" for one in _primaries(router)), under=_MAP),
)
_LIST = r"ip access-list extended OFFLOAD-\S+"
fault(
    "offload takes other traffic",
    "what was ordered is not offloaded, or what was not is",
    "WV-8",
    either(gone(r"\d+ permit .*", _LIST), inside(_LIST, "5 permit ip any any", "5 deny ip any any"),
           into(r"(\d+ permit \S+ .*) eq \S+", r"\1 eq 7777", under=_LIST),
           into(r"match ip address \S+", "match ip address OTHER", under=_MAP), gone(r"match ip address \S+", _MAP)),
)  # fmt: skip


def _regrouped(router: Router, random: Random) -> Iterator[str]:
    for _, match in router.config.find(r"standby (\d+) ip \S+", LAN):
        new = random.randint(100, 250)
        yield re.sub(rf"^ standby {match[1]} ", f" standby {new} ", router.config.text, flags=re.MULTILINE)


def _primary_probes(router: Router) -> Iterator[str]:
    resilience = router.view.site.resilience
    tracked = re.escape(str(resilience.primary.track)) if resilience else "-"
    for line, _ in router.config.find(rf"icmp-echo {tracked} .*", r"ip sla \d+"):
        yield line.over[-1].rpartition(" ")[2]


def _primaries(router: Router) -> Iterator[str]:
    resilience = router.view.site.resilience
    yield from (str(group.primary_address) for group in resilience.hsrp.values()) if resilience else ()


def _vrf_of(router: Router, interface: str) -> Iterator[str]:
    yield from (match[1] for _, match in router.config.find(r"(?:ip )?vrf forwarding (\S+)", rf"{interface}$"))
