"""BGP as a running configuration holds it: one process, an address family for the global table and for each VRF."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv4Network

from agent.lab.config import ConfigTree, Line
from agent.lab.running.obscured import plain


@dataclass(frozen=True, slots=True)
class Settings:
    """What applies to a neighbor, its own lines over those of its peer group; names of filters are "" where none."""

    remote_as: int | None = None
    local_as: int | None = None
    replace_as: bool = False
    password: str = field(default="", repr=False)
    activated: bool = False
    shutdown: bool = False
    reflector_client: bool = False
    next_hop_self: bool = False
    next_hop_self_all: bool = False
    default_originate: bool = False
    allowas_in: bool = False
    map_in: str = ""
    map_out: str = ""
    list_in: str = ""
    list_out: str = ""


@dataclass(frozen=True, slots=True)
class ListenRange:
    """``bgp listen range P peer-group G``, with the group's settings."""

    network: IPv4Network
    group: str
    settings: Settings


@dataclass(frozen=True, slots=True)
class Aggregate:
    """``aggregate-address``."""

    prefix: IPv4Network
    summary_only: bool


@dataclass(frozen=True, slots=True)
class Family:
    """One address family; ``redistribute`` maps connected or static to a route map, "" for none."""

    vrf: str
    neighbors: dict[IPv4Address, Settings]
    ranges: tuple[ListenRange, ...]
    networks: tuple[IPv4Network, ...]
    redistribute: dict[str, str]
    aggregates: tuple[Aggregate, ...]
    router_id: IPv4Address | None

    def settings_for(self, peer: IPv4Address) -> Settings | None:
        """What applies to ``peer``: its own statement or the listen range it falls into."""
        if peer in self.neighbors:
            return self.neighbors[peer]
        fits = [one for one in self.ranges if peer in one.network]
        return max(fits, key=lambda one: one.network.prefixlen).settings if fits else None


@dataclass(frozen=True, slots=True)
class BgpConfig:
    """``router bgp``; families by VRF name, "" for the global table."""

    asn: int
    families: dict[str, Family]


def read_bgp(tree: ConfigTree) -> BgpConfig | None:
    """The BGP process, or None."""
    process = tree.child("router bgp")
    if process is None or not process.words[-1].isdigit():
        return None
    families: dict[str, Family] = {}
    plain_family: tuple[Line, ...] = ()
    for line in process.children("address-family ipv4"):
        words = line.words
        if "vrf" in words[:-1]:
            vrf = words[words.index("vrf") + 1]
            families[vrf] = _family(vrf, line.lines, implicit=False)
        elif words[2:] in ([], ["unicast"]):
            plain_family = line.lines
    implicit = not process.has("no bgp default ipv4-unicast") and not process.children("address-family ipv4")
    families[""] = _family("", (*process.lines, *plain_family), implicit=implicit)
    return BgpConfig(int(process.words[-1]), families)


def _family(vrf: str, lines: tuple[Line, ...], *, implicit: bool) -> Family:
    stated: dict[str, list[list[str]]] = {}
    for line in lines:
        words = line.words
        if words[0] == "neighbor" and len(words) > 2:
            stated.setdefault(words[1], []).append(words[2:])
    neighbors = {}
    for name, statements in stated.items():
        try:
            neighbors[IPv4Address(name)] = _settings(_inherited(statements, stated), implicit=implicit)
        except AddressValueError:
            continue
    return Family(
        vrf=vrf,
        neighbors=neighbors,
        ranges=tuple(_ranges(lines, stated, implicit=implicit)),
        networks=tuple(_networks(lines)),
        redistribute=_redistribute(lines),
        aggregates=tuple(_aggregates(lines)),
        router_id=_router_id(lines),
    )


def _inherited(statements: list[list[str]], stated: dict[str, list[list[str]]]) -> list[list[str]]:
    groups = [words[1] for words in statements if words[0] == "peer-group" and len(words) == 2]
    return [words for group in groups for words in stated.get(group, [])] + statements


def _settings(statements: list[list[str]], *, implicit: bool) -> Settings:
    values: dict[str, list[str]] = {}
    filters = {"map_in": "", "map_out": "", "list_in": "", "list_out": ""}
    for words in statements:
        values[words[0]] = words[1:]
        kind = {"route-map": "map", "prefix-list": "list"}.get(words[0])
        if kind and len(words) == 3 and words[2] in {"in", "out"}:
            filters[f"{kind}_{words[2]}"] = words[1]
    local = values.get("local-as", [])
    return Settings(
        remote_as=_number(values.get("remote-as")),
        local_as=_number(local),
        replace_as="replace-as" in local,
        password=plain(values.get("password", [])),
        activated=implicit or "activate" in values,
        shutdown="shutdown" in values,
        reflector_client="route-reflector-client" in values,
        next_hop_self="next-hop-self" in values,
        next_hop_self_all="all" in values.get("next-hop-self", []),
        default_originate="default-originate" in values,
        allowas_in="allowas-in" in values,
        **filters,
    )


def _ranges(lines: tuple[Line, ...], stated: dict[str, list[list[str]]], *, implicit: bool) -> list[ListenRange]:
    found = []
    for line in lines:
        words = line.words
        if words[:3] == ["bgp", "listen", "range"] and "peer-group" in words[4:-1]:
            group = words[words.index("peer-group") + 1]
            settings = _settings(stated.get(group, []), implicit=implicit)
            network = _prefix(words[3])
            if network is not None:
                found.append(ListenRange(network, group, settings))
    return found


def _networks(lines: tuple[Line, ...]) -> list[IPv4Network]:
    found = []
    for line in lines:
        words = line.words
        if words[0] == "network" and len(words) >= 2:
            mask = words[3] if words[2:3] == ["mask"] and len(words) > 3 else _class_mask(words[1])
            prefix = _prefix(f"{words[1]}/{mask}")
            if prefix is not None:
                found.append(prefix)
    return found


def _redistribute(lines: tuple[Line, ...]) -> dict[str, str]:
    found = {}
    for line in lines:
        words = line.words
        if words[0] == "redistribute" and len(words) >= 2:
            found[words[1]] = words[words.index("route-map") + 1] if "route-map" in words[:-1] else ""
    return found


def _aggregates(lines: tuple[Line, ...]) -> list[Aggregate]:
    found = []
    for line in lines:
        words = line.words
        if words[0] == "aggregate-address" and len(words) >= 3:
            prefix = _prefix(f"{words[1]}/{words[2]}")
            if prefix is not None:
                found.append(Aggregate(prefix, "summary-only" in words))
    return found


def _router_id(lines: tuple[Line, ...]) -> IPv4Address | None:
    for line in lines:
        if line.text.startswith("bgp router-id "):
            try:
                return IPv4Address(line.words[-1])
            except AddressValueError:
                return None
    return None


def _prefix(text: str) -> IPv4Network | None:
    try:
        return IPv4Network(text, strict=False)
    except ValueError:
        return None


def _class_mask(text: str) -> int:
    first = int(text.split(".")[0]) if text.split(".")[0].isdigit() else 0
    return 8 if first < 128 else 16 if first < 192 else 24


def _number(words: list[str] | None) -> int | None:
    return int(words[0]) if words and words[0].isdigit() else None
