"""IKEv2 and IPsec as a running configuration holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network

from agent.lab.config import ConfigTree, Line
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
    """``crypto ikev2 policy``; ``fvrf`` is "" for the global table and ``any`` for all."""

    fvrf: str
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
    """``crypto ikev2 profile``; ``match`` and ``identity`` as written after the keyword (``fqdn domain x``)."""

    fvrf: str
    match: tuple[str, ...]
    match_certificate: bool
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
    """``crypto pki trustpoint``; ``enrolled`` is whether the router has, or fetches by itself, a certificate."""

    url: str
    fingerprint: str
    enrolled: bool


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


def read_crypto(tree: ConfigTree) -> CryptoConfig:
    """The crypto part of a running configuration."""
    sets = [line for line in tree.children("crypto ipsec transform-set") if len(line.words) > 3]
    chains = {line.words[-1] for line in tree.children("crypto pki certificate chain") if len(line.lines) > 1}
    return CryptoConfig(
        proposals={_name(line): _proposal(line) for line in tree.children("crypto ikev2 proposal")},
        policies={_name(line): _policy(line) for line in tree.children("crypto ikev2 policy")},
        keyrings={_name(line): _keyring(line) for line in tree.children("crypto ikev2 keyring")},
        ike_profiles={_name(line): _ike_profile(line) for line in tree.children("crypto ikev2 profile")},
        transforms={line.words[3]: _transform_set(line) for line in sets},
        ipsec_profiles={_name(line): _ipsec_profile(line) for line in tree.children("crypto ipsec profile")},
        trustpoints={_name(line): _trustpoint(line, chains) for line in tree.children("crypto pki trustpoint")},
    )


def _name(line: Line) -> str:
    return line.words[-1]


def _words(line: Line, prefix: str) -> tuple[str, ...]:
    return tuple((line.value(prefix) or "").split())


def _proposal(line: Line) -> Proposal:
    integrity = _words(line, "integrity")
    return Proposal(_words(line, "encryption"), integrity, _words(line, "prf") or integrity, _words(line, "group"))


def _policy(line: Line) -> Policy:
    return Policy(line.value("match fvrf") or "", tuple(child.words[-1] for child in line.children("proposal")))


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
        fvrf=line.value("match fvrf") or "",
        match=tuple(
            child.text.removeprefix("match identity remote ") for child in line.children("match identity remote")
        ),
        match_certificate=line.has("match certificate"),
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


def _trustpoint(line: Line, chains: set[str]) -> Trustpoint:
    url = line.value("enrollment url") or ""
    return Trustpoint(
        url=url.split(" ")[0],
        fingerprint=(line.value("fingerprint") or "").replace(" ", "").upper(),
        enrolled=_name(line) in chains or line.has("auto-enroll"),
    )
