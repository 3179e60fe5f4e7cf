"""Edits of a router's files that change no behaviour: another order, other words for the same, comments."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from random import Random

from tests.mutation.documents.tunnels import IPSEC
from tests.mutation.drawing import after, either, into, number, with_random
from tests.mutation.mutant import Catalogue, Router

HARMLESS = Catalogue(documents=True)
fault, drawing = HARMLESS.fault, HARMLESS.drawing

#: Lines that say the same wherever they stand in their section.
_INDEPENDENT = (
    r"(version|local_addrs|remote_addrs|proposals|dpd_delay|keyingtries|unique) = .*",
    r"(mode|local_ts|remote_ts|mark_in|mark_out|esp_proposals|start_action|close_action|dpd_action) = .*",
    r"ip nhrp (holdtime|network-id|redirect|shortcut|registration|nhs) ?.*",
    r"neighbor \S+ (password|timers|description) .*",
    r"neighbor \S+ (activate|route-reflector-client|prefix-list .*|maximum-prefix .*)",
    r"network \S+",
    r"ip route \S+/\d+ .*",
    r"(agentAddress|sysName|sysLocation|sysContact|createUser|view|rouser) .*",
    r"(LoginGraceTime|MaxAuthTries|PermitRootLogin|AllowUsers|UseDNS|PrintMotd|Port|ListenAddress) .*",
)


@drawing("files: independent lines in another order", "each says its own", "")
def _lines(router: Router, _: Random) -> Iterator[str]:
    for pattern in _INDEPENDENT:
        found = [line for line, _ in router.config.find(pattern)]
        for one, other in pairwise(found):
            if one.number + 1 == other.number and one.over == other.over and one.indent == other.indent:
                yield router.config.swapped(one, other)


fault("files: comments and empty lines", "they say nothing", "",
      either(after(r"(version|mode|local_addrs) = .*", with_random("# note {}", number(1, 999)), under=IPSEC),
             after(r"(UseDNS|Port|sysName|ListenAddress) .*", with_random("# note {}", number(1, 999))),
             after(r".* accept", with_random("# note {}", number(1, 999))),
             after(r"ip (route|prefix-list) .*", "!", "! a note")))  # fmt: skip
fault("files: descriptions", "they are for people", "",
      either(into(r"description .*", with_random("description something else {}", number(1, 999))),
             into(r"(neighbor \S+ description) .*", with_random(r"\1 somebody {}", number(1, 999))),
             into(r"(sysLocation|sysContact) .*", with_random(r"\1 elsewhere {}", number(1, 999)))))  # fmt: skip
fault("files: other words for the same", "a set in another order, a number for a name, a prefix with its length", "",
      either(into(r"(.*) \{ ([^,{}]+), ([^,{}]+) \} ([^{}]*)", r"\1 { \3, \2 } \4"),
             into(r"(.*) meta l4proto esp accept", r"\1 meta l4proto 50 accept"),
             into(r"(.*) meta l4proto gre accept", r"\1 meta l4proto 47 accept"),
             into(r"(.*) icmp type echo-request (.*)", r"\1 icmp type 8 \2"),
             into(r"(ip prefix-list \S+ seq \d+ permit \S+/(\d+))", r"\1 ge \2 le \2"),
             into(r"(.*) accept", r"\1 counter accept"),
             into(r"(.*) tcp dport 179 accept", r"\1 tcp dport { 179 } accept")))  # fmt: skip
fault("files: numbers that are this router's own", "waiting times and the number of an NHRP network", "",
      either(into(r"dpd_delay = \S+", with_random("dpd_delay = {}s", number(11, 29))),
             into(r"ip nhrp holdtime \d+", with_random("ip nhrp holdtime {}", number(60, 300))),
             into(r"ip nhrp network-id \d+", with_random("ip nhrp network-id {}", number(500, 900))),
             into(r"(.*) quantum \d+ (.*)", with_random(r"\1 quantum {} \2", number(3000, 9000))),
             into(r"(qdisc .* pfifo limit) \d+", with_random(r"\1 {}", number(40, 90))),
             into(r"ttl = 64", with_random("ttl = {}", number(65, 255))),
             into(r"(ClientAliveInterval|LoginGraceTime) \d+", with_random(r"\1 {}", number(20, 90)))))  # fmt: skip


@drawing("files: entries renumbered", "only their order counts", "")
def _renumbered(router: Router, random: Random) -> Iterator[str]:
    step = random.randint(11, 50)
    for name in sorted({match[1] for _, match in router.config.find(r"ip prefix-list (\S+) seq .*")}):
        raw = list(router.config.raw)
        for position, (line, match) in enumerate(router.config.find(rf"ip prefix-list {name} seq \d+ (.*)"), 1):
            raw[line.number] = f" ip prefix-list {name} seq {position * step} {match[1]}"
        yield "\n".join(raw)
