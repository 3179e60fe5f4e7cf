"""IPsec and certificates."""

from __future__ import annotations

import re

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader, uses, value
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import nothing, number, sentence, whole, word, words
from device_templates.model import At, CertificateMap, IpsecProfile, Transform, Trustpoint

#: More than anybody sends before a lifetime in seconds ends.
_UNBOUNDED_KB = 2**40
_OPERATORS = {"co", "nc", "eq", "ne", "lt", "ge"}


def _mode(draft: Draft, rest: list[str], node: Node) -> None:
    if rest not in (["tunnel"], ["transport"], ["transport", "require"]):
        raise NotUnderstood
    draft.put("mode", rest[0], node)


_TRANSFORM: Grammar[Draft] = Grammar("transform-set", {"mode": _mode})


def transform(reader: Reader, rest: list[str], node: Node) -> Transform:
    """Reads a transform set; its mode is ``tunnel`` where none is given."""
    draft = reader.under(node, _TRANSFORM, Draft(reader, node.line))
    return Transform(rest[0], sentence(rest[1:]), draft.values.get("mode", "tunnel"), draft.at)


def _transforms(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("transforms", tuple(draft.reader.use("transform-set", name, node) for name in words(rest)), node)


def _pfs(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("pfs", word(rest) if rest else "group1", node)


def no_window(rest: list[str]) -> int:
    """0: no packet is refused for having been overtaken."""
    nothing(rest)
    return 0


def kilobytes(rest: list[str]) -> int:
    """What an association carries; one without a bound carries more than anybody sends."""
    return _UNBOUNDED_KB if rest == ["disable"] else whole(rest)


def refuses(rest: list[str]) -> int:
    """1: something is switched off."""
    nothing(rest)
    return 1


_IPSEC: Grammar[Draft] = Grammar(
    "ipsec profile",
    {
        "set transform-set": _transforms,
        "set ikev2-profile": uses("ike_profile", "ike-profile"),
        "set isakmp-profile": uses("ike_profile", "isakmp-profile"),
        "set pfs": _pfs,
        "set security-association lifetime seconds": value("lifetime_s", whole),
        "set security-association lifetime kilobytes": value("lifetime_kb", kilobytes),
        "set security-association replay window-size": value("replay_window", whole),
        "set security-association replay disable": value("replay_window", no_window),
        "responder-only": value("responder_only", nothing),
    },
)


def ipsec_profile(reader: Reader, name: str, node: Node) -> IpsecProfile:
    """Reads an IPsec profile."""
    draft = reader.under(node, _IPSEC, Draft(reader, node.line))
    values = draft.values
    return IpsecProfile(
        name,
        values.get("transforms", ()),
        values.get("ike_profile", ""),
        values.get("pfs", ""),
        values.get("lifetime_s"),
        values.get("responder_only", False),
        values.get("replay_window"),
        values.get("lifetime_kb"),
        draft.at,
    )


def _url(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("url", re.sub(r"//[^/@]*@", "//", rest[0]), node)


def _fingerprint(rest: list[str]) -> str:
    return "".join(words(rest)).upper()


def _subject(rest: list[str]) -> str:
    return distinguished(sentence(rest))


def _automatic(_: list[str]) -> bool:
    return True


def _key_pair(draft: Draft, rest: list[str], node: Node) -> None:
    """``LABEL [BITS [BITS of the encryption key]]``."""
    if rest[1:]:
        draft.put("key_bits", number(rest[1]), node)


_TRUSTPOINT: Grammar[Draft] = Grammar(
    "trustpoint",
    {
        "enrollment url": _url,
        "fingerprint": value("fingerprint", _fingerprint),
        "subject-name": value("subject", _subject),
        "revocation-check": value("checks", words),
        "auto-enroll": value("automatic", _automatic),
        "rsakeypair": _key_pair,
        "hash": value("digest", word),
        "vrf": uses("vrf", "vrf"),
        "source interface": uses("interface", "interface"),
    },
)


def trustpoint(reader: Reader, name: str, node: Node) -> Trustpoint:
    """Reads a trustpoint."""
    draft = reader.under(node, _TRUSTPOINT, Draft(reader, node.line))
    values = draft.values
    return Trustpoint(
        name=name,
        url=values.get("url", ""),
        fingerprint=values.get("fingerprint", ""),
        subject=values.get("subject", ""),
        checks=values.get("checks", ()),
        automatic=values.get("automatic", False),
        vrf=values.get("vrf", ""),
        key_bits=values.get("key_bits"),
        digest=values.get("digest", ""),
        at=draft.at,
    )


def _condition(draft: Draft, rest: list[str], node: Node) -> None:
    operator, text = rest[0], sentence(rest[1:])
    if operator not in _OPERATORS:
        raise NotUnderstood
    draft.add("conditions", (node.text.split()[0], operator, distinguished(text)), node)


_MAP: Grammar[Draft] = Grammar(
    "certificate map",
    dict.fromkeys(
        ("subject-name", "issuer-name", "alt-subject-name", "unstructured-subject-name", "name", "serial-number"),
        _condition,
    ),
)


def certificate_map(reader: Reader, name: str, node: Node) -> CertificateMap:
    """Reads one entry of a certificate map."""
    draft = reader.under(node, _MAP, Draft(reader, node.line))
    return CertificateMap(name, draft.all("conditions"), At(node.line))


def distinguished(name: str) -> str:
    """A distinguished name, or part of one, as certificate maps compare it: small letters, no blanks around = and ,."""
    return re.sub(r"\s*([=,])\s*", r"\1", name.strip().lower())
