"""Servers that the router asks: for the time, and whether a login is right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import after, number, word
from device_templates.model import At, LoginServer, TimeServer


@dataclass(slots=True)
class Clock:
    """What lines say of the time: servers with the numbers of their keys, "" for none, and which keys count."""

    servers: list[tuple[str, str, str, int]] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)
    trusted: list[range] = field(default_factory=list)
    authenticates: bool = False

    def finished(self) -> tuple[TimeServer, ...]:
        """The servers; one is proved where its key is there and trusted, and keys are asked for at all."""
        return tuple(TimeServer(host, vrf, self._proved(key), At(line)) for host, vrf, key, line in self.servers)

    def _proved(self, key: str) -> bool:
        known = key in self.keys and any(int(key) in trusted for trusted in self.trusted)
        return self.authenticates and known


def time_server(clock: Clock, reader: Reader, rest: list[str], node: Node) -> None:
    """Takes ``ntp server|peer [vrf V] HOST [key N] …``."""
    words = list(rest)
    vrf = ""
    if words[0] == "vrf":
        vrf, words = reader.use("vrf", words[1], node), words[2:]
    host, options = words[0], words[1:]
    if "source" in options:
        reader.use("interface", after(options, "source"), node)
    clock.servers.append((host, vrf, after(options, "key"), node.line))


def trusted(clock: Clock, rest: list[str]) -> None:
    """Takes ``ntp trusted-key N [- M]``."""
    if rest[1:2] not in ([], ["-"]):
        raise NotUnderstood
    clock.trusted.append(range(number(rest[0]), number(rest[-1]) + 1))


def _server_name(draft: Draft, rest: list[str], node: Node) -> None:
    draft.add("servers", draft.reader.use("tacacs-server", word(rest), node), node)


def _vrf(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("vrf", draft.reader.use("vrf", word(rest), node), node)


def _source(draft: Draft, rest: list[str], node: Node) -> None:
    draft.reader.use("interface", word(rest), node)


def _private(draft: Draft, rest: list[str], node: Node) -> None:
    """``server-private A … key K``: a server of this group alone."""
    draft.add("private", (IPv4Address(rest[0]), _mark(draft.reader, node), node.line), node)


def _mark(reader: Reader, node: Node) -> str:
    found = secrets_in(node.text)
    return reader.mark(found[0].plain) if found else ""


_GROUP: Grammar[Draft] = Grammar(
    "aaa group",
    {
        "server name": _server_name,
        "server-private": _private,
        "ip vrf forwarding": _vrf,
        "ip tacacs source-interface": _source,
        "ip radius source-interface": _source,
    },
)


def group(reader: Reader, rest: list[str], node: Node) -> tuple[str, Draft]:
    """Reads ``aaa group server tacacs+|radius NAME``."""
    name = rest[1]
    reader.define("aaa-group", name)
    return name, reader.under(node, _GROUP, Draft(reader, node.line))


def _address(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("address", IPv4Address(rest[0]), node)


def _key(draft: Draft, _: list[str], node: Node) -> None:
    draft.put("mark", _mark(draft.reader, node), node)


_SERVER: Grammar[Draft] = Grammar("tacacs server", {"address ipv4": _address, "key": _key})


def server(reader: Reader, rest: list[str], node: Node) -> tuple[str, Draft]:
    """Reads ``tacacs server NAME`` or ``radius server NAME``."""
    name = word(rest)
    reader.define("tacacs-server", name)
    return name, reader.under(node, _SERVER, Draft(reader, node.line))


def login_servers(groups: list[Draft], servers: dict[str, Draft]) -> Iterator[LoginServer]:
    """The servers of groups that prove logins, with the group's table."""
    for one in groups:
        vrf = one.values.get("vrf", "")
        for address, mark, line in one.all("private"):
            yield LoginServer(address, vrf, mark, At(line))
        for name in one.all("servers"):
            found = servers.get(name)
            if found is not None and "address" in found.values:
                yield LoginServer(found.values["address"], vrf, found.values.get("mark", ""), found.at)
