"""IKEv2 and IPsec of a configuration, as the neutral model has them."""

from __future__ import annotations

from device_templates.cisco_iosxe.reading.lookup import network, rest, rests
from device_templates.cisco_iosxe.reading.secrets import Fingerprint, secrets_in
from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node
from device_templates.model import Crypto, IkeKey, IkeProfile, IkeProposal, IpsecProfile, Transform


def crypto(tree: ConfigTree, mark: Fingerprint) -> Crypto:
    """Everything that tunnels are protected by; keys become what ``mark`` makes of them."""
    return Crypto(
        proposals=tuple(_proposal(name, node) for name, node in tree.sections("crypto ikev2 proposal")),
        policies=tuple((name, tuple(rests(node, "proposal"))) for name, node in tree.sections("crypto ikev2 policy")),
        keys=tuple(key for name, node in tree.sections("crypto ikev2 keyring") for key in _keys(name, node, mark)),
        profiles=tuple(_profile(name, node) for name, node in tree.sections("crypto ikev2 profile")),
        transforms=tuple(_transform(text, node) for text, node in tree.sections("crypto ipsec transform-set")),
        ipsec_profiles=tuple(_ipsec_profile(name, node) for name, node in tree.sections("crypto ipsec profile")),
    )


def _proposal(name: str, node: Node) -> IkeProposal:
    words = {head: tuple(rest(node, head).split()) for head in ("encryption", "integrity", "prf", "group")}
    return IkeProposal(name, words["encryption"], words["integrity"], words["prf"], words["group"])


def _keys(keyring: str, node: Node, mark: Fingerprint) -> list[IkeKey]:
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
    )


def _transform(text: str, node: Node) -> Transform:
    name, _, algorithms = text.partition(" ")
    return Transform(name, algorithms.strip(), rest(node, "mode").split(" ")[0] or "tunnel")


def _ipsec_profile(name: str, node: Node) -> IpsecProfile:
    return IpsecProfile(
        name, tuple(rest(node, "set transform-set").split()), rest(node, "set ikev2-profile"), rest(node, "set pfs")
    )
