"""System messages: which hosts a router sends which of them to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from agent.lab.config import ConfigTree

_MESSAGE = re.compile(r"%(?P<facility>[A-Z0-9_]+)-(?P<severity>\d)-(?P<mnemonics>[A-Z0-9_]+):(?P<body>.*)", re.DOTALL)
_FIELDS = ("severity", "facility", "mnemonics", "msg-body")
#: What the firewall says of a packet that it drops; IOS-XE's data plane wraps it into a message of its own.
FIREWALL = {
    "ios": "%FW-6-DROP_PKT: Dropping tcp session 10.0.0.1:49152 9.9.9.9:25 on zone-pair A-B class class-default",
    "xe": "%IOSXE-6-PLATFORM: F0: cpp_cp: QFP:0.0 Thread:000 TS:00000000000000 %FW-6-DROP_PKT: Dropping tcp pkt from "
    "Vlan10 10.0.0.1:49152 => 9.9.9.9:25(target:class)-(A-B:class-default) due to Policy drop:classify result",
}
OTHER = "%SYS-5-CONFIG_I: Configured from console by spokesman"


@dataclass(frozen=True, slots=True)
class Discriminator:
    """``logging discriminator``: conditions as field, drops or includes, and a regular expression."""

    conditions: tuple[tuple[str, str, str], ...]

    def passes(self, message: str) -> bool:
        """Whether it lets a message through."""
        found = _MESSAGE.match(message)
        if found is None:
            return True
        values = {**found.groupdict(), "msg-body": found["body"]}
        return all(
            (re.search(pattern, values[field]) is not None) == (verb == "includes")
            for field, verb, pattern in self.conditions
        )


@dataclass(frozen=True, slots=True)
class LogHost:
    """``logging host``; ``source`` is the interface that ``logging source-interface`` names for its VRF."""

    host: IPv4Address
    vrf: str
    port: int
    discriminator: Discriminator | None
    source: str = ""

    def takes(self, message: str) -> bool:
        """Whether a message is sent there."""
        return self.discriminator is None or self.discriminator.passes(message)


def read_log_hosts(tree: ConfigTree) -> tuple[LogHost, ...]:
    """The log hosts of a running configuration."""
    known = {line.words[2]: _discriminator(line.words[3:]) for line in tree.children("logging discriminator")}
    sources = {_after(line.words, "vrf"): line.words[2] for line in tree.children("logging source-interface")}
    hosts = []
    for line in tree.children("logging host"):
        words = line.words
        try:
            host = IPv4Address(words[2])
        except AddressValueError:
            continue
        vrf, port = _after(words, "vrf"), _after(words, "port")
        named = known.get(_after(words, "discriminator"))
        hosts.append(LogHost(host, vrf, int(port) if port.isdigit() else 514, named, sources.get(vrf, "")))
    return tuple(hosts)


def _after(words: list[str], keyword: str) -> str:
    return words[words.index(keyword) + 1] if keyword in words[:-1] else ""


def _discriminator(words: list[str]) -> Discriminator:
    found = [
        (words[at], words[at + 1], words[at + 2])
        for at in range(len(words) - 2)
        if words[at] in _FIELDS and words[at + 1] in {"drops", "includes"}
    ]
    return Discriminator(tuple(found))
