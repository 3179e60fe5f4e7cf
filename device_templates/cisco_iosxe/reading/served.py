"""The lines at the top of a configuration that say what a router tells others and asks them, and whom it lets in."""

from __future__ import annotations

from typing import Literal

from device_templates.cisco_iosxe.reading.config import Config
from device_templates.cisco_iosxe.reading.grammar import Draft, NotUnderstood, Take
from device_templates.cisco_iosxe.reading.parts import asked, exports, logs, names, services
from device_templates.cisco_iosxe.reading.takes import named, only, read
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import after, nothing, word
from device_templates.model import At, Listener, Origin


def _view(config: Config, rest: list[str], node: Node) -> None:
    name, subtree, way = rest
    if way not in {"included", "excluded"}:
        raise NotUnderstood
    config.reader.define("snmp-view", name)
    view = config.views.setdefault(name, Draft(config.reader, node.line))
    view.add("subtrees", (subtree, way == "included"), node)


def _vty(config: Config, rest: list[str], node: Node) -> None:
    config.terminals.append(services.terminal(config.reader, rest, node))


def _console(config: Config, rest: list[str], node: Node) -> None:
    config.consoles.append(services.console(config.reader, rest, node))


def _user(config: Config, rest: list[str], node: Node) -> None:
    """``username NAME …``: all lines of one name are of one user."""
    services.user(config.users.setdefault(word(rest[:1]), Draft(config.reader, node.line)), rest[1:], node)


def _exports(config: Config, _: list[str], node: Node) -> None:
    config.exports += exports.exports(node)


def _history(config: Config, rest: list[str], _: Node) -> None:
    """``logging history LEVEL``: which messages SNMP tells of."""
    logs.history(config.logs, rest)


def _rights(config: Config, rest: list[str], node: Node) -> None:
    """``aaa authorization exec LIST METHOD …``: what says which rights a login has."""
    names.aaa(config.reader, rest, node)
    config.rights[rest[0]] = services.methods(rest[1:])


def _web(config: Config, rest: list[str], node: Node) -> None:
    """A web server, which is a way to log in as well."""
    nothing(rest)
    config.web["https" if "secure-server" in node.text else "http"] = node.line


def _program(config: Config, rest: list[str], node: Node) -> None:
    """NETCONF or RESTCONF, by which programs log in."""
    nothing(rest)
    config.web[node.text.split("-")[0].split()[0]] = node.line


def _ssh_version(config: Config, rest: list[str], node: Node) -> None:
    config.ssh = word(rest)
    config.ssh_line = node.line


def _no_leases(config: Config, rest: list[str], _: Node) -> None:
    config.leases_on = not nothing(rest)


def _new_model(config: Config, rest: list[str], _: Node) -> None:
    config.aaa = nothing(rest)


def _logins(config: Config, rest: list[str], node: Node) -> None:
    """``aaa authentication login LIST METHOD …``."""
    names.aaa(config.reader, rest, node)
    config.reader.define("login-list", rest[0])
    config.logins[rest[0]] = services.methods(rest[1:])
    config.login_lines[rest[0]] = node.line


def _privileges(config: Config, rest: list[str], node: Node) -> None:
    """``aaa authentication enable LIST METHOD …``: with ``none`` whoever is in may change the router."""
    names.aaa(config.reader, rest, node)
    config.all_enable = "none" in rest[1:]


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


def _origin(kind: Literal["logs", "notifications", "questions for the time"]) -> Take[Config]:
    """Takes the line that names the interface, and perhaps the VRF, that something of the router's own starts from."""

    def take(config: Config, rest: list[str], node: Node) -> None:
        words = rest[1:] if rest[0] in {"traps", "informs"} else rest
        names.source(config.reader, words, node)
        config.origins.append(Origin(kind, words[0], after(words, "vrf"), At(node.line)))

    return take


def _notifies(config: Config, rest: list[str], node: Node) -> None:
    """``snmp-server enable traps|informs …``."""
    config.notifies = rest[0] in {"traps", "informs"} or config.notifies
    if rest == ["traps"] or rest[1:2] == ["syslog"]:
        config.lines["notifies_firewall_logs"] = node.line


