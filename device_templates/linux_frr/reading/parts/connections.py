"""The connections of swanctl.conf: which of them protect GRE, which is that of management, and what they carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network

from device_templates.linux_frr.reading.parts.files import Files
from device_templates.linux_frr.reading.syntax import Node

#: What protects the GRE of all VPNs together, and the connections and secrets that are for it.
GRE = "gre"
SETTINGS = "etc/swanctl/swanctl.conf"
#: How a setting says: anybody, or anywhere.
ANY = ("", "%any", "0.0.0.0/0")


@dataclass(frozen=True)
class Connection:
    """One connection: ``gre`` whether it protects GRE, ``bundle`` the name of what it is a part of."""

    name: str
    node: Node

    @property
    def children(self) -> tuple[Node, ...]:
        found = self.node.find("children")
        return tuple(one for one in found.children if one.children) if found else ()

    @property
    def gre(self) -> bool:
        return any(_is_gre(child) for child in self.children)

    @property
    def bundle(self) -> str:
        return GRE if self.gre else self.name

    def end(self, which: str, key: str) -> str:
        """A value of the sections ``local`` or ``remote``."""
        found = self.node.find(which)
        return value(found, key) if found else ""

    def proposals(self) -> list[str]:
        return listed(value(self.node, "proposals")) or ["default"]

    @property
    def version(self) -> int:
        """That of IKE; without one, or with 0, it is 2 that is begun with."""
        return 1 if value(self.node, "version") == "1" else 2

    @property
    def peer(self) -> str:
        return value(self.node, "remote_addrs")


def value(node: Node, key: str) -> str:
    """The value of a setting directly under ``node``, without its quotes; "" for none."""
    return node.rest(f"{key} =").strip('"')


def listed(text: str) -> list[str]:
    """The values of a list with commas."""
    return [one.strip() for one in text.split(",") if one.strip()]


def _is_gre(child: Node) -> bool:
    ends = (value(child, end).partition("[")[2][:3] for end in ("local_ts", "remote_ts"))
    return value(child, "mode") == "transport" and all(end in ("gre", "47]") for end in ends)


def connections_of(files: Files) -> tuple[Connection, ...]:
    """Every connection that the router can begin or answer by."""
    found = files.at(SETTINGS).find("connections")
    known = (Connection(one.text, one) for one in found.children if one.children) if found else ()
    return tuple(one for one in known if _begins_here(files, value(one.node, "local_addrs")))


def _begins_here(files: Files, text: str) -> bool:
    """Whether the router has the address that a connection begins at: one that is leased is not said."""
    here = files.network.address
    return text in ANY or (here is not None and str(here.ip) in listed(text))


def protects_gre(files: Files, servers: Iterable[str]) -> bool:
    """Whether GRE to any peer is protected, before there is an association: a trap catches it.

    ``servers`` are the internet addresses of those that are known before: what has one for its peer protects GRE too.
    """
    known = {*servers}
    connections = connections_of(files)
    return any(_traps_gre(one) for one in connections if one.peer in ANY) and all(
        _traps_gre(one) for one in connections if one.peer in known
    )


def _traps_gre(one: Connection) -> bool:
    return one.gre and any("trap" in value(child, "start_action") for child in one.children if _is_gre(child))


def management_connection(files: Files) -> str:
    """The connection whose association takes what leaves by the management tunnel, and gives it what comes; "": none.

    The interface finds its association by its key, which is the mark of both directions.
    """
    key, peer = str(files.network.management_key), str(files.network.peer)
    found = (one for one in connections_of(files) if not one.gre and one.peer == peer)
    return next((one.name for one in found if any(_begins_marked(child, key) for child in one.children)), "")


def _begins_marked(child: Node, key: str) -> bool:
    """Whether a child is begun by the router, and both directions have this mark."""
    marks = (value(child, name).partition("/")[0] for name in ("mark_in", "mark_out"))
    return value(child, "start_action") not in ("", "none") and all(mark == key for mark in marks)


def carried(files: Files, name: str) -> tuple[tuple[IPv4Network, ...], tuple[IPv4Network, ...]]:
    """The networks of a connection's near and far ends between which its associations carry packets."""
    children = [child for one in connections_of(files) if one.name == name for child in one.children]
    near, far = ([one for child in children for one in _networks(child, end)] for end in ("local_ts", "remote_ts"))
    return tuple(near), tuple(far)


def connection_at(files: Files, name: str) -> tuple[tuple[str, int], ...]:
    """The lines of a connection as fields of the tunnel that it protects."""
    one = next((one for one in connections_of(files) if one.name == name), None)
    if one is None:
        return ()
    found = next((child.at(carries="remote_ts =").fields for child in one.children), ())
    return (("protection", one.node.line), *found)


def _networks(child: Node, end: str) -> Iterator[IPv4Network]:
    for text in listed(value(child, end)):
        try:
            yield IPv4Network(text, strict=False)
        except ValueError:
            continue  # ``dynamic``, or of some protocol alone: it is no network
