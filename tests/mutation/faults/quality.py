"""Faults of prioritisation: classes, marks, shares, the shaper and where policies are applied."""

from __future__ import annotations

from tests.mutation.drawing import either, gone, inside, into, number, with_random
from tests.mutation.faults.ground import LAN
from tests.mutation.faults.tunnels import TUNNEL
from tests.mutation.mutant import Catalogue, Router

QUALITY = Catalogue()
fault = QUALITY.fault

_EGRESS = r"policy-map EGRESS"
_CLASSES = r"policy-map CLASSES"
_CLASSIFY = r"policy-map CLASSIFY-(?!ILAN)\S+"
_GUESTS = r"policy-map (ILAN-IN|CLASSIFY-ILAN)"


def ordered(router: Router) -> bool:
    return router.view.site.options.traffic_prioritisation is not None


fault(
    "egress policy missing, or another",
    "nothing is prioritised on the access, or without a shaper below its speed",
    "WV-9",
    either(gone(r"service-policy output \S+", r"interface .*", ordered),
           into(r"service-policy output EGRESS", "service-policy output CLASSES", "service-policy output OTHER",
                under=r"interface .*", when=ordered)),
)  # fmt: skip
fault(
    "egress policy of one VPN",
    "all VPNs share one policy, on the access; none has one of its own",
    "WV-9",
    inside(TUNNEL, "service-policy output CLASSES", when=ordered),
)
fault(
    "shaper missing or faster than the access",
    "queues form at the supplier, who knows no classes",
    "WV-9",
    either(gone(r"shape average \d+", _EGRESS),
           into(r"shape average \d+", with_random("shape average {}0000000", number(11, 40)), under=_EGRESS)),
)  # fmt: skip
fault(
    "shaper much slower than the access",
    "the customer does not get the speed that was ordered",
    "WV-9",
    into(r"shape average (\d+)\d\d", r"shape average \1", under=_EGRESS),
)
fault(
    "shaper without classes",
    "everything waits in one queue",
    "WV-9",
    gone(r"service-policy \S+", _EGRESS),
)
fault(
    "share of a class changed or missing",
    "a class has more or less of the access than was ordered",
    "WV-9",
    either(into(r"priority percent \d+", with_random("priority percent {}", number(40, 90)), under=_CLASSES),
           gone(r"priority percent \d+", _CLASSES), gone(r"bandwidth remaining percent \d+", r"class CLASS-\S+"),
           into(r"priority percent (\d+)", r"bandwidth remaining percent \1", under=_CLASSES)),
)  # fmt: skip
fault(
    "class missing",
    "its traffic is best effort",
    "WV-9",
    either(gone(r"class CLASS-\S+", _CLASSES), gone(r"class VPN\S+", _CLASSIFY)),
)
fault(
    "control without a share",
    "what keeps tunnels and routes up waits behind whatever fills the access",
    "WV-3 WV-9",
    either(gone(r"class CONTROL", _CLASSES), gone(r"bandwidth .*", r"class CONTROL"),
           into(r"match dscp cs6", "match dscp cs7", under=r"class-map match-any CONTROL")),
)  # fmt: skip
fault(
    "class takes other traffic",
    "what was ordered for it is in another class",
    "WV-9",
    either(into(r"match dscp .*", "match dscp cs7", under=r"class-map match-any (CLASS|VPN\d+)-\S+"),
           gone(r"match .*", r"class-map match-any (CLASS|VPN\d+)-\S+")),
)  # fmt: skip
fault(
    "classifier picks other traffic",
    "ports or protocol are not those that were ordered",
    "WV-9",
    either(gone(r"\d+ permit .*", r"ip access-list extended VPN\d+-\S+"),
           into(r"(\d+ permit \S+ any(?: eq \S+)? any) eq \S+(.*)", r"\1 eq 7777\2",
                under=r"ip access-list extended VPN\d+-\S+"),
           inside(r"ip access-list extended VPN\d+-\S+", "5 permit ip any any", "5 deny ip any any")),
)  # fmt: skip
fault(
    "mark changed or missing",
    "the class behind it is another one, or none",
    "WV-9",
    either(into(r"set dscp (?!default)\S+", "set dscp cs7", "set dscp default", under=_CLASSIFY),
           gone(r"set dscp (?!default)\S+", _CLASSIFY),
           into(r"set dscp default", "set dscp ef", under=_CLASSIFY)),
)  # fmt: skip
fault(
    "marking not applied",
    "the VPN's traffic keeps the marks that its hosts gave it",
    "WV-9",
    gone(r"service-policy input \S+", LAN, ordered),
)
fault(
    "guests above best effort",
    "guests are in the class of the lowest priority",
    "WV-9 WV-11",
    either(into(r"set dscp default", "set dscp ef", "set dscp af31", under=_GUESTS, when=ordered),
           gone(r"set dscp default", _GUESTS, ordered)),
)  # fmt: skip
