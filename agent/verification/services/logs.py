"""Who is told what the router logs: the firewall's messages the customer alone, all others the management centre."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from agent.verification.finding import Finding, Line
from agent.verification.ground import Ground, cite, one, tables_of_management
from device_templates.model import SELF, LogHost, RouterModel
from inventory import SiteView

_OPTION = "options.firewall_logging"


def firewall_logs_go_to_the_customer(ground: Ground) -> Iterator[Finding]:
    """The ordered host gets the firewall's messages and no others, out of its VPN, and drops are logged [WV-14]."""
    for view, model in ground.routers:
        ordered = view.site.options.firewall_logging
        if ordered is None or not _needs_firewall(view):
            continue
        vrf = next((member.interface.vrf for member in ground.members_of(view) if member.vpn == ordered.vpn), None)
        found = [host for host in model.log_hosts if host.address == ordered.host]
        if not found:
            message = f"no firewall message goes to {ordered.host}"
            yield one(view, "WV-14", message, lines=_hosts(view, model), option=f"{_OPTION}.host")
        for host in found:
            for fault, field in _customer_faults(host, vrf):
                lines = cite(view.router.name, host.at, field)
                yield one(view, "WV-14", f"log host {host.address} {fault}", lines=lines, option=_OPTION)
        if not model.logs_drops:
            message = "the firewall does not log what it drops"
            lines = tuple(line for pair in model.zone_pairs for line in cite(view.router.name, pair.at))
            lines = cite(view.router.name, model.at, "logs_drops") or lines
            yield one(view, "WV-14", message, lines=lines, option=_OPTION)


def drops_are_logged(ground: Ground) -> Iterator[Finding]:
    """Where the customer gets the firewall's messages, every rule that drops says so [WV-14].

    A filter of namespaces is a firewall where packets pass it; the router's own are not the customer's, and what it
    refuses early is what others route nowhere.
    """
    for view, model in ground.routers:
        for pair in model.zone_pairs if view.site.options.firewall_logging else ():
            for rule in pair.rules:
                own = rule.early or (model.namespaces and pair.source == SELF)
                if rule.action == "drop" and not rule.log and not own:
                    message = f"what zone pair {pair.name or pair.source} drops is not logged"
                    yield one(view, "WV-14", message, lines=cite(view.router.name, rule.at), option=_OPTION)


def sessions_are_logged(ground: Ground) -> Iterator[Finding]:
    """Where the customer gets the firewall's messages, every session that it lets pass is among them [WV-14].

    A filter of namespaces logs what it drops alone.
    """
    for view, model in ground.routers:
        for pair in model.zone_pairs if view.site.options.firewall_logging and not model.namespaces else ():
            for rule in pair.rules:
                if rule.action == "inspect" and not rule.log:
                    message = f"sessions that zone pair {pair.name or pair.source} lets pass are not logged"
                    yield one(view, "WV-14", message, lines=cite(view.router.name, rule.at), option=_OPTION)


def _needs_firewall(view: SiteView) -> bool:
    """Whether something was ordered that stands behind a firewall; without one there is nothing to log [WV-11]."""
    return view.site.options.internet_breakout is not None or view.site.options.ilan is not None


def _customer_faults(host: LogHost, vrf: str | None) -> Iterator[tuple[str, str]]:
    if not host.firewall:
        yield "gets no firewall messages", "firewall"
    if host.others:
        yield "gets more than firewall messages", "others"
    if host.vrf != vrf:
        yield f"is reached in {_table(host.vrf)}, and not in that of its VPN", "vrf"


def _table(vrf: str) -> str:
    return f"VRF {vrf}" if vrf else "the global table"


def firewall_logs_go_nowhere_else(ground: Ground) -> Iterator[Finding]:
    """Nobody but the ordered host gets firewall messages, our own listeners included [WV-17]."""
    for view, model in ground.routers:
        ordered = view.site.options.firewall_logging
        for host in model.log_hosts if _has_firewall(model) else ():
            if host.firewall and (ordered is None or host.address != ordered.host):
                message = f"log host {host.address} gets firewall messages, which are the customer's"
                lines = cite(view.router.name, host.at, "firewall")
                yield one(view, "WV-17", message, lines=lines, option=_OPTION)
        if model.keeps_firewall_logs and ordered is not None and _has_firewall(model):
            lines = cite(view.router.name, model.at, "keeps_firewall_logs")
            message = "the router keeps firewall messages, which are the customer's"
            yield one(view, "WV-17", message, lines=lines, option=_OPTION)


def firewall_logs_are_no_notifications(ground: Ground) -> Iterator[Finding]:
    """Nobody is notified of what the firewall logs: messages are told as notifications whoever they are for [WV-17]."""
    for view, model in ground.routers:
        if model.notifies_firewall_logs and model.snmp_receivers and _has_firewall(model):
            hosts = ", ".join(dict.fromkeys(str(one.address) for one in model.snmp_receivers))
            message = f"notifications tell {hosts} firewall messages, which are the customer's"
            lines = cite(view.router.name, model.at, "notifies_firewall_logs")
            yield one(view, "WV-17", message, lines=lines, option=_OPTION)


def _has_firewall(model: RouterModel) -> bool:
    return bool(model.zone_pairs)


def log_hosts_are_known(ground: Ground) -> Iterator[Finding]:
    """Messages go to the management centre's hosts, in its tunnel, and to the customer's; to nobody else [WV-7]."""
    centre = ground.inventory.settings.management_centre
    for view, model in ground.routers:
        ordered = view.site.options.firewall_logging
        tunnels = tables_of_management(model, centre.peer)
        for host in model.log_hosts:
            if host.address in centre.syslog:
                if not host.others or host.vrf not in tunnels:
                    fault = "gets no messages" if not host.others else "is not reached by the management tunnel"
                    lines = cite(view.router.name, host.at, "vrf" if host.others else "others")
                    yield one(view, "WV-7", f"log host {host.address} {fault}", lines=lines)
            elif ordered is None or host.address != ordered.host:
                lines = cite(view.router.name, host.at)
                yield one(view, "WV-7", f"messages go to {host.address}, which nobody ordered", lines=lines)
        yield from _missing(view, model, list(centre.syslog))


def _missing(view: SiteView, model: RouterModel, wanted: list[IPv4Address]) -> Iterator[Finding]:
    known = {host.address for host in model.log_hosts}
    missing = [str(one) for one in wanted if one not in known]
    if known and missing:
        message = f"no message goes to {', '.join(missing)} of the management centre"
        yield one(view, "WV-7", message, lines=_hosts(view, model))


def _hosts(view: SiteView, model: RouterModel) -> tuple[Line, ...]:
    return tuple(line for host in model.log_hosts for line in cite(view.router.name, host.at))


CHECKS = (
    firewall_logs_go_to_the_customer,
    drops_are_logged,
    sessions_are_logged,
    firewall_logs_go_nowhere_else,
    firewall_logs_are_no_notifications,
    log_hosts_are_known,
)
