"""From a configuration text to the neutral model."""

from __future__ import annotations

from dataclasses import replace

from device_templates.cisco_iosxe.comparing.masks import release_of
from device_templates.cisco_iosxe.reading.config import Config
from device_templates.cisco_iosxe.reading.grammar import Reader
from device_templates.cisco_iosxe.reading.parts.asked import login_servers
from device_templates.cisco_iosxe.reading.parts.interfaces import finished as interfaces
from device_templates.cisco_iosxe.reading.parts.services import finished as terminal
from device_templates.cisco_iosxe.reading.parts.services import finished_user, leased
from device_templates.cisco_iosxe.reading.parts.statics import finished_probe
from device_templates.cisco_iosxe.reading.secrets import redact_unknown
from device_templates.cisco_iosxe.reading.top import TOP
from device_templates.cisco_iosxe.reading.traffic.firewall import finished_pair
from device_templates.cisco_iosxe.reading.traffic.route_maps import finished as route_map
from device_templates.cisco_iosxe.reading.tree import ConfigTree, Node, parse
from device_templates.model import (
    At,
    Crypto,
    IpsecProfile,
    LoginServer,
    PrefixList,
    RouterModel,
    SnmpView,
    Terminal,
    Unread,
)
from device_templates.texts import Mark, fingerprint

#: What is there by itself and may be used without a definition.
_BUILT_IN = frozenset(
    {
        ("snmp-view", "v1default"),
        ("ike-proposal", "default"),
        ("ike-profile", "default"),
        ("ipsec-profile", "default"),
        ("transform-set", "default"),
        ("interface", "Null0"),
        ("zone", "default"),
        ("aaa-group", "tacacs+"),
        ("aaa-group", "radius"),
    }
)


#: Packets, where no line says how many [IOS defaults].
_REPLAY_WINDOW = 64


#: Classic IOS takes SSH of both versions where it is not told otherwise.
_FIRST_XE = (16, 0)


def read_model(text: str, mark: Mark = fingerprint, release: str = "") -> RouterModel:
    """The neutral model of a configuration; secrets become what ``mark`` makes of them. Raises NotParsable.

    ``release`` is that of the router, which counts where the text names none: a file of one's own often lacks it.
    """
    tree = parse(text)
    named = next((release_of(version) for version, _ in tree.sections("version")), ())
    config = Config(Reader(mark, named or release_of(release), set(_BUILT_IN)))
    config.reader.read(TOP, config, tuple(sorted(tree.nodes, key=_after_what_it_names)))
    return _model(config, tree)


def _after_what_it_names(node: Node) -> bool:
    """Access lists take object groups as they are defined, wherever a file of one's own has them."""
    return not node.text.startswith("object-group ")


def _model(config: Config, tree: ConfigTree) -> RouterModel:
    names = config.names()
    maps = {name: route_map(name, list(clauses.values()), names) for name, clauses in config.route_maps.items()}
    return RouterModel(
        hostname=config.hostname,
        at=At(0, (*config.lines.items(), ("keeps_firewall_logs", config.logs.buffer[2] if config.logs.buffer else 0))),
        interfaces=interfaces(tuple(config.interfaces.values())),
        vrfs=tuple(config.vrfs.values()),
        crypto=_crypto(config),
        bgp=config.bgp,
        routes=tuple(config.routes),
        snmp_groups=tuple(config.snmp_groups),
        access_lists=tuple(names.lists.values()),
        users=tuple(finished_user(name, one, all_enable=config.all_enable) for name, one in config.users.items()),
        defined=frozenset(config.reader.defined),
        used=tuple(config.reader.used.values()),
        prefix_lists=_prefix_lists(config),
        route_maps=tuple(maps.values()),
        local_policy=config.local_policy,
        control_policy=config.control_policy,
        probes=tuple(finished_probe(draft, config.schedules.get(name)) for name, draft in config.probes.items()),
        tracks=tuple(config.tracks.values()),
        zones=tuple(config.zones),
        zone_pairs=tuple(
            pair
            for one in config.pairs
            if (pair := finished_pair(one, config.inspect_policies, names, config.audited)) is not None
        ),
        logs_drops=config.logs_drops,
        nat_rules=tuple(one.finished(names, maps) for one in config.sources),
        nat_statics=tuple(one.finished(maps) for one in config.statics),
        policies=tuple(one.finished(names) for one in config.policy_maps.values()),
        communities=tuple(config.communities),
        snmp_views=tuple(SnmpView(name, view.all("subtrees"), view.at) for name, view in config.views.items()),
        snmp_receivers=tuple(config.receivers),
        log_hosts=config.logs.finished(config.reader.release),
        keeps_firewall_logs=config.logs.keeps(config.reader.release),
        terminals=(*_terminals(config), *_web(config)),
        leases=tuple(leased(one, config.excluded) for one in config.leases if config.leases_on),
        notifies=config.notifies,
        listeners=tuple(config.listeners),
        time_servers=config.clock.finished(),
        login_servers=_login_servers(config),
        origins=tuple(config.origins),
        consoles=_consoles(config),
        exports=tuple(config.exports),
        notifies_firewall_logs="notifies_firewall_logs" in config.lines
        and config.logs.tells_firewall(config.reader.release),
        lines=tree.said,
        unread=tuple(sorted((*config.reader.unread, *_behind_the_end(tree)), key=lambda one: one.number)),
        beyond=tuple(config.reader.beyond),
    )


