"""IKE: proposals, policies, keys and profiles of version 2, and what version 1 has instead."""

from __future__ import annotations

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader, Take, uses, value
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import address, network, nothing, number, sentence, whole, word, words
from device_templates.model import At, IkeKey, IkePolicy, IkeProfile, IkeProposal

_SIGNATURES = {"rsa-sig", "ecdsa-sig", "pre-share"}
_PROPOSAL: Grammar[Draft] = Grammar(
    "ikev2 proposal",
    {name: value(name, words) for name in ("encryption", "integrity", "prf", "group")},
)


def proposal(reader: Reader, name: str, node: Node) -> IkeProposal:
    """Reads an IKEv2 proposal."""
    draft = reader.under(node, _PROPOSAL, Draft(reader, node.line))
    encryption, integrity, prf, groups = (
        draft.values.get(one, ()) for one in ("encryption", "integrity", "prf", "group")
    )
    lines = tuple(("groups" if field == "group" else field, line) for field, line in draft.lines.items())
    return IkeProposal(name, encryption, integrity, prf, groups, at=At(node.line, lines))


def _proposed(draft: Draft, rest: list[str], node: Node) -> None:
    draft.add("proposals", draft.reader.use("ike-proposal", word(rest), node), node)


def _front_vrf(draft: Draft, rest: list[str], node: Node) -> None:
    name = word(rest)
    draft.put("front_vrf", None if name == "any" else draft.reader.use("vrf", name, node), node)


def _local_address(draft: Draft, rest: list[str], node: Node) -> None:
    draft.add("addresses", address(rest), node)


_POLICY: Grammar[Draft] = Grammar(
    "ikev2 policy", {"proposal": _proposed, "match fvrf": _front_vrf, "match address local": _local_address}
)


def policy(reader: Reader, name: str, node: Node) -> IkePolicy:
    """Reads an IKEv2 policy; it is for the global table where it names none."""
    draft = reader.under(node, _POLICY, Draft(reader, node.line))
    return IkePolicy(name, draft.all("proposals"), draft.values.get("front_vrf", ""), draft.all("addresses"), draft.at)


def _key(draft: Draft, rest: list[str], node: Node) -> None:
    side = rest[0] if rest[0] in {"local", "remote"} else "both"
    draft.add("keys", (side, draft.reader.mark(secrets_in(node.text)[0].plain), node.line), node)


