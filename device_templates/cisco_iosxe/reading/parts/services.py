"""What a router tells others and whom it lets in: SNMP, logins, leases of addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import NamedTuple

from device_templates.cisco_iosxe.reading.grammar import Draft, Grammar, NotUnderstood, Reader, value
from device_templates.cisco_iosxe.reading.secrets import secrets_in
from device_templates.cisco_iosxe.reading.tree import Node
from device_templates.cisco_iosxe.reading.values import address, after, network, number, word, words
from device_templates.model import At, LeasePool, SnmpCommunity, SnmpGroup, SnmpReceiver, Terminal, User

_ALL_PROTOCOLS = frozenset({"ssh", "telnet"})
_ALL_RIGHTS = 15


def snmp_group(reader: Reader, rest: list[str], node: Node) -> SnmpGroup:
    """Reads ``snmp-server group NAME v1|v2c|v3 LEVEL …``."""
    options = list(rest[1:])
    level = options.pop(0)
    if level == "v3":
        level = f"v3 {options.pop(0)}"
    said: dict[str, str] = {}
    while options:
        key = options.pop(0)
        if key not in {"context", "match", "read", "write", "notify", "access"}:
            raise NotUnderstood
        said[key] = options.pop(0)
    for key in said.keys() & {"read", "write", "notify"}:
        if not said[key].startswith("*"):  # a view of the router's own
            reader.use("snmp-view", said[key], node)
    if "access" in said:
        reader.use("access-list", said["access"], node)
    views = said.get("read", ""), said.get("write", "")
    return SnmpGroup(rest[0], level, *views, said.get("access", ""), At(node.line))


def snmp_community(reader: Reader, rest: list[str], node: Node) -> SnmpCommunity:
    """Reads ``snmp-server community SECRET [view V] [RO|RW] [LIST]``."""
    options = rest[2:] if rest[0] in {"0", "7"} else rest[1:]
    if options[:1] == ["view"]:
        reader.use("snmp-view", options[1], node)
        options = options[2:]
    way = options[0].upper() if options else "RO"
    if way not in {"RO", "RW"} or len(options) > 2:
        raise NotUnderstood
    access = reader.use("access-list", options[1], node) if options[1:] else ""
    return SnmpCommunity(reader.mark(secrets_in(node.text)[0].plain), way == "RW", access, At(node.line))


def snmp_receiver(reader: Reader, rest: list[str], node: Node) -> SnmpReceiver:
    """Reads ``snmp-server host A [vrf V] …``."""
    words = [one for one in rest[1:] if one not in {"traps", "informs"}]
    vrf = ""
    if words[:1] == ["vrf"]:
        vrf, words = reader.use("vrf", words[1], node), words[2:]
    level = f"v{words[1]}" if words[:1] == ["version"] else "v1"
    if level == "v3":
        level = f"v3 {words[2]}"
    return SnmpReceiver(IPv4Address(rest[0]), vrf, level, At(node.line))


def user(draft: Draft, rest: list[str], node: Node) -> None:
    """Takes ``username NAME [privilege N] [nopassword] [autocommand …] [secret …]``, without the name."""
    found = secrets_in(node.text)
    if level := after(rest, "privilege"):
        draft.put("level", number(level), node)
    if found:
        draft.put("mark", draft.reader.mark(found[0].plain), node)
    for word_ in ("nopassword", "autocommand"):
        if word_ in rest:
            draft.put(word_, True, node)


def finished_user(name: str, draft: Draft, *, all_enable: bool) -> User:
    """A user; from level 2 on one may be let change something, and everything at the highest."""
    values, level = draft.values, draft.values.get("level", 1)
    return User(
        name,
        values.get("mark", ""),
        level > 1 or all_enable,
        administers=level == _ALL_RIGHTS or all_enable,
        proved="nopassword" not in values,
        opens="autocommand" not in values,
        at=draft.at,
    )


def _access(draft: Draft, rest: list[str], node: Node) -> None:
    """Whom the router itself may go on to from the line is nobody's concern here."""
    name, direction, *options = rest
    if direction not in {"in", "out"} or options not in ([], ["vrf-also"], ["vrfname"]):
        raise NotUnderstood
    draft.reader.use("access-list", name, node)
    if direction == "in":
        draft.put("access", name, node)
        draft.values["any_vrf"] = options == ["vrf-also"]


def _transport(draft: Draft, rest: list[str], node: Node) -> None:
    found = frozenset() if rest == ["none"] else _ALL_PROTOCOLS if rest == ["all"] else frozenset(words(rest))
    draft.put("protocols", found, node)


def _login(draft: Draft, rest: list[str], node: Node) -> None:
    """``login [local]`` where the router has no list of methods, ``login authentication NAME`` where it has."""
    if rest[:1] == ["authentication"]:
        name = word(rest[1:])
        draft.put("login", name if name == "default" else draft.reader.use("login-list", name, node), node)
    elif rest in ([], ["local"]):
        draft.put("methods", tuple(rest), node)


def _no_login(draft: Draft, rest: list[str], node: Node) -> None:
    if not rest:
        draft.put("methods", ("none",), node)


def _shut(draft: Draft, _: list[str], node: Node) -> None:
    draft.put("opens", False, node)


def _idle(draft: Draft, rest: list[str], node: Node) -> None:
    """``exec-timeout MINUTES [SECONDS]``."""
    minutes, seconds = (*map(number, rest), 0)[:2]
    draft.put("idle_s", 60 * minutes + seconds, node)


