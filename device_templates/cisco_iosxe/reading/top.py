"""The lines at the top of a configuration: what each begins, and which module reads it."""

from __future__ import annotations

from collections.abc import Callable

from device_templates.cisco_iosxe.reading import served
from device_templates.cisco_iosxe.reading.config import Config
from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Take
from device_templates.cisco_iosxe.reading.parts import bgp, crypto, ike, interfaces, statics
from device_templates.cisco_iosxe.reading.takes import named, read
from device_templates.cisco_iosxe.reading.traffic import classes, firewall, groups, lists, nat, policies, route_maps
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import interface_name, nothing, number, whole, word


def _hostname(config: Config, rest: list[str], node: Node) -> None:
    config.hostname = word(rest)
    config.lines["hostname"] = node.line


def _interface(config: Config, rest: list[str], node: Node) -> None:
    parts = len(rest) == 2 and rest[0].isalpha() and rest[1][0].isdigit()
    name = interface_name("".join(rest) if parts else word(rest[:1]))
    config.reader.define("interface", name)
    draft = config.interfaces.setdefault(name, Draft(config.reader, node.line))
    interfaces.interface(draft, name, node)


def _vrf(config: Config, rest: list[str], node: Node) -> None:
    name = word(rest)
    config.reader.define("vrf", name)
    config.vrfs[name] = interfaces.vrf(config.reader, name, node)


def _profile(config: Config, rest: list[str], node: Node) -> None:
    name = word(rest)
    config.reader.define("ike-profile", name)
    profile, keys = ike.profile(config.reader, name, node)
    config.profiles.append(profile)
    config.keys.extend(keys)


def _keyring(config: Config, rest: list[str], node: Node) -> None:
    name = word(rest)
    config.reader.define("ike-keyring", name)
    config.keys.extend(ike.keys(config.reader, name, node))


def _old_keyring(config: Config, rest: list[str], node: Node) -> None:
    if rest[1:2] == ["vrf"]:
        config.reader.use("vrf", rest[2], node)
    config.reader.define("keyring", rest[0])
    config.keys.extend(ike.old_keyring(config.reader, rest[0], node))


def _old_key(config: Config, rest: list[str], node: Node) -> None:
    config.keys.append(ike.isakmp_key(config.reader, "", rest, node))


def _transform(config: Config, rest: list[str], node: Node) -> None:
    config.reader.define("transform-set", rest[0])
    config.transforms.append(crypto.transform(config.reader, rest, node))


def _of_all(name: str, convert: Callable[[list[str]], int]) -> Take[Config]:
    """Takes a line that tells of all profiles, or of all of IKE, with its number."""

    def take(config: Config, rest: list[str], node: Node) -> None:
        config.crypto[name] = convert(rest), node.line

    return take


def _bgp(config: Config, rest: list[str], node: Node) -> None:
    config.bgp = bgp.bgp(config.reader, rest, node)


def _prefix_list(config: Config, rest: list[str], node: Node) -> None:
    if rest[1] == "description":
        return
    sequence, entry = statics.prefix_entry(rest[1:], node)
    config.reader.define("prefix-list", rest[0])
    known = config.prefix_lists.setdefault(rest[0], {})
    known[max(known, default=0) + 5 if sequence is None else sequence] = entry


def _probe(config: Config, rest: list[str], node: Node) -> None:
    config.probes[number(word(rest))] = statics.probe(config.reader, rest, node)


def _schedule(config: Config, rest: list[str], node: Node) -> None:
    probe, runs = statics.schedule(rest)
    config.schedules[probe] = runs, node.line


def _track(config: Config, rest: list[str], node: Node) -> None:
    found = statics.track(config.reader, rest, node)
    config.tracks[found.number] = found


def _access_list(config: Config, rest: list[str], node: Node) -> None:
    """``ip access-list standard|extended NAME`` with its entries below it."""
    kind, name = rest
    if kind not in {"standard", "extended"}:
        raise NotUnderstood
    lists.entries(config.reader, _list(config, name, node, extended=kind == "extended"), node)


def _numbered_list(config: Config, _: list[str], node: Node) -> None:
    """``access-list N permit …``, one entry a line."""
    rest = node.text.split()[1:]
    draft = _list(config, rest[0], node, extended=lists.is_extended(rest[0]))
    if rest[1] != "remark":
        draft.take(rest[1:], node)


def _list(config: Config, name: str, node: Node, *, extended: bool) -> lists.ListDraft:
    config.reader.define("access-list", name)
    known = config.lists.get(name)
    if known is None or known.extended != extended:
        known = config.lists[name] = lists.ListDraft(
            config.reader, node.line, name=name, extended=extended, groups=config.groups
        )
    return known


def _object_group(config: Config, rest: list[str], node: Node) -> None:
    groups.object_group(config.groups, rest, node)


def _class_map(config: Config, rest: list[str], node: Node) -> None:
    found = classes.class_map(config.reader, rest, node)
    config.class_maps[found.kind, found.name] = found


def _policy_map(config: Config, rest: list[str], node: Node) -> None:
    found = policies.policy_map(config.reader, rest, node)
    config.policy_maps[found.name] = found


