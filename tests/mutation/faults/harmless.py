"""Edits that change no behaviour: other names, another order, other words for the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from random import Random

from tests.mutation.drawing import after, either, inside, into, number, with_random
from tests.mutation.faults.obscuring import obscured, revealed
from tests.mutation.faults.routing import in_equal_range, without_neighbor
from tests.mutation.mutant import Catalogue, Router
from tests.mutation.text import Config, Line

HARMLESS = Catalogue()
fault, drawing = HARMLESS.fault, HARMLESS.drawing

#: Sections whose order among themselves means nothing.
_ORDERLESS = (
    r"interface .*",
    r"(vrf definition|ip vrf) \S+",
    r"ip route .*",
    r"ip access-list .*",
    r"zone security \S+",
    r"zone-pair security .*",
    r"logging host .*",
    r"snmp-server host .*",
    r"snmp-server group .*",
    r"ntp server .*",
    r"ip nat inside source .*",
    r"ip sla schedule .*",
)
#: The tunnel of a VPN.
_TUNNEL = r"interface Tunnel(?!4095$)\d+"
#: Lines of an interface that say the same wherever they stand after its VRF.
_INDEPENDENT = re.compile(
    r"ip (mtu|tcp adjust-mss|nhrp (authentication|network-id|holdtime|redirect|shortcut|nhs|registration|map)) ?.*"
    r"|no ip (redirects|unreachables|proxy-arp)|bandwidth .*|tunnel (source|key) .*|zone-member .*|ip nat (in|out)side"
    r"|standby \d+ (priority|preempt|track) .*|ip policy .*|service-policy .*|ip access-group .*"
)


@drawing("independent sections in another order", "no line of one depends on a line of the other", "")
def _sections(router: Router, _: Random) -> Iterator[str]:
    config = router.config
    for pattern in _ORDERLESS:
        lines = [line for line, _ in config.find(pattern)]
        for one, other in pairwise(lines):
            raw, first, second = config.raw, _block(config, one), _block(config, other)
            between = raw[first.stop : second.start]
            swapped = [*raw[second.start : second.stop], *between, *raw[first.start : first.stop]]
            yield "\n".join([*raw[: first.start], *swapped, *raw[second.stop :]])


def _block(config: Config, line: Line) -> range:
    return range(line.number, config.end_of(line))


@drawing("independent lines of an interface in another order", "each says its own", "")
def _lines(router: Router, _: Random) -> Iterator[str]:
    for header, _match in router.config.find(r"interface .*"):
        for one, other in pairwise(router.config.children(header)):
            if _INDEPENDENT.fullmatch(one.text) and _INDEPENDENT.fullmatch(other.text):
                yield router.config.swapped(one, other)


@drawing("statements of BGP in another order", "networks and neighbours are sets", "")
def _bgp(router: Router, _: Random) -> Iterator[str]:
    for lines in (r"network \S+ mask \S+", r"neighbor \S+ (timers|activate|prefix-list|maximum-prefix|password) ?.*"):
        found = [line for line, _ in router.config.find(lines, r"router bgp .*")]
        for one, other in pairwise(found):
            if one.number + 1 == other.number and one.over == other.over:
                yield router.config.swapped(one, other)


#: What is named, where its name is defined and used: ``@`` is the name.
_NAMED = {
    "IKEv2 proposal": (r"crypto ikev2 proposal @", r" proposal @"),
    "IKEv2 policy": (r"crypto ikev2 policy @",),
    "IKEv2 keyring": (r"crypto ikev2 keyring @", r" keyring local @"),
    "IKEv2 profile": (r"crypto ikev2 profile @", r" set ikev2-profile @"),
    "transform set": (r"crypto ipsec transform-set @ .*", r" set transform-set @"),
    "IPsec profile": (r"crypto ipsec profile @", r" tunnel protection ipsec profile @( shared)?"),
    "certificate map": (r"crypto pki certificate map @ \d+", r" match certificate @"),
    "trustpoint": (r"crypto pki trustpoint @", r" pki trustpoint @"),
    "peer group": (r"  neighbor @ .*", r"  bgp listen range \S+ peer-group @"),
    "prefix list": (
        r"ip prefix-list @ .*", r"  neighbor \S+ prefix-list @ (in|out)", r" match ip address prefix-list @",
    ),
    "SNMP view": (r"snmp-server view @ .*", r"snmp-server group \S+ v3 priv read @( access \S+)?"),
    "access list": (
        r"ip access-list (standard|extended) @", r" ip access-group @ (in|out)", r" match access-group name @",
        r" access-class @ in vrf-also", r"snmp-server group .* access @", r" match ip address @",
        r"ip nat inside source list @ .*",
    ),
    "route map": (r"route-map @ (permit|deny) \d+", r" ip policy route-map @", r"ip local policy route-map @",
                  r"  route-replicate .* route-map @"),
    "zone": (
        r"zone security @", r" zone-member security @", r"zone-pair security \S+ source @ destination \S+",
        r"zone-pair security \S+ source \S+ destination @",
    ),
    "class map": (
        r"class-map (type inspect )?match-(any|all) @", r" class (type inspect )?@", r" match class-map @",
    ),
    "policy map": (
        r"policy-map (type inspect )?@", r" +service-policy (type inspect |input |output )?@",
    ),
    "discriminator": (
        r"logging discriminator @ .*", r"logging host .* discriminator @", r"logging buffered discriminator @ .*",
    ),
    "parameter map": (r"parameter-map type inspect @", r"  inspect @"),
}  # fmt: skip


@drawing("a list, map or profile renamed everywhere", "names are the router's own", "")
def _renamed(router: Router, random: Random) -> Iterator[str]:
    text = router.config.text
    for what, patterns in _NAMED.items():
        definition = re.compile("^" + patterns[0].replace("@", r"(?P<name>[A-Z][\w-]*)") + "$", re.MULTILINE)
        for name in sorted({match["name"] for match in definition.finditer(text)}):
            new = f"N{random.randint(100, 999)}" if what == "discriminator" else f"{name}-{random.randint(2, 99)}"
            yield _everywhere(text, patterns, name, new)


def _everywhere(text: str, patterns: tuple[str, ...], old: str, new: str) -> str:
    for pattern in patterns:
        head, _, tail = pattern.partition("@")
        place = re.compile(f"^(?P<head>{head}){re.escape(old)}(?P<tail>{tail})$", re.MULTILINE)
        text = place.sub(lambda match: f"{match['head']}{new}{match['tail']}", text)
    return text


fault(
    "descriptions",
    "they are for people",
    "",
    either(into(r"description .*", with_random("description something else {}", number(1, 999))),
           into(r"(neighbor \S+ description) .*", with_random(r"\1 somebody {}", number(1, 999))),
           inside(r"interface \S+", with_random("description {}", number(1, 999))),
           into(r"(snmp-server (location|contact)) .*", with_random(r"\1 elsewhere {}", number(1, 999)))),
)  # fmt: skip
fault(
    "remarks and comments",
    "they are for people",
    "",
    either(inside(r"ip access-list (standard|extended) \S+", with_random("remark number {}", number(1, 999)),
                  with_random("1 remark permit {}", number(1, 999))),
           after(r"(interface|ip route|logging host|router bgp) .*", with_random("! note {}", number(1, 999)), "!\n!"),
           inside(r"interface .*", with_random("! note {}", number(1, 999)))),
)  # fmt: skip


@drawing("entries renumbered", "only their order counts", "")
def _renumbered(router: Router, random: Random) -> Iterator[str]:
    step = random.randint(11, 50)
    for header, _match in router.config.find(r"ip access-list (standard|extended) \S+"):
        yield _numbered(router.config, [one for one in router.config.children(header) if one.text[0].isdigit()], step)
    for name in sorted({match[1] for _, match in router.config.find(r"ip prefix-list (\S+) seq .*")}):
        yield _numbered(router.config, [one for one, _ in router.config.find(rf"ip prefix-list {name} seq .*")], step)


def _numbered(config: Config, entries: list[Line], step: int) -> str:
    raw = list(config.raw)
    for position, one in enumerate(entries, 1):
        raw[one.number] = re.sub(r"^( *(?:ip prefix-list \S+ seq )?)\d+", rf"\g<1>{position * step}", raw[one.number])
    return "\n".join(raw)


fault(
    "defaults spelled out",
    "the router would do so anyway",
    "",
    either(inside(r"interface (Tunnel|Loopback).*", "no shutdown"),
           inside(r"interface Vlan(?!1$)\d+", "no shutdown", "arp timeout 14400"),
           after(r"no ip http server", "ip classless", "ip subnet-zero"),
           after(r"bgp log-neighbor-changes", "bgp default local-preference 100", under=r"router bgp .*")),
)  # fmt: skip
fault(
    "features that only tell or save",
    "they forward nothing and leave the configuration as it is",
    "",
    after(r"no ip http server", "alias exec sib show ip interface brief",
          "event manager applet SAVE\n event timer cron cron-entry \"0 3 * * *\"\n"
          " action 1 cli command \"write memory\"\n action 2 syslog msg \"saved\"",
          "flow record R\n match ipv4 source address\n collect counter bytes",
          "ip sla responder"),
)  # fmt: skip
fault(
    "other words for the same",
    "a number for a name, a wildcard for a word",
    "",
    either(into(r"(.*) eq isakmp(.*)", r"\1 eq 500\2", under=r"ip access-list .*"),
           into(r"(.*) eq non500-isakmp(.*)", r"\1 eq 4500\2", under=r"ip access-list .*"),
           into(r"(\d+ permit \S+) any any(.*)", r"\1 0.0.0.0 255.255.255.255 any\2",
                under=r"ip access-list extended .*"),
           into(r"(\d+ permit \d+\.\d+\.\d+\.\d+)", r"\1 0.0.0.0", under=r"ip access-list standard .*"),
           into(r"(\d+ permit) (\d+\.\d+\.\d+\.\d+)", r"\1 host \2", under=r"ip access-list standard .*"),
           into(r"(ip prefix-list \S+ seq \d+ permit \S+/(\d+))", r"\1 ge \2 le \2"),
           into(r"(ip route .* Null0) 254", r"\1 253")),
)  # fmt: skip
fault(
    "numbers that are this router's own",
    "bandwidth, waiting times and the number of an NHRP network are no matter between the ends",
    "",
    either(into(r"bandwidth \d+", with_random("bandwidth {}", number(1000, 90000)), under=r"interface .*"),
           into(r"ip nhrp holdtime \d+", "ip nhrp holdtime 500", "ip nhrp holdtime 620"),
           into(r"ip nhrp network-id \d+", with_random("ip nhrp network-id {}", number(5000, 9000)), under=_TUNNEL),
           into(r"exec-timeout .*", "exec-timeout 10 0"),
           into(r"logging buffered \d+ (.*)", r"logging buffered 131072 \1"),
           into(r"maximum 5", "maximum 7", under="archive")),
)  # fmt: skip


@drawing("a hub that hears another one by its range", "the other one opens the session, and is told the same", "")
def _by_range(router: Router, _: Random) -> Iterator[str]:
    yield from (text for address, text in without_neighbor(router) if in_equal_range(router, address))


@drawing("a password hidden with another salt", "it is the same password", "")
def _salted(router: Router, random: Random) -> Iterator[str]:
    for line, match in router.config.find(r"(neighbor \S+ password) 7 (\S+)"):
        yield router.config.replaced(line, f"{match[1]} 7 {obscured(revealed(match[2]), random.randint(0, 15))}")


@drawing("empty lines and separators", "they say nothing", "")
def _blank(router: Router, random: Random) -> Iterator[str]:
    raw = router.config.raw
    quiet = [place for place, line in enumerate(raw) if line == "!"]
    for place in random.sample(quiet, min(5, len(quiet))):
        yield "\n".join([*raw[:place], *raw[place + 1 :]])
        yield "\n".join([*raw[: place + 1], "", *raw[place + 1 :]])
