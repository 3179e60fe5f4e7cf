"""Whether the proofs cover everything that a router does: what no model has may forward packets, or change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent.verification.finding import Finding
from agent.verification.flows.separation import rule_of
from agent.verification.forwarding.device import STRANGER, Device
from agent.verification.ground import front_of
from device_templates.model import Beyond, Effect
from inventory import Severity

#: What is said of a feature by what may come of it.
_SAYS: dict[Effect, str] = {
    "routes": "there may be routes that no proof here knows",
    "forwards": "packets may go where no proof here looks",
    "changes": "the router may be changed without an order, and what is proved of it does not last",
    "halts": "no packet passes from one interface to another",
    "selects": "what is proved of the packets that are picked there is proved without it",
    "stops": "a VPN may lose sessions or routes by it, and no proof here looks",
    "decides": "what is proved of tunnels and routes is proved without it",
}
#: What is only not known: it may as well be harmless.
_UNKNOWN = frozenset({"selects", "decides"})
#: The clauses that a router as a whole breaks: a change is by an order or a request, and tunnels need routing.
_RULES: dict[Effect, str] = {"changes": "WV-22", "halts": "WV-3", "stops": "WV-3", "decides": "WV-3"}


def proofs_cover_everything(device: Device) -> Iterator[Finding]:
    """The router does nothing that the model does not have: no other routing, IPv6, or changes by itself [WV-6, 22]."""
    found: dict[tuple[str, Effect], list[Beyond]] = {}
    used = _of_tunnels(device)
    for one in device.model.beyond:
        interface = device.interfaces.get(one.interface)
        if interface is None or not (interface.shutdown or (one.does == "decides" and interface.name not in used)):
            found.setdefault((one.feature, one.does), []).append(one)
    for (feature, does), places in found.items():
        names = [one.interface for one in places if one.interface]
        where = f" on {', '.join(dict.fromkeys(names))}" if names else ""
        rule = _RULES.get(does) or rule_of(*(device.roles.get(name, STRANGER) for name in names))
        lines = device.lines(*(one.at for one in places))
        remedy = "say it in words that are understood" if does in _UNKNOWN else "take it out: no order asks for it"
        finding = device.finding(rule, f"{feature}{where}: {_SAYS[does]}", remedy, lines=lines)
        yield replace(finding, severity=Severity.WARNING) if does in _UNKNOWN else finding


def _of_tunnels(device: Device) -> set[str]:
    """The interfaces that proofs of tunnels stand on: tunnels, and those that they leave by."""
    tunnels = device.model.tunnels()
    fronts = (front_of(device.model, tunnel) for _, tunnel in tunnels)
    return {interface.name for interface in (*(one for one, _ in tunnels), *fronts) if interface is not None}