def _address(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("address", network(rest if len(rest) > 1 or "/" in rest[0] else [rest[0], "255.255.255.255"]), node)


_PEER: Grammar[Draft] = Grammar("ikev2 peer", {"address": _address, "pre-shared-key": _key})


def _peer(draft: Draft, rest: list[str], node: Node) -> None:
    word(rest)
    peer = draft.reader.under(node, _PEER, Draft(draft.reader, node.line))
    draft.add("peers", peer, node)


_KEYRING: Grammar[Draft] = Grammar("ikev2 keyring", {}, {"peer": _peer})


def keys(reader: Reader, keyring: str, node: Node) -> list[IkeKey]:
    """Reads an IKEv2 keyring."""
    found = []
    for peer in reader.under(node, _KEYRING, Draft(reader, node.line)).all("peers"):
        for side, mark, line in peer.all("keys"):
            at = At(
                peer.line,
                (("fingerprint", line), *((("peer", peer.lines["address"]),) if peer.lines.get("address") else ())),
            )
            found.append(IkeKey(keyring, peer.values.get("address"), mark, side, at))
    return found


def _authentication(draft: Draft, rest: list[str], node: Node) -> None:
    side, method = rest[0], rest[1]
    if side not in {"local", "remote"} or method not in _SIGNATURES or rest[2:3] not in ([], ["key"]):
        raise NotUnderstood
    draft.add("own" if side == "local" else "theirs", method, node)
    draft.lines.setdefault("methods", node.line)
    if rest[2:]:
        mark = draft.reader.mark(secrets_in(node.text)[0].plain)
        draft.add("keys", IkeKey("", None, mark, "local" if side == "local" else "remote", At(node.line)), node)


def _remote(draft: Draft, rest: list[str], node: Node) -> None:
    draft.add("remote", sentence(rest), node)


def _certificate(draft: Draft, rest: list[str], node: Node) -> None:
    draft.add("maps", draft.reader.use("certificate-map", word(rest), node), node)


def _trustpoint(draft: Draft, rest: list[str], node: Node) -> None:
    if rest[1:] not in ([], ["sign"], ["verify"], ["sign", "verify"]):
        raise NotUnderstood
    draft.put("trustpoint", draft.reader.use("trustpoint", rest[0], node), node)


def dpd(rest: list[str]) -> int:
    """``SECONDS RETRY on-demand|periodic``: the seconds."""
    seconds, retry, mode = rest
    number(retry)
    if mode not in {"on-demand", "periodic"}:
        raise NotUnderstood
    return number(seconds)


_PROFILE: Grammar[Draft] = Grammar(
    "ikev2 profile",
    {
        "match identity remote": _remote,
        "match certificate": _certificate,
        "match fvrf": _front_vrf,
        "identity local": value("identity", sentence),
        "authentication": _authentication,
        "keyring local": uses("keyring", "ike-keyring"),
        "pki trustpoint": _trustpoint,
        "dpd": value("dpd_s", dpd),
        "lifetime": value("lifetime_s", whole),
        "shutdown": value("shutdown", nothing),
    },
)


def profile(reader: Reader, name: str, node: Node) -> tuple[IkeProfile, tuple[IkeKey, ...]]:
    """Reads an IKEv2 profile, and the keys that stand in it."""
    draft = reader.under(node, _PROFILE, Draft(reader, node.line))
    own, theirs = frozenset(draft.all("own")), frozenset(draft.all("theirs"))
    found = IkeProfile(
        name=name,
        identity=draft.values.get("identity", ""),
        remote=draft.all("remote"),
        methods=own | theirs,
        keyring=draft.values.get("keyring", ""),
        trustpoint=draft.values.get("trustpoint", ""),
        maps=draft.all("maps"),
        own=own,
        theirs=theirs,
        front_vrf=draft.values.get("front_vrf", ""),
        dpd_s=draft.values.get("dpd_s"),
        lifetime_s=draft.values.get("lifetime_s"),
        shutdown=draft.values.get("shutdown", False),
        at=draft.at,
    )
    return found, draft.all("keys")


def _isakmp(name: str) -> Take[Draft]:
    def take(draft: Draft, rest: list[str], node: Node) -> None:
        draft.put(name, ("-".join(words(rest)),), node)

    return take


_ISAKMP_POLICY: Grammar[Draft] = Grammar(
    "isakmp policy",
    {
        "encr": _isakmp("encryption"),
        "encryption": _isakmp("encryption"),
        "hash": _isakmp("integrity"),
        "group": _isakmp("groups"),
        "authentication": value("method", word),
    },
)


def isakmp_policy(reader: Reader, name: str, node: Node) -> IkeProposal:
    """Reads a policy of IKEv1, which is a proposal; what it does not say is the weakest [IOS defaults]."""
    draft = reader.under(node, _ISAKMP_POLICY, Draft(reader, node.line))
    taken = draft.values
    return IkeProposal(
        name,
        taken.get("encryption", ("des",)),
        taken.get("integrity", ("sha1",)),
        (),
        taken.get("groups", ("1",)),
        version=1,
        method=taken.get("method", "rsa-sig"),
        at=draft.at,
    )


def isakmp_key(reader: Reader, keyring: str, rest: list[str], node: Node) -> IkeKey:
    """Reads ``crypto isakmp key K address A`` or ``pre-shared-key address A key K``; the keyring of the first is ""."""
    if "hostname" in rest:
        peer = None
    else:
        behind = [one for one in rest[rest.index("address") + 1 :] if one not in {"key", "no-xauth"}][:2]
        peer = network([behind[0], behind[1] if behind[1:] and _is_mask(behind[1]) else "255.255.255.255"])
    return IkeKey(keyring, peer, reader.mark(secrets_in(node.text)[0].plain), at=At(node.line))


def _is_mask(text: str) -> bool:
    try:
        network(["10.0.0.0", text])
    except ValueError:
        return False
    return True


def _old_key(draft: Draft, rest: list[str], node: Node) -> None:
    draft.add("keys", isakmp_key(draft.reader, draft.values["name"], rest, node), node)


_OLD_KEYRING: Grammar[Draft] = Grammar("keyring", {"pre-shared-key": _old_key})


def old_keyring(reader: Reader, name: str, node: Node) -> tuple[IkeKey, ...]:
    """Reads a keyring of IKEv1."""
    return reader.under(node, _OLD_KEYRING, Draft(reader, node.line, {"name": name})).all("keys")


def _old_identity(draft: Draft, rest: list[str], node: Node) -> None:
    draft.add("remote", sentence(rest), node)


_ISAKMP_PROFILE: Grammar[Draft] = Grammar(
    "isakmp profile",
    {
        "keyring": uses("keyring", "keyring"),
        "match identity": _old_identity,
        "match certificate": _certificate,
        "self-identity": value("identity", sentence),
        "ca trust-point": uses("trustpoint", "trustpoint"),
    },
)


def isakmp_profile(reader: Reader, name: str, node: Node) -> IkeProfile:
    """Reads a profile of IKEv1; how peers prove themselves is for its policies to say."""
    draft = reader.under(node, _ISAKMP_PROFILE, Draft(reader, node.line))
    values = draft.values
    return IkeProfile(
        name=name,
        identity=values.get("identity", ""),
        remote=draft.all("remote"),
        methods=frozenset(),
        keyring=values.get("keyring", ""),
        trustpoint=values.get("trustpoint", ""),
        maps=draft.all("maps"),
        version=1,
        at=draft.at,
    )
