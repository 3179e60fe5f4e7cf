"""Policy routing: where a route map sends a packet before the routing table is asked."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

from agent.lab.config import ConfigTree, Line
from agent.lab.traffic.access import AccessList, permitted
from agent.lab.traffic.packets import Packet


@dataclass(frozen=True, slots=True)
class Step:
    """One ``set``: a next hop, with the track that must be up for it, or an interface. ``late``: after the table."""

    hop: IPv4Address | None = None
    track: int | None = None
    interface: str = ""
    late: bool = False


@dataclass(frozen=True, slots=True)
class SteeringClause:
    """One clause; it takes a packet that one of its lists permits. ``vrf``: the table that it sets, if any."""

    permit: bool
    lists: tuple[tuple[str, ...], ...]
    steps: tuple[Step, ...]
    vrf: str | None = None

    def takes(self, packet: Packet, lists: dict[str, AccessList]) -> bool:
        """Whether every ``match`` has a list that permits the packet."""
        return all(any(permitted(lists, name, packet) for name in names) for names in self.lists)


def read_steering(tree: ConfigTree) -> dict[str, tuple[SteeringClause, ...]]:
    """All route maps as policy routing reads them, by name, clauses in order."""
    found: dict[str, list[tuple[int, SteeringClause]]] = {}
    for line in tree.children("route-map"):
        words = line.words
        if len(words) >= 4 and words[3].isdigit():
            found.setdefault(words[1], []).append((int(words[3]), _clause(line, permit=words[2] == "permit")))
    return {
        name: tuple(clause for _, clause in sorted(clauses, key=lambda one: one[0])) for name, clauses in found.items()
    }


def _clause(line: Line, *, permit: bool) -> SteeringClause:
    lists = tuple(
        tuple(child.words[3:]) for child in line.children("match ip address") if "prefix-list" not in child.words
    )
    verified = sorted(
        (child.words for child in line.children("set ip next-hop verify-availability") if len(child.words) == 8),
        key=lambda words: int(words[5]),
    )
    steps = [Step(_address(words[4]), int(words[7])) for words in verified]
    steps += [Step(_address(word)) for word in _words(line, "set ip next-hop") if _address(word)]
    steps += [Step(interface=word) for word in _words(line, "set interface")]
    steps += [Step(_address(word), late=True) for word in _words(line, "set ip default next-hop")]
    steps += [Step(interface=word, late=True) for word in _words(line, "set default interface")]
    vrf = line.value("set vrf")
    return SteeringClause(permit, lists, tuple(steps), "" if line.has("set global") else vrf)


def _words(line: Line, lead: str) -> list[str]:
    skip = len(lead.split())
    return [
        word for child in line.children(lead) if "verify-availability" not in child.words for word in child.words[skip:]
    ]


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except AddressValueError:
        return None
