"""IKEv2 and IPsec of a configuration, as the neutral model has them."""

from __future__ import annotations

import re

from device_templates.cisco_iosxe.reading.lookup import network, rest, rests
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node
from device_templates.model import (
    CertificateMap,
    Crypto,
    IkeKey,
    IkeProfile,
    IkeProposal,
    IpsecProfile,
    Transform,
    Trustpoint,
)
from device_templates.texts import Mark


def crypto(tree: ConfigTree, mark: Mark) -> Crypto:
    """Everything that tunnels are protected by; keys become what ``mark`` makes of them."""
    return Crypto(
        proposals=tuple(_proposal(name, node) for name, node in tree.sections("crypto ikev2 proposal")),
        policies=tuple((name, tuple(rests(node, "proposal"))) for name, node in tree.sections("crypto ikev2 policy")),
        keys=tuple(key for name, node in tree.sections("crypto ikev2 keyring") for key in _keys(name, node, mark)),
        profiles=tuple(_profile(name, node) for name, node in tree.sections("crypto ikev2 profile")),
        transforms=tuple(_transform(text, node) for text, node in tree.sections("crypto ipsec transform-set")),
        ipsec_profiles=tuple(_ipsec_profile(name, node) for name, node in tree.sections("crypto ipsec profile")),
        trustpoints=tuple(_trustpoint(name, node) for name, node in tree.sections("crypto pki trustpoint")),
        maps=tuple(_map(text, node) for text, node in tree.sections("crypto pki certificate map")),
    )


def _proposal(name: str, node: Node) -> IkeProposal:
    words = {head: tuple(rest(node, head).split()) for head in ("encryption", "integrity", "prf", "group")}
    return IkeProposal(name, words["encryption"], words["integrity"], words["prf"], words["group"])


def _keys(keyring: str, node: Node, mark: Mark) -> list[IkeKey]:
    found = []
    for peer in node.children:
        for child in peer.children:
            for secret in secrets_in(child.text):
                found.append(IkeKey(keyring, network(rest(peer, "address") + " 255.255.255.255"), mark(secret.plain)))
    return found


def _profile(name: str, node: Node) -> IkeProfile:
    return IkeProfile(
        name=name,
        identity=rest(node, "identity local"),
        remote=tuple(rests(node, "match identity remote")),
        methods=frozenset(word for text in rests(node, "authentication") for word in text.split()[1:2]),
        keyring=rest(node, "keyring local"),
        trustpoint=rest(node, "pki trustpoint").split(" ")[0],
        maps=tuple(rests(node, "match certificate")),
    )


def _trustpoint(name: str, node: Node) -> Trustpoint:
    return Trustpoint(
        name=name,
        url=rest(node, "enrollment url").split(" ")[0],
        fingerprint=rest(node, "fingerprint").replace(" ", "").upper(),
        subject=distinguished(rest(node, "subject-name")),
        checks=tuple(rest(node, "revocation-check").split()),
        automatic=bool(rest(node, "auto-enroll")),
    )


def _map(text: str, node: Node) -> CertificateMap:
    words = (child.text.split(" ", 2) for child in node.children)
    return CertificateMap(
        text.split(" ")[0], tuple((one[0], one[1], distinguished(one[2])) for one in words if one[2:])
    )


def distinguished(name: str) -> str:
    """A distinguished name, or part of one, as certificate maps compare it: small letters, no blanks around = and ,."""
    return re.sub(r"\s*([=,])\s*", r"\1", name.strip().lower())


def _transform(text: str, node: Node) -> Transform:
    name, _, algorithms = text.partition(" ")
    return Transform(name, algorithms.strip(), rest(node, "mode").split(" ")[0] or "tunnel")


def _ipsec_profile(name: str, node: Node) -> IpsecProfile:
    return IpsecProfile(
        name, tuple(rest(node, "set transform-set").split()), rest(node, "set ikev2-profile"), rest(node, "set pfs")
    )
