"""Hosts that are sent log messages, and which of them: asked of sample messages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from device_templates.cisco_iosxe.reading.grammar import FIRST_XE, NotUnderstood, Reader
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import number
from device_templates.model import At, LogHost

_LEVELS = ("emergencies", "alerts", "critical", "errors", "warnings", "notifications", "informational", "debugging")
_WARNINGS, _INFORMATIONAL, _DEBUGGING = 4, 6, 7
_LONGEST_PATTERN = 100
_MOST_REPEATED = 3


@dataclass(frozen=True, slots=True)
class _Message:
    """What a discriminator may look at."""

    facility: str
    severity: int
    mnemonics: str
    body: str


#: The firewall's messages: on classic IOS of a facility of its own, which no body repeats.
_CLASSIC = (
    _Message("FW", 6, "DROP_PKT", "Dropping tcp session"),
    _Message("FW", 6, "SESS_AUDIT_TRAIL", "Stop http session"),
)
#: On IOS-XE they are the data plane's.
_FIREWALL = (
    _Message("IOSXE", 6, "PLATFORM", "%IOSXE-6-PLATFORM: cpp_cp: %FW-6-DROP_PKT: Dropping tcp session"),
    _Message("FW", 6, "DROP_PKT", "%FW-6-DROP_PKT: Dropping tcp session"),
    _Message("FW", 6, "SESS_AUDIT_TRAIL", "%FW-6-SESS_AUDIT_TRAIL: Stop http session"),
)
_OTHERS = (
    _Message("LINK", 3, "UPDOWN", "%LINK-3-UPDOWN: Interface changed state to down"),
    _Message("SYS", 5, "CONFIG_I", "%SYS-5-CONFIG_I: Configured from console"),
    _Message("BGP", 5, "ADJCHANGE", "%BGP-5-ADJCHANGE: neighbor Down"),
)


@dataclass(frozen=True, slots=True)
class _Condition:
    field: str
    drops: bool
    pattern: re.Pattern[str]

    def lets(self, message: _Message) -> bool:
        """Whether a message goes on."""
        texts = {"facility": message.facility, "mnemonics": message.mnemonics, "msg-body": message.body}
        texts["severity"] = str(message.severity)
        return (self.pattern.search(texts[self.field]) is None) == self.drops


@dataclass(slots=True)
class Logs:
    """What lines say of logging, until all of it is known."""

    on: bool = True
    history: int = _WARNINGS
    level: int = _INFORMATIONAL
    level_line: int = 0
    discriminators: dict[str, tuple[tuple[_Condition, ...], int]] = field(default_factory=dict)
    buffer: tuple[str, int, int] | None = None
    hosts: list[tuple[IPv4Address, str, str, int]] = field(default_factory=list)

    def finished(self, release: tuple[int, ...]) -> tuple[LogHost, ...]:
        """The hosts with what each is sent by a router of ``release``, () for one of IOS-XE that is not said."""
        return tuple(self._host(_firewall(release), *one) for one in self.hosts) if self.on else ()

    def keeps(self, release: tuple[int, ...]) -> bool:
        """Whether the router itself keeps what its firewall says."""
        if self.buffer is None or not self.on:
            return False
        name, level, _ = self.buffer
        conditions, _ = self.discriminators.get(name, ((), 0))
        return self._sent(_firewall(release), conditions, level)

    def tells_firewall(self, release: tuple[int, ...]) -> bool:
        """Whether what is told by SNMP, once messages are, has the firewall's; no discriminator holds there."""
        return self.on and self._sent(_firewall(release), (), self.history)

    @staticmethod
    def _sent(messages: tuple[_Message, ...], conditions: tuple[_Condition, ...], level: int) -> bool:
        """Whether any of messages goes on."""
        return any(one.severity <= level and all(each.lets(one) for each in conditions) for one in messages)

    def _host(
        self, firewall: tuple[_Message, ...], address: IPv4Address, vrf: str, discriminator: str, line: int
    ) -> LogHost:
        conditions, where = self.discriminators.get(discriminator, ((), 0))
        sent = [self._sent(messages, conditions, self.level) for messages in (firewall, _OTHERS)]
        lines = (
            *((("discriminator", where),) if where else ()),
            *((("level", self.level_line),) if self.level_line else ()),
        )
        return LogHost(address, vrf, sent[0], sent[1], At(line, lines))


def _firewall(release: tuple[int, ...]) -> tuple[_Message, ...]:
    return _CLASSIC if release and release < FIRST_XE else _FIREWALL


def host(logs: Logs, reader: Reader, rest: list[str], node: Node) -> None:
    """Takes ``logging host A [vrf V] [transport …] [discriminator D] …``."""
    words = list(rest)
    address = IPv4Address(words.pop(0))
    vrf = discriminator = ""
    while words:
        key = words.pop(0)
        if key == "vrf":
            vrf = reader.use("vrf", words.pop(0), node)
        elif key == "discriminator":
            discriminator = reader.use("discriminator", words.pop(0), node)
        elif key == "transport":
            if words.pop(0) not in {"udp", "tcp"}:
                raise NotUnderstood
        elif key in {"port", "session-id", "sequence-num-session"}:
            if key == "port":
                number(words.pop(0))
        else:
            raise NotUnderstood
    logs.hosts.append((address, vrf, discriminator, node.line))


def discriminator(logs: Logs, reader: Reader, rest: list[str], node: Node) -> None:
    """Takes ``logging discriminator NAME FIELD includes|drops PATTERN …``."""
    name, words = rest[0], rest[1:]
    found = []
    while words:
        field_, verb, pattern = words[:3]
        words = words[3:]
        if field_ not in {"facility", "severity", "mnemonics", "msg-body"} or verb not in {"includes", "drops"}:
            raise NotUnderstood
        found.append(_Condition(field_, verb == "drops", _compiled(pattern)))
    logs.discriminators[name] = (tuple(found), node.line)
    reader.define("discriminator", name)


def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of IOS; one that could take long to try is not understood."""
    if len(pattern) > _LONGEST_PATTERN or sum(map(pattern.count, "*+?{")) > _MOST_REPEATED:
        raise NotUnderstood
    try:
        return re.compile(pattern)
    except re.error:
        raise NotUnderstood from None


def trap(logs: Logs, rest: list[str], node: Node) -> None:
    """Takes ``logging trap LEVEL``: how much hosts are sent."""
    (level,) = rest
    logs.level = _level(level)
    logs.level_line = node.line


def history(logs: Logs, rest: list[str]) -> None:
    """Takes ``logging history LEVEL``; what is about its size says nothing."""
    if rest[:1] != ["size"]:
        (level,) = rest
        logs.history = _level(level)


def _level(said: str) -> int:
    return _LEVELS.index(said) if said in _LEVELS else min(number(said), 7)


def buffered(logs: Logs, rest: list[str], node: Node) -> None:
    """Takes ``logging buffered [discriminator NAME] [BYTES] [LEVEL]``: what the router keeps, everything by default."""
    words = list(rest)
    name = ""
    if words[:1] == ["discriminator"]:
        name, words = words[1], words[2:]
    if words and words[0].isdigit() and int(words[0]) > len(_LEVELS):
        words = words[1:]
    if len(words) > 1 or words == ["xml"]:
        return
    logs.buffer = name, _level(words[0]) if words else _DEBUGGING, node.line
