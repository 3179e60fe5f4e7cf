"""Whether names stand for something, the router is the one it should be, and who may log in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network

from agent.verification.finding import Finding
from agent.verification.ground import Ground, cite, one, tables_of_management
from device_templates.model import AccessList, Match, RouterModel, Terminal
from inventory import Severity, SiteView
from inventory.settings import SshCredentials

#: The only protocol that logins may use.
_LOGIN = frozenset({"ssh"})
#: Methods that ask for what a user has.
_PROVING = ("local", "group")
ANYWHERE = IPv4Network("0.0.0.0/0")


def references_are_defined(ground: Ground) -> Iterator[Finding]:
    """Nothing is used by a name that is not defined: an undefined access list lets everything pass [WV-6]."""
    for view, model in ground.routers:
        for use in model.used:
            if (use.kind, use.name) not in model.defined:
                message = f"{use.kind} {use.name} is used and not defined: {use.place}"
                yield one(view, "WV-6", message, lines=cite(view.router.name, use.at))


def the_router_is_itself(ground: Ground) -> Iterator[Finding]:
    """The host name is the inventory's [WV-4]."""
    for view, model in ground.routers:
        if model.hostname != view.router.name:
            message = f"the configuration is that of {model.hostname or 'no router'}"
            lines = cite(view.router.name, model.at, "hostname")
            yield one(view, "WV-4", message, lines=lines, option="router.name")


def permitted(found: AccessList | None) -> tuple[IPv4Network, ...]:
    """The sources that a list lets in: each rule takes what none before it refused; without a list, everybody.

    A rule that refuses some packets of a source alone refuses nothing here.
    """
    if found is None:
        return (ANYWHERE,)
    sources: list[IPv4Network] = []
    refused: list[IPv4Network] = []
    for rule in found.rules:
        said = rule.match.sources or (ANYWHERE,)
        if rule.permit:
            sources.extend(part for one in said for part in _without(one, refused))
        elif replace(rule.match, sources=()) == Match():
            refused.extend(said)
    return tuple(dict.fromkeys(sources))


def _without(source: IPv4Network, refused: list[IPv4Network]) -> list[IPv4Network]:
    """What is left of a network without others."""
    left = [source]
    for other in refused:
        apart = (part for part in left if not part.subnet_of(other))
        left = [rest for part in apart for rest in (part.address_exclude(other) if other.subnet_of(part) else (part,))]
    return left


def logins_come_from_management(ground: Ground) -> Iterator[Finding]:
    """Logins are open to the management centre's networks alone, and by SSH alone [WV-7]."""
    centre = ground.inventory.settings.management_centre
    for view, model in ground.routers:
        for terminal in model.terminals:
            for fault, field in _login_faults(model, terminal, centre.networks) if terminal.protocols else ():
                lines = cite(view.router.name, terminal.at, field)
                yield one(view, "WV-7", f"{terminal.name}: {fault}", lines=lines)


def _login_faults(
    model: RouterModel, terminal: Terminal, networks: tuple[IPv4Network, ...]
) -> Iterator[tuple[str, str]]:
    if unsafe := terminal.protocols - _LOGIN:
        yield f"logins by {', '.join(sorted(unsafe))} are let in", "protocols"
    sources = permitted(model.access_list(terminal.access)) if terminal.access else (ANYWHERE,)
    strangers = [source for source in sources if not any(source.subnet_of(network) for network in networks)]
    if strangers:
        yield f"logins are open to {', '.join(map(str, strangers[:3]))}", "access"
    if not terminal.any_vrf:
        yield "logins out of a VRF are refused, and the management centre is in one", "access"
    if not any(source.overlaps(network) for source in sources for network in networks):
        yield "logins are not open to the management centre", "access"


def logins_are_answered(ground: Ground) -> Iterator[Finding]:
    """Logins are answered where the management centre asks for them, for its own user, and nowhere else [WV-7]."""
    for view, model in ground.routers:
        for terminal in model.terminals:
            for fault, field, severity in _unanswered(ground, view, terminal):
                lines = cite(view.router.name, terminal.at, field) or cite(view.router.name, terminal.at)
                yield one(view, "WV-7", f"{terminal.name}: {fault}", lines=lines, severity=severity)


