"""The lines at the top of a configuration that say what a router tells others, and whom it lets in."""

from __future__ import annotations

from device_templates.cisco_iosxe.reading.config import Config
from device_templates.cisco_iosxe.reading.grammar import Draft, NotUnderstood, Take
from device_templates.cisco_iosxe.reading.parts import logs, names, services
from device_templates.cisco_iosxe.reading.takes import named, only, read
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import nothing, word


def _view(config: Config, rest: list[str], node: Node) -> None:
    name, subtree, way = rest
    if way not in {"included", "excluded"}:
        raise NotUnderstood
    config.reader.define("snmp-view", name)
    view = config.views.setdefault(name, Draft(config.reader, node.line))
    view.add("subtrees", (subtree, way == "included"), node)


def _vty(config: Config, rest: list[str], node: Node) -> None:
    config.terminals.append(services.terminal(config.reader, rest, node))


def _web(config: Config, rest: list[str], node: Node) -> None:
    """A web server, which is a way to log in as well."""
    nothing(rest)
    config.web["https" if "secure-server" in node.text else "http"] = node.line


def _program(config: Config, rest: list[str], node: Node) -> None:
    """NETCONF or RESTCONF, by which programs log in."""
    nothing(rest)
    config.web[node.text.split("-")[0].split()[0]] = node.line


def _ssh_version(config: Config, rest: list[str], node: Node) -> None:
    config.old_ssh = node.line if word(rest) == "1" else 0


def _no_leases(config: Config, rest: list[str], _: Node) -> None:
    config.leases_on = not nothing(rest)


def _new_model(config: Config, rest: list[str], _: Node) -> None:
    config.aaa = nothing(rest)


def _logins(config: Config, rest: list[str], node: Node) -> None:
    """``aaa authentication login LIST METHOD …``."""
    names.aaa(config.reader, rest, node)
    config.logins[rest[0]] = services.methods(rest[1:])
    config.login_lines[rest[0]] = node.line


def _buffered(config: Config, rest: list[str], node: Node) -> None:
    """``logging buffered [discriminator D] [BYTES] [LEVEL]``."""
    names.filtered(config.reader, rest, node)
    logs.buffered(config.logs, rest, node)


def _web_access(config: Config, rest: list[str], node: Node) -> None:
    name = word([one for one in rest if one != "ipv4"])
    config.web_access = config.reader.use("access-list", name, node)


def _log_host(config: Config, rest: list[str], node: Node) -> None:
    logs.host(config.logs, config.reader, rest, node)


def _discriminator(config: Config, rest: list[str], node: Node) -> None:
    logs.discriminator(config.logs, config.reader, rest, node)


def _trap(config: Config, rest: list[str], node: Node) -> None:
    logs.trap(config.logs, rest, node)


def _no_logging(config: Config, rest: list[str], _: Node) -> None:
    nothing(rest)
    config.logs.on = False


def _control_plane(config: Config, rest: list[str], node: Node) -> None:
    """The section of the route processor itself; others are of its parts."""
    policy, line = names.control_plane(config.reader, node)
    if policy and not rest:
        config.control_policy, config.lines["control_policy"] = policy, line


LINES: dict[str, Take[Config]] = {
    "username": read(services.user, lambda config: config.users),
    "snmp-server group": read(services.snmp_group, lambda config: config.snmp_groups),
    "snmp-server community": read(services.snmp_community, lambda config: config.communities),
    "snmp-server view": _view,
    "snmp-server host": read(services.snmp_receiver, lambda config: config.receivers),
    "logging host": _log_host,
    "logging discriminator": _discriminator,
    "logging trap": _trap,
    "no logging on": _no_logging,
    "logging source-interface": only(names.source),
    "logging buffered": _buffered,
    "logging console": only(names.filtered),
    "logging monitor": only(names.filtered),
    "snmp-server trap-source": only(names.source),
    "ntp source": only(names.source),
    "ntp server": only(names.in_vrf),
    "netconf-yang": _program,
    "netconf ssh": _program,
    "restconf": _program,
    "no service dhcp": _no_leases,
    "ip dhcp excluded-address": read(services.excluded, lambda config: config.excluded),
    "ip ssh version": _ssh_version,
    "aaa new-model": _new_model,
    "aaa authentication login": _logins,
    "ip http server": _web,
    "ip http secure-server": _web,
    "ip http access-class": _web_access,
    "ip domain lookup source-interface": only(names.source),
    "ip tftp source-interface": only(names.source),
    "ip ssh source-interface": only(names.source),
    **dict.fromkeys(("aaa authentication", "aaa authorization"), only(names.aaa)),
}
SECTIONS: dict[str, Take[Config]] = {
    "ip dhcp pool": named("dhcp-pool", services.pool, lambda config: config.leases),
    "line vty": _vty,
    "aaa accounting": only(names.accounting),
    "aaa group server": only(names.group),
    "tacacs server": only(names.server),
    "radius server": only(names.server),
    "control-plane": _control_plane,
}
