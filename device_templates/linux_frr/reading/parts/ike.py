"""IKEv2 and IPsec of swanctl.conf, as the neutral model has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from device_templates.linux_frr.reading.parts.algorithms import Words
from device_templates.linux_frr.reading.parts.files import Files
from device_templates.linux_frr.reading.syntax import Node
from device_templates.model import (
    NOWHERE,
    At,
    Crypto,
    IkeKey,
    IkePolicy,
    IkeProfile,
    IkeProposal,
    IpsecProfile,
    Transform,
)

#: What protects the GRE of all VPNs together, and the connections and secrets that are for it.
GRE = "gre"
_SWANCTL = "etc/swanctl/swanctl.conf"
_METHODS = {"psk": "pre-share", "pubkey": "rsa-sig", "rsa": "rsa-sig", "ecdsa": "ecdsa-sig"}
_DELAY = re.compile(r"(\d{1,9})([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_ANY = ("", "%any", "0.0.0.0/0")


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
        return _listed(value(self.node, "proposals")) or ["default"]

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


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _is_gre(child: Node) -> bool:
    ends = (value(child, end).partition("[")[2][:3] for end in ("local_ts", "remote_ts"))
    return value(child, "mode") == "transport" and all(end in ("gre", "47]") for end in ends)


def _connections(files: Files) -> tuple[Connection, ...]:
    found = files.at(_SWANCTL).find("connections")
    known = (Connection(one.text, one) for one in found.children if one.children) if found else ()
    return tuple(one for one in known if _begins_here(files, value(one.node, "local_addrs")))


def _begins_here(files: Files, text: str) -> bool:
    """Whether the router has the address that a connection begins at: one that is leased is not said."""
    here = files.network.address
    return text in _ANY or (here is not None and str(here.ip) in _listed(text))


def protects_gre(files: Files, servers: Iterable[str]) -> bool:
    """Whether GRE to any peer is protected, before there is an association: a trap catches it.

    ``servers`` are the internet addresses of those that are known before: what has one for its peer protects GRE too.
    """
    known = {*servers}
    connections = _connections(files)
    return any(_traps_gre(one) for one in connections if one.peer in _ANY) and all(
        _traps_gre(one) for one in connections if one.peer in known
    )


def _traps_gre(one: Connection) -> bool:
    return one.gre and any("trap" in value(child, "start_action") for child in one.children if _is_gre(child))


def management_connection(files: Files) -> str:
    """The connection whose association takes what leaves by the management tunnel, and gives it what comes; "": none.

    The interface finds its association by its key, which is the mark of both directions.
    """
    key, peer = str(files.network.management_key), str(files.network.peer)
    found = (one for one in _connections(files) if not one.gre and one.peer == peer)
    return next((one.name for one in found if any(_begins_marked(child, key) for child in one.children)), "")


def _begins_marked(child: Node, key: str) -> bool:
    """Whether a child is begun by the router, and both directions have this mark."""
    marks = (value(child, name).partition("/")[0] for name in ("mark_in", "mark_out"))
    return value(child, "start_action") not in ("", "none") and all(mark == key for mark in marks)


def carried(files: Files, name: str) -> tuple[tuple[IPv4Network, ...], tuple[IPv4Network, ...]]:
    """The networks of a connection's near and far ends between which its associations carry packets."""
    children = [child for one in _connections(files) if one.name == name for child in one.children]
    near, far = ([one for child in children for one in _networks(child, end)] for end in ("local_ts", "remote_ts"))
    return tuple(near), tuple(far)


def connection_at(files: Files, name: str) -> tuple[tuple[str, int], ...]:
    """The lines of a connection as fields of the tunnel that it protects."""
    one = next((one for one in _connections(files) if one.name == name), None)
    if one is None:
        return ()
    found = next((child.at(carries="remote_ts =").fields for child in one.children), ())
    return (("protection", one.node.line), *found)


def _networks(child: Node, end: str) -> Iterator[IPv4Network]:
    for text in _listed(value(child, end)):
        try:
            yield IPv4Network(text, strict=False)
        except ValueError:
            continue  # ``dynamic``, or of some protocol alone: it is no network