def _inspect_policy(config: Config, rest: list[str], node: Node) -> None:
    config.inspect_policies[word(rest)] = firewall.inspect_policy(config.reader, rest[0], node)


def _zone(config: Config, rest: list[str], node: Node) -> None:
    name = word(rest)
    config.reader.define("zone", name)
    config.zones.append(firewall.zone(config.reader, name, node))


def _parameter_map(config: Config, rest: list[str], node: Node) -> None:
    name = word(rest)
    config.reader.define("parameter-map", name)
    if firewall.parameter_map(config.reader, node):
        config.audited.add(name)


def _inspect_global(config: Config, rest: list[str], node: Node) -> None:
    nothing(rest)
    config.logs_drops = firewall.inspect_global(config.reader, node)
    config.lines["logs_drops"] = node.line


def _logs_drops(config: Config, rest: list[str], _: Node) -> None:
    config.logs_drops = nothing(rest)


def _port_map(config: Config, rest: list[str], _: Node) -> None:
    """``ip port-map NAME port tcp|udp N``."""
    name, port_word, protocol, port = rest
    if port_word != "port" or protocol not in {"tcp", "udp"}:
        raise NotUnderstood
    config.ports.setdefault(name, []).append((lists.TCP if protocol == "tcp" else lists.UDP, number(port)))


def _route_map(config: Config, rest: list[str], node: Node) -> None:
    name, clause = route_maps.clause(config.reader, rest, node)
    config.route_maps.setdefault(name, {})[clause.sequence] = clause


def _local_policy(config: Config, rest: list[str], node: Node) -> None:
    config.local_policy = config.reader.use("route-map", word(rest), node)


def _nat_pool(config: Config, rest: list[str], _: Node) -> None:
    config.reader.define("nat-pool", rest[0])


_LINES: dict[str, Take[Config]] = {
    **served.LINES,
    "hostname": _hostname,
    "crypto isakmp key": _old_key,
    "crypto ikev2 dpd": _of_all("dpd_s", ike.dpd),
    "crypto ikev2 limit max-sa": _of_all("limit", whole),
    "crypto call admission limit ike sa": _of_all("limit", whole),
    "crypto ipsec security-association lifetime seconds": _of_all("lifetime_s", whole),
    "crypto ipsec security-association lifetime kilobytes": _of_all("lifetime_kb", crypto.kilobytes),
    "no crypto ipsec nat-transparency udp-encapsulation": _of_all("plain", crypto.refuses),
    "no crypto ipsec nat-transparency udp-encaps": _of_all("plain", crypto.refuses),
    "crypto ipsec security-association replay window-size": _of_all("replay_window", whole),
    "crypto ipsec security-association replay disable": _of_all("replay_window", crypto.no_window),
    "ip route": read(statics.route, lambda config: config.routes),
    "ip prefix-list": _prefix_list,
    "ip sla schedule": _schedule,
    "access-list": _numbered_list,
    "access-list * permit": _numbered_list,
    "ip port-map": _port_map,
    "ip local policy route-map": _local_policy,
    "ip nat inside source": read(nat.source, lambda config: config.sources),
    "ip nat source": read(nat.source, lambda config: config.sources),
    "ip nat inside source static": read(nat.static, lambda config: config.statics),
    "ip nat pool": _nat_pool,
    "ip inspect log drop-pkt": _logs_drops,
}
_SECTIONS: dict[str, Take[Config]] = {
    **served.SECTIONS,
    "interface": _interface,
    "vrf definition": _vrf,
    "ip vrf": _vrf,
    "crypto ikev2 proposal": named("ike-proposal", ike.proposal, lambda config: config.proposals),
    "crypto ikev2 policy": named("ike-policy", ike.policy, lambda config: config.ike_policies),
    "crypto ikev2 keyring": _keyring,
    "crypto ikev2 profile": _profile,
    "crypto isakmp policy": named("isakmp-policy", ike.isakmp_policy, lambda config: config.proposals),
    "crypto keyring": _old_keyring,
    "crypto isakmp profile": named("isakmp-profile", ike.isakmp_profile, lambda config: config.profiles),
    "crypto ipsec transform-set": _transform,
    "crypto ipsec profile": named("ipsec-profile", crypto.ipsec_profile, lambda config: config.ipsec_profiles),
    "crypto pki trustpoint": named("trustpoint", crypto.trustpoint, lambda config: config.trustpoints),
    "crypto pki certificate map": named(
        "certificate-map", crypto.certificate_map, lambda config: config.certificate_maps
    ),
    "router bgp": _bgp,
    "ip sla": _probe,
    "track": _track,
    "ip access-list": _access_list,
    "object-group": _object_group,
    "class-map": _class_map,
    "policy-map": _policy_map,
    "policy-map type inspect": _inspect_policy,
    "zone security": _zone,
    "zone-pair security": read(firewall.zone_pair, lambda config: config.pairs),
    "parameter-map type inspect": _parameter_map,
    "parameter-map type inspect-global": _inspect_global,
    "parameter-map type inspect global": _inspect_global,
    "route-map": _route_map,
}
TOP: Grammar[Config] = Grammar("", _LINES, _SECTIONS)
