"""What a router tells others, and whom it lets in: rsyslog, sshd, and the agents of net-snmp."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address

from device_templates.linux_frr.reading.parts.access import SSH, agents, listens
from device_templates.linux_frr.reading.parts.files import Files
from device_templates.linux_frr.reading.parts.routing import address
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import At, LogHost, SnmpCommunity, SnmpReceiver, SnmpView, Terminal

#: Every address of the router.
_EVERY = IPv4Address(0)
_VIEW = re.compile(r"view (\S+) (included|excluded) (\S+)")
_COMMUNITY = re.compile(r"(ro|rw)community6? (?:-s \S+ )?(\S+).*")
_RECEIVER = re.compile(r"(?:trapsess|trap2?sink|informsink) .*?\b(?:udp:)?((?:\d+\.){3}\d+)(?::\d+)?")
_FORWARDED = re.compile(r'action\(type="omfwd" target="([\d.]+)"[^)]*\)')
_NAMESPACE = re.compile(r'networknamespace="([^"]+)"')
#: Every message of the packet filters begins with this, and only theirs do.
_OF_FILTERS = re.compile(r'if \$msg contains "spokesman ')


def log_hosts(files: Files, *, logs: bool) -> tuple[LogHost, ...]:
    """Whom rsyslog sends to; ``logs``: the packet filters say anything. What is stopped in a block goes no further."""
    found: list[LogHost] = []
    within = stopped = False
    for node in files.at("etc/rsyslog.conf").walk():
        text = node[1].text
        if _OF_FILTERS.match(text):
            within = True
        elif text == "stop" and within:
            stopped = True
        elif text == "}":
            within = False
        elif (sent := _FORWARDED.search(text)) and (host := address(sent[1])):
            namespace = _NAMESPACE.search(text)
            firewall = logs and (within or not stopped)
            vrf = namespace[1] if namespace else ""
            found.append(LogHost(host, vrf, firewall, not within, At(node[1].line)))
    return tuple(found)


def terminals(files: Files) -> tuple[Terminal, ...]:
    """sshd, where it runs: who may come to it is for the packet filter to say."""
    file = files.at("etc/ssh/sshd_config")
    if not file.children:
        return ()
    at = file.at(protocols="Port", addresses="ListenAddress", port="Port", logins="AllowUsers", methods=_unproved(file))
    heard = tuple(found for text in file.rests("ListenAddress") if (found := address(text)))
    return (
        Terminal(
            "ssh",
            SSH,
            frozenset({"ssh"}),
            methods=_methods(file),
            addresses=() if _EVERY in heard else heard,
            port=listens(file.rest("Port")),
            logins=tuple(file.rest("AllowUsers").split()),
            at=at,
        ),
    )


def _methods(file: Node) -> tuple[str, ...]:
    """How who logs in proves it: by the password of a user, or not at all where it may be empty."""
    asked = file.rest("PasswordAuthentication") != "no"
    return ("local",) * asked + ("none",) * (asked and file.rest("PermitEmptyPasswords") == "yes")


def _unproved(file: Node) -> str:
    """The setting that decides about it."""
    return "PermitEmptyPasswords" if file.has("PermitEmptyPasswords yes") else "PasswordAuthentication"


def snmp_views(files: Files) -> tuple[SnmpView, ...]:
    """The views of all agents."""
    found: dict[str, tuple[list[tuple[str, bool]], int]] = {}
    for _, _, agent in agents(files):
        for node in agent.children:
            if view := _VIEW.fullmatch(node.text):
                found.setdefault(view[1], ([], node.line))[0].append((view[3], view[2] == "included"))
    return tuple(SnmpView(name, tuple(subtrees), At(line)) for name, (subtrees, line) in found.items())


def communities(files: Files) -> tuple[SnmpCommunity, ...]:
    """The communities of all agents."""
    return tuple(
        SnmpCommunity(files.secret(node.text), found[1] == "rw", access, At(node.line))
        for access, _, agent in agents(files)
        for node in agent.children
        if (found := _COMMUNITY.fullmatch(node.text))
    )


def snmp_receivers(files: Files) -> tuple[SnmpReceiver, ...]:
    """Whom the agents send notifications."""
    return tuple(_receivers(files))


def _receivers(files: Files) -> Iterator[SnmpReceiver]:
    for access, _, agent in agents(files):
        vrf = access.removeprefix("SNMP of ")
        for node in agent.children:
            if (found := _RECEIVER.match(node.text)) and (host := address(found[1])):
                yield SnmpReceiver(host, "" if vrf == "front-door" else vrf, at=At(node.line))