def crypto(files: Files) -> Crypto:
    """Everything that tunnels are protected by; the connections that protect GRE are one, for all VPNs share them."""
    connections = _connections(files)
    bundles: dict[str, list[Connection]] = {}
    for one in connections:
        bundles.setdefault(one.bundle, []).append(one)
    return Crypto(
        proposals=tuple(found for one in connections for found in _proposals(one)),
        policies=tuple(IkePolicy(one.name, tuple(_usable(one, bundles[one.bundle]))) for one in connections),
        keys=tuple(_keys(files, connections)),
        profiles=tuple(_profile(name, parts) for name, parts in bundles.items()),
        transforms=tuple(found for name, parts in bundles.items() for found in _transforms(name, parts)),
        ipsec_profiles=tuple(_ipsec_profile(name, parts) for name, parts in bundles.items()),
    )


def _proposals(one: Connection) -> Iterator[IkeProposal]:
    for number, text in enumerate(one.proposals(), 1):
        words = Words(text)
        yield IkeProposal(
            f"{one.name}/{number}",
            tuple(words.encryption),
            tuple(words.integrity),
            tuple(words.prf),
            tuple(words.groups),
            version=one.version,
            at=_proposals_at(one),
        )


def _proposals_at(one: Connection) -> At:
    line = one.node.at(proposals="proposals =").of("proposals")
    return At(line, tuple((field, line) for field in ("encryption", "integrity", "prf", "groups")))


def _usable(one: Connection, parts: list[Connection]) -> Iterator[str]:
    """What a connection proposes by IKEv2 that every other part of its bundle proposes something like."""
    offers = {part.name: [found for found in _proposals(part) if found.version != 1] for part in parts}
    for mine in offers[one.name]:
        if all(any(_alike(mine, theirs) for theirs in found) for found in offers.values()):
            yield mine.name


def _alike(one: IkeProposal, other: IkeProposal) -> bool:
    """Whether two proposals have an algorithm of each kind in common."""
    kinds = ("encryption", "integrity", "prf", "groups")
    both = ((set(getattr(one, kind)), set(getattr(other, kind))) for kind in kinds)
    return all(mine & theirs or mine == theirs for mine, theirs in both)


def _esp(parts: list[Connection]) -> dict[tuple[str, str], Words]:
    """Mode and proposal of each child, once; of the parts of a bundle those that all of them have."""
    found = [
        {
            (value(child, "mode") or "tunnel", text): Words(text)
            for child in one.children
            for text in _listed(value(child, "esp_proposals")) or ["default"]
        }
        for one in parts
    ]
    return {key: words for one in found[:1] for key, words in one.items() if all(key in other for other in found)}


def _transforms(name: str, parts: list[Connection]) -> Iterator[Transform]:
    for number, ((mode, _), words) in enumerate(_esp(parts).items(), 1):
        yield Transform(
            f"{name}/{number}", " ".join(words.esp), mode, _child_at(parts, algorithms="esp_proposals =", mode="mode =")
        )


def _ipsec_profile(name: str, parts: list[Connection]) -> IpsecProfile:
    groups = {f"group{words.groups[0]}" if words.groups else "" for words in _esp(parts).values()}
    transforms = tuple(one.name for one in _transforms(name, parts))
    return IpsecProfile(
        name,
        transforms,
        name,
        ",".join(sorted(groups)),
        replay_window=min(_windows(parts), default=None),
        at=_child_at(parts, pfs="esp_proposals =", replay_window="replay_window ="),
    )


def _windows(parts: list[Connection]) -> Iterator[int]:
    """The replay window of each child, in packets."""
    for text in (value(child, "replay_window") or "32" for one in parts for child in one.children):
        if text.isascii() and text.isdecimal():
            yield int(text)


def _child_at(parts: list[Connection], **heads: str) -> At:
    """The lines of the first child of a bundle."""
    return next((child.at(**heads) for one in parts for child in one.children), NOWHERE)


