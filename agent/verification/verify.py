"""Runs every check on the configurations of all routers of a customer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agent.verification import flows, management, separation
from agent.verification.finding import Finding
from agent.verification.ground import Check, Ground
from agent.verification.pairs import (
    certificates,
    encryption,
    identities,
    negotiation,
    permanence,
    registration,
    translation,
    tunnels,
)
from agent.verification.routing import announcing, attributes, connected, peers, prefixes, sessions
from agent.verification.services import (
    access,
    classing,
    clocks,
    control,
    exports,
    logins,
    logs,
    marking,
    shaping,
    snmp,
    standby,
    views,
)
from device_templates.model import RouterModel
from inventory import Inventory, Severity

_MODULES = (
    access,
    logins,
    exports,
    clocks,
    control,
    tunnels,
    registration,
    encryption,
    negotiation,
    identities,
    certificates,
    permanence,
    translation,
    separation,
    management,
    sessions,
    peers,
    announcing,
    attributes,
    connected,
    prefixes,
    snmp,
    views,
    logs,
    standby,
    shaping,
    marking,
    classing,
    flows,
)

#: Every check, in the order in which findings are shown; each by the name of its function, with dashes.
CHECKS: tuple[Check, ...] = tuple(
    Check(find.__name__.replace("_", "-"), find) for module in _MODULES for find in module.CHECKS
)

#: The name of every verdict's check; packets are asked about under the names of their questions.
NAMES = frozenset({one.name for one in CHECKS} | {name for name, _ in flows.QUESTIONS})

#: No router whose configuration is not known.
_NONE: Mapping[str, str] = MappingProxyType({})


def verify(
    models: Mapping[str, RouterModel], inventory: Inventory, unknown: Mapping[str, str] = _NONE
) -> tuple[Finding, ...]:
    """Everything that does not fit, by check.

    ``models`` are the neutral models of the routers' configurations, by router name; give all routers of every VPN
    that is judged. ``unknown`` are those without one, and why: nothing is proved of them, which is said. Raises
    UnknownName for a router that the inventory does not hold.
    """
    ground = Ground(inventory, models)
    missing = (_unknown(inventory.router(name).router.name, why) for name, why in sorted(unknown.items()))
    return tuple(dict.fromkeys((*missing, *(finding for check in CHECKS for finding in check(ground)))))


def _unknown(router: str, why: str) -> Finding:
    message = f"its configuration is not known, and nothing is proved of it: {why}"
    return Finding(
        "WV-3", (router,), message, f"spokesman archive take {router}", Severity.WARNING, check="configuration-unknown"
    )
