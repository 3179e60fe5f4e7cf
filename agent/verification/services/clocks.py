"""Whether a router has the time from the management centre, and asks and tells it by the management tunnel."""

from __future__ import annotations

from collections.abc import Iterator

from agent.verification.finding import Finding
from agent.verification.ground import Ground, cite, one, tables_of_management
from device_templates.model import Origin, RouterModel, TimeServer

_OPTION = ".management_centre.ntp"


def clocks_are_the_centres(ground: Ground) -> Iterator[Finding]:
    """The router has the time from the centre's servers alone, in its tunnel, proved by a key [WV-7, WV-3].

    Certificates are of no use to a router whose clock somebody else can set, nor are its logs to anybody.
    """
    centre = ground.inventory.settings.management_centre
    wanted = [str(server) for server in centre.ntp]
    for view, model in ground.routers:
        servers = model.time_servers
        if servers is None:
            continue
        if missing := [host for host in wanted if host not in {server.host for server in servers}]:
            lines = tuple(line for server in servers for line in cite(view.router.name, server.at))
            lines = lines or cite(view.router.name, model.at, "hostname")
            message = f"the router does not ask {', '.join(missing)} for the time"
            yield one(view, "WV-7", message, lines=lines, option=_OPTION)
        tables = tables_of_management(model, centre.peer)
        for server in servers:
            if fault := _fault(server, wanted, tables):
                message = f"time server {server.host} {fault}"
                yield one(view, "WV-7", message, lines=cite(view.router.name, server.at), option=_OPTION)


def _fault(server: TimeServer, wanted: list[str], tables: frozenset[str]) -> str:
    if server.host not in wanted:
        return "is not the management centre's"
    if server.vrf not in tables:
        return "is not reached by the management tunnel"
    return "" if server.proved else "is believed without a key"


def senders_are_in_their_tables(ground: Ground) -> Iterator[Finding]:
    """What others are told and asked starts at an interface of the table by which they are reached [WV-7, WV-14].

    Else nothing is sent, or answers do not come back. Where no table is named it is that of management.
    """
    peer = ground.inventory.settings.management_centre.peer
    for view, model in ground.routers:
        management = tables_of_management(model, peer)
        for origin in model.origins:
            tables = frozenset({origin.vrf}) if origin.vrf else management
            found = (
                model.interface(origin.interface) if tables and not _is_replaced(model, origin, management) else None
            )
            if found is not None and found.vrf not in tables:
                message = f"{origin.kind} start at {origin.interface}, which is not in {_said(tables)}"
                rule = "WV-7" if tables & management else "WV-14"
                yield one(view, rule, message, lines=cite(view.router.name, origin.at))


def _is_replaced(model: RouterModel, origin: Origin, management: frozenset[str]) -> bool:
    """Whether a line without a table does not count, because another one is of the table of management."""
    return not origin.vrf and any(
        other.kind == origin.kind and other.vrf in management - {""} for other in model.origins
    )


def _said(tables: frozenset[str]) -> str:
    return " or ".join(f"VRF {name}" if name else "the global table" for name in sorted(tables))


CHECKS = (clocks_are_the_centres, senders_are_in_their_tables)
