"""IKEv2 and IPsec as a running configuration holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from agent.lab.config import ConfigTree, Line
from agent.lab.pki.certificate import Certificate, distinguished, read_body
from agent.lab.running.obscured import plain


@dataclass(frozen=True, slots=True)
class Proposal:
    """``crypto ikev2 proposal``; every field holds what is acceptable, best first."""

    encryption: tuple[str, ...] = ()
    integrity: tuple[str, ...] = ()
    prf: tuple[str, ...] = ()
    group: tuple[str, ...] = ()


#: What IOS-XE 17 offers where nothing is configured.
DEFAULT_PROPOSAL = Proposal(
    ("aes-cbc-256",), ("sha512", "sha384", "sha256", "sha1"), ("sha512", "sha384", "sha256", "sha1"), ("19", "14", "21")
)


@dataclass(frozen=True, slots=True)
class Policy:
    """``crypto ikev2 policy``; ``fvrf`` is "" for the global table and ``any`` for all, no ``addresses`` are all."""

    fvrf: str
    addresses: tuple[str, ...]
    proposals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyringPeer:
    """One peer of a keyring: keys are plain text, "" where missing."""

    network: IPv4Network | None
    identity: str
    local: str = field(repr=False)
    remote: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class IkeProfile:
    """``crypto ikev2 profile``; ``match`` and ``identity`` as written after the keyword (``fqdn domain x``).

    ``maps`` are the certificate maps that it matches.
    """

    shutdown: bool
    fvrf: str
    match: tuple[str, ...]
    maps: tuple[str, ...]
    identity: str
    local: str
    remote: frozenset[str]
    keyring: str
    trustpoint: str


@dataclass(frozen=True, slots=True)
class TransformSet:
    """``crypto ipsec transform-set``: algorithms in order, and the mode."""

    algorithms: tuple[str, ...]
    mode: str


@dataclass(frozen=True, slots=True)
class IpsecProfile:
    """``crypto ipsec profile``."""

    transforms: tuple[str, ...]
    pfs: str
    ike_profile: str


@dataclass(frozen=True, slots=True)
class Trustpoint:
    """``crypto pki trustpoint`` with its chain.

    ``own`` is the router's certificate and ``authority`` that of its authority, None where it has none. ``renews`` is
    the share of its life, in percent, after which the router asks for the next one; None: never by itself.
    """

    name: str
    url: str
    fingerprint: str
    subject: str
    vrf: str
    source: str
    key: str
    renews: int | None
    new_key: bool
    own: Certificate | None
    authority: Certificate | None


#: The conditions of one entry of a certificate map: field, operator and value; all of them hold.
Conditions = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class CryptoConfig:
    """Everything by name."""

    proposals: dict[str, Proposal] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    keyrings: dict[str, tuple[KeyringPeer, ...]] = field(default_factory=dict)
    ike_profiles: dict[str, IkeProfile] = field(default_factory=dict)
    transforms: dict[str, TransformSet] = field(default_factory=dict)
    ipsec_profiles: dict[str, IpsecProfile] = field(default_factory=dict)
    trustpoints: dict[str, Trustpoint] = field(default_factory=dict)
    maps: dict[str, tuple[Conditions, ...]] = field(default_factory=dict)


def read_crypto(tree: ConfigTree) -> CryptoConfig:
    """The crypto part of a running configuration."""
    sets = [line for line in tree.children("crypto ipsec transform-set") if len(line.words) > 3]
    return CryptoConfig(
        proposals={_name(line): _proposal(line) for line in tree.children("crypto ikev2 proposal")},
        policies={_name(line): _policy(line) for line in tree.children("crypto ikev2 policy")},
        keyrings={_name(line): _keyring(line) for line in tree.children("crypto ikev2 keyring")},
        ike_profiles={_name(line): _ike_profile(line) for line in tree.children("crypto ikev2 profile")},
        transforms={line.words[3]: _transform_set(line) for line in sets},
        ipsec_profiles={_name(line): _ipsec_profile(line) for line in tree.children("crypto ipsec profile")},
        trustpoints=read_trustpoints(tree),
        maps=_maps(tree),
    )


def read_trustpoints(tree: ConfigTree) -> dict[str, Trustpoint]:
    """The trustpoints of a running configuration by name."""
    chains = {_name(line): line for line in tree.children("crypto pki certificate chain")}
    return {_name(line): _trustpoint(line, chains.get(_name(line))) for line in tree.children("crypto pki trustpoint")}


def _name(line: Line) -> str:
    return line.words[-1]


def _words(line: Line, prefix: str) -> tuple[str, ...]:
    return tuple((line.value(prefix) or "").split())


def _proposal(line: Line) -> Proposal:
    integrity = _words(line, "integrity")
    return Proposal(_words(line, "encryption"), integrity, _words(line, "prf") or integrity, _words(line, "group"))


def _policy(line: Line) -> Policy:
    return Policy(
        line.value("match fvrf") or "",
        tuple(child.words[-1] for child in line.children("match address local")),
        tuple(child.words[-1] for child in line.children("proposal")),
    )


def _keyring(line: Line) -> tuple[KeyringPeer, ...]:
    return tuple(_peer(child) for child in line.children("peer"))


def _peer(line: Line) -> KeyringPeer:
    keys = {"local": "", "remote": ""}
    for child in line.children("pre-shared-key"):
        words = child.words[1:]
        sides = [words.pop(0)] if words and words[0] in keys and len(words) > 1 else list(keys)
        keys.update(dict.fromkeys(sides, plain(words)))
    where = _words(line, "address")
    network = None
    if where:
        try:
            network = IPv4Network("/".join(where[:2]), strict=False)
        except ValueError:
            network = None
    return KeyringPeer(network, line.value("identity") or "", keys["local"], keys["remote"])


def _ike_profile(line: Line) -> IkeProfile:
    methods = {"local": set[str](), "remote": set[str]()}
    for child in line.children("authentication"):
        if len(child.words) >= 3 and child.words[1] in methods:
            methods[child.words[1]].add(child.words[2])
    return IkeProfile(
        shutdown=bool(line.children("shutdown")),
        fvrf=line.value("match fvrf") or "",
        match=tuple(
            child.text.removeprefix("match identity remote ") for child in line.children("match identity remote")
        ),
        maps=tuple(child.words[-1] for child in line.children("match certificate") if len(child.words) == 3),
        identity=line.value("identity local") or "",
        local=next(iter(methods["local"]), ""),
        remote=frozenset(methods["remote"]),
        keyring=line.value("keyring local") or "",
        trustpoint=(line.value("pki trustpoint") or "").split(" ")[0],
    )


def _transform_set(line: Line) -> TransformSet:
    return TransformSet(_algorithms(line.words[4:]), line.value("mode") or "tunnel")


def _algorithms(words: list[str]) -> tuple[str, ...]:
    """``esp-aes 256 esp-sha256-hmac`` as ("esp-aes 256", "esp-sha256-hmac")."""
    joined: list[str] = []
    for word in words:
        if word.isdigit() and joined:
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return tuple(joined)


def _ipsec_profile(line: Line) -> IpsecProfile:
    return IpsecProfile(
        _words(line, "set transform-set"), line.value("set pfs") or "", line.value("set ikev2-profile") or ""
    )


def _trustpoint(line: Line, chain: Line | None) -> Trustpoint:
    held = [(one.words[1] == "ca", read_body(one.body)) for one in (chain.lines if chain else ()) if len(one.words) > 1]
    automatic = _words(line, "auto-enroll") if line.has("auto-enroll") else None
    return Trustpoint(
        name=_name(line),
        url=(line.value("enrollment url") or "").split(" ")[0],
        fingerprint=(line.value("fingerprint") or "").replace(" ", "").upper(),
        subject=line.value("subject-name") or "",
        vrf=line.value("vrf") or "",
        source=line.value("source interface") or "",
        key=(line.value("rsakeypair") or _name(line)).split(" ")[0],
        renews=None if automatic is None else next((int(word) for word in automatic if word.isdigit()), 100),
        new_key=automatic is not None and "regenerate" in automatic,
        own=next((one for is_ca, one in held if one and not is_ca), None),
        authority=next((one for is_ca, one in held if one and is_ca), None),
    )


def _maps(tree: ConfigTree) -> dict[str, tuple[Conditions, ...]]:
    found: dict[str, list[Conditions]] = {}
    for line in tree.children("crypto pki certificate map"):
        words = (child.text.split(" ", 2) for child in line.lines)
        conditions = tuple((one[0], one[1], distinguished(one[2])) for one in words if len(one) == 3)
        if len(line.words) > 4 and conditions:
            found.setdefault(line.words[4], []).append(conditions)
    return {name: tuple(entries) for name, entries in found.items()}
