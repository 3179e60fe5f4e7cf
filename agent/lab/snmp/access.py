"""Who may read what: communities, groups, views and access lists of the running configuration."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address
from itertools import pairwise

from agent.lab.config import ConfigTree
from agent.lab.snmp.ber import Oid
from agent.lab.traffic.access import AccessList, read_access_lists
from agent.lab.traffic.packets import Packet

#: Names that ``snmp-server view`` takes beside numbers.
_SUBTREES: dict[str, Oid] = {
    "iso": (1,),
    "internet": (1, 3, 6, 1),
    "mib-2": (1, 3, 6, 1, 2, 1),
    "system": (1, 3, 6, 1, 2, 1, 1),
    "interfaces": (1, 3, 6, 1, 2, 1, 2),
    "ifMIB": (1, 3, 6, 1, 2, 1, 31),
    "ip": (1, 3, 6, 1, 2, 1, 4),
    "bgp": (1, 3, 6, 1, 2, 1, 15),
    "entityMIB": (1, 3, 6, 1, 2, 1, 47),
    "cisco": (1, 3, 6, 1, 4, 1, 9),
    "ciscoMgmt": (1, 3, 6, 1, 4, 1, 9, 9),
    "snmpFrameworkMIB": (1, 3, 6, 1, 6, 3, 10),
    "snmpUsmMIB": (1, 3, 6, 1, 6, 3, 15),
    "snmpVacmMIB": (1, 3, 6, 1, 6, 3, 16),
    "snmpCommunityMIB": (1, 3, 6, 1, 6, 3, 18),
}


class Level(IntEnum):
    """Security levels of v3, in IOS's words."""

    NOAUTH = 1
    AUTH = 2
    PRIV = 3


@dataclass(frozen=True, slots=True)
class View:
    """Subtrees with whether they are included; the longest that fits decides."""

    subtrees: tuple[tuple[Oid, bool], ...]

    def shows(self, oid: Oid) -> bool:
        """Whether ``oid`` can be seen."""
        fits = [(len(root), included) for root, included in self.subtrees if oid[: len(root)] == root]
        return max(fits)[1] if fits else False


#: What a community or group without a view reads.
EVERYTHING = View((((1, 3, 6, 1), True),))


@dataclass(frozen=True, slots=True)
class Group:
    """One ``snmp-server group … v3`` line; ``view`` None where its name is not defined."""

    level: Level
    view: View | None
    access_list: str


@dataclass(frozen=True, slots=True)
class Community:
    """One ``snmp-server community`` line."""

    view: View | None
    access_list: str


@dataclass(frozen=True)
class SnmpAccess:
    """Everything that decides about a request."""

    communities: dict[bytes, Community]
    groups: dict[str, tuple[Group, ...]]
    lists: dict[str, AccessList]

    def admits(self, access_list: str, source: IPv4Address) -> bool:
        """Whether an access list lets ``source`` ask; a list that does not exist lets everybody."""
        found = self.lists.get(access_list)
        return found is None or found.permits(Packet("udp", source, IPv4Address(0), 161))

    def group(self, name: str, level: Level) -> Group | None:
        """The strictest group of that name that ``level`` satisfies."""
        fits = [group for group in self.groups.get(name, ()) if group.level <= level]
        return max(fits, key=lambda group: group.level, default=None)


def read_access(tree: ConfigTree) -> SnmpAccess:
    """SNMP access from a running configuration."""
    views: dict[str, list[tuple[Oid, bool]]] = {}
    for line in tree.children("snmp-server view"):
        words = line.words
        root = _subtree(words[3]) if len(words) == 5 else None
        if root is not None:
            views.setdefault(words[2], []).append((root, words[4] == "included"))
    defined = {name: View(tuple(rows)) for name, rows in views.items()}
    communities, groups = {}, dict[str, tuple[Group, ...]]()
    for line in tree.children("snmp-server community"):
        words = line.words
        if len(words) >= 3:
            communities[words[2].encode()] = _community(words[3:], defined)
    for line in tree.children("snmp-server group"):
        words = line.words
        if len(words) >= 5 and words[3] == "v3" and words[4].upper() in Level.__members__:
            named = dict(pairwise(words[5:]))
            view = defined.get(named["read"]) if "read" in named else EVERYTHING
            group = Group(Level[words[4].upper()], view, named.get("access", ""))
            groups[words[2]] = (*groups.get(words[2], ()), group)
    return SnmpAccess(communities, groups, read_access_lists(tree))


def _community(words: list[str], views: dict[str, View]) -> Community:
    view: View | None = EVERYTHING
    if "view" in words[:-1]:
        at = words.index("view")
        view = views.get(words[at + 1])
        words = words[:at] + words[at + 2 :]
    rest = [word for word in words if word.upper() not in {"RO", "RW"}]
    return Community(view, rest[-1] if rest else "")


def _subtree(text: str) -> Oid | None:
    head, _, tail = text.partition(".")
    try:
        numbers = tuple(int(part) for part in tail.split(".")) if tail else ()
        if head.isdigit():
            return (int(head), *numbers)
        return (*_SUBTREES[head], *numbers)
    except (KeyError, ValueError):
        return None