def _unanswered(ground: Ground, view: SiteView, terminal: Terminal) -> Iterator[tuple[str, str, Severity]]:
    management, user = view.router.management, user_of(ground, view)
    if terminal.port is not None and terminal.port != management.port:
        yield f"logins are answered at port {terminal.port}, and asked for at {management.port}", "port", Severity.ERROR
    if terminal.logins and user and user not in terminal.logins:
        yield f"{user} may not log in: the management centre is locked out", "logins", Severity.ERROR
    if terminal.addresses and management.address not in terminal.addresses:
        yield f"logins are not answered at the management address {management.address}", "addresses", Severity.ERROR
    elif terminal.port is not None and terminal.addresses != (management.address,):
        fault = (
            "logins are answered at other addresses than the router's for management: nothing but filters keeps them"
        )
        yield fault, "addresses", Severity.WARNING


def user_of(ground: Ground, view: SiteView) -> str:
    """The name by which the management centre logs in; "" where it is not told."""
    credentials = ground.inventory.settings.credentials.get(view.router.management.credentials)
    return credentials.username if isinstance(credentials, SshCredentials) else ""


def logins_are_proved(ground: Ground) -> Iterator[Finding]:
    """Who logs in proves who it is, and the management centre's own login can [WV-7]."""
    for view, model in ground.routers:
        for terminal in model.terminals:
            fault = _unproved(terminal) if "ssh" in terminal.protocols else ""
            if fault:
                lines = cite(view.router.name, terminal.at, "methods")
                yield one(view, "WV-7", f"{terminal.name}: {fault}", lines=lines)


def _unproved(terminal: Terminal) -> str:
    if "none" in terminal.methods:
        return "logins are let in unproved, at once or where no other method answers"
    if not any(method.startswith(_PROVING) for method in terminal.methods):
        return "no method lets the management centre's login in"
    return ""


def users_are_ours(ground: Ground) -> Iterator[Finding]:
    """The management centre's login is there, and nobody else's that may change the router [WV-7]."""
    for view, model in ground.routers:
        ours = user_of(ground, view)
        if ours and ours not in {user.name for user in model.users}:
            lines = tuple(line for user in model.users for line in cite(view.router.name, user.at))
            lines = lines or cite(view.router.name, model.at, "hostname")
            message = f"there is no user {ours}: the management centre is locked out"
            yield one(view, "WV-7", message, lines=lines, option="router.management.credentials")
        for user in model.users:
            if user.changes and user.name != ours:
                message = f"user {user.name} may change the router, and is not the management centre's"
                yield one(view, "WV-7", message, lines=cite(view.router.name, user.at))


def login_servers_are_ours(ground: Ground) -> Iterator[Finding]:
    """Only the management centre's servers prove logins, asked in its tunnel, with one key for all routers [WV-7]."""
    centre = ground.inventory.settings.management_centre
    marks = Counter(server.mark for _, model in ground.routers for server in model.login_servers)
    usual = next((mark for mark, _ in marks.most_common(1)), "")
    for view, model in ground.routers:
        tables = tables_of_management(model, centre.peer)
        for server in model.login_servers:
            for wrong, words, field in (
                (server.address not in centre.tacacs, "proves logins, and is not the management centre's", "address"),
                (server.vrf not in tables, "is not reached by the management tunnel", ""),
                (server.mark != usual, "has another key than for other routers, or none", "mark"),
            ):
                if wrong:
                    lines = cite(view.router.name, server.at, field)
                    message = f"login server {server.address} {words}"
                    yield one(view, "WV-7", message, lines=lines, option=".management_centre.tacacs")


def nothing_else_listens(ground: Ground) -> Iterator[Finding]:
    """The router answers nobody who asks for what nobody ordered: files, names, telephone logins [WV-7]."""
    for view, model in ground.routers:
        for listener in model.listeners:
            message = f"the router offers whoever asks {listener.name}, which nobody ordered"
            yield one(view, "WV-7", message, lines=cite(view.router.name, listener.at))


CHECKS = (
    the_router_is_itself,
    references_are_defined,
    logins_come_from_management,
    logins_are_answered,
    logins_are_proved,
    users_are_ours,
    login_servers_are_ours,
    nothing_else_listens,
)
