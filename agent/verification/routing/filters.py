"""Which networks a router's lists and route maps let through, from neighbours and to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from ipaddress import IPv4Network

from device_templates.model import BgpNeighbor, PrefixEntry, RouterModel, Rules

Prefix = tuple[int, int]


def prefix_of(network: IPv4Network) -> Prefix:
    return int(network.network_address), network.prefixlen


def around(prefix: Prefix) -> Iterator[Prefix]:
    """A network and every network that holds it, the longest first."""
    for length in range(prefix[1], -1, -1):
        yield prefix[0] & (-1 << (32 - length)), length


class PrefixFilter:
    """A list of prefixes that answers in the time of one look-up, however long it is."""

    def __init__(self, entries: Iterable[PrefixEntry]) -> None:
        self._entries: dict[Prefix, list[tuple[int, PrefixEntry]]] = {}
        for order, entry in enumerate(entries):
            self._entries.setdefault(prefix_of(entry.network), []).append((order, entry))

    def decides(self, network: IPv4Network) -> PrefixEntry | None:
        """The first entry that fits a network."""
        fitting = [
            found
            for place in around(prefix_of(network))
            for found in self._entries.get(place, ())
            if found[1].shortest <= network.prefixlen <= found[1].longest
        ]
        return min(fitting, key=lambda found: found[0])[1] if fitting else None

    def permits(self, network: IPv4Network) -> bool:
        """Whether a network passes; what fits no entry does not."""
        entry = self.decides(network)
        return entry is not None and entry.permit


class Policies:
    """The lists and route maps of one router by name."""

    def __init__(self, model: RouterModel) -> None:
        self._model = model
        self._filters: dict[str, PrefixFilter | None] = {}

    @cached_property
    def _access_lists(self) -> dict[str, Rules]:
        return {one.name: one.rules for one in self._model.access_lists}

    @cached_property
    def _lists(self) -> dict[str, tuple[PrefixEntry, ...]]:
        return {one.name: one.entries for one in self._model.prefix_lists}

    def _filter(self, name: str) -> PrefixFilter | None:
        if name not in self._filters:
            entries = self._lists.get(name)
            self._filters[name] = PrefixFilter(entries) if entries is not None else None
        return self._filters[name]

    def _lets(self, name: str, network: IPv4Network) -> bool:
        found = self._filter(name) if name else None
        return found is None or found.permits(network)  # an undefined list lets everything pass

    def _takes(self, name: str, network: IPv4Network) -> bool:
        """Access lists name networks by their addresses, extended ones also masks: as if those were destinations."""
        rules = self._access_lists.get(name, ())
        for rule in rules:
            sources, masks = rule.match.sources, rule.match.destinations
            if (not sources or any(network.network_address in one for one in sources)) and (
                not masks or any(network.netmask in one for one in masks)
            ):
                return rule.permit
        return not rules  # one without entries, or undefined, lets everything pass

    def maps(self, name: str, network: IPv4Network) -> bool:
        """Whether a route map lets a network through."""
        found = next((one for one in self._model.route_maps if one.name == name), None)
        for clause in found.clauses if found else ():
            if not clause.prefix_lists or any(self._lets(one, network) for one in clause.prefix_lists):
                return clause.permit
        return found is None

    def passes(self, neighbor: BgpNeighbor, network: IPv4Network, way: str) -> bool:
        """Whether a network is taken from (``in``) or told to (``out``) a neighbour."""
        listed, mapped, named = self.names(neighbor, way)
        return self._lets(listed, network) and self.maps(mapped, network) and self._takes(named, network)

    def names(self, neighbor: BgpNeighbor, way: str) -> tuple[str, str, str]:
        """The prefix list, route map and access list for what comes from or goes to a neighbour, "" for none."""
        if way == "in":
            return neighbor.prefix_list_in, neighbor.map_in, neighbor.access_list_in
        return neighbor.prefix_list_out, neighbor.map_out, neighbor.access_list_out

    def key(self, neighbor: BgpNeighbor, way: str) -> tuple[object, ...]:
        """Equal for neighbours that are treated alike."""
        name, mapped, named = self.names(neighbor, way)
        entries = self._lists.get(name, ())
        return (
            mapped,
            self._access_lists.get(named),
            name in self._lists,
            tuple((one.permit, one.network, one.shortest, one.longest) for one in entries),
        )
