"""IKEv2 and IPsec of swanctl.conf, as the neutral model has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from device_templates.linux_frr.reading.parts.algorithms import Words
from device_templates.linux_frr.reading.parts.connections import (
    ANY,
    SETTINGS,
    Connection,
    connections_of,
    listed,
    value,
)
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

_METHODS = {"psk": "pre-share", "pubkey": "rsa-sig", "rsa": "rsa-sig", "ecdsa": "ecdsa-sig"}
#: How ``unique`` says that of several peers with one identity the last, or the first, is kept.
_ONE_OF_EACH = ("replace", "keep")
_DELAY = re.compile(r"(\d{1,9})([smhd]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def crypto(files: Files) -> Crypto:
    """Everything that tunnels are protected by; the connections that protect GRE are one, for all VPNs share them."""
    connections = connections_of(files)
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
            for text in listed(value(child, "esp_proposals")) or ["default"]
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
        single=any(value(one.node, "unique") in _ONE_OF_EACH for one in parts),
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
    said = [(field, node.at(auth="auth =").of("auth")) for field, node in ends if node]
    said += [("identity", node.at(id="id =").of("id")) for field, node in ends if node and field == "own"]
    return At(one.node.line, (*said, *one.node.at(dpd_s="dpd_delay =").fields))


def _identity(text: str) -> str:
    plain = text.removeprefix("fqdn:").removeprefix("ipv4:").removeprefix("@")
    if plain in ANY:
        return "address 0.0.0.0"
    try:
        return f"address {IPv4Address(plain)}"
    except ValueError:
        return f"fqdn {plain}"


def _keys(files: Files, connections: tuple[Connection, ...]) -> Iterator[IkeKey]:
    """Each key under the name of what it opens, else under its own: strongSwan takes the one that fits best."""
    secrets = files.at(SETTINGS).find("secrets")
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