def _level(draft: Draft, rest: list[str], node: Node) -> None:
    if rest[:1] == ["level"]:
        draft.put("level", number(rest[1]), node)


def _authorization(draft: Draft, rest: list[str], node: Node) -> None:
    if rest[:1] == ["exec"]:
        draft.put("rights", word(rest[1:]), node)


_VTY: Grammar[Draft] = Grammar(
    "line vty",
    {
        "access-class": _access,
        "transport input": _transport,
        "login": _login,
        "no login": _no_login,
        "no exec": _shut,
        "autocommand": _shut,
        "exec-timeout": _idle,
        "privilege": _level,
        "authorization": _authorization,
    },
)


def terminal(reader: Reader, rest: list[str], node: Node) -> Draft:
    """Reads ``line vty``, whose ways to prove who one is may stand further down."""
    draft = reader.under(node, _VTY, Draft(reader, node.line))
    draft.values["name"] = " ".join(("vty", *rest))
    return draft


def console(reader: Reader, rest: list[str], node: Node) -> Draft:
    """Reads ``line con 0``, of which only how one proves who one is counts."""
    draft = Draft(reader, node.line, {"name": " ".join(("console", *rest)), "protocols": frozenset()})
    for one in node.children:
        said = one.text.split()
        if said[0] == "login":
            _login(draft, said[1:], one)
        elif said[:2] == ["no", "login"]:
            _no_login(draft, said[2:], one)
    return draft


def methods(rest: list[str]) -> tuple[str, ...]:
    """The methods of a list: ``group NAME`` is one."""
    words_ = iter(words(rest))
    return tuple(f"group {next(words_, '')}" if one == "group" else one for one in words_)


def finished(
    draft: Draft, lists: dict[str, tuple[str, ...]], rights: dict[str, tuple[str, ...]], *, aaa: bool, old: bool
) -> Terminal:
    """A terminal; where it does not say how one may log in, one may in every way.

    ``lists`` are those of methods, and ``rights`` of what says a login's, which count with ``aaa`` alone; ``old``: SSH
    is that of version 1.
    """
    values = draft.values
    protocols = values.get("protocols", _ALL_PROTOCOLS)
    if old:
        protocols = frozenset("ssh version 1" if one == "ssh" else one for one in protocols)
    proved = lists.get(values.get("login", "default"), ("local",)) if aaa else values.get("methods", ())
    says = rights.get(values.get("rights", "default"), ()) if aaa else ("local",)
    return Terminal(
        values["name"],
        values.get("access", ""),
        protocols,
        values.get("any_vrf", True),
        proved,
        authorized=any(one.startswith(("local", "group")) for one in says) or values.get("level", 1) == _ALL_RIGHTS,
        opens=values.get("opens", True),
        idle_s=values.get("idle_s"),
        at=draft.at,
    )


def _pool_vrf(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("vrf", draft.reader.use("vrf", word(rest), node), node)


def _gateway(rest: list[str]) -> IPv4Address:
    return address(rest[:1])


def _names(draft: Draft, _: list[str], node: Node) -> None:
    draft.put("names", True, node)


def _pool_network(rest: list[str]) -> IPv4Network:
    """Network and mask, a length as it is typed, or neither: then the mask is that of the address's class."""
    if len(rest) == 2 and rest[1].startswith("/"):
        return network(["".join(rest)])
    if len(rest) == 1 and "/" not in rest[0]:
        first = int(rest[0].partition(".")[0])
        return network([f"{rest[0]}/{8 if first < 128 else 16 if first < 192 else 24}"])
    return network(rest)


def _servers(draft: Draft, rest: list[str], node: Node) -> None:
    draft.put("servers", tuple(map(IPv4Address, words(rest))), node)
    draft.put("names", True, node)


_POOL: Grammar[Draft] = Grammar(
    "dhcp pool",
    {
        "vrf": _pool_vrf,
        "network": value("network", _pool_network),
        "default-router": value("gateway", _gateway),
        "dns-server": _servers,
        "import all": _names,
    },
)


def pool(reader: Reader, name: str, node: Node) -> LeasePool:
    """Reads ``ip dhcp pool NAME``."""
    draft = reader.under(node, _POOL, Draft(reader, node.line))
    values = draft.values
    return LeasePool(
        name=name,
        vrf=values.get("vrf", ""),
        network=values.get("network"),
        gateway=values.get("gateway"),
        names=values.get("names", False),
        servers=values.get("servers", ()),
        at=draft.at,
    )


class Excluded(NamedTuple):
    """Addresses of a table that are leased to nobody."""

    vrf: str
    first: IPv4Address
    last: IPv4Address
    line: int


def excluded(reader: Reader, rest: list[str], node: Node) -> Excluded:
    """Reads ``ip dhcp excluded-address [vrf V] FIRST [LAST]``."""
    vrf = reader.use("vrf", rest[1], node) if rest[0] == "vrf" else ""
    first, *last = rest[2:] if vrf else rest
    return Excluded(vrf, address([first]), address(last or [first]), node.line)


def leased(pool: LeasePool, found: Iterable[Excluded]) -> LeasePool:
    """A pool with what is excluded of its table."""
    its = [one for one in found if one.vrf == pool.vrf]
    if not its:
        return pool
    at = replace(pool.at, fields=(*pool.at.fields, ("excluded", its[0].line)))
    return replace(pool, excluded=tuple((one.first, one.last) for one in its), at=at)