def _profile(name: str, parts: list[Connection]) -> IkeProfile:
    own, theirs = (frozenset(_methods(parts, end)) for end in ("local", "remote"))
    return IkeProfile(
        name=name,
        identity=_own_identity(parts),
        remote=tuple(sorted({_identity(one.end("remote", "id")) for one in parts})),
        methods=own | theirs,
        keyring=name,
        trustpoint="",
        own=own,
        theirs=theirs,
        version=max(one.version for one in parts),
        proposals=tuple(found for one in parts for found in _usable(one, parts)),
        dpd_s=_dpd(parts),
        peers=tuple((peer, _identity(one.end("remote", "id"))) for one in parts if (peer := _address(one.peer))),
        at=_profile_at(parts[0]),
    )


def _dpd(parts: list[Connection]) -> int | None:
    """The longest silence of a peer that a bundle bears; a connection that names none bears any."""
    found = [_DELAY.fullmatch(value(one.node, "dpd_delay")) for one in parts]
    seconds = [int(one[1]) * _UNITS[one[2]] if one else 0 for one in found]
    return max(seconds) if seconds and all(seconds) else None


def _own_identity(parts: list[Connection]) -> str:
    """What all parts of a bundle call the router; where they differ nobody knows it by that."""
    names = sorted({_identity(one.end("local", "id")) for one in parts})
    return names[0] if len(names) == 1 else f"several {', '.join(names)}"


def _address(text: str) -> IPv4Address | None:
    try:
        return IPv4Address(text)
    except ValueError:
        return None


def _methods(parts: list[Connection], end: str) -> Iterator[str]:
    words = (one.end(end, "auth") for one in parts)
    return (_METHODS.get(word, word) for word in words)


def _profile_at(one: Connection) -> At:
    """Where a connection and its ends stand."""
    ends = [(field, one.node.find(end)) for field, end in (("own", "local"), ("theirs", "remote"))]
    said = tuple((field, node.at(auth="auth =").of("auth")) for field, node in ends if node)
    return At(one.node.line, (*said, *one.node.at(dpd_s="dpd_delay =").fields))


def _identity(text: str) -> str:
    plain = text.removeprefix("fqdn:").removeprefix("ipv4:").removeprefix("@")
    if plain in _ANY:
        return "address 0.0.0.0"
    try:
        return f"address {IPv4Address(plain)}"
    except ValueError:
        return f"fqdn {plain}"


def _keys(files: Files, connections: tuple[Connection, ...]) -> Iterator[IkeKey]:
    """Each key under the name of what it opens, else under its own: strongSwan takes the one that fits best."""
    secrets = files.at(_SWANCTL).find("secrets")
    sections = [one for one in secrets.children if one.text.startswith("ike")] if secrets else []
    opens: dict[str, dict[str, None]] = {one.text: {} for one in sections}
    for connection in connections:
        fits = [(score, one.text) for one in sections if (score := _fit(one, connection)) >= 0]
        best = max((score for score, _ in fits), default=-1)
        for _, name in [one for one in fits if one[0] == best]:
            opens[name][connection.bundle] = None
    for section in sections:
        fingerprint = files.secret(next((one.text for one in section.children if one.text.startswith("secret =")), ""))
        for keyring in opens[section.text] or {section.text: None}:
            yield IkeKey(keyring, _peer(section), fingerprint, at=section.at(fingerprint="secret ="))


def _ids(section: Node) -> list[str]:
    texts = (child.text.partition("=") for child in section.children if child.text.startswith("id"))
    return [_identity(text.strip().strip('"')) for _, _, text in texts]


def _fit(section: Node, connection: Connection) -> int:
    ids = _ids(section)
    remote = {_identity(connection.end("remote", "id")), _identity(value(connection.node, "remote_addrs"))}
    if remote - {"address 0.0.0.0"} & set(ids):
        return 2
    if _identity(connection.end("local", "id")) in ids:
        return 1
    return 0 if not ids or "address 0.0.0.0" in ids else -1


def _peer(section: Node) -> IPv4Network | None:
    ids = _ids(section)
    if not ids or "address 0.0.0.0" in ids:
        return IPv4Network("0.0.0.0/0")
    found = next((one.removeprefix("address ") for one in ids if one.startswith("address ")), "")
    return IPv4Network(found) if found else None
