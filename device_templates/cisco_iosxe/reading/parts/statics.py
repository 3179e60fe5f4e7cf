"""Static routes, prefix lists, and what both may depend on: probes and tracked objects."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Any

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader, value
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import network, number, whole, word
from device_templates.model import At, PrefixEntry, Probe, StaticRoute, Track

#: How often a probe runs where its line does not say so, in seconds.
_EVERY_S = 60


def route(reader: Reader, rest: list[str], node: Node) -> StaticRoute:
    """Reads ``ip route``: a table, a network, an interface or next hop or both, and options."""
    words = list(rest)
    vrf = ""
    if words[0] == "vrf":
        vrf, words = reader.use("vrf", words[1], node), words[2:]
    prefix, words = network(words[:2]), words[2:]
    target = words[0]
    values: dict[str, Any] = {}
    if not words[0][0].isdigit():
        values["interface"] = words.pop(0)
    if words and words[0].count(".") == 3:
        values["via"] = IPv4Address(words.pop(0))
    values |= _options(reader, words, node)
    if values.get("interface") == "Null0":
        values |= {"null": True, "interface": ""}
    elif "interface" in values and values["interface"] != "dhcp":
        values["interface"] = reader.use("interface", values["interface"], node)
    if target == "dhcp":
        values |= {"leased": True, "interface": ""}
    return StaticRoute(vrf, prefix, target, **values, at=At(node.line))


def _options(reader: Reader, words: list[str], node: Node) -> dict[str, Any]:
    """What stands behind the next hop, in any order."""
    found: dict[str, Any] = {}
    rest = list(words)
    while rest:
        one = rest.pop(0)
        if one == "global":
            found["lookup"] = "global"
        elif one == "vrf":
            found["lookup"] = reader.use("vrf", rest.pop(0), node)
        elif one == "dhcp":
            found["leased"] = True
        elif one == "track":
            reader.use("track", rest[0], node)
            found["track"] = number(rest.pop(0))
        elif one in {"name", "tag"}:
            rest.pop(0)
        elif one not in {"permanent", "multicast"}:
            found["distance"] = number(one)
    return found


def prefix_entry(rest: list[str], node: Node) -> tuple[int | None, PrefixEntry]:
    """Reads an entry of a prefix list, and its number where it has one."""
    words = list(rest)
    sequence = None
    if words[0] == "seq":
        sequence, words = number(words[1]), words[2:]
    permit = _permits(words[0])
    prefix = IPv4Network(words[1])
    bounds = dict(zip(words[2::2], words[3::2], strict=True))
    if set(bounds) - {"ge", "le"}:
        raise NotUnderstood
    shortest = number(bounds["ge"]) if "ge" in bounds else prefix.prefixlen
    longest = number(bounds["le"]) if "le" in bounds else 32 if "ge" in bounds else prefix.prefixlen
    return sequence, PrefixEntry(permit, prefix, shortest, longest, At(node.line))


def _permits(text: str) -> bool:
    if text not in {"permit", "deny"}:
        raise NotUnderstood
    return text == "permit"


def _echo(draft: Draft, rest: list[str], node: Node) -> None:
    target = IPv4Address(rest[0])
    options = dict(zip(rest[1::2], rest[2::2], strict=True))
    if set(options) - {"source-interface", "source-ip"}:
        raise NotUnderstood
    draft.put("target", target, node)
    if "source-interface" in options:
        options["source-interface"] = draft.reader.use("interface", options["source-interface"], node)
    for source in options.values():
        draft.put("source", source, node)
    draft.reader.under(node, _SLA, draft)


def _vrf(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("vrf", draft.reader.use("vrf", word(rest), node), node)


_SLA: Grammar[Draft] = Grammar("ip sla", {"vrf": _vrf, "frequency": value("every_s", whole)}, {"icmp-echo": _echo})


def probe(reader: Reader, rest: list[str], node: Node) -> Draft:
    """Reads ``ip sla N``."""
    name = word(rest)
    reader.define("probe", name)
    return reader.under(node, _SLA, Draft(reader, node.line, {"number": number(name)}))


def schedule(rest: list[str]) -> tuple[int, bool]:
    """Reads ``ip sla schedule N``: whether the probe starts by itself and then runs for ever."""
    options = rest[1:]
    starts = "start-time" in options and options[options.index("start-time") + 1] not in {"pending"}
    forever = "life" in options and options[options.index("life") + 1] == "forever"
    return number(rest[0]), starts and forever


def finished_probe(draft: Draft, scheduled: tuple[bool, int] | None) -> Probe:
    """The probe that a draft became, with its schedule and the line of it."""
    values = draft.values
    started, line = scheduled or (False, 0)
    return Probe(
        values["number"],
        values.get("target"),
        values.get("source", ""),
        values.get("vrf", ""),
        values.get("every_s", _EVERY_S),
        started,
        At(draft.line, (*draft.lines.items(), *((("started", line),) if line else ()))),
    )


def _object(draft: Draft, rest: list[str], node: Node) -> None:
    if rest[1:] not in ([], ["not"]):
        raise NotUnderstood
    draft.reader.use("track", rest[0], node)
    draft.add("members", (number(rest[0]), rest[1:] == ["not"]), node)


def _delay(draft: Draft, rest: list[str], node: Node) -> None:
    """``delay down S up S``, either of them or both."""
    found = dict(zip(rest[::2], rest[1::2], strict=True))
    if not found or set(found) - {"down", "up"}:
        raise NotUnderstood
    for way, seconds in found.items():
        draft.put(f"{way}_s", number(seconds), node)


_TRACK: Grammar[Draft] = Grammar("track", {"object": _object, "ip vrf": _vrf, "delay": _delay})


def track(reader: Reader, rest: list[str], node: Node) -> Track:
    """Reads a tracked object."""
    name, kind, options = number(rest[0]), rest[1], rest[2:]
    values: dict[str, Any] = {}
    if kind == "interface" and options[1:] in (["line-protocol"], ["ip", "routing"]):
        values = {"kind": "interface", "interface": reader.use("interface", options[0], node)}
    elif kind == "ip" and options[0] == "sla" and options[2:] in ([], ["reachability"], ["state"]):
        values = {"kind": "probe", "probe": int(reader.use("probe", options[1], node))}
    elif kind == "ip" and options[0] == "route" and options[-1] == "reachability":
        values = {"kind": "route", "prefix": network(options[1:-1])}
    elif kind == "list" and options in (["boolean", "and"], ["boolean", "or"]):
        values = {"kind": "all" if options[1] == "and" else "any"}
    else:
        raise NotUnderstood
    reader.define("track", rest[0])
    draft = reader.under(node, _TRACK, Draft(reader, node.line))
    said = {key: draft.values[key] for key in ("vrf", "down_s", "up_s") if key in draft.values}
    return Track(name, **values, members=draft.all("members"), **said, at=draft.at)
