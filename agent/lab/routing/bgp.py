"""What BGP carries between the tables: originated, reflected, filtered and chosen until nothing moves any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, IPv4Network

from agent.lab.net.stations import Station
from agent.lab.routing.routes import Rib, Route
from agent.lab.routing.sessions import Session, Table
from agent.lab.running.bgp import Family, Settings
from agent.lab.running.config import RouterConfig

_DEFAULT = IPv4Network("0.0.0.0/0")
_ROUNDS = 12


@dataclass(frozen=True, slots=True)
class Path:
    """One way to a prefix. ``origin`` is the table that put it into BGP, ``peer`` None where it is our own."""

    prefix: IPv4Network
    origin: Table
    as_path: tuple[int, ...] = ()
    next_hop: IPv4Address | None = None
    peer: IPv4Address | None = None
    internal: bool = False
    from_client: bool = False
    suppressed: bool = False
    aggregate: bool = False
    reflections: int = 0

    def rank(self) -> tuple[bool, int, bool, int, int]:
        """Smaller is better: our own, the shorter AS path, external, less often reflected, the lowest neighbour."""
        neighbour = int(self.peer) if self.peer else 0
        return (self.peer is not None, len(self.as_path), self.internal, self.reflections, neighbour)


Paths = dict[IPv4Network, Path]


class Bgp:
    """The best paths of every table, from sessions that are established."""

    def __init__(self, stations: Mapping[str, Station], bases: Mapping[Table, Rib], up: Iterable[Session]) -> None:
        self._stations = stations
        self._bases = bases
        self._sessions: dict[Table, list[Session]] = {}
        for session in up:
            self._sessions.setdefault(session.table, []).append(session)
        self.best: dict[Table, Paths] = {table: self._aggregated(table, self._own(table)) for table in self._tables()}
        self.received: dict[tuple[str, str, IPv4Address], int] = {}
        for _ in range(_ROUNDS):
            if not self._round():
                break

    def _tables(self) -> list[Table]:
        return [
            (name, vrf)
            for name, station in self._stations.items()
            if station.powered and station.config.bgp
            for vrf in station.config.bgp.families
            if (name, vrf) in self._bases
        ]

    def _family(self, table: Table) -> tuple[RouterConfig, Family]:
        config = self._stations[table[0]].config
        if config.bgp is None:
            raise KeyError(table)
        return config, config.bgp.families[table[1]]

    def _own(self, table: Table) -> Paths:
        config, family = self._family(table)
        base = self._bases[table]
        wanted = [prefix for prefix in family.networks if base.exact(prefix)]
        for kind, code in (("connected", "C"), ("static", "S")):
            if kind in family.redistribute:
                name = family.redistribute[kind]
                wanted += [
                    route.prefix
                    for route in base.routes()
                    if route.code == code and (not name or config.policies.map_permits(name, route.prefix))
                ]
        return {prefix: Path(prefix, table) for prefix in wanted if prefix != _DEFAULT or prefix in family.networks}

    def _aggregated(self, table: Table, paths: Paths) -> Paths:
        """Aggregates are there while something more specific is; ``summary-only`` keeps that from being sent."""
        _, family = self._family(table)
        for aggregate in family.aggregates:
            inside = [
                one for one in paths if one.prefixlen > aggregate.prefix.prefixlen and one.subnet_of(aggregate.prefix)
            ]
            if inside:
                paths[aggregate.prefix] = Path(aggregate.prefix, table, aggregate=True)
            if aggregate.summary_only:
                paths.update({one: replace(paths[one], suppressed=True) for one in inside})
        return paths

    def _round(self) -> bool:
        """Everybody tells everybody once; whether anything changed."""
        sent: dict[tuple[Table, Settings, bool, int, IPv4Address | None], Paths] = {}
        changed = False
        best = {}
        self.received = {}
        for table in self.best:
            paths = self._own(table)
            for session in self._sessions.get(table, ()):
                offered = self._offered(session, sent)
                taken = self._taken(session, offered)
                self.received[session.key] = len(taken)
                for path in taken:
                    old = paths.get(path.prefix)
                    if old is None or path.rank() < old.rank():
                        paths[path.prefix] = path
            best[table] = self._aggregated(table, paths)
            changed = changed or best[table] != self.best[table]
        self.best = best
        return changed

    def _offered(
        self, session: Session, sent: dict[tuple[Table, Settings, bool, int, IPv4Address | None], Paths]
    ) -> Paths:
        """What the peer sends on this session; equal neighbours of one sender share the work."""
        far = self._facing(session)
        if far is None:
            return {}
        key = (far.table, far.settings, far.internal, far.local_as, far.local)
        if key not in sent:
            sent[key] = self._sending(far)
        return sent[key]

    def _facing(self, session: Session) -> Session | None:
        """The other end of the session."""
        if session.peer_table is None:
            return None
        return next((one for one in self._sessions.get(session.peer_table, ()) if one.peer == session.local), None)

    def _sending(self, far: Session) -> Paths:
        config, _ = self._family(far.table)
        settings = far.settings
        out: Paths = {}
        for path in self.best[far.table].values():
            if path.suppressed or not self._may_send(path, far) or not _passes(config, settings, path.prefix, "out"):
                continue
            out[path.prefix] = self._as_sent(path, far)
        if settings.default_originate:
            out[_DEFAULT] = self._as_sent(Path(_DEFAULT, far.table), far)
        return out

    def _may_send(self, path: Path, far: Session) -> bool:
        if path.peer is None or not path.internal or not far.internal:
            return True
        return path.from_client or far.settings.reflector_client

    def _as_sent(self, path: Path, far: Session) -> Path:
        keep = path.peer is not None and path.next_hop is not None
        if far.internal:
            keep = keep and not (far.settings.next_hop_self and (not path.internal or far.settings.next_hop_self_all))
            return replace(
                path,
                next_hop=path.next_hop if keep else far.local,
                suppressed=False,
                aggregate=False,
                reflections=path.reflections + path.internal,
            )
        shared = keep and path.next_hop is not None and self._on_link(far, path.next_hop)
        keep = shared and not far.settings.next_hop_self
        return replace(
            path,
            as_path=(far.local_as, *path.as_path),
            next_hop=path.next_hop if keep else far.local,
            suppressed=False,
            aggregate=False,
        )

    def _on_link(self, far: Session, hop: IPv4Address) -> bool:
        route = self._bases[far.table].lookup(far.peer)
        return route is not None and route.code == "C" and hop in route.prefix

    def _taken(self, session: Session, offered: Paths) -> list[Path]:
        config, _ = self._family(session.table)
        base = self._bases[session.table]
        own_as = {session.local_as, config.bgp.asn if config.bgp else 0}
        hops: dict[IPv4Address | None, bool] = {}
        taken = []
        for path in offered.values():
            if path.origin == session.table or path.next_hop == session.local:
                continue
            if not session.internal and not session.settings.allowas_in and own_as.intersection(path.as_path):
                continue
            if path.next_hop not in hops:
                hops[path.next_hop] = path.next_hop is not None and base.lookup(path.next_hop) is not None
            if hops[path.next_hop] and _passes(config, session.settings, path.prefix, "in"):
                client = session.internal and session.settings.reflector_client
                taken.append(replace(path, peer=session.peer, internal=session.internal, from_client=client))
        return taken

    def ribs(self) -> dict[Table, Rib]:
        """The routing tables, with what BGP adds to them."""
        ribs = {}
        for table, base in self._bases.items():
            rib = base.copy()
            for path in self.best.get(table, {}).values():
                if path.peer is not None:
                    distance = 200 if path.internal else 20
                    rib.add(Route(path.prefix, "B", distance, path.next_hop, peer=path.peer))
                elif path.aggregate:
                    rib.add(Route(path.prefix, "B", 200, interface="Null0"))
            ribs[table] = rib
        return ribs


def _passes(config: RouterConfig, settings: Settings, prefix: IPv4Network, way: str) -> bool:
    route_map = settings.map_in if way == "in" else settings.map_out
    prefix_list = settings.list_in if way == "in" else settings.list_out
    policies = config.policies
    return (not route_map or policies.map_permits(route_map, prefix)) and (
        not prefix_list or policies.list_permits(prefix_list, prefix)
    )