def _crypto(config: Config) -> Crypto:
    said = {name: number for name, (number, _) in config.crypto.items()}
    profiles = (replace(one, dpd_s=said.get("dpd_s")) if one.dpd_s is None else one for one in config.profiles)
    return Crypto(
        proposals=tuple(config.proposals),
        policies=tuple(config.ike_policies),
        keys=tuple(config.keys),
        profiles=tuple(profiles),
        transforms=tuple(config.transforms),
        ipsec_profiles=tuple(_completed(one, said) for one in config.ipsec_profiles),
        trustpoints=tuple(config.trustpoints),
        maps=tuple(config.certificate_maps),
        limit=said.get("limit"),
        traverses_nat="plain" not in said,
        at=At(0, tuple((name, line) for name, (_, line) in config.crypto.items())),
    )


def _completed(profile: IpsecProfile, said: dict[str, int]) -> IpsecProfile:
    """An IPsec profile with what is said of all."""
    lifetime, window, carried = profile.lifetime_s, profile.replay_window, profile.lifetime_kb
    return replace(
        profile,
        lifetime_s=said.get("lifetime_s") if lifetime is None else lifetime,
        lifetime_kb=said.get("lifetime_kb") if carried is None else carried,
        replay_window=said.get("replay_window", _REPLAY_WINDOW) if window is None else window,
    )


def _prefix_lists(config: Config) -> tuple[PrefixList, ...]:
    """Prefix lists with their entries in the order of their numbers."""
    found = []
    for name, entries in config.prefix_lists.items():
        ordered = tuple(entries[place] for place in sorted(entries))
        found.append(PrefixList(name, ordered, At(min(one.at.line for one in ordered))))
    return tuple(found)


def _terminals(config: Config) -> list[Terminal]:
    release = config.reader.release
    old = config.ssh == "1" or (not config.ssh and bool(release) and release < _FIRST_XE)
    found = [terminal(one, config.logins, config.rights, aaa=config.aaa, old=old) for one in config.terminals]
    said = (("methods", config.login_lines.get("default", 0)), ("ssh", config.ssh_line))
    lines = tuple((name, line) for name, line in said if line)
    return [replace(one, at=At(one.at.line, (*one.at.fields, *lines))) for one in found]


def _consoles(config: Config) -> tuple[Terminal, ...]:
    return tuple(terminal(one, config.logins, config.rights, aaa=config.aaa, old=False) for one in config.consoles)


def _login_servers(config: Config) -> tuple[LoginServer, ...]:
    """The servers of the groups that lists of methods name."""
    asked = {method.removeprefix("group ") for methods in config.logins.values() for method in methods}
    groups = [group for name, group in config.login_groups.items() if name in asked]
    return tuple(login_servers(groups, config.login_servers)) if config.aaa else ()


def _web(config: Config) -> list[Terminal]:
    """The web servers as ways to log in."""
    return [Terminal(name, config.web_access, frozenset({name}), at=At(line)) for name, line in config.web.items()]


def _behind_the_end(tree: ConfigTree) -> list[Unread]:
    """What stands behind the line ``end``, where nothing of a configuration can be."""
    if not tree.end:
        return []
    rest = enumerate((line.strip() for line in tree.source[tree.end :]), tree.end + 1)
    return [Unread(number, redact_unknown(line)) for number, line in rest if line and not line.startswith("!")]