def _time_server(config: Config, rest: list[str], node: Node) -> None:
    asked.time_server(config.clock, config.reader, rest, node)


def _own_clock(config: Config, _: list[str], node: Node) -> None:
    """``ntp master``: the router takes its own clock for a server, by this address."""
    config.clock.servers.append(("127.127.1.1", "", "", node.line))


def _time_key(config: Config, rest: list[str], _: Node) -> None:
    config.clock.keys.add(rest[0])


def _trusted_key(config: Config, rest: list[str], _: Node) -> None:
    asked.trusted(config.clock, rest)


def _time_proved(config: Config, rest: list[str], _: Node) -> None:
    config.clock.authenticates = nothing(rest)


def _login_group(config: Config, rest: list[str], node: Node) -> None:
    name, found = asked.group(config.reader, rest, node)
    config.login_groups[name] = found


def _login_server(config: Config, rest: list[str], node: Node) -> None:
    name, found = asked.server(config.reader, rest, node)
    config.login_servers[name] = found


def _listens(name: str) -> Take[Config]:
    """Takes the line of a service that answers whoever asks."""

    def take(config: Config, _: list[str], node: Node) -> None:
        config.listeners.append(Listener(name, At(node.line)))

    return take


def _aux(config: Config, _: list[str], node: Node) -> None:
    """``line aux``: by itself it is for who stands before the router."""
    for one in node.children:
        if one.text.lower() in {"modem inout", "modem dialin"}:
            config.listeners.append(Listener("logins by telephone", At(one.line)))
        elif one.text.startswith("transport input ") and one.text != "transport input none":
            config.listeners.append(Listener("connections to what is plugged into its auxiliary port", At(one.line)))


#: Services by the lines that open them: by default a router has none of them. Those by which it would be changed, and
#: not only asked, are in beyond_lines.toml.
_LISTENERS = {
    "tftp-server": "files by TFTP",
    "ftp-server enable": "files by FTP",
    "ip dns server": "resolution of names",
    "ip finger": "a list of who is logged in",
    "service finger": "a list of who is logged in",
    "service tcp-small-servers": "echo and its like",
    "service udp-small-servers": "echo and its like",
}
LINES: dict[str, Take[Config]] = {
    "username": _user,
    "snmp-server group": read(services.snmp_group, lambda config: config.snmp_groups),
    "snmp-server community": read(services.snmp_community, lambda config: config.communities),
    "snmp-server view": _view,
    "snmp-server host": read(services.snmp_receiver, lambda config: config.receivers),
    "logging host": _log_host,
    "logging discriminator": _discriminator,
    "logging trap": _trap,
    "no logging on": _no_logging,
    "logging source-interface": _origin("logs"),
    "logging buffered": _buffered,
    "logging console": only(names.filtered),
    "logging monitor": only(names.filtered),
    "snmp-server trap-source": _origin("notifications"),
    "snmp-server source-interface": _origin("notifications"),
    "snmp-server enable": _notifies,
    "ntp source": _origin("questions for the time"),
    "ntp server": _time_server,
    "ntp peer": _time_server,
    "ntp master": _own_clock,
    "ntp authentication-key": _time_key,
    "ntp trusted-key": _trusted_key,
    "ntp authenticate": _time_proved,
    **{line: _listens(name) for line, name in _LISTENERS.items()},
    "netconf-yang": _program,
    "netconf ssh": _program,
    "restconf": _program,
    "no service dhcp": _no_leases,
    "ip dhcp excluded-address": read(services.excluded, lambda config: config.excluded),
    "ip ssh version": _ssh_version,
    "aaa new-model": _new_model,
    "logging history": _history,
    "ip flow-export destination": _exports,
    "aaa authorization exec": _rights,
    "aaa authentication login": _logins,
    "aaa authentication enable": _privileges,
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
    "line con": _console,
    **dict.fromkeys(("archive", "flow exporter", "telemetry", "call-home"), _exports),
    "aaa accounting": only(names.accounting),
    "aaa group server": _login_group,
    "tacacs server": _login_server,
    "radius server": _login_server,
    "line aux": _aux,
    "control-plane": _control_plane,
}
