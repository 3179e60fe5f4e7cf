"""Who may read by SNMP, and who may log in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from device_templates.linux_frr.reading.parts.files import FRONT_DOOR, Files
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import AccessList, SnmpGroup

_USER = re.compile(
    r"(ro|rw)user (?:-s \S+ )?(\S+)(?: (noauth|auth|priv|noAuthNoPriv|authNoPriv|authPriv))?(?: (?:-V )?(\S+))?"
)
_COMMUNITY = re.compile(r"(?P<way>ro|rw)community6? .*")
_LEVELS = {"authPriv": "priv", "authNoPriv": "auth", "noAuthNoPriv": "noauth"}
_AGENT = re.compile(r"agentAddress .*?\b(?:udp6?:)?(?:[\d.]+:)?(\d+)\b.*")
_SOURCES = re.compile(r"\bip saddr (?:\{ ([^}]*) \}|@(\S+)|([\d./]+))")


def _agents(files: Files) -> Iterator[tuple[str, str, Node]]:
    """Each agent: its access list, the filter that the list is made of, and its configuration."""
    yield "SNMP of front-door", FRONT_DOOR, files.at("etc/snmp/snmpd.conf")
    for vpn in files.network.vpns:
        yield f"SNMP of {vpn.name}", f"etc/nftables/{vpn.name}.nft", files.at(f"etc/snmp/{vpn.name}/snmpd.conf")


def snmp_groups(files: Files) -> tuple[SnmpGroup, ...]:
    """Each user of each agent as a group; ``access`` is what the packet filter lets in to its port.

    The user that an agent asks itself by is none, if it sees but a view: its key leaves the router nowhere.
    """
    found = []
    for access, _, agent in _agents(files):
        internal = agent.rest("iquerySecName")
        for line in agent.children:
            user, community = _USER.fullmatch(line.text), _COMMUNITY.fullmatch(line.text)
            if user is not None and not (user[2] == internal and user[4]):
                level = user[3] or "auth"
                view = user[4] or ".1"
                found.append(
                    SnmpGroup(user[2], f"v3 {_LEVELS.get(level, level)}", view, view if user[1] == "rw" else "", access)
                )
            elif community is not None:
                found.append(SnmpGroup("community", "v2c", ".1", ".1" if community["way"] == "rw" else "", access))
    return tuple(found)


def access_lists(files: Files) -> tuple[AccessList, ...]:
    """For each agent the hosts that its filter lets in, as ``permit HOST``."""
    lists = [
        AccessList(name, tuple(_entries(files, path, agent))) for name, path, agent in _agents(files) if agent.children
    ]
    return tuple(lists)


def _entries(files: Files, path: str, agent: Node) -> Iterator[str]:
    port = next((found[1] for one in agent.children if (found := _AGENT.fullmatch(one.text))), "161")
    wanted = re.compile(rf"\budp dport (?:{port}|\{{[^}}]*\b{port}\b[^}}]*\}})(?= ).*\baccept\b")
    for rule in files.rules(path, lambda text: wanted.search(text) is not None):
        found = _SOURCES.search(rule)
        if found is None:
            yield "permit any"
            continue
        members = _set(files, path, found[2]) if found[2] else (found[1] or found[3]).split(",")
        yield from (f"permit {one.strip()}" for one in members)


def _set(files: Files, path: str, name: str) -> list[str]:
    """The members of a named set of a packet filter."""
    for _, node in files.at(path).walk():
        if node.text == f"set {name}":
            elements = node.find("elements")
            return [one.text for one in elements.children] if elements else []
    return []


def users(files: Files) -> tuple[tuple[str, str], ...]:
    """Logins, each with what its hash becomes."""
    lines = (line.text.partition(":") for line in files.at("etc/spokesman/users").children)
    return tuple((name, files.mark(stored)) for name, _, stored in lines if name)
